package dev.troupe.kernels.gpu;

/**
 * The shape of a launch: blocks of threads.
 *
 * @param x blocks along x, at least 1
 * @param y blocks along y, 1 to 65,535
 * @param z blocks along z, 1 to 65,535
 * @param threadsX threads of a block along x
 * @param threadsY threads of a block along y
 * @param threadsZ threads of a block along z; the product of the three is at most 1,024
 */
public record Grid(int x, int y, int z, int threadsX, int threadsY, int threadsZ) {
  private static final int MOST_ACROSS = 65_535;
  private static final int MOST_THREADS = 1_024;

  /** Checks the limits that all GPUs share. */
  public Grid {
    if (x < 1 || y < 1 || z < 1 || y > MOST_ACROSS || z > MOST_ACROSS) {
      throw new IllegalArgumentException(
          "grid: "
              + x
              + " x "
              + y
              + " x "
              + z
              + " blocks, expected at least 1 each, and at most "
              + MOST_ACROSS
              + " along y and z");
    }
    if (threadsX < 1
        || threadsY < 1
        || threadsZ < 1
        || (long) threadsX * threadsY * threadsZ > MOST_THREADS) {
      throw new IllegalArgumentException(
          "grid: blocks of "
              + threadsX
              + " x "
              + threadsY
              + " x "
              + threadsZ
              + " threads, expected at least 1 each and at most "
              + MOST_THREADS
              + " in all");
    }
  }

  /** A row of blocks. */
  public static Grid of(int blocks, int threads) {
    return new Grid(blocks, 1, 1, threads, 1, 1);
  }

  /** Blocks and threads, such as {@code (12, 1, 1) of (256, 1, 1)}. */
  @Override
  public String toString() {
    return "(%d, %d, %d) of (%d, %d, %d)".formatted(x, y, z, threadsX, threadsY, threadsZ);
  }

  /** Threads in a block. */
  public int threads() {
    return threadsX * threadsY * threadsZ;
  }
}
