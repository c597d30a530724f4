package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.gan.metrics.GaussianModes;
import dev.troupe.gan.metrics.ModeScore;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PointMixtureTest {
  private static final GaussianModes GRID = GaussianModes.grid25();

  private static float[] draw(Device device, int count, long seed) {
    try (device;
        Scope scope = Scope.open(device, "test")) {
      Tensor points = PointMixture.draw(scope, GRID, count, seed);
      assertThat(points.shape()).isEqualTo(Shape.of(count, 2));
      return points.toFloats();
    }
  }

  private static long bits(float[] values, int row, int width, int column) {
    return (long) Float.floatToRawIntBits(values[row * width + column]) << 32
        | Float.floatToRawIntBits(values[row * width + column + 1]) & 0xFFFFFFFFL;
  }

  @Test
  void modesAreEquallyLikelyAndAsWideAsTheyShouldBe() {
    int count = 50_000;
    float[] points = draw(new CpuDevice(2), count, 1);
    ModeScore score = GRID.score(points);
    // Three standard deviations of a round Gaussian hold 1 - e^-4.5 of it.
    double share = 1 - Math.exp(-4.5);
    assertThat(score.highQuality())
        .isCloseTo(share, within(4 * Math.sqrt(share * (1 - share) / count)));
    double each = count * share / 25;
    for (long c : score.counts()) {
      assertThat((double) c).isCloseTo(each, within(4.5 * Math.sqrt(each)));
    }
    double[] moments = new double[5]; // of the distance to the mode: x, y, xx, yy, xy
    double[] centres = GRID.centres();
    int[] modes = GRID.label(points);
    int n = 0;
    for (int i = 0; i < count; i++) {
      if (modes[i] >= 0) {
        double x = points[2 * i] - centres[2 * modes[i]];
        double y = points[2 * i + 1] - centres[2 * modes[i] + 1];
        moments[0] += x;
        moments[1] += y;
        moments[2] += x * x;
        moments[3] += y * y;
        moments[4] += x * y;
        n++;
      }
    }
    // Within radius r = 3 sd, E[x²] = sd² (1 - (r²/2) e^(-r²/2) / (1 - e^(-r²/2))) in units of sd.
    double variance = 0.05 * 0.05 * (1 - 4.5 * Math.exp(-4.5) / share);
    double error = 4 * variance / Math.sqrt(n);
    assertThat(moments[0] / n).isCloseTo(0, within(4 * 0.05 / Math.sqrt(n)));
    assertThat(moments[1] / n).isCloseTo(0, within(4 * 0.05 / Math.sqrt(n)));
    assertThat(moments[2] / n).isCloseTo(variance, within(2 * error));
    assertThat(moments[3] / n).isCloseTo(variance, within(2 * error));
    assertThat(moments[4] / n).isCloseTo(0, within(error));
  }

  @Test
  void theSeedAloneDecidesTheBits() {
    float[] points = draw(new CpuDevice(1), 1000, 7);
    assertThat(draw(new CpuDevice(3), 1000, 7)).isEqualTo(points);
    assertThat(draw(new CpuDevice(1), 1000, 8)).isNotEqualTo(points);
  }

  @Test
  void theReferenceDeviceDrawsTheSamePoints() {
    float[] fast = draw(new CpuDevice(2), 1000, 7);
    float[] slow = draw(new ReferenceDevice(), 1000, 7);
    for (int i = 0; i < fast.length; i++) {
      assertThat(fast[i]).isCloseTo(slow[i], within(1e-6f));
    }
  }

  @Test
  void packedExamplesAreResampledPointsSideBySide() {
    int count = 2000;
    int packing = 3;
    try (CpuDevice device = new CpuDevice(2);
        Scope scope = Scope.open(device, "test")) {
      Tensor points = PointMixture.draw(scope, GRID, count, 7);
      assertThat(PointMixture.pack(scope, points, 1, 5)).isSameAs(points);
      Tensor packed = PointMixture.pack(scope, points, packing, 5);
      assertThat(packed.shape()).isEqualTo(Shape.of(count, 2 * packing));
      float[] from = points.toFloats();
      float[] to = packed.toFloats();
      Set<Long> known = new HashSet<>();
      for (int i = 0; i < count; i++) {
        known.add(bits(from, i, 2, 0));
      }
      assertThat(known).hasSize(count);
      for (int column = 0; column < packing; column++) {
        Set<Long> drawn = new HashSet<>();
        int equal = 0; // to the column before, by chance
        for (int i = 0; i < count; i++) {
          drawn.add(bits(to, i, 2 * packing, 2 * column));
          int before = (column + packing - 1) % packing;
          equal +=
              bits(to, i, 2 * packing, 2 * column) == bits(to, i, 2 * packing, 2 * before) ? 1 : 0;
        }
        assertThat(known).containsAll(drawn);
        // With replacement: a point is missed with probability 1 / e.
        assertThat((double) drawn.size()).isCloseTo(count * (1 - Math.exp(-1)), within(60.0));
        assertThat(equal).isLessThan(10);
      }
      assertThat(PointMixture.pack(scope, points, packing, 5).toFloats()).isEqualTo(to);
      assertThat(PointMixture.pack(scope, points, packing, 6).toFloats()).isNotEqualTo(to);
    }
  }
}
