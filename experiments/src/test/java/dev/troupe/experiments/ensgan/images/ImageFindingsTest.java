package dev.troupe.experiments.ensgan.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.experiments.ensgan.images.Measured.Curve;
import dev.troupe.experiments.ensgan.images.Measured.Distances;
import dev.troupe.experiments.report.Report.Finding;
import dev.troupe.gan.metrics.DensityCoverage;
import dev.troupe.gan.metrics.PrecisionRecall;
import dev.troupe.gan.metrics.Summary;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageFindingsTest {
  private static final String BETTER = "Independent GANs: classifiers get better with T";

  private static Measured measured(String row, int members, double... best) {
    double[][] accuracy = new double[best.length][];
    for (int r = 0; r < best.length; r++) {
      accuracy[r] = new double[] {best[r], best[r] - 0.01};
    }
    return new Measured(
        row,
        members,
        members == 0 ? Optional.empty() : Optional.of("independent"),
        new Curve(new long[] {1, 2}, accuracy),
        new Distances(10, 1, Summary.of(0), new PrecisionRecall(1, 1), new DensityCoverage(1, 1)),
        List.of());
  }

  private static List<Measured> run(double[] one, double[] two) {
    return List.of(
        measured("real images", 0, 0.9, 0.91, 0.92),
        measured("T = 1", 1, one),
        measured("T = 2", 2, two));
  }

  private static Finding better(List<Measured> run) {
    return ImageFindings.of(run, 0.5).stream()
        .filter(finding -> finding.statement().startsWith(BETTER))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void moreGansMakeBetterClassifiers() {
    List<Measured> run = run(new double[] {0.7, 0.71, 0.72}, new double[] {0.75, 0.77, 0.76});
    assertThat(ImageFindings.trend(run, 0.5))
        .isEqualTo(
            "The paper's trend shows, more GANs make a better training set: best accuracy with"
                + " T = 2 less that with T = 1: 5.0 ± 1.0 points.");
    assertThat(better(run).seen()).isTrue();
    assertThat(better(run).evidence()).isEqualTo("T = 1 against T = 2: 5.0 ± 1.0 points.");
  }

  @Test
  void moreGansMakeNone() {
    List<Measured> run = run(new double[] {0.7, 0.71, 0.72}, new double[] {0.70, 0.72, 0.71});
    assertThat(ImageFindings.trend(run, 0.5))
        .startsWith("It does not show the paper's trend, that more GANs make a better training");
    assertThat(better(run).seen()).isFalse();
  }

  /** What gets better from below a guess to a guess has learned nothing. */
  @Test
  void guessesShowNothing() {
    List<Measured> run = run(new double[] {0.47, 0.48, 0.49}, new double[] {0.49, 0.51, 0.52});
    assertThat(ImageFindings.trend(run, 0.5))
        .isEqualTo(
            "It is too small to show the paper's trend, accuracy over T: with T = 2 classifiers are"
                + " hardly better than a guess, which is right in 50.0 % of all cases:"
                + " 50.7 ± 1.5 %.");
    assertThat(better(run).seen()).isFalse();
    assertThat(better(run).evidence())
        .isEqualTo("T = 1 against T = 2: 2.7 ± 0.6 points; T = 2 less a guess: 0.7 ± 1.5 points.");
  }

  @Test
  void aGuessIsTheLargestClassOfTheTestImages() {
    Partition even = new Partition(List.of("a", "b"), new int[] {0, 1}, new int[] {0, 1, 1, 0});
    Partition uneven = new Partition(List.of("a", "b"), new int[] {0, 1}, new int[] {0, 1, 1});
    assertThat(even.chance()).isEqualTo(0.5);
    assertThat(uneven.chance()).isCloseTo(2 / 3.0, within(1e-12));
  }
}
