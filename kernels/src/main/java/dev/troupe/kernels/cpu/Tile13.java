package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.A_STRIDE;
import static dev.troupe.kernels.cpu.Tiles.COLUMN_STEP;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of the matrix product over 13 rows; {@link Tiles} says what they share. The
 * widest tile that 32 vector registers hold: 26 sums, 2 of B, 1 of A.
 */
final class Tile13 {
  private Tile13() {}

  /** 13 rows of A in a strip, B in a packed panel. */
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
    FloatVector c6l = FloatVector.fromArray(SPECIES, in, inOff + 6 * inStride);
    FloatVector c6r = FloatVector.fromArray(SPECIES, in, inOff + 6 * inStride + LANES);
    FloatVector c7l = FloatVector.fromArray(SPECIES, in, inOff + 7 * inStride);
    FloatVector c7r = FloatVector.fromArray(SPECIES, in, inOff + 7 * inStride + LANES);
    FloatVector c8l = FloatVector.fromArray(SPECIES, in, inOff + 8 * inStride);
    FloatVector c8r = FloatVector.fromArray(SPECIES, in, inOff + 8 * inStride + LANES);
    FloatVector c9l = FloatVector.fromArray(SPECIES, in, inOff + 9 * inStride);
    FloatVector c9r = FloatVector.fromArray(SPECIES, in, inOff + 9 * inStride + LANES);
    FloatVector c10l = FloatVector.fromArray(SPECIES, in, inOff + 10 * inStride);
    FloatVector c10r = FloatVector.fromArray(SPECIES, in, inOff + 10 * inStride + LANES);
    FloatVector c11l = FloatVector.fromArray(SPECIES, in, inOff + 11 * inStride);
    FloatVector c11r = FloatVector.fromArray(SPECIES, in, inOff + 11 * inStride + LANES);
    FloatVector c12l = FloatVector.fromArray(SPECIES, in, inOff + 12 * inStride);
    FloatVector c12r = FloatVector.fromArray(SPECIES, in, inOff + 12 * inStride + LANES);
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
      x = FloatVector.broadcast(SPECIES, a[aOff + 6 * A_STRIDE + k]);
      c6l = x.fma(left, c6l);
      c6r = x.fma(right, c6r);
      x = FloatVector.broadcast(SPECIES, a[aOff + 7 * A_STRIDE + k]);
      c7l = x.fma(left, c7l);
      c7r = x.fma(right, c7r);
      x = FloatVector.broadcast(SPECIES, a[aOff + 8 * A_STRIDE + k]);
      c8l = x.fma(left, c8l);
      c8r = x.fma(right, c8r);
      x = FloatVector.broadcast(SPECIES, a[aOff + 9 * A_STRIDE + k]);
      c9l = x.fma(left, c9l);
      c9r = x.fma(right, c9r);
      x = FloatVector.broadcast(SPECIES, a[aOff + 10 * A_STRIDE + k]);
      c10l = x.fma(left, c10l);
      c10r = x.fma(right, c10r);
      x = FloatVector.broadcast(SPECIES, a[aOff + 11 * A_STRIDE + k]);
      c11l = x.fma(left, c11l);
      c11r = x.fma(right, c11r);
      x = FloatVector.broadcast(SPECIES, a[aOff + 12 * A_STRIDE + k]);
      c12l = x.fma(left, c12l);
      c12r = x.fma(right, c12r);
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
    c6l.intoArray(out, outOff + 6 * outStride);
    c6r.intoArray(out, outOff + 6 * outStride + LANES);
    c7l.intoArray(out, outOff + 7 * outStride);
    c7r.intoArray(out, outOff + 7 * outStride + LANES);
    c8l.intoArray(out, outOff + 8 * outStride);
    c8r.intoArray(out, outOff + 8 * outStride + LANES);
    c9l.intoArray(out, outOff + 9 * outStride);
    c9r.intoArray(out, outOff + 9 * outStride + LANES);
    c10l.intoArray(out, outOff + 10 * outStride);
    c10r.intoArray(out, outOff + 10 * outStride + LANES);
    c11l.intoArray(out, outOff + 11 * outStride);
    c11r.intoArray(out, outOff + 11 * outStride + LANES);
    c12l.intoArray(out, outOff + 12 * outStride);
    c12r.intoArray(out, outOff + 12 * outStride + LANES);
  }

  /** As {@link #row}, with A read by columns: 13 of them, {@link Tiles#COLUMN_STEP} apart. */
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
    FloatVector c6l = FloatVector.fromArray(SPECIES, in, inOff + 6 * inStride);
    FloatVector c6r = FloatVector.fromArray(SPECIES, in, inOff + 6 * inStride + LANES);
    FloatVector c7l = FloatVector.fromArray(SPECIES, in, inOff + 7 * inStride);
    FloatVector c7r = FloatVector.fromArray(SPECIES, in, inOff + 7 * inStride + LANES);
    FloatVector c8l = FloatVector.fromArray(SPECIES, in, inOff + 8 * inStride);
    FloatVector c8r = FloatVector.fromArray(SPECIES, in, inOff + 8 * inStride + LANES);
    FloatVector c9l = FloatVector.fromArray(SPECIES, in, inOff + 9 * inStride);
    FloatVector c9r = FloatVector.fromArray(SPECIES, in, inOff + 9 * inStride + LANES);
    FloatVector c10l = FloatVector.fromArray(SPECIES, in, inOff + 10 * inStride);
    FloatVector c10r = FloatVector.fromArray(SPECIES, in, inOff + 10 * inStride + LANES);
    FloatVector c11l = FloatVector.fromArray(SPECIES, in, inOff + 11 * inStride);
    FloatVector c11r = FloatVector.fromArray(SPECIES, in, inOff + 11 * inStride + LANES);
    FloatVector c12l = FloatVector.fromArray(SPECIES, in, inOff + 12 * inStride);
    FloatVector c12r = FloatVector.fromArray(SPECIES, in, inOff + 12 * inStride + LANES);
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
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 6]);
      c6l = x.fma(left, c6l);
      c6r = x.fma(right, c6r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 7]);
      c7l = x.fma(left, c7l);
      c7r = x.fma(right, c7r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 8]);
      c8l = x.fma(left, c8l);
      c8r = x.fma(right, c8r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 9]);
      c9l = x.fma(left, c9l);
      c9r = x.fma(right, c9r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 10]);
      c10l = x.fma(left, c10l);
      c10r = x.fma(right, c10r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 11]);
      c11l = x.fma(left, c11l);
      c11r = x.fma(right, c11r);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 12]);
      c12l = x.fma(left, c12l);
      c12r = x.fma(right, c12r);
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
    c6l.intoArray(out, outOff + 6 * outStride);
    c6r.intoArray(out, outOff + 6 * outStride + LANES);
    c7l.intoArray(out, outOff + 7 * outStride);
    c7r.intoArray(out, outOff + 7 * outStride + LANES);
    c8l.intoArray(out, outOff + 8 * outStride);
    c8r.intoArray(out, outOff + 8 * outStride + LANES);
    c9l.intoArray(out, outOff + 9 * outStride);
    c9r.intoArray(out, outOff + 9 * outStride + LANES);
    c10l.intoArray(out, outOff + 10 * outStride);
    c10r.intoArray(out, outOff + 10 * outStride + LANES);
    c11l.intoArray(out, outOff + 11 * outStride);
    c11r.intoArray(out, outOff + 11 * outStride + LANES);
    c12l.intoArray(out, outOff + 12 * outStride);
    c12r.intoArray(out, outOff + 12 * outStride + LANES);
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
    FloatVector c6 = FloatVector.fromArray(SPECIES, in, inOff + 6 * inStride);
    FloatVector c7 = FloatVector.fromArray(SPECIES, in, inOff + 7 * inStride);
    FloatVector c8 = FloatVector.fromArray(SPECIES, in, inOff + 8 * inStride);
    FloatVector c9 = FloatVector.fromArray(SPECIES, in, inOff + 9 * inStride);
    FloatVector c10 = FloatVector.fromArray(SPECIES, in, inOff + 10 * inStride);
    FloatVector c11 = FloatVector.fromArray(SPECIES, in, inOff + 11 * inStride);
    FloatVector c12 = FloatVector.fromArray(SPECIES, in, inOff + 12 * inStride);
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
      x = FloatVector.broadcast(SPECIES, a[aOff + 6 * A_STRIDE + k]);
      c6 = x.fma(y, c6);
      x = FloatVector.broadcast(SPECIES, a[aOff + 7 * A_STRIDE + k]);
      c7 = x.fma(y, c7);
      x = FloatVector.broadcast(SPECIES, a[aOff + 8 * A_STRIDE + k]);
      c8 = x.fma(y, c8);
      x = FloatVector.broadcast(SPECIES, a[aOff + 9 * A_STRIDE + k]);
      c9 = x.fma(y, c9);
      x = FloatVector.broadcast(SPECIES, a[aOff + 10 * A_STRIDE + k]);
      c10 = x.fma(y, c10);
      x = FloatVector.broadcast(SPECIES, a[aOff + 11 * A_STRIDE + k]);
      c11 = x.fma(y, c11);
      x = FloatVector.broadcast(SPECIES, a[aOff + 12 * A_STRIDE + k]);
      c12 = x.fma(y, c12);
    }
    c0.intoArray(out, outOff);
    c1.intoArray(out, outOff + outStride);
    c2.intoArray(out, outOff + 2 * outStride);
    c3.intoArray(out, outOff + 3 * outStride);
    c4.intoArray(out, outOff + 4 * outStride);
    c5.intoArray(out, outOff + 5 * outStride);
    c6.intoArray(out, outOff + 6 * outStride);
    c7.intoArray(out, outOff + 7 * outStride);
    c8.intoArray(out, outOff + 8 * outStride);
    c9.intoArray(out, outOff + 9 * outStride);
    c10.intoArray(out, outOff + 10 * outStride);
    c11.intoArray(out, outOff + 11 * outStride);
    c12.intoArray(out, outOff + 12 * outStride);
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
    FloatVector c6 = FloatVector.fromArray(SPECIES, in, inOff + 6 * inStride);
    FloatVector c7 = FloatVector.fromArray(SPECIES, in, inOff + 7 * inStride);
    FloatVector c8 = FloatVector.fromArray(SPECIES, in, inOff + 8 * inStride);
    FloatVector c9 = FloatVector.fromArray(SPECIES, in, inOff + 9 * inStride);
    FloatVector c10 = FloatVector.fromArray(SPECIES, in, inOff + 10 * inStride);
    FloatVector c11 = FloatVector.fromArray(SPECIES, in, inOff + 11 * inStride);
    FloatVector c12 = FloatVector.fromArray(SPECIES, in, inOff + 12 * inStride);
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
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 6]);
      c6 = x.fma(y, c6);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 7]);
      c7 = x.fma(y, c7);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 8]);
      c8 = x.fma(y, c8);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 9]);
      c9 = x.fma(y, c9);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 10]);
      c10 = x.fma(y, c10);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 11]);
      c11 = x.fma(y, c11);
      x = FloatVector.broadcast(SPECIES, a[aOff + k * COLUMN_STEP + 12]);
      c12 = x.fma(y, c12);
    }
    c0.intoArray(out, outOff);
    c1.intoArray(out, outOff + outStride);
    c2.intoArray(out, outOff + 2 * outStride);
    c3.intoArray(out, outOff + 3 * outStride);
    c4.intoArray(out, outOff + 4 * outStride);
    c5.intoArray(out, outOff + 5 * outStride);
    c6.intoArray(out, outOff + 6 * outStride);
    c7.intoArray(out, outOff + 7 * outStride);
    c8.intoArray(out, outOff + 8 * outStride);
    c9.intoArray(out, outOff + 9 * outStride);
    c10.intoArray(out, outOff + 10 * outStride);
    c11.intoArray(out, outOff + 11 * outStride);
    c12.intoArray(out, outOff + 12 * outStride);
  }
}
