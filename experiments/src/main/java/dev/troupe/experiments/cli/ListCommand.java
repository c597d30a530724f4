package dev.troupe.experiments.cli;

import dev.troupe.experiments.Experiment;
import dev.troupe.experiments.run.Console;
import java.util.List;
import picocli.CommandLine.Command;

@Command(name = "list", description = "Lists the experiments.")
final class ListCommand implements Runnable {
  private final Console console;
  private final List<Experiment> experiments;

  ListCommand(Console console, List<Experiment> experiments) {
    this.console = console;
    this.experiments = experiments;
  }

  @Override
  public void run() {
    int width = experiments.stream().mapToInt(e -> e.name().length()).max().orElse(0);
    for (Experiment experiment : experiments) {
      String indent = " ".repeat(width + 2);
      console.result(
          experiment.name()
              + indent.substring(experiment.name().length())
              + experiment.description());
      console.result(indent + experiment.paper());
    }
  }
}
