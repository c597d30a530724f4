package dev.troupe.bench.cli;

import dev.troupe.bench.GpuCheck;
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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code troupe gpu-check}: whether a GPU computes what it should, and how fast. */
@Command(
    name = "gpu-check",
    description = {
      "Checks every op on a GPU against the reference and the interpreter, trains, and times kernels,"
          + " matrix products, convolutions and training steps beside cuBLAS and cuDNN where they are,"
          + " and PyTorch and JAX where python3 has them."
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
      description = "Small sizes and one sample of an op; timings then say nothing.")
  private boolean quick;

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
    GpuCheck check =
        cuda
            ? new GpuCheck(
                CudaMachine::new,
                CudaMachine::withoutLibraries,
                CudaMachine::withCudnnEverywhere,
                quick,
                console)
            : new GpuCheck(PtxMachine::new, PtxMachine::new, PtxMachine::new, quick, console);
    if (cuda) {
      CudaMachine.requireGpu(); // before a folder is made for nothing
    }
    Files.createDirectories(folder);
    GpuFindings found = check.run(folder, !noPeers);
    GpuReport.write(found, folder);
    console.result(folder.resolve("gpu.md").toString());
    console.result(folder.resolve("gpu.json").toString());
    if (!found.passed()) {
      throw new UserException(
          ExitCode.INTERNAL, "gpu-check: results are not right, see " + folder.resolve("gpu.md"));
    }
    return ExitCode.OK.code();
  }
}
