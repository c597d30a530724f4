package dev.troupe.bench.cli;

import dev.troupe.bench.GpuCheck;
import dev.troupe.bench.GpuCheck.Stage;
import dev.troupe.bench.GpuFindings;
import dev.troupe.bench.GpuReport;
import dev.troupe.experiments.Domain;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.run.Console;
import dev.troupe.kernels.cuda.CudaMachine;
import dev.troupe.kernels.ptx.PtxMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code troupe gpu-check}: whether a GPU computes what it should, and how fast. */
@Command(
    name = "gpu-check",
    description = {
      "Checks every kernel and every op on a GPU against the reference and the interpreter, trains, and"
          + " times kernels, matrix products, convolutions and training steps beside PyTorch and JAX"
          + " where python3 has them. Writes what it has found after each stage."
    })
final class GpuCheckCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where gpu.json and gpu.md go. Default: ${DEFAULT-VALUE}.")
  private String out = "gpu-check";

  @Option(
      names = "--device",
      paramLabel = "cuda|ptx",
      description = "The GPU, or the interpreter of its kernels. Default: ${DEFAULT-VALUE}.")
  private String device = "cuda";

  @Option(
      names = "--quick",
      description = "Small sizes and few cases, which still launch every kernel.")
  private boolean quick;

  @Option(
      names = "--only",
      paramLabel = "STAGES",
      description =
          "Of kernels, training, ops, steps, bandwidths, products, peers, convolutions,"
              + " peer-convolutions, with commas between. Default: all, in this order.")
  private String only;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "After so long nothing new is begun; the page names what was left out.")
  private Double minutes;

  @Option(names = "--no-peers", description = "Leaves out PyTorch and JAX.")
  private boolean noPeers;

  GpuCheckCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    boolean cuda = Domain.choice("cuda", "ptx").read("--device", device).equals("cuda");
    Path folder;
    try {
      folder = Path.of(out);
    } catch (InvalidPathException e) {
      throw new UserException(ExitCode.USAGE, "--out: '" + out + "' is no path", e);
    }
    GpuCheck.Options options = new GpuCheck.Options(stages(), quick, limit(), "python3");
    GpuCheck check =
        cuda
            ? new GpuCheck(
                CudaMachine::new,
                CudaMachine::withoutLibraries,
                CudaMachine::withCudnnEverywhere,
                options,
                console)
            : new GpuCheck(PtxMachine::new, PtxMachine::new, PtxMachine::new, options, console);
    if (cuda) {
      CudaMachine.requireGpu(); // before a folder is made for nothing
    }
    Files.createDirectories(folder);
    GpuFindings found = check.run(folder, so -> GpuReport.write(so, folder));
    console.result(folder.resolve("gpu.md").toString());
    console.result(folder.resolve("gpu.json").toString());
    if (!found.passed()) {
      throw new UserException(
          ExitCode.INTERNAL,
          "gpu-check: something failed or is not right, see " + folder.resolve("gpu.md"));
    }
    return ExitCode.OK.code();
  }

  private Duration limit() {
    if (minutes == null) {
      return null;
    }
    if (!(minutes > 0)) {
      throw new UserException(
          ExitCode.USAGE, "--minutes: '" + minutes + "' is not a number above 0");
    }
    return Duration.ofMillis(Math.round(minutes * 60_000));
  }

  private Set<Stage> stages() {
    Set<Stage> stages = EnumSet.allOf(Stage.class);
    if (only != null) {
      stages.clear();
      for (String name : only.split(",", -1)) {
        stages.add(
            Arrays.stream(Stage.values())
                .filter(s -> s.toString().equals(name.strip()))
                .findFirst()
                .orElseThrow(() ->
                    new UserException(
                        ExitCode.USAGE,
                        "--only: no stage '"
                            + name
                            + "'; there are "
                            + Arrays.stream(Stage.values())
                                .map(Stage::toString)
                                .collect(Collectors.joining(", ")))));
      }
    }
    if (noPeers) {
      stages.remove(Stage.PEERS);
      stages.remove(Stage.PEER_CONVOLUTIONS);
    }
    return stages;
  }
}
