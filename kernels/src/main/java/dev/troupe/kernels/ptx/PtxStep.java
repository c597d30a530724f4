package dev.troupe.kernels.ptx;

/** An instruction that some lanes of a warp are about to execute, and what their registers hold. */
public final class PtxStep {
  private Warp warp;
  private Op op;
  private int lanes;

  PtxStep at(Warp warp, Op op, int lanes) {
    this.warp = warp;
    this.op = op;
    this.lanes = lanes;
    return this;
  }

  /** The name of the kernel. */
  public String kernel() {
    return warp.block.program.entry.name();
  }

  /** The line in the PTX file. */
  public int line() {
    return op.source.line();
  }

  /** The line in the PTX file and in the CUDA source, as messages give it. */
  public String place() {
    return warp.block.place(op);
  }

  /** The instruction's name, such as {@code fma.rn.f32}. */
  public String instruction() {
    return op.source.opcode();
  }

  /** The block's coordinates: x, y, z. */
  public int[] block() {
    return warp.block.position();
  }

  /** Which warp of the block it is. */
  public int warp() {
    return warp.index;
  }

  /** The lanes that execute it, as bits. */
  public int lanes() {
    return lanes;
  }

  /** Whether a lane executes it. */
  public boolean has(int lane) {
    return (lanes >>> lane & 1) != 0;
  }

  /**
   * The bits of a lane's register, such as {@code %r5}; of a predicate 0 or 1.
   *
   * @throws IllegalArgumentException if the kernel has no such register
   */
  public long bits(String register, int lane) {
    for (Operand.Reg reg : warp.block.program.registers) {
      if (reg.name().equals(register)) {
        int place = warp.block.program.place(reg);
        return switch (reg.file()) {
          case PRED -> warp.pred[place] >>> lane & 1;
          case B32 -> warp.r32[place][lane] & 0xffffffffL;
          case B64 -> warp.r64[place][lane];
        };
      }
    }
    throw new IllegalArgumentException(kernel() + ": has no register " + register);
  }

  /** A lane's register as an int. */
  public int intValue(String register, int lane) {
    return (int) bits(register, lane);
  }

  /** A lane's register as a float. */
  public float floatValue(String register, int lane) {
    return Float.intBitsToFloat((int) bits(register, lane));
  }
}
