package dev.troupe.bench.cli;

import dev.troupe.experiments.Experiments;
import dev.troupe.experiments.cli.TroupeCommand;
import dev.troupe.experiments.run.Console;
import java.util.List;

/** {@code troupe}: what {@code ./troupe} starts. */
public final class Main {
  private Main() {}

  /** Ends the process with one of the codes of {@link dev.troupe.experiments.ExitCode}. */
  public static void main(String[] args) {
    Console console = Console.system();
    System.exit(
        TroupeCommand.execute(
            console,
            Experiments.all(),
            List.of(new BenchCommand(console), new GpuCheckCommand(console)),
            args));
  }
}
