package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.WIDTH;

/**
 * The right operand of a matrix product, one for each member or one for all, copied into the order
 * in which the inner loops read it. Worth its time for a weight that several products use before it
 * changes; a changed weight is packed again into the same object with {@link #pack}. It takes 4 MB
 * at least, so that panels lie on cache lines.
 *
 * <p>Layout: {@code [members][panels][k][WIDTH]}; the last panel is half as wide if that is enough.
 */
public final class PackedMatrix {
  private final int batch;
  private final int k;
  private final int n;
  private final int panels;
  private final float[] data;

  /**
   * Makes room for {@code batch} matrices {@code [k, n]}.
   *
   * @param batch number of matrices
   * @param k rows (the reduced dimension)
   * @param n columns
   */
  public PackedMatrix(int batch, int k, int n) {
    if (batch < 0 || k < 0 || n < 0) {
      throw new IllegalArgumentException(
          "pack: expected sizes of 0 or more, got [" + batch + ", " + k + ", " + n + "]");
    }
    this.batch = batch;
    this.k = k;
    this.n = n;
    this.panels = Math.ceilDiv(n, WIDTH);
    long floats = batch * memberFloats(k, n);
    if (floats > Integer.MAX_VALUE - 64) {
      throw new IllegalArgumentException(
          "pack: [" + batch + ", " + k + ", " + n + "] has too many elements for one array");
    }
    this.data = new float[Math.max(Tiles.LEAST_ALIGNED, Tiles.ALIGN + (int) floats)];
  }

  /** Number of matrices. */
  public int batch() {
    return batch;
  }

  /** Rows of each matrix: the reduced dimension. */
  public int k() {
    return k;
  }

  /** Columns of each matrix. */
  public int n() {
    return n;
  }

  /**
   * Copies the matrices in.
   *
   * @param workers threads to use
   * @param transposed false if matrices lie as {@code [k, n]}, true if as {@code [n, k]}
   * @param b the matrices, contiguous
   * @param bOff where the first one begins
   * @param bStride distance between matrices
   * @return this
   */
  public PackedMatrix pack(Workers workers, boolean transposed, float[] b, int bOff, int bStride) {
    Gemm.checkOperand("b", b, bOff, bStride, batch, k, n);
    if (batch == 0 || k == 0 || n == 0) {
      return this;
    }
    int grain = Math.max(1, 16_384 / (k * WIDTH));
    workers.runRanges(
        batch * panels,
        grain,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            packPanel(transposed, b, bOff + i / panels * bStride, i / panels, i % panels);
          }
        });
    return this;
  }

  private void packPanel(boolean transposed, float[] b, int bOff, int member, int panel) {
    int j = panel * WIDTH;
    int columns = Math.min(WIDTH, n - j);
    if (transposed) {
      Packing.transposedPanel(b, bOff + j * k, k, columns, k, data, panelOffset(member, panel));
    } else {
      Packing.panels(b, bOff + j, n, columns, k, data, panelOffset(member, panel));
    }
  }

  float[] data() {
    return data;
  }

  int panelOffset(int member, int panel) {
    return Tiles.ALIGN + (int) (member * memberFloats(k, n)) + panel * k * WIDTH;
  }

  private static long memberFloats(int k, int n) {
    int full = n / WIDTH;
    int rest = n - full * WIDTH;
    return k * ((long) full * WIDTH + (rest == 0 ? 0 : Packing.panelWidth(rest)));
  }
}
