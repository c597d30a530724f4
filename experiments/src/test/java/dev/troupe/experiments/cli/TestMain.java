package dev.troupe.experiments.cli;

import dev.troupe.experiments.CountingExperiment;
import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.Experiments;
import dev.troupe.experiments.run.Console;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line with all experiments and the test experiment, for processes that tests start and
 * kill.
 */
public final class TestMain {
  private TestMain() {}

  public static void main(String[] args) {
    List<Experiment> experiments = new ArrayList<>(Experiments.all());
    experiments.add(new CountingExperiment());
    System.exit(TroupeCommand.execute(Console.system(), experiments, List.of(), args));
  }
}
