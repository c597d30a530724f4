package dev.troupe.bench.peers;

import dev.troupe.bench.Peer;
import dev.troupe.bench.Peers;
import dev.troupe.bench.Timings;
import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Times one peer at one work and prints one line, to be paired with that of {@code ./troupe bench}.
 */
@Command(
    name = "peer",
    description = "Times one peer at one work and prints one line.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class PeerMain implements Callable<Integer> {
  @Parameters(
      paramLabel = "WORK",
      description = "sgemm:M,N,K, exp, tanh, sigmoid, softplus, add or grid2d.")
  private String work;

  @Option(
      names = "--peer",
      description = "Who is timed. Default: the first beside Troupe that has this work.")
  private String peer;

  @Option(names = "--members", description = "GANs in one step. Default: ${DEFAULT-VALUE}.")
  private int members = 1;

  @Option(names = "--threads", description = "Threads. Default: ${DEFAULT-VALUE}.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--seconds", description = "Warm-up and timing. Default: ${DEFAULT-VALUE}.")
  private double seconds = 6;

  @Option(names = "--packed-b", description = "sgemm: B is packed before the timing.")
  private boolean packedB;

  /** Runs the timing that the arguments describe. */
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new PeerMain())
            .setExecutionExceptionHandler((e, command, parsed) -> {
              command.getErr().println("peer: " + e.getMessage());
              return command.getCommandSpec().exitCodeOnExecutionException();
            })
            .execute(arguments));
  }

  @Override
  public Integer call() {
    WorkSpec spec = WorkSpec.parse(work, packedB);
    for (Peer candidate : peer == null ? Peers.beside() : List.of(Peers.named(peer))) {
      Optional<Work> opened = candidate.open(spec, members, threads);
      if (opened.isPresent()) {
        time(candidate, opened.get());
        return 0;
      }
    }
    throw new IllegalArgumentException(
        "%s: no peer does it with members=%d, threads=%d".formatted(work, members, threads));
  }

  private void time(Peer candidate, Work opened) {
    try (opened) {
      Timings timings = Timings.of(opened, seconds);
      System.out.printf(
          "%s peer=%s members=%d threads=%d %s%n",
          opened.name(), candidate.name(), members, threads, timings.line(opened));
    }
  }
}
