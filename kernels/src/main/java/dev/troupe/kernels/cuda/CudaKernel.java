package dev.troupe.kernels.cuda;

import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import dev.troupe.kernels.gpu.Kernel;
import dev.troupe.kernels.ptx.PtxModule;
import jcuda.driver.CUfunction;

/** An entry that the driver has compiled. */
final class CudaKernel implements Kernel {
  private final String module;
  private final String entry;
  private final int argumentBytes;
  private final int mostThreads; // of a block
  private final int requiredThreads; // of a block, or 0
  final CUfunction function;
  int dynamicShared; // bytes that it has been allowed so far

  /**
   * With what the PTX says and the driver has found.
   *
   * @param mostThreads of a block, with the registers that the driver has given to a thread
   */
  CudaKernel(
      String module,
      PtxModule.Entry signature,
      CUfunction function,
      int mostThreads,
      int dynamicShared) {
    this.module = module;
    this.entry = signature.name();
    this.argumentBytes = signature.argumentBytes();
    this.mostThreads = mostThreads;
    this.requiredThreads = signature.requiredThreads();
    this.function = function;
    this.dynamicShared = dynamicShared;
  }

  /** Refuses what the driver would not tell clearly. */
  void check(Grid grid, Arguments arguments) {
    if (arguments.bytes() != argumentBytes) {
      throw new IllegalArgumentException(
          this + ": arguments of " + arguments.bytes() + " bytes, expected " + argumentBytes);
    }
    int threads = grid.threads();
    if (threads > mostThreads) {
      throw new IllegalArgumentException(
          this + ": blocks of " + threads + " threads, expected at most " + mostThreads);
    }
    if (requiredThreads > 0 && threads != requiredThreads) {
      throw new IllegalArgumentException(
          this + ": blocks of " + threads + " threads, expected " + requiredThreads);
    }
  }

  @Override
  public String module() {
    return module;
  }

  @Override
  public String entry() {
    return entry;
  }

  @Override
  public String toString() {
    return entry + " of " + module + ".ptx";
  }
}
