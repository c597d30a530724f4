package dev.troupe.kernels.cuda;

import dev.troupe.kernels.gpu.Kernel;
import jcuda.driver.CUfunction;

/** An entry that the driver has compiled. */
final class CudaKernel implements Kernel {
  private final String module;
  private final String entry;
  final CUfunction function;
  final int mostThreads; // of a block
  int dynamicShared; // bytes that it has been allowed so far

  CudaKernel(String module, String entry, CUfunction function, int mostThreads, int dynamicShared) {
    this.module = module;
    this.entry = entry;
    this.function = function;
    this.mostThreads = mostThreads;
    this.dynamicShared = dynamicShared;
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
    return entry + " of " + module;
  }
}
