package dev.troupe.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sizes and layouts that the inner loops of the matrix product share.
 *
 * <p>A tile is a few rows of C by two vectors. Its sums stay in registers while the loop runs over
 * the reduced dimension: one row of a panel of B and one column of a strip of A per turn. An inner
 * loop starts from the values at {@code in} and writes to {@code out}: C itself, a row of zeros or
 * a bias (stride 0), or a scratch tile. So each element of C is one chain of fused multiply-adds in
 * the order of k, wherever the blocks of k end, whichever tile it falls in, and however wide
 * vectors are.
 *
 * <ul>
 *   <li>A strip of A holds the rows of one tile, either as rows {@link #A_STRIDE} apart (a copy of
 *       a plain A) or as columns {@link #COLUMN_STEP} apart (a copy of a transposed A). Strides are
 *       constants so that the compiler folds them into addresses.
 *   <li>A panel of B is {@code [depth, WIDTH]}, or {@code [depth, LANES]} for a last panel of at
 *       most {@code LANES} columns, padded with zeros.
 * </ul>
 */
final class Tiles {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  static final int LANES = SPECIES.length();

  /** Columns of a tile and of a panel of B. */
  static final int WIDTH = 2 * LANES;

  /** Most steps of the reduced dimension that a strip holds. */
  static final int MAX_DEPTH = 512;

  /** Distance of rows in a strip: an odd number of cache lines, so that rows share no cache set. */
  static final int A_STRIDE = MAX_DEPTH + 16;

  /** Distance of columns in a strip. */
  static final int COLUMN_STEP = 16;

  /** Most rows of a tile: as many as the vector registers (32 with AVX-512, else 16) hold. */
  static final int MAX_ROWS = LANES >= 16 ? 13 : 6;

  /** Floats of a strip, in either layout. */
  static final int STRIP = MAX_DEPTH * COLUMN_STEP + 16;

  /**
   * Where panels begin in their array. Vectors that lie across two cache lines cost a tenth of the
   * speed. G1 puts a large array (half a region or more) at the start of a region, so with its
   * header of 16 bytes this element lies at the start of a cache line; elsewhere it does no harm.
   */
  static final int ALIGN = 12;

  /** Floats of an array that is large in this sense for any heap up to 16 GB: 4 MB. */
  static final int LEAST_ALIGNED = 1 << 20;

  private Tiles() {}

  /** {@code held}, or a longer array for that many floats from {@link #ALIGN} on. */
  static float[] grown(float[] held, int floats) {
    int length = Math.max(LEAST_ALIGNED, ALIGN + floats);
    return held.length < length ? new float[length] : held;
  }

  /** Number of strips that {@link #planStrips} may need for {@code m} rows. */
  static int maxStrips(int m) {
    return m / (MAX_ROWS == 13 ? 12 : MAX_ROWS) + 2;
  }

  /**
   * Cuts {@code m} rows into strips with as few padding rows as the tile heights allow.
   *
   * @param starts receives the first row of each strip, and {@code m} after the last
   * @return number of strips
   */
  static int planStrips(int m, int[] starts) {
    int strips = 0;
    int row = 0;
    if (MAX_ROWS == 13) {
      int even = Math.ceilDiv(m, 13);
      if (12 * even <= m) { // a mixture of 13 and 12
        for (int i = 0; i < even; i++) {
          starts[strips++] = row;
          row += i < m - 12 * even ? 13 : 12;
        }
      } else {
        for (; m - row >= 12; row += Math.min(13, m - row)) {
          starts[strips++] = row;
        }
      }
    }
    for (; row < m; row += Math.min(MAX_ROWS, m - row)) {
      starts[strips++] = row;
    }
    starts[strips] = m;
    return strips;
  }

  /** Rows of the tile that computes a strip of {@code rows} rows. */
  static int tileRows(int rows) {
    return rows <= 6 ? 6 : rows <= 12 ? 12 : 13;
  }

  /** One tile: the strip's rows {@link #A_STRIDE} apart, by a full panel. */
  static void row(
      int tileRows,
      int length,
      float[] left,
      int leftOff,
      float[] right,
      int rightOff,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    switch (tileRows) {
      case 13 ->
          Tile13.row(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
      case 12 ->
          Tile12.row(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
      default ->
          Tile6.row(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
    }
  }

  /** One tile: the strip's columns {@link #COLUMN_STEP} apart, by a full panel. */
  static void column(
      int tileRows,
      int length,
      float[] left,
      int leftOff,
      float[] right,
      int rightOff,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    switch (tileRows) {
      case 13 ->
          Tile13.column(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
      case 12 ->
          Tile12.column(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
      default ->
          Tile6.column(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
    }
  }

  /** As {@link #row}, by a panel of half the width. */
  static void rowHalf(
      int tileRows,
      int length,
      float[] left,
      int leftOff,
      float[] right,
      int rightOff,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    switch (tileRows) {
      case 13 ->
          Tile13.rowHalf(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
      case 12 ->
          Tile12.rowHalf(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
      default ->
          Tile6.rowHalf(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
    }
  }

  /** As {@link #column}, by a panel of half the width. */
  static void columnHalf(
      int tileRows,
      int length,
      float[] left,
      int leftOff,
      float[] right,
      int rightOff,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    switch (tileRows) {
      case 13 ->
          Tile13.columnHalf(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
      case 12 ->
          Tile12.columnHalf(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
      default ->
          Tile6.columnHalf(
              length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff, outStride);
    }
  }
}
