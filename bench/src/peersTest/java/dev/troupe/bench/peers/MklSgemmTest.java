package dev.troupe.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.bench.WorkSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MklSgemmTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void multipliesRowMajor(boolean packedB) {
    WorkSpec.Sgemm spec = new WorkSpec.Sgemm(7, 33, 19, packedB);
    float[] a = spec.a();
    float[] b = spec.b();
    try (MklSgemm work = new MklSgemm(spec, 1)) {
      work.step();
      work.step();
      float[] c = work.result();
      for (int i = 0; i < spec.m(); i++) {
        for (int j = 0; j < spec.n(); j++) {
          double sum = 0;
          for (int p = 0; p < spec.k(); p++) {
            sum += (double) a[i * spec.k() + p] * b[p * spec.n() + j];
          }
          assertThat((double) c[i * spec.n() + j]).isCloseTo(sum, within(1e-5));
        }
      }
    }
  }
}
