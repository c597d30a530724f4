package dev.troupe.bench.peers;

import dev.troupe.autograd.ops.Catalogue;
import dev.troupe.autograd.ops.Entry;
import dev.troupe.bench.peers.TorchParity.Difference;
import dev.troupe.bench.peers.TorchParity.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares the catalogue of ops with libtorch and writes a table. */
@Command(
    name = "parity",
    description = "Compares the catalogue of ops, values and gradients, with libtorch.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class ParityMain implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "OP",
      description = "Ops of the catalogue. Default: all.")
  private List<String> ops = List.of();

  @Option(names = "--out", description = "Also write the table to this file.")
  private Path out;

  /** Runs the comparison that the arguments describe. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new ParityMain())
            .setExecutionExceptionHandler((e, command, parsed) -> {
              command.getErr().println("parity: " + e.getMessage());
              return command.getCommandSpec().exitCodeOnExecutionException();
            })
            .execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    StringBuilder table = new StringBuilder(header());
    int compared = 0;
    int samples = 0;
    int beyond = 0;
    try (TorchParity parity = new TorchParity()) {
      for (Entry entry : Catalogue.entries()) {
        if (ops.isEmpty() || ops.contains(entry.name())) {
          Row row = parity.compare(entry);
          table.append(line(row));
          compared += row.samples() > 0 ? 1 : 0;
          samples += row.samples();
          beyond += row.within() ? 0 : 1;
        }
      }
    }
    table.append(
        "%n%d ops compared in %d samples; %d beyond %.0f.%n"
            .formatted(compared, samples, beyond, TorchParity.LIMIT));
    System.out.print(table);
    if (out != null) {
      if (out.toAbsolutePath().getParent() != null) {
        Files.createDirectories(out.toAbsolutePath().getParent());
      }
      Files.writeString(out, table);
    }
    return beyond == 0 ? 0 : 1;
  }

  private static String header() {
    return """
    # The catalogue of ops beside libtorch

    - %s; one thread
    - Command: `bench/with-peers parity`

    Largest differences over the samples of each op, in units of (K + 8)·u·scale; %.0f is the limit, twice what the catalogue allows one
    device. `value`: of the result; K is the reduced length, scale is Σ|terms|. `gradient`: of Σ w·y with random weights w of either sign;
    K is the longest axis, scale is the largest element of that gradient. float32: device `cpu` and libtorch, u = 2⁻²⁴. float64: device
    `reference` and libtorch, u = 2⁻⁵³. 0 means that no bit differs, or that only NaN, infinities and zeros take part; – that there is no
    gradient.

    | op | samples | float32 value | gradient | float64 value | gradient | note |
    |---|---:|---:|---:|---:|---:|---|
    """
        .formatted(Native.torchVersion(), TorchParity.LIMIT);
  }

  private static String line(Row row) {
    return row.samples() == 0
        ? "| %s | – | – | – | – | – | %s |%n".formatted(row.op(), row.note())
        : "| %s | %d | %s | %s | %s |%n"
            .formatted(
                row.op(), row.samples(), cells(row.single()), cells(row.twofold()), row.note());
  }

  private static String cells(Difference d) {
    return number(d.value()) + " | " + number(d.gradient());
  }

  private static String number(double c) {
    return Double.isNaN(c) ? "–" : c == 0 ? "0" : String.format(Locale.ROOT, "%.3f", c);
  }
}
