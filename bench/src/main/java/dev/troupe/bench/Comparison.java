package dev.troupe.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Times several peers at the same work, in one process and in turn, so that whatever else the
 * machine does falls on all of them.
 *
 * <p>Each round gives every peer one turn; the order rotates from round to round. A turn begins
 * with a pause, in which the waiting threads of the peer before go to sleep, and with steps that
 * are not timed; a turn during which other processes were busy is tried again. The ratio of two
 * peers is the median over the rounds of the ratio of their medians in that round.
 */
@Command(
    name = "compare",
    description = "Times peers at the same work in one process, in turn, and writes a table.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class Comparison implements Callable<Integer> {
  private static final long PAUSE_MS = 20;
  private static final double UNTIMED_SHARE = 0.1;

  /** Below this share of one core, other processes do not spoil a turn. */
  private static final double QUIET = 0.1;

  private static final int ATTEMPTS = 3;

  /** The works of the published table; see {@link #works} for what follows the name. */
  private static final List<String> ALL =
      List.of(
          "sgemm:100,400,400",
          "sgemm:100,400,400+packed",
          "sgemm:100,1000,200",
          "sgemm:100,1000,200+packed",
          "sgemm:256,1024,1024",
          "sgemm:256,1024,1024+packed",
          "sgemm:1024,1024,1024",
          "sgemm:1024,1024,1024+packed",
          "sgemm:2048,2048,2048",
          "sgemm:2048,2048,2048+packed",
          "exp",
          "tanh",
          "sigmoid",
          "softplus",
          "add",
          "grid2d",
          "grid2d@8",
          "wgangp1024",
          "wgangp1024:unpenalised",
          "mixgan1024:3,3",
          "dcgan32",
          "dcgan32@8",
          "resnet18");

  /** Layers of DCGAN for 32x32, batch 64, and of ResNet-18 for 32x32, batch 128. */
  private static final List<String> CONVOLUTIONS =
      List.of(
          "64,3,32,32,64,4,2,1",
          "64,64,16,16,128,4,2,1",
          "64,128,8,8,256,4,2,1",
          "64,128,16,16,256,4,2,1",
          "64,256,8,8,512,4,2,1",
          "64,512,4,4,100,4,1,0",
          "128,3,32,32,64,3,1,1",
          "128,64,32,32,64,3,1,1",
          "128,64,32,32,128,3,2,1",
          "128,64,32,32,128,1,2,0",
          "128,128,16,16,128,3,1,1",
          "128,256,8,8,256,3,1,1",
          "128,512,4,4,512,3,1,1");

  @Parameters(
      paramLabel = "WORK[+packed][@MEMBERS]",
      description =
          "sgemm:M,N,K (+packed: B is packed before the timing), conv:forward|input|weight:N,C,H,W,O,K,S,P, exp, tanh,"
              + " sigmoid, softplus, add, grid2d (@8: eight members), dcgan32, resnet18, wgangp1024[:unpenalised],"
              + " or mixgan1024:NG,ND. Default: the published table.")
  private List<String> works =
      Stream.concat(
              ALL.stream(),
              Stream.of("forward", "input", "weight")
                  .flatMap(direction ->
                      CONVOLUTIONS.stream().map(layer -> "conv:" + direction + ":" + layer)))
          .toList();

  @Option(names = "--peers", split = ",", description = "Who is timed. Default: all of this build.")
  private List<String> peers = List.of();

  @Option(names = "--threads", description = "Threads of each peer. Default: ${DEFAULT-VALUE}.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--rounds", description = "Turns of each peer. Default: ${DEFAULT-VALUE}.")
  private int rounds = 12;

  @Option(
      names = "--seconds",
      description = "Seconds of one turn; at least three steps. Default: ${DEFAULT-VALUE}.")
  private double seconds = 0.25;

  @Option(
      names = "--warm-up",
      description = "Seconds of each peer before the first round. Default: ${DEFAULT-VALUE}.")
  private double warmUp = 2;

  @Option(names = "--out", description = "Also write the table to this file.")
  private Path out;

  private final List<Peer> available;
  private final String command;
  private double peak; // GFLOP/s

  private Comparison(List<Peer> available, String command) {
    this.available = available;
    this.command = command;
  }

  /** One turn, and the share of one core that other processes took during it. */
  private record Turn(Timings timings, double disturbance) {
    static Turn of(Work work, double seconds) {
      try {
        Thread.sleep(PAUSE_MS);
      } catch (InterruptedException e) {
        throw new IllegalStateException("comparison: interrupted", e);
      }
      Timings.warmUp(work, seconds * UNTIMED_SHARE);
      long start = System.nanoTime();
      double others = Host.othersCpuSeconds();
      Timings timings = new Timings();
      timings.run(work, seconds);
      double wall = (System.nanoTime() - start) / 1e9;
      return new Turn(timings, (Host.othersCpuSeconds() - others) / wall);
    }

    boolean quiet() {
      return disturbance < QUIET;
    }
  }

  /** One peer with its opened work and its turns. */
  private record Contender(Peer peer, Work work, List<Turn> turns) {
    /** Takes the quietest of up to {@link #ATTEMPTS} tries. */
    void turn(double seconds) {
      Turn best = Turn.of(work, seconds);
      for (int i = 1; i < ATTEMPTS && !best.quiet(); i++) {
        Turn again = Turn.of(work, seconds);
        best = again.disturbance < best.disturbance ? again : best;
      }
      turns.add(best);
    }
  }

  /** Runs the comparison that the arguments describe. */
  public static void main(String[] arguments) {
    System.exit(run(Peers.all(), arguments));
  }

  /** Compares some of the peers and returns the exit code. */
  static int run(List<Peer> available, String... arguments) {
    return new CommandLine(new Comparison(available, String.join(" ", arguments)))
        .setExecutionExceptionHandler((e, command, parsed) -> {
          command.getErr().println("compare: " + e.getMessage());
          return command.getCommandSpec().exitCodeOnExecutionException();
        })
        .execute(arguments);
  }

  @Override
  public Integer call() {
    List<Peer> selected =
        peers.isEmpty()
            ? available
            : peers.stream().map(name -> Peers.named(name, available)).toList();
    peak = FmaPeak.gflops(threads);
    StringBuilder table = new StringBuilder(header(selected));
    print(table.toString());
    for (String work : works) {
      String rows = compare(selected, work);
      print(rows);
      table.append(rows);
    }
    if (out != null) {
      write(table.toString());
    }
    return 0;
  }

  private static void print(String text) {
    PrintStream console = System.out;
    console.print(text);
    console.flush();
  }

  private void write(String table) {
    try {
      if (out.toAbsolutePath().getParent() != null) {
        Files.createDirectories(out.toAbsolutePath().getParent());
      }
      Files.writeString(out, table);
    } catch (IOException e) {
      throw new UncheckedIOException("%s: cannot be written".formatted(out), e);
    }
  }

  private String header(List<Peer> selected) {
    StringBuilder text = new StringBuilder();
    text.append("# Troupe beside its peers\n\n");
    text.append("- Date: ").append(Instant.now().truncatedTo(ChronoUnit.MINUTES)).append('\n');
    text.append("- CPU: ").append(Host.cpu()).append("; load at the start ").append(Host.load());
    text.append("\n- JVM: ").append(Host.jdk()).append("; `").append(Host.jvmOptions());
    text.append("`\n- Fused multiply-adds in registers, %d threads: ".formatted(threads));
    text.append("%.0f GFLOP/s".formatted(peak));
    text.append("\n- Command: `bench/with-peers compare ").append(command).append("`\n");
    for (Peer peer : selected) {
      text.append("- ").append(peer.name()).append(": ").append(peer.description()).append('\n');
    }
    text.append(
        """

        Times are of single steps, over all rounds. `ratio` is the peer's time through that of the first row of the same work,
        the median over %d interleaved rounds: above 1 the first row is faster. Elementwise work counts one operation an element.
        `of peak` is GFLOP/s through that of fused multiply-adds in registers. Convolutions count taps in the padding too, which a
        kernel may leave out.
        `quiet` counts the turns during which other processes took less than %.0f %% of a core.

        | work | members | threads | peer | median ms | min ms | GFLOP/s | of peak | ratio | quiet |
        |---|---:|---:|---|---:|---:|---:|---:|---:|---:|
        """
            .formatted(rounds, 100 * QUIET));
    return text.toString();
  }

  /** Runs one work, given as {@code WORK[+packed][@MEMBERS]}, and returns its rows. */
  private String compare(List<Peer> selected, String work) {
    int at = work.indexOf('@');
    int members = at < 0 ? 1 : positive(work, work.substring(at + 1));
    String name = at < 0 ? work : work.substring(0, at);
    boolean packed = name.endsWith("+packed");
    WorkSpec spec =
        WorkSpec.parse(
            packed ? name.substring(0, name.length() - "+packed".length()) : name, packed);
    List<Contender> contenders = new ArrayList<>();
    try {
      for (Peer peer : selected) {
        Optional<Work> opened = peer.open(spec, members, threads);
        opened.ifPresent(it -> contenders.add(new Contender(peer, it, new ArrayList<>())));
      }
      for (Contender contender : contenders) {
        Timings.warmUp(contender.work, warmUp);
      }
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < contenders.size(); i++) {
          contenders.get((round + i) % contenders.size()).turn(seconds);
        }
      }
      StringBuilder rows = new StringBuilder();
      for (Contender contender : contenders) {
        rows.append(row(name, spec, members, contender, contenders.getFirst()));
      }
      return rows.toString();
    } finally {
      contenders.forEach(contender -> contender.work.close());
    }
  }

  private static int positive(String work, String number) {
    try {
      int value = Integer.parseInt(number);
      if (value >= 1) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The message below says what was expected.
    }
    throw new IllegalArgumentException(
        "%s: members are '%s', expected a whole number of at least 1".formatted(work, number));
  }

  private String row(
      String name, WorkSpec spec, int members, Contender contender, Contender first) {
    Timings all = new Timings();
    double[] ratios = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      Timings round = contender.turns.get(i).timings;
      all.addAll(round);
      ratios[i] = round.medianMs() / first.turns.get(i).timings.medianMs();
    }
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %s | %.4f | %.4f | %.1f | %s | %.2f | %d of %d |%n",
        name,
        members,
        threads,
        contender.peer.name(),
        all.medianMs(),
        all.minMs(),
        all.gflops(contender.work.flops()),
        spec instanceof WorkSpec.Elementwise
            ? "-"
            : String.format(Locale.ROOT, "%.2f", all.gflops(contender.work.flops()) / peak),
        Timings.median(ratios),
        contender.turns.stream().filter(Turn::quiet).count(),
        rounds);
  }
}
