package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Domain;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.report.Report.Finding;
import java.util.ArrayList;
import java.util.List;

/** Networks of several widths: Figure 9. */
final class Width implements Sweep {
  static final Setting<List<Integer>> WIDTHS =
      new Setting<>(
          "widths",
          "units of the hidden layers of 1G1D; must have the value of width",
          Domain.list(Domain.integer(1, 8192)),
          List.of(32, 64, 128),
          List.of(1024, 2048, 4096));

  @Override
  public String name() {
    return "width";
  }

  @Override
  public String description() {
    return "1G1D of several widths on 3 Gaussians, beside 3G3D";
  }

  @Override
  public String figures() {
    return "Figure 9";
  }

  @Override
  public String title() {
    return "Wider networks or more of them";
  }

  @Override
  public List<Setting<?>> settings() {
    return List.of(WIDTHS);
  }

  @Override
  public void check(Settings s) {
    if (!s.get(WIDTHS).contains(s.get(ArtificialSettings.WIDTH))) {
      throw ArtificialSettings.wrong(
          "setting widths is %s, expected width, which is %d, among them",
          WIDTHS.domain().format(s.get(WIDTHS)), s.get(ArtificialSettings.WIDTH));
    }
  }

  @Override
  public List<Configuration> configurations(Settings s) {
    List<Configuration> out = new ArrayList<>();
    for (int n : s.get(WIDTHS)) {
      out.add(Configuration.onGaussians(n + " units", s, Players.of(1, 1, 3), 3).withWidth(n));
    }
    out.add(
        Configuration.onGaussians(
            Complexity.COMPARED.mixture() + ", " + s.get(ArtificialSettings.WIDTH) + " units",
            s,
            Complexity.COMPARED,
            3));
    return out;
  }

  @Override
  public String subject(Settings s) {
    return "1G1D of "
        + s.get(WIDTHS).size()
        + " widths, and 3G3D, on 3 Gaussians in "
        + s.get(ArtificialSettings.DIMENSION)
        + " dimensions";
  }

  @Override
  public List<Finding> findings(Settings s, Measured m) {
    List<Configuration> ones =
        m.configurations().stream().filter(c -> c.generators() == 1).toList();
    int set = s.get(ArtificialSettings.WIDTH);
    return Complexity.findings(
        m,
        "width",
        9,
        ones.stream().filter(c -> c.width() == set).findFirst().orElseThrow(),
        m.configurations().getLast(),
        ones.stream().filter(c -> c.width() != set).toList());
  }
}
