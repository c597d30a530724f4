package dev.troupe.experiments.cli;

import dev.troupe.experiments.Version;
import dev.troupe.experiments.run.Console;
import dev.troupe.experiments.run.Machine;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
    name = "doctor",
    description = "Shows what this machine offers, and what is missing and how to get it.")
final class DoctorCommand implements Callable<Integer> {
  private final Console console;

  DoctorCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    line("Troupe", () -> Version.current());
    line("JDK", Machine::jdk);
    line("System", Machine::system);
    line("CPU", Machine::cpu);
    line("Cores", Machine::cores);
    line("Vectors", Machine::vectors);
    line("FMA", Machine::fma);
    line("Memory", Machine::memory);
    line("GPU", NativeLibraries::gpu);
    line("cuBLAS", NativeLibraries::cublas);
    line("cuDNN", NativeLibraries::cudnn);
    return 0;
  }

  /** A look that fails is a finding like any other. */
  private void line(String name, Callable<String> look) {
    String found;
    try {
      found = look.call();
    } catch (Exception | LinkageError e) {
      found = "unknown (" + e + ")";
    }
    console.result(String.format("%-8s  %s", name, found));
  }
}
