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
import java.util.Locale;
import java.util.Optional;

/** Mixtures of players on mixtures of Gaussians: Figures 2 to 7. */
final class Gaussians implements Sweep {
  private static final List<Players> PAPER =
      List.of(
          Players.of(1, 1, 3),
          Players.of(1, 3, 3),
          Players.of(3, 1, 3),
          Players.of(3, 3, 3),
          Players.of(10, 10, 3),
          Players.of(2, 2, 2),
          Players.of(4, 4, 4));

  static final Setting<List<Players>> MIXTURES =
      new Setting<>("mixtures", "what is trained", Domain.list(Players.ON_GAUSSIANS), PAPER, PAPER);

  /** The share of a generator's samples from which on a mode is its own. */
  private static final double OWN = 0.8;

  private static final int[] LADDER = {1, 3, 10};

  @Override
  public String name() {
    return "gaussians";
  }

  @Override
  public String description() {
    return "WGAN-GP and MIX+GAN with more and more players on mixtures of Gaussians";
  }

  @Override
  public String figures() {
    return "Figures 2 to 7";
  }

  @Override
  public String title() {
    return "Mixtures of GANs on mixtures of Gaussians";
  }

  @Override
  public List<Setting<?>> settings() {
    return List.of(MIXTURES);
  }

  @Override
  public List<Configuration> configurations(Settings s) {
    return s.get(MIXTURES).stream()
        .map(p -> Configuration.onGaussians(label(p), s, p, p.gaussians()))
        .toList();
  }

  private static String label(Players p) {
    return p.mixture() + " on " + p.gaussians();
  }

  @Override
  public String subject(Settings s) {
    return s.get(MIXTURES).size()
        + " mixtures of GANs on Gaussians in "
        + s.get(ArtificialSettings.DIMENSION)
        + " dimensions";
  }

  @Override
  public List<Finding> findings(Settings s, Measured m) {
    List<Finding> out = new ArrayList<>();
    out.add(falls(m, "The Judge's accuracy", Phase.JUDGE, "judge_accuracy", Number.PERCENT));
    out.add(falls(m, "The Fréchet distance", Phase.GAN, "frechet_distance", Number.DISTANCE));
    for (int n = 2; n <= 4; n++) {
      out.add(ownModes(m, n));
    }
    out.add(allModes(m));
    out.add(differs(m));
    return out;
  }

  private static Optional<Configuration> find(Measured m, int players, int gaussians) {
    String label = label(Players.of(players, players, gaussians));
    return m.configurations().stream().filter(c -> c.label().equals(label)).findFirst();
  }

  /** Figure 3: from 1G1D over 3G3D to 10G10D. */
  private static Finding falls(Measured m, String what, Phase phase, String key, Number number) {
    String statement = what + " falls from 1G1D over 3G3D to 10G10D, on 3 Gaussians (Figure 3).";
    Comparison comparison = new Comparison(statement);
    Configuration before = null;
    for (int n : LADDER) {
      Optional<Configuration> found = find(m, n, 3);
      if (found.isEmpty()) {
        return Effects.notMeasured(statement, "1G1D@3, 3G3D@3 and 10G10D@3 among the mixtures");
      }
      Configuration c = found.get();
      if (before != null) {
        comparison.aboveZero(
            before.label() + " less " + c.label() + ":",
            m.difference(before, c, phase, key),
            number);
      }
      before = c;
    }
    return comparison.finding();
  }

  /** Figures 4 to 6. */
  private static Finding ownModes(Measured m, int n) {
    String statement =
        String.format(
            Locale.ROOT,
            "%1$dG%1$dD on %1$d Gaussians: each generator puts at least 80 %% of its samples in a"
                + " mode of its own (Figure %2$d).",
            n,
            n + 2);
    Optional<Configuration> found = find(m, n, n);
    if (found.isEmpty()) {
      return Effects.notMeasured(
          statement, String.format(Locale.ROOT, "%1$dG%1$dD@%1$d among the mixtures", n));
    }
    List<Double> least = m.values(found.get(), Phase.GAN, "least_own_share");
    long held = least.stream().filter(x -> x >= OWN).count();
    return new Finding(
        statement,
        held == least.size(),
        "Least share of a generator in its own mode: "
            + Number.PERCENT.text(GanTraining.summary(least))
            + "; at least 80 % in "
            + held
            + " of "
            + least.size()
            + (least.size() == 1 ? " training." : " trainings."));
  }

  /** Section IV.E.1: "MIX+GAN successfully learns a 3-modal mixture". */
  private static Finding allModes(Measured m) {
    boolean seen = true;
    List<String> evidence = new ArrayList<>();
    for (Configuration c : m.configurations()) {
      Summary least = m.summary(c, Phase.GAN, "least_mode_share");
      seen &= least.mean() >= 0.5 / c.gaussians();
      evidence.add(c.label() + " " + Number.PERCENT.text(least));
    }
    return new Finding(
        "Every mixture of GANs learns all modes: none has less than half its share of samples.",
        seen,
        "Share of the rarest mode: " + String.join("; ", evidence) + ".");
  }

  /** Section IV.E.1: "but it differs from the real distribution". */
  static Finding differs(Measured m) {
    Comparison comparison =
        new Comparison(
            "And yet what is learned differs from the data: the Judge is right more often than half"
                + " the time.");
    for (Configuration c : m.configurations()) {
      aboveHalf(m, c, comparison);
    }
    return comparison.finding();
  }

  /** The Judge's accuracy above one half. */
  static void aboveHalf(Measured m, Configuration c, Comparison comparison) {
    List<Double> above =
        m.values(c, Phase.JUDGE, "judge_accuracy").stream().map(x -> x - 0.5).toList();
    comparison.aboveZero(c.label() + ": above 50 % by", GanTraining.summary(above), Number.PERCENT);
  }
}
