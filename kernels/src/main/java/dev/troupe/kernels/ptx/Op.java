package dev.troupe.kernels.ptx;

/** A decoded instruction, which runs for the lanes of a warp at once. */
abstract class Op {
  static final int LANES = 32;

  Instruction source;
  int guard = -1; // a predicate register, or -1
  boolean guardNegated;

  /**
   * Runs for the lanes of {@code mask}, which is not 0. The warp's {@code pc} is that of the next
   * instruction already.
   */
  abstract void run(Warp w, int mask);

  /** Whether a group of lanes that waits here could go on; only of ops that wait. */
  boolean ready(Warp w, int mask) {
    throw new IllegalStateException(source.opcode() + " does not wait");
  }

  @Override
  public String toString() {
    return source == null ? getClass().getSimpleName() : source.opcode();
  }
}
