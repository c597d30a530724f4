package dev.troupe.kernels.ptx;

/**
 * What a kernel did that it must not do: an access outside its memory, a race, a read of what
 * nobody wrote, a barrier that not all threads reach. The message says kernel, PTX line, CUDA
 * source line, block and thread, what was seen and what was expected.
 */
public final class PtxFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  PtxFault(String message) {
    super(message);
  }
}
