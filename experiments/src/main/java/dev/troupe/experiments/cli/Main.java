package dev.troupe.experiments.cli;

import dev.troupe.experiments.Experiments;
import dev.troupe.experiments.run.Console;
import java.util.List;

/** {@code troupe} without {@code bench}, which another module's main class adds. */
public final class Main {
  private Main() {}

  /** Ends the process with one of the codes of {@link dev.troupe.experiments.ExitCode}. */
  public static void main(String[] args) {
    System.exit(TroupeCommand.execute(Console.system(), Experiments.all(), List.of(), args));
  }
}
