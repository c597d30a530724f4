package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Domain;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.report.Effects.Comparison;
import dev.troupe.experiments.report.Report.Finding;
import java.util.List;

/** Mixtures of players on the output of a randomly initialised network R: Figure 10. */
final class Network implements Sweep {
  private static final List<Players> PLAYERS =
      List.of(
          new Players(1, 2, 1, 0),
          new Players(1, 0, 1, 0),
          new Players(3, 2, 3, 0),
          new Players(3, 0, 3, 0));

  static final Setting<List<Players>> MIXTURES =
      new Setting<>("mixtures", "what is trained", Domain.list(Players.ALONE), PLAYERS, PLAYERS);
  static final Setting<Integer> LAYERS_R =
      new Setting<>(
          "layersR",
          "of the network R that makes the data; 2 is one affine map",
          Domain.integer(2, 50),
          2,
          2);

  @Override
  public String name() {
    return "network";
  }

  @Override
  public String description() {
    return "WGAN-GP and MIX+GAN on the output of a random network that a generator could equal";
  }

  @Override
  public String figures() {
    return "Figure 10";
  }

  @Override
  public String title() {
    return "GANs on the output of a random network";
  }

  @Override
  public List<Setting<?>> settings() {
    return List.of(MIXTURES, LAYERS_R);
  }

  @Override
  public List<Configuration> configurations(Settings s) {
    return s.get(MIXTURES).stream()
        .map(p -> Configuration.onGaussians(p.mixture(), s, p, 0))
        .toList();
  }

  @Override
  public String subject(Settings s) {
    return s.get(MIXTURES).size()
        + " mixtures of GANs on the output of a network of "
        + s.get(LAYERS_R)
        + " layers in "
        + s.get(ArtificialSettings.DIMENSION)
        + " dimensions";
  }

  @Override
  public List<Finding> findings(Settings s, Measured m) {
    Comparison comparison =
        new Comparison(
            s.get(LAYERS_R) == 2
                ? "The Judge stays above 50 % although R is one affine map, which a generator could"
                    + " learn (Figure 10)."
                : "The Judge stays above 50 %.");
    m.configurations().forEach(c -> Gaussians.aboveHalf(m, c, comparison));
    return List.of(comparison.finding());
  }
}
