package dev.troupe.experiments.artificial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Preset;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.report.Effects;
import dev.troupe.experiments.report.Report.Finding;
import dev.troupe.gan.metrics.Summary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/** The verdicts on made-up measurements. */
class FindingsTest {
  private static final int STEPS = 100;

  private final List<Map<String, Object>> lines = new ArrayList<>();
  private final SequencedMap<String, Long> stages = new LinkedHashMap<>();

  private static Settings settings(String name, String... assignments) {
    Experiment experiment =
        ArtificialExperiment.all().stream()
            .filter(e -> e.name().equals("artificial/" + name))
            .findFirst()
            .orElseThrow();
    return Settings.resolve(experiment, Preset.QUICK, List.of(assignments));
  }

  /** A stage whose one line says this. */
  private void measured(Configuration c, int repeat, Phase phase, Map<String, ?> values) {
    String stage = c.slug() + "/" + repeat + "/" + phase;
    stages.put(stage, (long) STEPS);
    Map<String, Object> line = new LinkedHashMap<>(values);
    line.put("stage", stage);
    line.put("step", (long) stages.size() * STEPS);
    lines.add(line);
  }

  /** One number for each configuration and repeat. */
  private List<Finding> findings(Sweep sweep, Settings s, double[][] numbers) {
    List<Configuration> all = sweep.configurations(s);
    for (int i = 0; i < all.size(); i++) {
      for (int r = 1; r <= numbers[i].length; r++) {
        double x = numbers[i][r - 1];
        measured(
            all.get(i),
            r,
            Phase.GAN,
            Map.of("frechet_distance", x, "least_mode_share", x, "least_own_share", x));
        measured(all.get(i), r, Phase.JUDGE, Map.of("judge_accuracy", x));
      }
    }
    return sweep.findings(s, new Measured(all, numbers[0].length, stages, lines));
  }

  @Test
  void aFallIsSeenIfEveryStepOfItIs() {
    Settings s = settings("gaussians", "mixtures=1G1D@3,3G3D@3,10G10D@3");
    List<Finding> found =
        findings(new Gaussians(), s, new double[][] {{0.9, 0.92}, {0.8, 0.81}, {0.7, 0.7}});
    assertThat(found.get(0).seen()).isTrue();
    assertThat(found.get(0).evidence())
        .isEqualTo(
            "1G1D on 3 less 3G3D on 3: 10.5 ± 0.7 points; 3G3D on 3 less 10G10D on 3:"
                + " 10.5 ± 0.7 points.");
    assertThat(found.get(1).seen()).isTrue();
    assertThat(found.get(3).seen()).isTrue(); // 3G3D: 80 % and 81 %
    assertThat(found.get(2).verdict()).isEqualTo("not measured"); // 2G2D
  }

  @Test
  void aFallThatIsNoMoreThanItsSpreadIsNotSeen() {
    Settings s = settings("gaussians", "mixtures=1G1D@3,3G3D@3,10G10D@3");
    List<Finding> found =
        findings(new Gaussians(), s, new double[][] {{0.9, 0.9}, {0.7, 0.79}, {0.72, 0.7}});
    assertThat(found.get(0).seen()).isFalse();
    assertThat(found.get(3).seen()).isFalse(); // 70 % and 79 %
  }

  @Test
  void theJudgeMustBeAboveOneHalfInEveryConfiguration() {
    Settings s = settings("network", "mixtures=1G1D,3G3D");
    assertThat(
            findings(new Network(), s, new double[][] {{0.6, 0.62}, {0.51, 0.52}})
                .getFirst()
                .seen())
        .isTrue();
    stages.clear();
    lines.clear();
    assertThat(
            findings(new Network(), s, new double[][] {{0.6, 0.62}, {0.49, 0.52}})
                .getFirst()
                .seen())
        .isFalse();
  }

  @Test
  void anotherDepthIsComparedWithMorePlayersAtItsBest() {
    Settings s = settings("depth"); // 3, 5 and 7 layers, then 3G3D
    double[][] better = {{0.88, 0.87}, {0.9, 0.9}, {0.95, 0.8}, {0.6, 0.6}};
    Finding finding = findings(Complexity.DEPTH, s, better).getFirst();
    assertThat(finding.seen()).isTrue();
    assertThat(finding.evidence())
        .contains("gains 0.3000 ± 0.0000", "the best other depth 0.0600 ± 0.0566");
    stages.clear();
    lines.clear();
    double[][] worse = {{0.6, 0.58}, {0.9, 0.9}, {0.95, 0.9}, {0.6, 0.6}};
    assertThat(findings(Complexity.DEPTH, s, worse).getFirst().seen()).isFalse();
  }

  @Test
  void whatGoesUpAndDownIsAveragedOverTheLastQuarter() {
    Settings s = settings("gaussians", "mixtures=1G1D@3");
    Configuration c = new Gaussians().configurations(s).getFirst();
    String stage = c.slug() + "/1/gan";
    SequencedMap<String, Long> one = new LinkedHashMap<>(Map.of(stage, 100L));
    List<Map<String, Object>> curve = new ArrayList<>();
    for (long step : new long[] {25, 50, 75, 90, 100}) {
      curve.add(Map.of("stage", stage, "step", step, "frechet_distance", 1.0 * step, "x", step));
    }
    Measured m = new Measured(List.of(c), 1, one, curve);
    assertThat(m.values(c, Phase.GAN, "frechet_distance")).containsExactly(95.0);
    assertThat(m.values(c, Phase.GAN, "x")).containsExactly(100.0);
    assertThat(m.values(c, Phase.JUDGE, "judge_accuracy")).isEmpty();
    assertThat(m.curve(c, Phase.GAN, "x").x()).containsExactly(25, 50, 75, 90, 100);
  }

  @Test
  void oneRepeatHasNoSpreadToBeBeyond() {
    assertThat(Effects.isAboveZero(Summary.of(0.001))).isTrue();
    assertThat(Effects.isAboveZero(Summary.of(-0.001))).isFalse();
    assertThat(Effects.isAboveZero(Summary.of(0.1, 0.11, 0.12))).isTrue();
    assertThat(Effects.isAboveZero(Summary.of(0.0, 0.1, 0.5))).isFalse();
  }
}
