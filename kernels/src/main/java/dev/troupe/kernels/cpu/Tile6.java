package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.A_STRIDE;
import static dev.troupe.kernels.cpu.Tiles.COLUMN_STEP;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of the matrix product over 6 rows; {@link Tiles} says what they share. The tile
 * for 16 vector registers, and for a few rows left over.
 */
final class Tile6 {
  private Tile6() {}

  /** 6 rows of A in a strip, B in a packed panel. */
  static void row(
      int depth,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    FloatVector c0l = FloatVector.fromArray(SPECIES, in, inOff);
    FloatVector c0r = FloatVector.fromArray(SPECIES, in, inOff + LANES);
    FloatVector c1l = FloatVector.fromArray(SPECIES, in, inOff + inStride);
    FloatVector c1r = FloatVector.fromArray(SPECIES, in, inOff + inStride + LANES);
    FloatVector c2l = FloatVector.fromArray(SPECIES, in, inOff + 2 * inStride);
    FloatVector c2r = FloatVector.fromArray(SPECIES, in, inOff + 2 * inStride + LANES);
    FloatVector c3l = FloatVector.fromArray(SPECIES, in, inOff + 3 * inStride);
    FloatVector c3r = FloatVector.fromArray(SPECIES, in, inOff + 3 * inStride + LANES);
    FloatVector c4l = FloatVector.fromArray(SPECIES, in, inOff + 4 * inStride);
    FloatVector c4r = FloatVector.fromArray(SPECIES, in, inOff + 4 * inStride + LANES);
    FloatVector c5l = FloatVector.fromArray(SPECIES, in, inOff + 5 * inStride);
    FloatVector c5r = FloatVector.fromArray(SPECIES, in, inOff + 5 * inStride + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector left = FloatVector.fromArray(SPECIES, b, bOff + k * WIDTH);
      FloatVector right = FloatVector.fromArray(SPECIES, b, bOff + k * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[aOff + k]);
      c0l = x.fma(left, c0l);
      c0r = x.fma(right, c0r);
      x = FloatVector.broadcast(SPECIES, a[aOff + A_STRIDE + k]);
      c1l = x.fma(left, c1l);
      c1r = x.fma(right, c1r);
      x = FloatVector.broadcast(SPECIES, a[aOff + 2 * A_STRIDE + k]);
      c2l = x.fma(left, c2l);
      c2r = x.fma(right, c2r);
      x = FloatVector.broadcast(SPECIES, a[aOff + 3 * A_STRIDE + k]);
      c3l = x.fma(left, c3l);
      c3r = x.fma(right, c3r);
      x = FloatVector.broadcast(SPECIES, a[aOff + 4 * A_STRIDE + k]);
      c4l = x.fma(left, c4l);
      c4r = x.fma(right, c4r);
      x = FloatVector.broadcast(SPECIES, a[aOff + 5 * A_STRIDE + k]);
      c5l = x.fma(left, c5l);
      c5r = x.fma(right, c5r);
    }
    c0l.intoArray(out, outOff);
    c0r.intoArray(out, outOff + LANES);
    c1l.intoArray(out, outOff + outStride);
    c1r.intoArray(out, outOff + outStride + LANES);
    c2l.intoArray(out, outOff + 2 * outStride);
    c2r.intoArray(out, outOff + 2 * outStride + LANES);
    c3l.intoArray(out, outOff + 3 * outStride);
    c3r.intoArray(out, outOff + 3 * outStride + LANES);
    c4l.intoArray(out, outOff + 4 * outStride);
    c4r.intoArray(out, outOff + 4 * outStride + LANES);
    c5l.intoArray(out, outOff + 5 * outStride);
    c5r.intoArray(out, outOff + 5 * outStride + LANES);
  }

