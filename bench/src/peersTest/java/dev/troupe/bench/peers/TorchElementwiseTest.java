package dev.troupe.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.bench.WorkSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TorchElementwiseTest {
  @ParameterizedTest
  @EnumSource
  void computesEachElement(WorkSpec.Function function) {
    WorkSpec.Elementwise spec = new WorkSpec.Elementwise(function);
    float[] x = spec.input();
    float[] y = spec.secondInput();
    try (TorchElementwise work = new TorchElementwise(spec, 1)) {
      work.step();
      float[] result = work.result();
      for (int i = 0; i < x.length; i += 997) {
        double expected =
            switch (function) {
              case EXP -> Math.exp(x[i]);
              case TANH -> Math.tanh(x[i]);
              case SIGMOID -> 1 / (1 + Math.exp(-x[i]));
              case SOFTPLUS -> Math.log1p(Math.exp(x[i]));
              case ADD -> (double) x[i] + y[i];
            };
        assertThat((double) result[i]).isCloseTo(expected, within(1e-6 * (1 + Math.abs(expected))));
      }
    }
  }
}
