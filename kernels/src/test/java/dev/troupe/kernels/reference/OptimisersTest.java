package dev.troupe.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Values;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class OptimisersTest {
  private static final Offset<Double> NEAR = within(1e-14);
  private final ReferenceDevice device = new ReferenceDevice();
  private final Values values = new Values(device);

  @Test
  void increments() {
    Buffer counter = values.int32(0, 41, -1, Integer.MAX_VALUE);
    device.run(new Primitive.Increment(counter));
    assertThat(values.intsOf(counter)).containsExactly(1, 42, 0, Integer.MIN_VALUE);
  }

  @Test
  void adamByHand() {
    for (boolean folded : new boolean[] {true, false}) {
      Buffer w = values.real(1, -2);
      Buffer w2 = values.real(0.5);
      Buffer m = values.real(0, 0.5);
      Buffer v = values.real(0, 0.25);
      Buffer m2 = values.real(0);
      Buffer v2 = values.real(0);
      Buffer g = values.real(4, -1);
      Buffer rate = values.real(0.1);
      double epsilon = 0.5;
      double decay = 0.01;
      device.run(
          new Primitive.Adam(
              0.5,
              0.75,
              epsilon,
              folded,
              decay,
              rate,
              values.int32(2),
              List.of(w, w2),
              List.of(g, values.real(8)),
              List.of(m, m2),
              List.of(v, v2)));
      // m = 0.5 m + 0.5 g, v = 0.75 v + 0.25 g²
      double[] ms = {2, -0.25, 4};
      double[] vs = {4, 0.4375, 16};
      assertThat(values.of(m)).containsExactly(new double[] {2, -0.25}, NEAR);
      assertThat(values.of(v)).containsExactly(new double[] {4, 0.4375}, NEAR);
      assertThat(values.of(m2)).containsExactly(4);
      assertThat(values.of(v2)).containsExactly(16);
      double unbiasM = 1 - 0.125;
      double unbiasV = 1 - 0.421875;
      double[] before = {1, -2, 0.5};
      double[] after = new double[3];
      for (int i = 0; i < 3; i++) {
        double moved =
            folded
                ? Math.sqrt(unbiasV) / unbiasM * ms[i] / (Math.sqrt(vs[i]) + epsilon)
                : ms[i] / unbiasM / (Math.sqrt(vs[i] / unbiasV) + epsilon);
        after[i] = before[i] * (1 - 0.1 * decay) - 0.1 * moved;
      }
      assertThat(values.of(w)).containsExactly(new double[] {after[0], after[1]}, NEAR);
      assertThat(values.of(w2)).containsExactly(new double[] {after[2]}, NEAR);
      assertThat(values.of(g)).containsExactly(4, -1);
    }
  }

  @Test
  void adamsFirstStepIsTheLearningRate() {
    for (boolean folded : new boolean[] {true, false}) {
      Buffer w = values.real(0, 0, 0);
      device.run(
          new Primitive.Adam(
              0.9,
              0.999,
              0,
              folded,
              0,
              values.real(0.01),
              values.int32(0),
              List.of(w),
              List.of(values.real(1e-6, -3, 1e6)),
              List.of(values.real(0, 0, 0)),
              List.of(values.real(0, 0, 0))));
      assertThat(values.of(w)).containsExactly(new double[] {-0.01, 0.01, -0.01}, NEAR);
    }
  }

  @Test
  void sgdByHand() {
    Buffer w = values.real(1, 2);
    Buffer g = values.real(10, -10);
    device.run(
        new Primitive.Sgd(0, false, 0.5, values.real(0.1), List.of(w), List.of(g), List.of()));
    // g + 0.5 w = 10.5, -9
    assertThat(values.of(w)).containsExactly(new double[] {-0.05, 2.9}, NEAR);
    assertThat(values.of(g)).containsExactly(10, -10);
  }

  @Test
  void sgdWithMomentumByHand() {
    for (boolean nesterov : new boolean[] {false, true}) {
      Buffer w = values.real(1);
      Buffer u = values.real(4);
      device.run(
          new Primitive.Sgd(
              0.5, nesterov, 0, values.real(0.1), List.of(w), List.of(values.real(3)), List.of(u)));
      assertThat(values.of(u)).containsExactly(5);
      assertThat(values.of(w)).containsExactly(new double[] {nesterov ? 1 - 0.55 : 0.5}, NEAR);
    }
  }
}
