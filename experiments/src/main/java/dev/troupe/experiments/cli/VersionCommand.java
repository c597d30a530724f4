package dev.troupe.experiments.cli;

import dev.troupe.experiments.Version;
import dev.troupe.experiments.run.Console;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Prints the version.")
final class VersionCommand implements Runnable {
  private final Console console;

  VersionCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    console.result("troupe " + Version.current() + ", Java " + Runtime.version());
  }
}
