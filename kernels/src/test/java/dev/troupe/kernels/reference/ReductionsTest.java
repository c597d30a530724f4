package dev.troupe.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Values;
import org.junit.jupiter.api.Test;

class ReductionsTest {
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;
  private final ReferenceDevice device = new ReferenceDevice();
  private final Values values = new Values(device);

  @Test
  void sums() {
    // [2, 3, 2]
    Buffer x = values.real(1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60);
    Buffer y = values.realOfSize(4);
    device.run(new Primitive.Sum(2, 3, 2, 0.5, x, y));
    assertThat(values.of(y)).containsExactly(3, 30, 7.5, 75);
    Buffer all = values.realOfSize(1);
    device.run(new Primitive.Sum(1, 12, 1, 1, x, all));
    assertThat(values.of(all)).containsExactly(231);
  }

  @Test
  void anEmptySumIsZero() {
    Buffer y = values.realOfSize(6);
    device.run(new Primitive.Sum(2, 0, 3, 5, values.realOfSize(0), y));
    assertThat(values.of(y)).containsExactly(0, 0, 0, 0, 0, 0);
  }

  private void extremes(boolean largest, int inner, double[] x, double[] y, int[] index) {
    int outer = y.length / inner;
    Buffer result = values.realOfSize(y.length);
    Buffer at = values.int32OfSize(y.length);
    device.run(
        new Primitive.Extreme(
            largest, outer, x.length / y.length, inner, values.real(x), result, at));
    assertThat(values.of(result)).containsExactly(y);
    assertThat(values.intsOf(at)).containsExactly(index);
  }

  @Test
  void extremesNameTheFirst() {
    double[] x = {1, 5, 3, 5, 3, 2, 7, -8, 7, 0, -INF, 0}; // [2, 3, 2]
    extremes(true, 2, x, new double[] {3, 5, 7, 0}, new int[] {1, 0, 0, 1});
    extremes(false, 2, x, new double[] {1, 2, -INF, -8}, new int[] {0, 2, 2, 0});
    extremes(true, 1, new double[] {-INF, -INF}, new double[] {-INF}, new int[] {0});
    extremes(false, 1, new double[] {INF, INF}, new double[] {INF}, new int[] {0});
    extremes(true, 1, new double[] {-0.0, 0}, new double[] {-0.0}, new int[] {0});
    extremes(false, 1, new double[] {0, -0.0}, new double[] {0}, new int[] {0});
  }

  @Test
  void theFirstNanWins() {
    extremes(true, 1, new double[] {1, NAN, INF, NAN}, new double[] {NAN}, new int[] {1});
    extremes(false, 1, new double[] {NAN, -INF, NAN}, new double[] {NAN}, new int[] {0});
  }
}
