package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Domain;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.report.Report.Finding;
import java.util.ArrayList;
import java.util.List;

/** Networks of several depths: Figure 8. */
final class Depth implements Sweep {
  static final Setting<List<Integer>> DEPTHS =
      new Setting<>(
          "depths",
          "layers of the networks of 1G1D; must have the value of layers",
          Domain.list(Domain.integer(2, 50)),
          List.of(3, 5, 7),
          List.of(3, 5, 7, 9));

  @Override
  public String name() {
    return "depth";
  }

  @Override
  public String description() {
    return "1G1D of several depths on 3 Gaussians, beside 3G3D";
  }

  @Override
  public String figures() {
    return "Figure 8";
  }

  @Override
  public String title() {
    return "Deeper networks or more of them";
  }

  @Override
  public List<Setting<?>> settings() {
    return List.of(DEPTHS);
  }

  @Override
  public void check(Settings s) {
    if (!s.get(DEPTHS).contains(s.get(ArtificialSettings.LAYERS))) {
      throw ArtificialSettings.wrong(
          "setting depths is %s, expected layers, which is %d, among them",
          DEPTHS.domain().format(s.get(DEPTHS)), s.get(ArtificialSettings.LAYERS));
    }
  }

  @Override
  public List<Configuration> configurations(Settings s) {
    List<Configuration> out = new ArrayList<>();
    for (int n : s.get(DEPTHS)) {
      out.add(Configuration.onGaussians(n + " layers", s, Players.of(1, 1, 3), 3).withLayers(n));
    }
    out.add(
        Configuration.onGaussians(
            Complexity.COMPARED.mixture() + ", " + s.get(ArtificialSettings.LAYERS) + " layers",
            s,
            Complexity.COMPARED,
            3));
    return out;
  }

  @Override
  public String subject(Settings s) {
    return "1G1D of "
        + s.get(DEPTHS).size()
        + " depths, and 3G3D, on 3 Gaussians in "
        + s.get(ArtificialSettings.DIMENSION)
        + " dimensions";
  }

  @Override
  public List<Finding> findings(Settings s, Measured m) {
    List<Configuration> ones =
        m.configurations().stream().filter(c -> c.generators() == 1).toList();
    int set = s.get(ArtificialSettings.LAYERS);
    return Complexity.findings(
        m,
        "depth",
        8,
        ones.stream().filter(c -> c.generatorLayers() == set).findFirst().orElseThrow(),
        m.configurations().getLast(),
        ones.stream().filter(c -> c.generatorLayers() != set).toList());
  }
}
