package dev.troupe.gan.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.cpu.Workers;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelDistanceTest {
  private static final Workers WORKERS = new Workers(2);

  @AfterAll
  static void close() {
    WORKERS.close();
  }

  private static Features normal(long seed, int count, int width, double mean) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[count * width];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (mean + random.nextGaussian());
    }
    return new Features(x, width);
  }

  /**
   * One number a point, two points: k(0, 1) = 1 within x = {0, 1}, k(1, 2) = 3³ within y = {1, 2};
   * across 1 + 1 + 2³ + 3³ = 37. So 1 + 27 - 2 · 37 / 4.
   */
  @Test
  void byHand() {
    Features x = new Features(new float[] {0, 1}, 1);
    Features y = new Features(new float[] {1, 2}, 1);
    assertThat(KernelDistance.between(WORKERS, x, y, 2, 3, 1)).isEqualTo(new Summary(9.5, 0, 3));
    // The estimate for equal sets of two: k(x, y) - (k(x, x) + k(y, y)) / 2 = 1 - (1 + 8) / 2.
    assertThat(KernelDistance.between(WORKERS, x, x, 2, 1, 1).mean())
        .isEqualTo(2 * 1 - 2 * 11 / 4.0);
  }

  @ParameterizedTest
  @CsvSource({"5, 1", "40, 33", "130, 300"})
  void matchesTheDefinition(int m, int width) {
    Features x = normal(1, m, width, 0);
    Features y = normal(2, m, width, 0.3);
    double within = 0;
    double across = 0;
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < m; j++) {
        within += i == j ? 0 : kernel(x, i, x, j) + kernel(y, i, y, j);
        across += kernel(x, i, y, j);
      }
    }
    double expected = within / (m * (m - 1.0)) - 2 * across / ((double) m * m);
    assertThat(KernelDistance.between(WORKERS, x, y, m, 1, 9).mean())
        .isCloseTo(expected, within(1e-12));
  }

  private static double kernel(Features a, int i, Features b, int j) {
    double sum = 0;
    for (int f = 0; f < a.width(); f++) {
      sum += (double) a.values()[i * a.width() + f] * b.values()[j * b.width() + f];
    }
    return Math.pow(sum / a.width() + 1, 3);
  }

  /**
   * In one dimension (xy + 1)³ compares three moments: MMD² = (Ex³ - Ey³)² + 3 (Ex² - Ey²)² + 3 (Ex
   * - Ey)². For N(0, 1) and N(1, 1) that is 4² + 3 + 3, for equal ones 0.
   */
  @Test
  void isUnbiased() {
    Features x = normal(3, 20_000, 1, 0);
    Features same = normal(4, 15_000, 1, 0);
    Features other = normal(5, 15_000, 1, 1);
    Summary none = KernelDistance.between(WORKERS, x, same, 100, 300, 1);
    assertThat(none.n()).isEqualTo(300);
    assertThat(none.mean()).isCloseTo(0, within(4 * none.standardError()));
    assertThat(none.standardError()).isBetween(0.001, 0.1);
    // Of one set, too, the two subsets are drawn independently: equal ones would give -0.48.
    Summary itself = KernelDistance.between(WORKERS, x, x, 100, 300, 1);
    assertThat(itself.mean()).isCloseTo(0, within(4 * itself.standardError()));
    assertThat(itself.standardError()).isLessThan(0.1);
    Summary far = KernelDistance.between(WORKERS, x, other, 100, 300, 1);
    assertThat(far.mean()).isCloseTo(22, within(4 * far.standardError()));
    assertThat(far.standardError()).isBetween(0.1, 1.0);
  }

  @Test
  void theSeedSaysWhichSubsets() {
    Features x = normal(6, 300, 20, 0);
    Features y = normal(7, 200, 20, 0);
    Summary first = KernelDistance.between(WORKERS, x, y, 50, 4, 1);
    assertThat(KernelDistance.between(WORKERS, x, y, 50, 4, 1)).isEqualTo(first);
    assertThat(KernelDistance.between(WORKERS, x, y, 50, 4, 2).mean()).isNotEqualTo(first.mean());
    for (int threads : new int[] {1, 4}) {
      try (Workers workers = new Workers(threads)) {
        assertThat(KernelDistance.between(workers, x, y, 50, 4, 1)).isEqualTo(first);
      }
    }
  }

  @Test
  void badInput() {
    Features x = normal(8, 30, 2, 0);
    Features y = normal(9, 20, 2, 0);
    assertThatThrownBy(() ->
            KernelDistance.between(WORKERS, x, y, KernelDistance.SUBSET, KernelDistance.SUBSETS, 1))
        .hasMessage(
            "kernelDistance: 100 subsets of 1000 of 30 real and 20 generated points, expected 1 or"
                + " more of 2 to 20");
    assertThatThrownBy(() -> KernelDistance.between(WORKERS, x, y, 1, 1, 1))
        .hasMessageStartingWith("kernelDistance: 1 subsets of 1 of 30");
    assertThatThrownBy(() -> KernelDistance.between(WORKERS, x, y, 10, 0, 1))
        .hasMessageStartingWith("kernelDistance: 0 subsets of 10 of 30");
    assertThatThrownBy(() -> KernelDistance.between(WORKERS, x, normal(1, 30, 3, 0), 10, 1, 1))
        .hasMessage(
            "kernelDistance: real points of 2 and generated points of 3 numbers, expected equally"
                + " many");
  }
}
