package dev.troupe.kernels.ptx;

import dev.troupe.kernels.gpu.Kernel;

/** A kernel of the interpreter. */
final class PtxKernel implements Kernel {
  final Program program;
  final Memory constants; // of its module

  PtxKernel(Program program, Memory constants) {
    this.program = program;
    this.constants = constants;
  }

  @Override
  public String module() {
    return program.module.name();
  }

  @Override
  public String entry() {
    return program.entry.name();
  }
}
