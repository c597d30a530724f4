package dev.troupe.kernels.ptx;

/**
 * Sees a kernel go by, instruction by instruction: what to set a breakpoint in. See {@link
 * PtxMachine#watch}.
 */
@FunctionalInterface
public interface PtxWatch {
  /** Called before some lanes of a warp execute an instruction; the step is valid only now. */
  void before(PtxStep step);
}