  /** As {@link #row}, with A read by columns: 6 of them, {@link Tiles#COLUMN_STEP} apart. */
  static void column(
      int depth,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    FloatVector c0l = FloatVector.fromArray(SPECIES, in, inOff);
    FloatVector c0r = FloatVector.fromArray(SPECIES, in, inOff + LANES);
    FloatVector c1l = FloatVector.fromArray(SPECIES, in, inOff + inStride);
    FloatVector c1r = FloatVector.fromArray(SPECIES, in, inOff + inStride + LANES);
    FloatVector c2l = FloatVector.fromArray(SPECIES, in, inOff + 2 * inStride);
    FloatVector c2r = FloatVector.fromArray(SPECIES, in, inOff + 2 * inStride + LANES);
    FloatVector c3l = FloatVector.fromArray(SPECIES, in, inOff + 3 * inStride);
    FloatVector c3r = FloatVector.fromArray(SPECIES, in, inOff + 3 * inStride + LANES);
    FloatVector c4l = FloatVector.fromArray(SPECIES, in, inOff + 4 * inStride);
    FloatVector c4r = FloatVector.fromArray(SPECIES, in, inOff + 4 * inStride + LANES);
    FloatVector c5l = FloatVector.fromArray(SPECIES, in, inOff + 5 * inStride);
    FloatVector c5r = FloatVector.fromArray(SPECIES, in, inOff + 5 * inStride + LANES);
    for (int k = 0; k < depth; k++) {
      FloatVector left = FloatVector.fromArray(SPECIES, b, bOff + k * WIDTH);
      FloatVector right = FloatVector.fromArray(SPECIES, b, bOff + k * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP]);
      c0l = x.fma(left, c0l);
      c0r = x.fma(right, c0r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 1]);
      c1l = x.fma(left, c1l);
      c1r = x.fma(right, c1r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 2]);
      c2l = x.fma(left, c2l);
      c2r = x.fma(right, c2r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 3]);
      c3l = x.fma(left, c3l);
      c3r = x.fma(right, c3r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 4]);
      c4l = x.fma(left, c4l);
      c4r = x.fma(right, c4r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 5]);
      c5l = x.fma(left, c5l);
      c5r = x.fma(right, c5r);
    }
    c0l.intoArray(out, outOff);
    c0r.intoArray(out, outOff + LANES);
    c1l.intoArray(out, outOff + outStride);
    c1r.intoArray(out, outOff + outStride + LANES);
    c2l.intoArray(out, outOff + 2 * outStride);
    c2r.intoArray(out, outOff + 2 * outStride + LANES);
    c3l.intoArray(out, outOff + 3 * outStride);
    c3r.intoArray(out, outOff + 3 * outStride + LANES);
    c4l.intoArray(out, outOff + 4 * outStride);
    c4r.intoArray(out, outOff + 4 * outStride + LANES);
    c5l.intoArray(out, outOff + 5 * outStride);
    c5r.intoArray(out, outOff + 5 * outStride + LANES);
  }

  /** As {@link #row}, on a panel of half the width. */
  static void rowHalf(
      int depth,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, in, inOff);
    FloatVector c1 = FloatVector.fromArray(SPECIES, in, inOff + inStride);
    FloatVector c2 = FloatVector.fromArray(SPECIES, in, inOff + 2 * inStride);
    FloatVector c3 = FloatVector.fromArray(SPECIES, in, inOff + 3 * inStride);
    FloatVector c4 = FloatVector.fromArray(SPECIES, in, inOff + 4 * inStride);
    FloatVector c5 = FloatVector.fromArray(SPECIES, in, inOff + 5 * inStride);
    for (int k = 0; k < depth; k++) {
      FloatVector y = FloatVector.fromArray(SPECIES, b, bOff + k * LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[aOff + k]);
      c0 = x.fma(y, c0);
      x = FloatVector.broadcast(SPECIES, a[aOff + A_STRIDE + k]);
      c1 = x.fma(y, c1);
      x = FloatVector.broadcast(SPECIES, a[aOff + 2 * A_STRIDE + k]);
      c2 = x.fma(y, c2);
      x = FloatVector.broadcast(SPECIES, a[aOff + 3 * A_STRIDE + k]);
      c3 = x.fma(y, c3);
      x = FloatVector.broadcast(SPECIES, a[aOff + 4 * A_STRIDE + k]);
      c4 = x.fma(y, c4);
      x = FloatVector.broadcast(SPECIES, a[aOff + 5 * A_STRIDE + k]);
      c5 = x.fma(y, c5);
    }
    c0.intoArray(out, outOff);
    c1.intoArray(out, outOff + outStride);
    c2.intoArray(out, outOff + 2 * outStride);
    c3.intoArray(out, outOff + 3 * outStride);
    c4.intoArray(out, outOff + 4 * outStride);
    c5.intoArray(out, outOff + 5 * outStride);
  }

  /** As {@link #column}, on a panel of half the width. */
  static void columnHalf(
      int depth,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    FloatVector c0 = FloatVector.fromArray(SPECIES, in, inOff);
    FloatVector c1 = FloatVector.fromArray(SPECIES, in, inOff + inStride);
    FloatVector c2 = FloatVector.fromArray(SPECIES, in, inOff + 2 * inStride);
    FloatVector c3 = FloatVector.fromArray(SPECIES, in, inOff + 3 * inStride);
    FloatVector c4 = FloatVector.fromArray(SPECIES, in, inOff + 4 * inStride);
    FloatVector c5 = FloatVector.fromArray(SPECIES, in, inOff + 5 * inStride);
    for (int k = 0; k < depth; k++) {
      FloatVector y = FloatVector.fromArray(SPECIES, b, bOff + k * LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP]);
      c0 = x.fma(y, c0);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 1]);
      c1 = x.fma(y, c1);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 2]);
      c2 = x.fma(y, c2);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 3]);
      c3 = x.fma(y, c3);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 4]);
      c4 = x.fma(y, c4);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 5]);
      c5 = x.fma(y, c5);
    }
    c0.intoArray(out, outOff);
    c1.intoArray(out, outOff + outStride);
    c2.intoArray(out, outOff + 2 * outStride);
    c3.intoArray(out, outOff + 3 * outStride);
    c4.intoArray(out, outOff + 4 * outStride);
    c5.intoArray(out, outOff + 5 * outStride);
  }
}
