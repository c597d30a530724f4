package dev.troupe.gan.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GaussianModesTest {
  private static final GaussianModes TWO = new GaussianModes(new double[] {0, 0, 4, 0}, 0.25);

  @Test
  void gridIsThatOfFigure1() {
    GaussianModes grid = GaussianModes.grid25();
    assertThat(grid.size()).isEqualTo(25);
    assertThat(grid.sd()).isEqualTo(0.05);
    assertThat(grid.centres()).startsWith(-4, -4, -4, -2).endsWith(4, 2, 4, 4);
    for (int k = 0; k < 25; k++) {
      assertThat(grid.modeOf(grid.centres()[2 * k], grid.centres()[2 * k + 1])).isEqualTo(k);
    }
  }

  @Test
  void highQualityIsStrictlyWithinThreeStandardDeviations() {
    assertThat(TWO.modeOf(0.75, 0)).isEqualTo(-1);
    assertThat(TWO.modeOf(Math.nextDown(0.75), 0)).isZero();
    assertThat(TWO.modeOf(Math.nextUp(3.25), 0)).isEqualTo(1);
    assertThat(TWO.modeOf(0, -0.75)).isEqualTo(-1);
  }

  @Test
  void ruleIsRadialNotPerAxis() {
    assertThat(TWO.modeOf(0.6, 0.6)).isEqualTo(-1);
    assertThat(TWO.modeOf(0.5, 0.5)).isZero();
  }

  @Test
  void pointsThatAreNotNumbersBelongNowhere() {
    float[] points = {Float.NaN, 0, 0, Float.NaN, Float.POSITIVE_INFINITY, 0, 0, 0};
    assertThat(TWO.label(points)).containsExactly(-1, -1, -1, 0);
  }

  @Test
  void scoreCountsEachMode() {
    ModeScore score = TWO.score(new float[] {0, 0, 0.1f, 0, 4, 0, 2, 0, 9, 9});
    assertThat(score.points()).isEqualTo(5);
    assertThat(score.counts()).containsExactly(2, 1);
    assertThat(score.highQualityPoints()).isEqualTo(3);
    assertThat(score.highQuality()).isEqualTo(0.6);
    assertThat(score.covered()).isEqualTo(2);
    // p = (2/3, 1/3)
    double entropy = -(2 / 3.0) * Math.log(2 / 3.0) - (1 / 3.0) * Math.log(1 / 3.0);
    assertThat(score.entropy()).isCloseTo(entropy, within(1e-15));
    assertThat(score.reverseKl()).isCloseTo(Math.log(2) - entropy, within(1e-15));
  }

  @Test
  void reverseKlHasItsClosedForms() {
    long[] even = new long[25];
    Arrays.fill(even, 100);
    assertThat(new ModeScore(2500, even).reverseKl()).isCloseTo(0, within(1e-14)).isNotNegative();
    for (int covered = 1; covered <= 25; covered++) {
      long[] some = new long[25];
      Arrays.fill(some, 0, covered, 7);
      ModeScore score = new ModeScore(7L * covered + 3, some);
      assertThat(score.covered()).isEqualTo(covered);
      assertThat(score.reverseKl()).isCloseTo(Math.log(25.0 / covered), within(1e-14));
    }
    ModeScore nothing = new ModeScore(10, new long[25]);
    assertThat(nothing.reverseKl()).isNaN();
    assertThat(nothing.entropy()).isNaN();
    assertThat(nothing.covered()).isZero();
  }

  @Test
  void realDataPassesWithProbabilityOneMinusExpMinusNineHalves() {
    Random random = new Random(7);
    GaussianModes grid = GaussianModes.grid25();
    double[] centres = grid.centres();
    int n = 200_000;
    float[] points = new float[2 * n];
    for (int i = 0; i < n; i++) {
      int k = random.nextInt(25);
      points[2 * i] = (float) (centres[2 * k] + 0.05 * random.nextGaussian());
      points[2 * i + 1] = (float) (centres[2 * k + 1] + 0.05 * random.nextGaussian());
    }
    ModeScore score = grid.score(points);
    // Standard error 2.3e-4.
    assertThat(score.highQuality()).isCloseTo(1 - Math.exp(-4.5), within(1e-3));
    assertThat(score.reverseKl()).isLessThan(5e-4); // (K - 1) / 2N = 6e-5 expected
  }

  @Test
  void badInputIsNamed() {
    assertThatThrownBy(() -> new GaussianModes(new double[3], 1))
        .hasMessage("modes: centres must be x,y pairs, got 3 numbers");
    assertThatThrownBy(() -> new GaussianModes(new double[2], 0))
        .hasMessage("modes: sd must be positive and finite, got 0.0");
    assertThatThrownBy(() -> TWO.label(new float[3]))
        .hasMessage("modes: points must be x,y pairs, got 3 numbers");
    assertThatThrownBy(() -> new ModeScore(2, new long[] {2, 1}))
        .hasMessage("mode score: 3 high-quality points of a set of 2");
  }
}
