package dev.troupe.bench.cli;

import dev.troupe.bench.InterpreterSpeed;
import dev.troupe.bench.Timings;
import dev.troupe.bench.TroupePeer;
import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import dev.troupe.experiments.DeviceKind;
import dev.troupe.experiments.Domain;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.run.Console;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code troupe bench WORK}: times one kind of work and prints one line. */
@Command(
    name = "bench",
    description = {
      "Times one kind of work and prints one line: WORK members=E threads=N device=D median_ms=… min_ms=… gflops=…",
      "A third of the time is for warming up."
    })
final class BenchCommand implements Callable<Integer> {
  private static final int MOST = 1024;

  private final Console console;

  @Parameters(
      paramLabel = "WORK",
      arity = "0..1",
      description =
          "sgemm:M,N,K, conv:forward|input|weight:N,C,H,W,O,K,S,P (N images [C, H, W], O kernels of K by K, stride S,"
              + " padding P), exp, tanh, sigmoid, softplus, add (1M elements), grid2d, dcgan32, resnet18, wgangp1024[:unpenalised],"
              + " mixgan1024:NG,ND, or ptx: a table of how fast --device ptx executes instructions, to which only"
              + " --seconds applies (for each kernel).")
  private String work;

  @Option(
      names = "--members",
      paramLabel = "E",
      defaultValue = "1",
      description = "Members of the ensemble, or products of a batch. Default: ${DEFAULT-VALUE}.")
  private String members;

  @Option(names = "--threads", paramLabel = "N", description = "Threads. Default: all cores.")
  private String threads;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "How long, warming up included. Default: ${DEFAULT-VALUE}.")
  private String seconds;

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "cpu",
      description = "cpu; or cuda, ptx, reference for all but sgemm. Default: ${DEFAULT-VALUE}.")
  private String device;

  @Option(names = "--packed-b", description = "For sgemm: B is packed once, before the timing.")
  private boolean packedB;

  @Option(
      names = "--no-graph",
      description = "Computes each step anew, instead of replaying the first.")
  private boolean noGraph;

  BenchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (work == null) {
      throw new UserException(
          ExitCode.USAGE,
          "bench: which work? sgemm:M,N,K, conv:DIRECTION:N,C,H,W,O,K,S,P, exp, tanh, sigmoid, softplus, add, grid2d,"
              + " dcgan32, resnet18, wgangp1024, mixgan1024:NG,ND or ptx");
    }
    int e = Domain.integer(1, MOST).read("--members", members);
    int cores = Runtime.getRuntime().availableProcessors();
    int n = threads == null ? cores : Domain.integer(1, MOST).read("--threads", threads);
    double s = Domain.numberAbove(0, 3600).read("--seconds", seconds);
    if (work.equals("ptx")) {
      console.result(InterpreterSpeed.table(s).stripTrailing());
      return ExitCode.OK.code();
    }
    DeviceKind kind = device();
    WorkSpec spec;
    try {
      spec = WorkSpec.parse(work, packedB);
      spec.requireArrays(e);
    } catch (IllegalArgumentException wrong) {
      throw new UserException(ExitCode.USAGE, "bench: " + wrong.getMessage(), wrong);
    }
    try (Work opened = new TroupePeer().open(spec, e, n, kind, !noGraph)) {
      Timings timings = Timings.of(opened, s);
      console.result(
          String.format(
              Locale.ROOT,
              "%s members=%d threads=%d device=%s %s",
              opened.name(),
              e,
              n,
              kind,
              timings.line(opened)));
    }
    return ExitCode.OK.code();
  }

  private DeviceKind device() {
    String[] names =
        Arrays.stream(DeviceKind.values()).map(DeviceKind::toString).toArray(String[]::new);
    return DeviceKind.valueOf(
        Domain.choice(names).read("--device", device).toUpperCase(Locale.ROOT));
  }
}
