package dev.troupe.experiments.run;

import dev.troupe.experiments.DeviceKind;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.reference.ReferenceDevice;

/** Opens the device that was asked for on the command line. */
public final class Devices {
  private Devices() {}

  /** A device; the caller closes it. Threads matter to the cpu alone. */
  public static Device open(DeviceKind kind, int threads) {
    return switch (kind) {
      case CPU -> new CpuDevice(threads);
      case REFERENCE -> new ReferenceDevice();
    };
  }
}
