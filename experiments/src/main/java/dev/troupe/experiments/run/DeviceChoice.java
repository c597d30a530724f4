package dev.troupe.experiments.run;

import dev.troupe.experiments.DeviceKind;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.cuda.CudaMachine;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;

/**
 * The device that was asked for on the command line.
 *
 * @param threads of the cpu; they change no bit
 * @param graphs whether cpu, cuda and ptx capture a training step and replay it; changes no bit
 * @param precision of matrix products on cuda and ptx
 * @param ownKernels whether cuda computes without cuBLAS and cuDNN
 */
public record DeviceChoice(
    DeviceKind kind, int threads, boolean graphs, Precision precision, boolean ownKernels) {
  /** With graphs, in float32. */
  public static DeviceChoice of(DeviceKind kind, int threads) {
    return new DeviceChoice(kind, threads, true, Precision.FP32, false);
  }

  /**
   * Opens it; the caller closes it.
   *
   * @throws dev.troupe.kernels.DeviceUnavailableException if this machine does not have it
   */
  public Device open() {
    return switch (kind) {
      case CPU -> new CpuDevice(threads, graphs);
      case REFERENCE -> new ReferenceDevice();
      case CUDA ->
          new GpuDevice(
              ownKernels ? CudaMachine.withoutLibraries() : new CudaMachine(), precision, graphs);
      case PTX -> new GpuDevice(new PtxMachine(), precision, graphs);
    };
  }

  /** What decides on bits, such as {@code cpu} or {@code cuda tf32}. */
  @Override
  public String toString() {
    return kind
        + (precision == Precision.FP32 ? "" : " " + precision)
        + (ownKernels ? " own kernels" : "");
  }
}
