package dev.troupe.experiments;

import dev.troupe.experiments.artificial.ArtificialExperiment;
import dev.troupe.experiments.ensgan.Grid2d;
import dev.troupe.experiments.ensgan.images.Images;
import java.util.ArrayList;
import java.util.List;

/** The experiments there are. */
public final class Experiments {
  private Experiments() {}

  /** All experiments, in the order of {@code troupe list}. */
  public static List<Experiment> all() {
    List<Experiment> all = new ArrayList<>();
    all.add(new Grid2d());
    all.add(new Images());
    all.addAll(ArtificialExperiment.all());
    return List.copyOf(all);
  }

  /**
   * The experiment of that name.
   *
   * @throws UserException with {@link ExitCode#USAGE}, naming the nearest
   */
  public static Experiment named(String name, List<Experiment> experiments) {
    for (Experiment experiment : experiments) {
      if (experiment.name().equals(name)) {
        return experiment;
      }
    }
    String hint =
        Nearest.to(name, experiments.stream().map(Experiment::name).toList())
            .map(near -> "did you mean '" + near + "'?")
            .orElse("'troupe list' shows all");
    throw new UserException(ExitCode.USAGE, "unknown experiment '" + name + "'; " + hint);
  }
}
