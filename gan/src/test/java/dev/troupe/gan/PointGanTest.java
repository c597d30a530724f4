package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Variable;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.nn.Pass;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PointGanTest {
  private final CpuDevice device = new CpuDevice(1);
  private final Scope scope = Scope.open(device, "test");

  @AfterEach
  void close() {
    scope.close();
    device.close();
  }

  private Gan create(PointGan model, int members) {
    return model.create(new State(scope, 1, Rng.firstMembers(members)));
  }

  @ParameterizedTest
  @CsvSource({"1, 405201", "2, 407201", "3, 409201", "4, 411201"})
  void thePapersWidthsHaveThePapersParameterCounts(int packing, int discriminator) {
    Gan gan = create(new PointGan(400, 200, packing), 1);
    // z·h + 3·h·h without bias, gamma and beta of four norms, and the output with its bias.
    assertThat(gan.generatorState().parametersPerMember())
        .isEqualTo(2 * 400 + 3 * 400 * 400 + 4 * 2 * 400 + 400 * 2 + 2)
        .isEqualTo(484_802);
    assertThat(gan.discriminatorState().parametersPerMember())
        .isEqualTo((2 * packing + 1) * 1000 + 2 * (200 + 1) * 1000 + 201)
        .isEqualTo(discriminator);
  }

  @Test
  void parametersAreNamedAndInitialisedAsInThePaper() {
    Gan gan = create(new PointGan(32, 16, 1), 3);
    List<String> generator = List.copyOf(gan.generatorState().parameterTensors().keySet());
    assertThat(generator)
        .startsWith(
            "generator.hidden0.weight",
            "generator.hidden0.norm.gamma",
            "generator.hidden0.norm.beta")
        .endsWith("generator.output.weight", "generator.output.bias")
        .hasSize(14);
    gan.state()
        .parameterTensors()
        .forEach((name, t) -> {
          double[] values = t.toDoubles();
          if (name.endsWith("bias") || name.endsWith("beta")) {
            assertThat(values).as(name).containsOnly(0);
          } else if (name.endsWith("gamma")) {
            assertThat(values).as(name).containsOnly(1);
          } else {
            double n = values.length;
            double sd = Math.sqrt(DoubleStream.of(values).map(v -> v * v).sum() / n);
            assertThat(sd).as(name).isCloseTo(0.02, within(0.02 * 4 / Math.sqrt(2 * n)));
            double mean = DoubleStream.of(values).sum() / n;
            assertThat(mean).as(name).isCloseTo(0, within(0.02 * 4 / Math.sqrt(n)));
          }
        });
  }

  @Test
  void aPackedDiscriminatorTakesPointsSideBySide() {
    Gan gan = create(new PointGan(8, 8, 3), 2);
    Variable packed = Variable.constant(scope.zeros(Shape.of(2, 5, 6)));
    assertThat(gan.discriminator().forward(packed, Pass.EVALUATION).shape())
        .isEqualTo(Shape.of(2, 5, 1));
    Variable single = Variable.constant(scope.zeros(Shape.of(2, 5, 2)));
    assertThatThrownBy(() -> gan.discriminator().forward(single, Pass.EVALUATION))
        .hasMessage(
            "linearMaxout: weight is [2, 6, 40] and bias [2, 40], expected [2, 2, 40] and [2, 40]"
                + " for x [2, 5, 2]");
  }

  @Test
  void sizesBelowOneAreRefused() {
    assertThatThrownBy(() -> new PointGan(8, 0, 1))
        .hasMessage("pointGan: widths 8 and 0 and packing 1, expected 1 or more of each");
  }
}
