package dev.troupe.experiments;

import java.util.Locale;

/** Which kernels compute. */
public enum DeviceKind {
  /** float, Vector API, all cores. The default. */
  CPU,
  /** double, naive loops: the oracle, some hundred times slower. */
  REFERENCE,
  /** float, kernels of PTX on an NVIDIA GPU. */
  CUDA,
  /** The same kernels, interpreted on the CPU with checks; some ten thousand times slower. */
  PTX;

  /** As typed on the command line and written into files. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
