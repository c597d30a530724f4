package dev.troupe.kernels.linalg;

import dev.troupe.kernels.cpu.Workers;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Products of row-major double matrices. Each element is a sum of chains of fused multiply-adds
 * over blocks of {@value #DEPTH} steps of the reduced dimension, in order: the same on any number
 * of threads and for any vector width.
 */
public final class DoubleGemm {
  private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** Rows and columns of a tile, whose sums stay in 12 registers, and of what is packed. */
  private static final int ROWS = 6;

  private static final int WIDTH = 2 * LANES;

  /** Steps of the reduced dimension that are packed at a time. */
  private static final int DEPTH = 256;

  /** Rows of a task: a strip of A is read from the second-level cache for each panel of B. */
  private static final int BLOCK = 16 * ROWS;

  private DoubleGemm() {}

  /**
   * {@code C += op(A) · op(B)}.
   *
   * @param transA A lies as [k, m] instead of [m, k]
   * @param transB B lies as [n, k] instead of [k, n]
   * @param m rows of C
   * @param n columns of C
   * @param k reduced dimension
   * @param c [m, n]
   */
  public static void add(
      Workers workers,
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      double[] a,
      double[] b,
      double[] c) {
    run(workers, transA, transB, m, n, k, a, b, c, false);
  }

  /**
   * {@code C += AᵀA} of A [k, n]: the upper triangle of C [n, n], and some of the lower one; {@link
   * #mirror} completes it.
   */
  public static void addGram(Workers workers, int n, int k, double[] a, double[] c) {
    run(workers, true, false, n, n, k, a, a, c, true);
  }

  /** Copies the upper triangle of C [n, n] into the lower one. */
  public static void mirror(int n, double[] c) {
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        c[j * n + i] = c[i * n + j];
      }
    }
  }

  private static void run(
      Workers workers,
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      double[] a,
      double[] b,
      double[] c,
      boolean upper) {
    check("a", a, m, k);
    check("b", b, k, n);
    check("c", c, m, n);
    int panels = Math.ceilDiv(n, WIDTH);
    double[] packed = new double[panels * WIDTH * Math.min(k, DEPTH)];
    for (int start = 0; start < k; start += DEPTH) {
      int from = start;
      int depth = Math.min(DEPTH, k - start);
      workers.runRanges(
          panels,
          4,
          (p, end) -> {
            for (int panel = p; panel < end; panel++) {
              pack(
                  b,
                  transB,
                  n,
                  k,
                  from,
                  depth,
                  panel * WIDTH,
                  WIDTH,
                  packed,
                  panel * WIDTH * depth);
            }
          });
      workers.run(
          Math.ceilDiv(m, BLOCK),
          task -> {
            int row = task * BLOCK;
            block(a, transA, m, n, k, from, depth, row, Math.min(m, row + BLOCK), packed, c, upper);
          });
    }
  }

  /** Rows [fromRow, toRow) of C over one block of the reduced dimension. */
  private static void block(
      double[] a,
      boolean transA,
      int m,
      int n,
      int k,
      int start,
      int depth,
      int fromRow,
      int toRow,
      double[] packed,
      double[] c,
      boolean upper) {
    int strips = Math.ceilDiv(toRow - fromRow, ROWS);
    double[] left = new double[strips * ROWS * depth];
    for (int s = 0; s < strips; s++) {
      pack(a, !transA, m, k, start, depth, fromRow + s * ROWS, ROWS, left, s * ROWS * depth);
    }
    double[] tile = new double[ROWS * WIDTH];
    for (int j = upper ? fromRow / WIDTH * WIDTH : 0; j < n; j += WIDTH) {
      int columns = Math.min(WIDTH, n - j);
      for (int s = 0; s < strips; s++) {
        int i = fromRow + s * ROWS;
        tile(depth, left, s * ROWS * depth, packed, j * depth, tile);
        for (int r = 0; r < Math.min(ROWS, toRow - i); r++) {
          int at = (i + r) * n + j;
          if (columns == WIDTH) {
            for (int half = 0; half < WIDTH; half += LANES) {
              DoubleVector.fromArray(SPECIES, c, at + half)
                  .add(DoubleVector.fromArray(SPECIES, tile, r * WIDTH + half))
                  .intoArray(c, at + half);
            }
          } else {
            for (int q = 0; q < columns; q++) {
              c[at + q] += tile[r * WIDTH + q];
            }
          }
        }
      }
    }
  }

  /**
   * Packs {@code width} of {@code size} columns of a matrix as [depth, width], padded with zeros.
   * {@code lying}: the matrix is [size, k], so that its rows are the columns.
   */
  private static void pack(
      double[] x,
      boolean lying,
      int size,
      int k,
      int start,
      int depth,
      int column,
      int width,
      double[] to,
      int at) {
    int count = Math.min(width, size - column);
    if (count < width) {
      Arrays.fill(to, at, at + depth * width, 0);
    }
    if (lying) {
      for (int q = 0; q < count; q++) {
        int from = (column + q) * k + start;
        for (int step = 0; step < depth; step++) {
          to[at + step * width + q] = x[from + step];
        }
      }
    } else {
      for (int step = 0; step < depth; step++) {
        System.arraycopy(x, (start + step) * size + column, to, at + step * width, count);
      }
    }
  }

  /** A tile of [ROWS, WIDTH] from a strip [depth, ROWS] and a panel [depth, WIDTH]. */
  private static void tile(int depth, double[] a, int aOff, double[] b, int bOff, double[] tile) {
    DoubleVector c00 = DoubleVector.zero(SPECIES);
    DoubleVector c01 = DoubleVector.zero(SPECIES);
    DoubleVector c10 = DoubleVector.zero(SPECIES);
    DoubleVector c11 = DoubleVector.zero(SPECIES);
    DoubleVector c20 = DoubleVector.zero(SPECIES);
    DoubleVector c21 = DoubleVector.zero(SPECIES);
    DoubleVector c30 = DoubleVector.zero(SPECIES);
    DoubleVector c31 = DoubleVector.zero(SPECIES);
    DoubleVector c40 = DoubleVector.zero(SPECIES);
    DoubleVector c41 = DoubleVector.zero(SPECIES);
    DoubleVector c50 = DoubleVector.zero(SPECIES);
    DoubleVector c51 = DoubleVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      DoubleVector b0 = DoubleVector.fromArray(SPECIES, b, bOff + k * WIDTH);
      DoubleVector b1 = DoubleVector.fromArray(SPECIES, b, bOff + k * WIDTH + LANES);
      int from = aOff + k * ROWS;
      DoubleVector x;
      x = DoubleVector.broadcast(SPECIES, a[from]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = DoubleVector.broadcast(SPECIES, a[from + 1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = DoubleVector.broadcast(SPECIES, a[from + 2]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = DoubleVector.broadcast(SPECIES, a[from + 3]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      x = DoubleVector.broadcast(SPECIES, a[from + 4]);
      c40 = x.fma(b0, c40);
      c41 = x.fma(b1, c41);
      x = DoubleVector.broadcast(SPECIES, a[from + 5]);
      c50 = x.fma(b0, c50);
      c51 = x.fma(b1, c51);
    }
    c00.intoArray(tile, 0 * WIDTH);
    c01.intoArray(tile, 0 * WIDTH + LANES);
    c10.intoArray(tile, 1 * WIDTH);
    c11.intoArray(tile, 1 * WIDTH + LANES);
    c20.intoArray(tile, 2 * WIDTH);
    c21.intoArray(tile, 2 * WIDTH + LANES);
    c30.intoArray(tile, 3 * WIDTH);
    c31.intoArray(tile, 3 * WIDTH + LANES);
    c40.intoArray(tile, 4 * WIDTH);
    c41.intoArray(tile, 4 * WIDTH + LANES);
    c50.intoArray(tile, 5 * WIDTH);
    c51.intoArray(tile, 5 * WIDTH + LANES);
  }

  private static void check(String name, double[] x, int rows, int columns) {
    if (rows < 0 || columns < 0 || x.length < (long) rows * columns) {
      throw new IllegalArgumentException(
          "doubleGemm: "
              + name
              + " has "
              + x.length
              + " elements, expected ["
              + rows
              + ", "
              + columns
              + "]");
    }
  }
}
