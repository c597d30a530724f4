package dev.troupe.gan.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.cpu.Workers;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Precision and recall, density and coverage. */
class ManifoldsTest {
  private static final Workers WORKERS = new Workers(2);

  @AfterAll
  static void close() {
    WORKERS.close();
  }

  private static Features line(float... x) {
    return new Features(x, 1);
  }

  private static Features normal(long seed, int count, int width, double mean) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[count * width];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (mean + random.nextGaussian());
    }
    return new Features(x, width);
  }

  /** Small integers, whose distances are often equal to a radius. */
  private static Features integers(long seed, int count, int width, int values) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[count * width];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(values);
    }
    return new Features(x, width);
  }

  /**
   * k = 1. Real 0, 1, 3 have the balls 0 ± 1, 1 ± 1, 3 ± 2. Generated 0.5 is in two of them, 4 in
   * one, 6 in none, 5 on the edge of one, 2 in one and on the edge of another. So closed balls hold
   * 4 of 5, open ones hold 2 + 1 + 0 + 0 + 1, and each of the 3 has one.
   *
   * <p>Generated 0.5 and 2 have balls ± 1.5, and 4, 5, 6 have ± 1: they hold all real points.
   */
  @Test
  void byHand() {
    Features real = line(0, 1, 3);
    Features generated = line(0.5f, 4, 6, 5, 2);
    assertThat(PrecisionRecall.of(WORKERS, real, generated, 1))
        .isEqualTo(new PrecisionRecall(0.8, 1));
    assertThat(DensityCoverage.of(WORKERS, real, generated, 1))
        .isEqualTo(new DensityCoverage(0.8, 1));
    // The other way round: 0 and 1 are in both balls of 0.5 and 2 (but for 0 in that of 2), 3 in
    // that of 2 and on the edge of that of 4.
    assertThat(DensityCoverage.of(WORKERS, generated, real, 1))
        .isEqualTo(new DensityCoverage(4.0 / 3, 0.4));
  }

  @Test
  void equalSets() {
    Features x = normal(1, 400, 6, 0);
    assertThat(PrecisionRecall.of(WORKERS, x, x, PrecisionRecall.K))
        .isEqualTo(new PrecisionRecall(1, 1));
    // A ball holds its centre and k - 1 more.
    assertThat(DensityCoverage.of(WORKERS, x, x, DensityCoverage.K))
        .isEqualTo(new DensityCoverage(1, 1));
  }

  @Test
  void disjointSets() {
    Features x = normal(1, 200, 6, 0);
    Features y = normal(2, 150, 6, 1000);
    assertThat(PrecisionRecall.of(WORKERS, x, y, 3)).isEqualTo(new PrecisionRecall(0, 0));
    assertThat(DensityCoverage.of(WORKERS, x, y, 5)).isEqualTo(new DensityCoverage(0, 0));
  }

  /** A generator that repeats a few good points: precise, but with little recall and coverage. */
  @Test
  void modeCollapse() {
    Features real = normal(3, 1000, 4, 0);
    float[] x = new float[400];
    SplittableRandom random = new SplittableRandom(4);
    Arrays.setAll(new Object[x.length], i -> x[i] = (float) (0.05 * random.nextGaussian()));
    Features generated = new Features(x, 4);
    PrecisionRecall pr = PrecisionRecall.of(WORKERS, real, generated, 3);
    DensityCoverage dc = DensityCoverage.of(WORKERS, real, generated, 5);
    assertThat(pr.precision()).isEqualTo(1);
    assertThat(pr.recall()).isLessThan(0.01);
    assertThat(dc.density()).isGreaterThan(1);
    assertThat(dc.coverage()).isLessThan(0.1);
  }

  /**
   * Of one distribution, density is 1 and coverage 1 - Π_(i=1..k) (N - i) / (N + M - i) in
   * expectation: a ball is empty if, of the N - 1 + M other points, the k nearest are real.
   */
  @Test
  void expectationsForOneDistribution() {
    int n = 2000;
    int m = 1500;
    double none = 1;
    for (int i = 1; i <= 5; i++) {
      none *= (n - i) / (double) (n + m - i);
    }
    DensityCoverage dc =
        DensityCoverage.of(WORKERS, normal(5, n, 8, 0), normal(6, m, 8, 0), DensityCoverage.K);
    assertThat(dc.density()).isCloseTo(1, within(0.05));
    assertThat(dc.coverage()).isCloseTo(1 - none, within(0.02));
  }

  @ParameterizedTest
  @CsvSource({"30, 40, 2, 1", "50, 20, 3, 4", "300, 1200, 5, 3", "1100, 90, 3, 5", "6, 6, 1, 5"})
  void matchesTheDefinitionEdgesIncluded(int n, int m, int width, int k) {
    Features real = integers(7, n, width, 6);
    Features generated = integers(8, m, width, 7);
    double[] realRadii = radii(real, k);
    PrecisionRecall pr = PrecisionRecall.of(WORKERS, real, generated, k);
    assertThat(pr.precision()).isEqualTo(inside(generated, real, realRadii) / (double) m);
    assertThat(pr.recall()).isEqualTo(inside(real, generated, radii(generated, k)) / (double) n);
    long density = 0;
    int covered = 0;
    for (int i = 0; i < n; i++) {
      int in = 0;
      for (int j = 0; j < m; j++) {
        in += squared(real, i, generated, j) < realRadii[i] ? 1 : 0;
      }
      density += in;
      covered += in > 0 ? 1 : 0;
    }
    DensityCoverage dc = DensityCoverage.of(WORKERS, real, generated, k);
    assertThat(dc.density()).isEqualTo(density / ((double) k * m));
    assertThat(dc.coverage()).isEqualTo(covered / (double) n);
  }

  private static int inside(Features queries, Features centres, double[] radii) {
    int inside = 0;
    for (int q = 0; q < queries.count(); q++) {
      boolean in = false;
      for (int c = 0; c < centres.count(); c++) {
        in |= squared(queries, q, centres, c) <= radii[c];
      }
      inside += in ? 1 : 0;
    }
    return inside;
  }

  private static double[] radii(Features points, int k) {
    double[] radii = new double[points.count()];
    for (int i = 0; i < radii.length; i++) {
      double[] d = new double[radii.length];
      for (int j = 0; j < d.length; j++) {
        d[j] = i == j ? Double.POSITIVE_INFINITY : squared(points, i, points, j);
      }
      Arrays.sort(d);
      radii[i] = d[k - 1];
    }
    return radii;
  }

  private static double squared(Features a, int i, Features b, int j) {
    double sum = 0;
    for (int f = 0; f < a.width(); f++) {
      double e = (double) a.values()[i * a.width() + f] - b.values()[j * b.width() + f];
      sum += e * e;
    }
    return sum;
  }

  /** In floats all distances are alike, or overflow. */
  @ParameterizedTest
  @CsvSource({"5e4, 1e-3", "0, 1e25"})
  void whatFloatsCannotTellIsAskedInDouble(float mean, float scale) {
    float[] real = normal(9, 300, 3, 0).values().clone();
    float[] generated = normal(10, 250, 3, 0).values().clone();
    for (float[] x : new float[][] {real, generated}) {
      for (int i = 0; i < x.length; i++) {
        x[i] = mean + scale * Math.round(16 * x[i]);
      }
    }
    Features a = new Features(real, 3);
    Features b = new Features(generated, 3);
    assertThat(PrecisionRecall.of(WORKERS, a, b, 3).precision())
        .isEqualTo(inside(b, a, radii(a, 3)) / 250.0);
  }

  @Test
  void theSameOnAnyNumberOfThreads() {
    Features x = normal(11, 900, 20, 0);
    Features y = normal(12, 1300, 20, 0.2);
    PrecisionRecall pr = PrecisionRecall.of(WORKERS, x, y, 3);
    DensityCoverage dc = DensityCoverage.of(WORKERS, x, y, 5);
    for (int threads : new int[] {1, 4}) {
      try (Workers workers = new Workers(threads)) {
        assertThat(PrecisionRecall.of(workers, x, y, 3)).isEqualTo(pr);
        assertThat(DensityCoverage.of(workers, x, y, 5)).isEqualTo(dc);
      }
    }
    assertThat(pr.precision()).isBetween(0.01, 0.99);
    assertThat(dc.coverage()).isBetween(0.01, 0.99);
  }

  @Test
  void badInput() {
    Features three = line(1, 2, 3);
    Features five = line(1, 2, 3, 4, 5);
    assertThatThrownBy(() -> PrecisionRecall.of(WORKERS, three, five, 3))
        .hasMessage("precisionRecall: k is 3 for 3 real points, expected 1 to 2");
    assertThatThrownBy(() -> PrecisionRecall.of(WORKERS, five, three, 3))
        .hasMessage("precisionRecall: k is 3 for 3 generated points, expected 1 to 2");
    assertThatThrownBy(() -> DensityCoverage.of(WORKERS, five, three, 0))
        .hasMessage("densityCoverage: k is 0 for 5 real points, expected 1 to 4");
    assertThatThrownBy(() -> DensityCoverage.of(WORKERS, five, line(), 2))
        .hasMessage("densityCoverage: 0 generated points, expected 1 or more");
    assertThatThrownBy(() -> DensityCoverage.of(WORKERS, five, new Features(new float[4], 2), 2))
        .hasMessage(
            "densityCoverage: real points of 1 and generated points of 2 numbers, expected equally"
                + " many");
    assertThatThrownBy(() -> PrecisionRecall.of(WORKERS, new Features(new float[4], 2), five, 2))
        .hasMessage(
            "precisionRecall: real points of 2 and generated points of 1 numbers, expected equally"
                + " many");
  }
}
