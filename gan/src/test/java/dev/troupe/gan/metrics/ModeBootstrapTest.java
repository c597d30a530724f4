package dev.troupe.gan.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModeBootstrapTest {
  private static final GaussianModes GRID = GaussianModes.grid25();

  /** n points of which the first {@code good} sit on the given mode and the rest nowhere. */
  private static float[] member(int mode, int good, int n) {
    float[] points = new float[2 * n];
    Arrays.fill(points, 1);
    for (int i = 0; i < good; i++) {
      points[2 * i] = (float) GRID.centres()[2 * mode];
      points[2 * i + 1] = (float) GRID.centres()[2 * mode + 1];
    }
    return points;
  }

  @Test
  void drawingTheWholeSetGivesItsOwnScore() {
    // Without replacement: all 50 points, and so the single good one, are in every draw.
    var rows = new ModeBootstrap(GRID, List.of(member(3, 1, 50))).measure(new int[] {1}, 50, 20, 1);
    assertThat(rows.rows())
        .containsExactly(
            new ModeBootstrap.Row(
                1,
                new Summary(1, 0, 20),
                new Summary(0.02, 0, 20),
                new Summary(Math.log(25), 0, 20)));
  }

  @Test
  void threeMembersGive834And833And833Points() {
    List<float[]> sets = List.of(member(0, 900, 900), member(1, 900, 900), member(2, 900, 900));
    var row = new ModeBootstrap(GRID, sets).measure(new int[] {3}, 2500, 5, 9).rows().getFirst();
    long[] counts = new long[25];
    counts[0] = 834;
    counts[1] = 833;
    counts[2] = 833;
    ModeScore expected = new ModeScore(2500, counts);
    assertThat(row.modes()).isEqualTo(new Summary(3, 0, 5));
    assertThat(row.highQuality()).isEqualTo(new Summary(1, 0, 5));
    assertThat(row.reverseKl().mean()).isCloseTo(expected.reverseKl(), within(1e-12));
    assertThat(row.reverseKl().std()).isCloseTo(0, within(1e-12));
  }

  @Test
  void pointsFollowTheHypergeometricLaw() {
    // 250 good of 1,000, 100 drawn: mean 25, variance 100 * .25 * .75 * 900 / 999.
    int draws = 20_000;
    var row =
        new ModeBootstrap(GRID, List.of(member(0, 250, 1000)))
            .measure(new int[] {1}, 100, draws, 3)
            .rows()
            .getFirst();
    double std = Math.sqrt(100 * 0.25 * 0.75 * 900 / 999.0) / 100;
    assertThat(row.highQuality().mean()).isCloseTo(0.25, within(4 * std / Math.sqrt(draws)));
    assertThat(row.highQuality().std()).isCloseTo(std, within(0.02 * std));
  }

  @Test
  void membersAreChosenEvenlyAndWithoutReplacement() {
    // Member m is good in a share m / 8; two of five distinct members make the mean share 2 / 8
    // with the variance of a draw without replacement, (5 - 2) / (5 - 1) * var / 2, var = 2 / 64.
    List<float[]> sets = new ArrayList<>();
    for (int m = 0; m < 5; m++) {
      sets.add(member(m, 100 * m, 800));
    }
    int draws = 20_000;
    var row =
        new ModeBootstrap(GRID, sets).measure(new int[] {2}, 1600, draws, 4).rows().getFirst();
    double std = Math.sqrt(0.75 * (2 / 64.0) / 2);
    assertThat(row.highQuality().mean()).isCloseTo(0.25, within(4 * std / Math.sqrt(draws)));
    assertThat(row.highQuality().std()).isCloseTo(std, within(0.02 * std));
    // Member 0 has no good point: of ten pairs four cover one mode and six cover two.
    assertThat(row.modes().mean()).isCloseTo(1.6, within(0.02));
  }

  @Test
  void sizesAboveTheMembersAreLeftOutAndNamed() {
    var members = new ModeBootstrap(GRID, List.of(member(0, 9, 9), member(1, 9, 9)));
    var result = members.measure(new int[] {1, 2, 3, 4}, 8, 2, 0);
    assertThat(result.rows()).extracting(ModeBootstrap.Row::members).containsExactly(1, 2);
    assertThat(result.leftOut()).containsExactly(3, 4);
  }

  @Test
  void rowsHangOnSeedAndSizeAlone() {
    List<float[]> sets = List.of(member(0, 40, 100), member(1, 60, 100), member(2, 80, 100));
    var bootstrap = new ModeBootstrap(GRID, sets);
    var all = bootstrap.measure(new int[] {1, 2, 3}, 90, 50, 11).rows();
    assertThat(bootstrap.measure(new int[] {3, 2}, 90, 50, 11).rows())
        .containsExactly(all.get(2), all.get(1));
    assertThat(bootstrap.measure(new int[] {2}, 90, 50, 12).rows().getFirst())
        .isNotEqualTo(all.get(1));
  }

  @Test
  void drawsWithoutAGoodPointAreLeftOutOfReverseKlOnly() {
    var row =
        new ModeBootstrap(GRID, List.of(member(0, 0, 10), member(1, 10, 10)))
            .measure(new int[] {1}, 10, 200, 2)
            .rows()
            .getFirst();
    assertThat(row.modes().n()).isEqualTo(200);
    assertThat(row.reverseKl().n()).isEqualTo(Math.round(200 * row.modes().mean()));
    assertThat(row.reverseKl().n()).isBetween(60L, 140L);
    assertThat(row.reverseKl().mean()).isCloseTo(Math.log(25), within(1e-12));
  }

  @Test
  void uniformNoiseHasItsClosedForm() {
    var row = ModeBootstrap.uniformNoise(GRID, 4.2, 2500, 1000, 5);
    double p = Math.PI * 0.15 * 0.15 / (8.4 * 8.4); // of one mode
    double covered = 25 * (1 - Math.pow(1 - p, 2500));
    assertThat(covered).isCloseTo(22.96, within(0.01));
    assertThat(row.modes().mean()).isCloseTo(covered, within(0.15));
    assertThat(row.highQuality().mean()).isCloseTo(25 * p, within(5e-4));
    assertThat(25 * p).isCloseTo(0.02504, within(1e-5));
  }

  @Test
  void badInputIsNamed() {
    var members = new ModeBootstrap(GRID, List.of(member(0, 5, 5), member(1, 4, 4)));
    assertThatThrownBy(() -> members.measure(new int[] {2}, 9, 1, 0))
        .hasMessage("bootstrap: member 1 has 4 points, but 5 are drawn of each of 2 members");
    assertThatThrownBy(() -> members.measure(new int[] {0}, 9, 1, 0))
        .hasMessage("bootstrap: ensemble size must be 1 to 9, got 0");
    assertThatThrownBy(() -> new ModeBootstrap(GRID, List.of()))
        .hasMessage("bootstrap: no members, expected at least 1");
  }

  @Test
  void summaryIsTheSampleStandardDeviation() {
    assertThat(Summary.of(2, 4, 4, 4, 5, 5, 7, 9))
        .isEqualTo(new Summary(5, Math.sqrt(32 / 7.0), 8));
    assertThat(Summary.of(1, Double.NaN, 3)).isEqualTo(new Summary(2, Math.sqrt(2), 2));
    assertThat(Summary.of(3).std()).isNaN();
    assertThat(Summary.of().mean()).isNaN();
    assertThat(Summary.of(0, 2).times(-100)).isEqualTo(new Summary(-100, 100 * Math.sqrt(2), 2));
    assertThat(Summary.of(2, 4, 4, 4, 5, 5, 7, 9).standardError())
        .isCloseTo(Math.sqrt(32 / 7.0 / 8), within(1e-15));
  }

  @Test
  void splitMixIsThePublishedOne() {
    // First outputs of SplitMix64 from state 0.
    SplitMix random = new SplitMix(0, 0);
    assertThat(random.nextLong()).isEqualTo(0xE220A8397B1DCDAFL);
    assertThat(random.nextLong()).isEqualTo(0x6E789E6AA1B965F4L);
    int[] seen = new int[7];
    for (int i = 0; i < 70_000; i++) {
      seen[random.nextInt(7)]++;
      assertThat(random.nextDouble()).isBetween(0.0, 1.0);
    }
    for (int count : seen) {
      assertThat(count).isBetween(9_600, 10_400);
    }
  }
}
