package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The inner loops of a product with few rows, where packing B would cost more than the product:
 * they read B where it lies, once.
 */
final class Thin {
  /** Rows of a tile. */
  static final int ROWS = 4;

  /** Columns of a tile. */
  static final int WIDTH = 4 * LANES;

  /** Most steps of the reduced dimension that the packed rows of A hold. */
  static final int MAX_DEPTH = Tiles.STRIP / ROWS;

  private Thin() {}

  /** Packs up to {@link #ROWS} rows of A as {@code [depth, ROWS]}, padded with zeros. */
  static void pack(
      float[] a, int aOff, int rowStride, int stepStride, int rows, int depth, float[] strip) {
    for (int r = 0; r < ROWS; r++) {
      int from = aOff + r * rowStride;
      for (int k = 0; k < depth; k++) {
        strip[k * ROWS + r] = r < rows ? a[from + k * stepStride] : 0f;
      }
    }
  }

  /** Adds {@code a · b} to a tile {@code [ROWS, WIDTH]}, of which {@code columns} are wanted. */
  static void tile(
      int depth, float[] a, float[] b, int bOff, int bStride, int columns, float[] tile) {
    if (columns == WIDTH) {
      whole(depth, a, b, bOff, bStride, tile);
      return;
    }
    for (int lane = 0; lane < columns; lane += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(lane, columns);
      part(depth, a, b, bOff + lane, bStride, mask, tile, lane);
    }
  }

  private static void whole(int depth, float[] a, float[] b, int bOff, int bStride, float[] tile) {
    FloatVector c00 = FloatVector.fromArray(SPECIES, tile, 0);
    FloatVector c01 = FloatVector.fromArray(SPECIES, tile, LANES);
    FloatVector c02 = FloatVector.fromArray(SPECIES, tile, 2 * LANES);
    FloatVector c03 = FloatVector.fromArray(SPECIES, tile, 3 * LANES);
    FloatVector c10 = FloatVector.fromArray(SPECIES, tile, WIDTH);
    FloatVector c11 = FloatVector.fromArray(SPECIES, tile, WIDTH + LANES);
    FloatVector c12 = FloatVector.fromArray(SPECIES, tile, WIDTH + 2 * LANES);
    FloatVector c13 = FloatVector.fromArray(SPECIES, tile, WIDTH + 3 * LANES);
    FloatVector c20 = FloatVector.fromArray(SPECIES, tile, 2 * WIDTH);
    FloatVector c21 = FloatVector.fromArray(SPECIES, tile, 2 * WIDTH + LANES);
    FloatVector c22 = FloatVector.fromArray(SPECIES, tile, 2 * WIDTH + 2 * LANES);
    FloatVector c23 = FloatVector.fromArray(SPECIES, tile, 2 * WIDTH + 3 * LANES);
    FloatVector c30 = FloatVector.fromArray(SPECIES, tile, 3 * WIDTH);
    FloatVector c31 = FloatVector.fromArray(SPECIES, tile, 3 * WIDTH + LANES);
    FloatVector c32 = FloatVector.fromArray(SPECIES, tile, 3 * WIDTH + 2 * LANES);
    FloatVector c33 = FloatVector.fromArray(SPECIES, tile, 3 * WIDTH + 3 * LANES);
    for (int k = 0; k < depth; k++) {
      int from = bOff + k * bStride;
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, from);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, from + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, b, from + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, b, from + 3 * LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[k * ROWS]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      c02 = x.fma(b2, c02);
      c03 = x.fma(b3, c03);
      x = FloatVector.broadcast(SPECIES, a[k * ROWS + 1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      c12 = x.fma(b2, c12);
      c13 = x.fma(b3, c13);
      x = FloatVector.broadcast(SPECIES, a[k * ROWS + 2]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      c22 = x.fma(b2, c22);
      c23 = x.fma(b3, c23);
      x = FloatVector.broadcast(SPECIES, a[k * ROWS + 3]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      c32 = x.fma(b2, c32);
      c33 = x.fma(b3, c33);
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, LANES);
    c02.intoArray(tile, 2 * LANES);
    c03.intoArray(tile, 3 * LANES);
    c10.intoArray(tile, WIDTH);
    c11.intoArray(tile, WIDTH + LANES);
    c12.intoArray(tile, WIDTH + 2 * LANES);
    c13.intoArray(tile, WIDTH + 3 * LANES);
    c20.intoArray(tile, 2 * WIDTH);
    c21.intoArray(tile, 2 * WIDTH + LANES);
    c22.intoArray(tile, 2 * WIDTH + 2 * LANES);
    c23.intoArray(tile, 2 * WIDTH + 3 * LANES);
    c30.intoArray(tile, 3 * WIDTH);
    c31.intoArray(tile, 3 * WIDTH + LANES);
    c32.intoArray(tile, 3 * WIDTH + 2 * LANES);
    c33.intoArray(tile, 3 * WIDTH + 3 * LANES);
  }

  private static void part(
      int depth,
      float[] a,
      float[] b,
      int bOff,
      int bStride,
      VectorMask<Float> mask,
      float[] tile,
      int lane) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, tile, lane);
    FloatVector c1 = FloatVector.fromArray(SPECIES, tile, lane + WIDTH);
    FloatVector c2 = FloatVector.fromArray(SPECIES, tile, lane + 2 * WIDTH);
    FloatVector c3 = FloatVector.fromArray(SPECIES, tile, lane + 3 * WIDTH);
    for (int k = 0; k < depth; k++) {
      FloatVector y = FloatVector.fromArray(SPECIES, b, bOff + k * bStride, mask);
      c0 = FloatVector.broadcast(SPECIES, a[k * ROWS]).fma(y, c0);
      c1 = FloatVector.broadcast(SPECIES, a[k * ROWS + 1]).fma(y, c1);
      c2 = FloatVector.broadcast(SPECIES, a[k * ROWS + 2]).fma(y, c2);
      c3 = FloatVector.broadcast(SPECIES, a[k * ROWS + 3]).fma(y, c3);
    }
    c0.intoArray(tile, lane);
    c1.intoArray(tile, lane + WIDTH);
    c2.intoArray(tile, lane + 2 * WIDTH);
    c3.intoArray(tile, lane + 3 * WIDTH);
  }
}
