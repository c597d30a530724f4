package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Domain;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.report.Effects;
import dev.troupe.experiments.report.Effects.Comparison;
import dev.troupe.experiments.report.Effects.Number;
import dev.troupe.experiments.report.Report.Finding;
import dev.troupe.gan.metrics.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;

/**
 * What larger networks gain beside what more players gain: 1G1D with networks of several sizes, and
 * 3G3D with those of the usual one.
 *
 * @param name what is varied
 * @param title of the report
 * @param unit of a size
 * @param figure of the paper
 * @param sizes the ones to compare; must have the usual one
 * @param usual the size of all other networks
 * @param sized a configuration with networks of another size
 * @param sizeOf the size of a configuration's networks
 */
record Complexity(
    String name,
    String title,
    String unit,
    int figure,
    Setting<List<Integer>> sizes,
    Setting<Integer> usual,
    BiFunction<Configuration, Integer, Configuration> sized,
    ToIntFunction<Configuration> sizeOf)
    implements Sweep {
  /** Networks of several depths: Figure 8. */
  static final Complexity DEPTH =
      new Complexity(
          "depth",
          "Deeper networks or more of them",
          "layers",
          8,
          new Setting<>(
              "depths",
              "layers of the networks of 1G1D; must have the value of layers",
              Domain.list(Domain.integer(2, 50)),
              List.of(3, 5, 7),
              List.of(3, 5, 7, 9)),
          ArtificialSettings.LAYERS,
          Configuration::withLayers,
          Configuration::generatorLayers);

  /** Networks of several widths: Figure 9. */
  static final Complexity WIDTH =
      new Complexity(
          "width",
          "Wider networks or more of them",
          "units",
          9,
          new Setting<>(
              "widths",
              "units of the hidden layers of 1G1D; must have the value of width",
              Domain.list(Domain.integer(1, 8192)),
              List.of(32, 64, 128),
              List.of(1024, 2048, 4096)),
          ArtificialSettings.WIDTH,
          Configuration::withWidth,
          Configuration::width);

  /** The mixture that larger networks are compared with. */
  private static final Players COMPARED = Players.of(3, 3, 3);

  @Override
  public String description() {
    return "1G1D of several " + sizes.name() + " on 3 Gaussians, beside 3G3D";
  }

  @Override
  public String figures() {
    return "Figure " + figure;
  }

  @Override
  public List<Setting<?>> settings() {
    return List.of(sizes);
  }

  @Override
  public void check(Settings s) {
    if (!s.get(sizes).contains(s.get(usual))) {
      throw ArtificialSettings.wrong(
          "setting %s is %s, expected %s, which is %d, among them",
          sizes.name(), sizes.domain().format(s.get(sizes)), usual.name(), s.get(usual));
    }
  }

  @Override
  public List<Configuration> configurations(Settings s) {
    List<Configuration> out = new ArrayList<>();
    for (int n : s.get(sizes)) {
      Configuration one = Configuration.onGaussians(n + " " + unit, s, Players.of(1, 1, 3), 3);
      out.add(sized.apply(one, n));
    }
    String mixture = COMPARED.mixture() + ", " + s.get(usual) + " " + unit;
    out.add(Configuration.onGaussians(mixture, s, COMPARED, 3));
    return out;
  }

  @Override
  public String subject(Settings s) {
    return "1G1D of "
        + s.get(sizes).size()
        + " "
        + sizes.name()
        + ", and 3G3D, on 3 Gaussians in "
        + s.get(ArtificialSettings.DIMENSION)
        + " dimensions";
  }

  /** The paper's statement, for the Fréchet distance and for the Judge. */
  @Override
  public List<Finding> findings(Settings s, Measured m) {
    return List.of(
        lessThanMixture(
            s, m, "the Fréchet distance", Phase.GAN, "frechet_distance", Number.DISTANCE),
        lessThanMixture(
            s, m, "the Judge's accuracy", Phase.JUDGE, "judge_accuracy", Number.PERCENT));
  }

  private Finding lessThanMixture(
      Settings s, Measured m, String measure, Phase phase, String key, Number number) {
    String statement =
        "Another "
            + name
            + " lowers "
            + measure
            + " less than three generators and discriminators do (Figure "
            + figure
            + ").";
    List<Configuration> ones =
        m.configurations().stream().filter(c -> c.generators() == 1).toList();
    int set = s.get(usual);
    List<Configuration> others = ones.stream().filter(c -> sizeOf.applyAsInt(c) != set).toList();
    if (others.isEmpty()) {
      return Effects.notMeasured(statement, "another " + name);
    }
    Configuration base =
        ones.stream().filter(c -> sizeOf.applyAsInt(c) == set).findFirst().orElseThrow();
    Configuration mixture = m.configurations().getLast();
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
        .note("the best other " + name + " " + number.difference().text(GanTraining.summary(gains)))
        .aboveZero("difference", GanTraining.summary(less), number)
        .finding();
  }
}
