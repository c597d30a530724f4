package dev.troupe.kernels.gpu;

/**
 * The tiles of {@code tensor_cores.cu} and {@code tensor_cores_convolution.cu}: what a block
 * computes of a product, and what it takes for that. All fit every GPU from sm_80 on, whose blocks
 * have 99 KiB of shared memory or more.
 */
enum TensorTile {
  /** A warp for each quarter of k. */
  SMALL(32, 32, 4, 1, 3),
  /** The same with more of the result. */
  MEDIUM(64, 64, 4, 1, 3),
  /** Two warps down, four across: the order of additions of {@link #LARGE}. */
  LOW(64, 128, 1, 8, 4),
  /** Two warps down, two across. */
  LARGE(128, 128, 1, 4, 3),
  /** Two warps down, four across: the order of additions of {@link #LARGE}. */
  WIDE(128, 256, 1, 8, 4);

  private static final int WARP = 32;
  private static final int DEPTH = 16; // of k, in a slab

  final int rows;
  final int columns;
  final int threads;

  /** Dynamic shared memory: slabs of both operands, for each stage of each slice of k. */
  final int sharedBytes;

  TensorTile(int rows, int columns, int slices, int warps, int stages) {
    this.rows = rows;
    this.columns = columns;
    this.threads = slices * warps * WARP;
    this.sharedBytes = slices * stages * (rows + columns) * DEPTH * Float.BYTES;
  }

  /** What its kernels' names have of it. */
  String label() {
    return rows == columns ? "" + rows : rows + "x" + columns;
  }
}
