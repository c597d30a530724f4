package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Domain;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.report.Effects;
import dev.troupe.experiments.report.Effects.Comparison;
import dev.troupe.experiments.report.Effects.Number;
import dev.troupe.experiments.report.Report.Finding;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** 3G3D on finite training sets: Figure 11. */
final class TrainingSets implements Sweep {
  static final Setting<List<Integer>> SIZES =
      new Setting<>(
          "sizes",
          "points of the training sets; 0 draws fresh points in every step",
          Domain.list(Domain.integer(0, 10_000_000)),
          List.of(128, 512, 2048, 0),
          List.of(1000, 10_000, 100_000, 0));

  @Override
  public String name() {
    return "trainingset";
  }

  @Override
  public String description() {
    return "3G3D on 3 Gaussians, learned from training sets of several sizes";
  }

  @Override
  public String figures() {
    return "Figure 11";
  }

  @Override
  public String title() {
    return "Smaller and larger training sets";
  }

  @Override
  public List<Setting<?>> settings() {
    return List.of(SIZES);
  }

  @Override
  public List<Configuration> configurations(Settings s) {
    return s.get(SIZES).stream()
        .map(n -> Configuration.onGaussians(label(n), s, Players.of(3, 3, 3), 3).withTrainingSet(n))
        .toList();
  }

  private static String label(int points) {
    return points == 0 ? "unlimited" : String.format(Locale.ROOT, "%,d points", points);
  }

  @Override
  public String subject(Settings s) {
    return "3G3D on 3 Gaussians in "
        + s.get(ArtificialSettings.DIMENSION)
        + " dimensions, with training sets of "
        + s.get(SIZES).size()
        + " sizes";
  }

  @Override
  public List<Finding> findings(Settings s, Measured m) {
    List<Configuration> bySize =
        m.configurations().stream()
            .sorted(
                Comparator.comparingInt(
                    c -> c.trainingSet() == 0 ? Integer.MAX_VALUE : c.trainingSet()))
            .toList();
    List<Configuration> finite = bySize.stream().filter(c -> c.trainingSet() > 0).toList();
    return List.of(
        worse(
            m,
            bySize,
            "Smaller training sets are worse: the Judge is right more often (Figure 11).",
            Phase.JUDGE,
            "judge_accuracy",
            Number.PERCENT),
        worse(
            m,
            bySize,
            "Smaller training sets are worse: the Fréchet distance is larger (Figure 11).",
            Phase.GAN,
            "frechet_distance",
            Number.DISTANCE),
        worse(
            m,
            finite,
            "The distance to the training set itself is larger, too, where that is smaller (Figure"
                + " 11).",
            Phase.GAN,
            "frechet_distance_to_set",
            Number.DISTANCE));
  }

  /** The smallest against the largest, and every size shown. */
  private static Finding worse(
      Measured m,
      List<Configuration> bySize,
      String statement,
      Phase phase,
      String key,
      Number number) {
    if (bySize.size() < 2) {
      return Effects.notMeasured(statement, "two or more sizes");
    }
    Configuration least = bySize.getFirst();
    Configuration most = bySize.getLast();
    Comparison comparison = new Comparison(statement);
    comparison.aboveZero(
        least.label() + " less " + most.label() + ":",
        m.difference(least, most, phase, key),
        number);
    bySize.forEach(c -> comparison.note(c.label() + " " + number.text(m.summary(c, phase, key))));
    return comparison.finding();
  }
}
