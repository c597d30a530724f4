package dev.troupe.experiments.cli;

import dev.troupe.experiments.CountingExperiment;
import dev.troupe.experiments.run.Console;
import java.util.List;

/** The command line with the test experiment, for processes that tests start and kill. */
final class TestMain {
  private TestMain() {}

  public static void main(String[] args) {
    System.exit(
        TroupeCommand.execute(
            Console.system(), List.of(new CountingExperiment()), List.of(), args));
  }
}
