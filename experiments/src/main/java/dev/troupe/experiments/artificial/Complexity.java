package dev.troupe.experiments.artificial;

import dev.troupe.experiments.report.Effects;
import dev.troupe.experiments.report.Effects.Comparison;
import dev.troupe.experiments.report.Effects.Number;
import dev.troupe.experiments.report.Report.Finding;
import dev.troupe.gan.metrics.Summary;
import java.util.ArrayList;
import java.util.List;

/** What larger networks gain beside what more players gain, for {@link Depth} and {@link Width}. */
final class Complexity {
  /** The mixture that larger networks are compared with. */
  static final Players COMPARED = Players.of(3, 3, 3);

  private Complexity() {}

  /**
   * The paper's statement, for the Fréchet distance and for the Judge.
   *
   * @param what what is varied, "depth"
   * @param figure of the paper
   * @param base 1G1D with the networks as set
   * @param mixture 3G3D with the same networks
   * @param others 1G1D with other networks
   */
  static List<Finding> findings(
      Measured m,
      String what,
      int figure,
      Configuration base,
      Configuration mixture,
      List<Configuration> others) {
    return List.of(
        lessThanMixture(
            m,
            what,
            figure,
            base,
            mixture,
            others,
            "the Fréchet distance",
            Phase.GAN,
            "frechet_distance",
            Number.DISTANCE),
        lessThanMixture(
            m,
            what,
            figure,
            base,
            mixture,
            others,
            "the Judge's accuracy",
            Phase.JUDGE,
            "judge_accuracy",
            Number.PERCENT));
  }

  private static Finding lessThanMixture(
      Measured m,
      String what,
      int figure,
      Configuration base,
      Configuration mixture,
      List<Configuration> others,
      String measure,
      Phase phase,
      String key,
      Number number) {
    String statement =
        "Another "
            + what
            + " lowers "
            + measure
            + " less than three generators and discriminators do (Figure "
            + figure
            + ").";
    if (others.isEmpty()) {
      return Effects.notMeasured(statement, "another " + what);
    }
    List<Double> start = m.values(base, phase, key);
    List<Double> players = m.values(mixture, phase, key);
    List<Double> gains = new ArrayList<>();
    List<Double> less = new ArrayList<>();
    for (int r = 0; r < start.size(); r++) {
      double best = Double.POSITIVE_INFINITY;
      for (Configuration c : others) {
        best = Math.min(best, m.values(c, phase, key).get(r));
      }
      gains.add(start.get(r) - best);
      less.add(best - players.get(r));
    }
    Summary gained = m.difference(base, mixture, phase, key);
    return new Comparison(statement)
        .note(mixture.label() + " gains " + number.difference().text(gained))
        .note("the best other " + what + " " + number.difference().text(GanTraining.summary(gains)))
        .aboveZero("difference", GanTraining.summary(less), number)
        .finding();
  }
}
