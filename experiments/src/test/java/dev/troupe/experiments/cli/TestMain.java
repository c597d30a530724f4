package dev.troupe.experiments.cli;

import dev.troupe.experiments.CountingExperiment;
import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Experiments;
import dev.troupe.experiments.run.Console;
import dev.troupe.experiments.run.HeldExperiment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line with all experiments and the test experiment, for processes that tests start,
 * hold and kill.
 */
public final class TestMain {
  private static final String HOLD = "troupe.test.hold";

  private TestMain() {}

  /** The option of Java by which every experiment is a {@link HeldExperiment}. */
  public static String holding(Path hold) {
    return "-D" + HOLD + "=" + hold;
  }

  public static void main(String[] args) {
    List<Experiment> experiments = new ArrayList<>(Experiments.all());
    experiments.add(new CountingExperiment());
    String hold = System.getProperty(HOLD);
    if (hold != null) {
      experiments.replaceAll(experiment -> new HeldExperiment(experiment, Path.of(hold)));
    }
    System.exit(TroupeCommand.execute(Console.system(), experiments, List.of(), args));
  }
}
