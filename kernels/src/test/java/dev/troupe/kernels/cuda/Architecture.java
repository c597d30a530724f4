package dev.troupe.kernels.cuda;

/**
 * The GPUs that kernels are assembled for, with what one multiprocessor of them has: CUDA C++
 * Programming Guide, table "Technical Specifications per Compute Capability".
 */
enum Architecture {
  /** Turing: T4, RTX 20. */
  SM_75(75, 32, 16, 64 << 10, 0, 256),
  /** Ampere: A100. */
  SM_80(80, 64, 32, 164 << 10, 1 << 10, 128),
  /** Ampere: A10, RTX 30. */
  SM_86(86, 48, 16, 100 << 10, 1 << 10, 128),
  /** Ada: L4, RTX 40. */
  SM_89(89, 48, 24, 100 << 10, 1 << 10, 128),
  /** Hopper: H100, H200. */
  SM_90(90, 64, 32, 228 << 10, 1 << 10, 128);

  private static final int REGISTERS = 65_536;
  private static final int REGISTER_UNIT = 256; // registers are given to warps in such portions
  private static final int WARP = 32;

  private final int capability;
  private final int warps;
  private final int blocks;
  private final int shared;
  private final int sharedOfSystem; // of each block
  private final int sharedUnit;

  Architecture(
      int capability, int warps, int blocks, int shared, int sharedOfSystem, int sharedUnit) {
    this.capability = capability;
    this.warps = warps;
    this.blocks = blocks;
    this.shared = shared;
    this.sharedOfSystem = sharedOfSystem;
    this.sharedUnit = sharedUnit;
  }

  /** Major number times 10, plus the minor one. */
  int capability() {
    return capability;
  }

  /** As in {@code .target sm_80}. */
  String label() {
    return "sm_" + capability;
  }

  /**
   * The share of the multiprocessor's warps that can be resident at once, in percent.
   *
   * @param threads of a block
   * @param registers of a thread
   * @param sharedBytes of a block
   */
  int occupancy(int threads, int registers, int sharedBytes) {
    int warpsOfBlock = (threads + WARP - 1) / WARP;
    int byWarps = warps / warpsOfBlock;
    int registersOfWarp = roundUp(Math.max(registers, 1) * WARP, REGISTER_UNIT);
    // A warp's registers lie in one of four partitions.
    int byRegisters = REGISTERS / 4 / registersOfWarp * 4 / warpsOfBlock;
    int sharedOfBlock = roundUp(sharedBytes + sharedOfSystem, sharedUnit);
    int byShared = sharedOfBlock == 0 ? blocks : shared / sharedOfBlock;
    int resident = Math.min(Math.min(byWarps, byRegisters), Math.min(byShared, blocks));
    return Math.round(100f * resident * warpsOfBlock / warps);
  }

  private static int roundUp(int value, int unit) {
    return (value + unit - 1) / unit * unit;
  }
}
