package dev.troupe.experiments.run;

import dev.troupe.experiments.DeviceKind;
import dev.troupe.kernels.Device;

/** Opens the device that was asked for on the command line. */
public final class Devices {
  private Devices() {}

  /** A device; the caller closes it. Threads matter to the cpu alone. */
  public static Device open(DeviceKind kind, int threads) {
    return DeviceChoice.of(kind, threads).open();
  }
}
