package dev.troupe.bench;

import dev.troupe.experiments.DeviceKind;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.run.DeviceChoice;
import dev.troupe.kernels.Precision;
import java.util.Optional;

/** Troupe's own side of every comparison. */
public final class TroupePeer implements Peer {
  static final String NAME = "troupe";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "Troupe, CPU kernels";
  }

  @Override
  public Optional<Work> open(WorkSpec spec, int members, int threads) {
    return Optional.of(open(spec, members, threads, DeviceKind.CPU, true));
  }

  /**
   * The one place where Troupe's implementation of each kind of work is added.
   *
   * @param kind the device; a matrix product alone always runs on the CPU kernels
   * @param graphs whether a step is captured and replayed
   * @throws UserException if there is no such work on the device
   */
  public Work open(WorkSpec spec, int members, int threads, DeviceKind kind, boolean graphs) {
    DeviceChoice device = new DeviceChoice(kind, threads, graphs, Precision.FP32, false);
    return switch (spec) {
      case WorkSpec.Sgemm sgemm -> {
        if (kind != DeviceKind.CPU) {
          throw new UserException(
              ExitCode.USAGE, "bench: " + spec.name() + " on " + kind + ", expected --device cpu");
        }
        yield new TroupeWorks.Sgemm(sgemm, members, threads);
      }
      case WorkSpec.Elementwise elementwise ->
          TroupeWorks.elementwise(elementwise, members, device.open());
      case WorkSpec.Convolution convolution ->
          TroupeWorks.convolution(convolution, members, device.open());
      case WorkSpec.Artificial artificial -> {
        if (members != 1) {
          throw new UserException(
              ExitCode.USAGE,
              "bench: " + spec.name() + " with " + members + " members, expected 1");
        }
        yield TroupeWorks.artificial(artificial, device.open());
      }
      case WorkSpec.Dcgan32 dcgan -> TroupeWorks.dcgan32(dcgan, members, device.open());
      case WorkSpec.ResNet18 resNet -> TroupeWorks.resNet18(resNet, members, device.open());
      case WorkSpec.Grid2d grid -> TroupeWorks.grid2d(grid, members, device.open());
    };
  }
}
