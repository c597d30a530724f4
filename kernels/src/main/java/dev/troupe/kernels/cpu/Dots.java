package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Lanes.COUNT;
import static dev.troupe.kernels.cpu.Lanes.F;

import jdk.incubator.vector.FloatVector;

/**
 * Inner products of rows with rows, both contiguous in the reduced dimension: the loops of {@link
 * ConvolutionWeightGrad} where there are few input channels, so that vectors of pixels do what
 * vectors of channels could not. 16 lanes add up products, lane l those of k = l, l + 16, ..,
 * whatever the vector width; {@link #fold} adds the lanes.
 */
final class Dots {
  /** Rows of A in a group. */
  static final int ROWS = 8;

  /** Rows of B in a group. */
  static final int COLUMNS = 3;

  static final int LANES = 16;

  /** Floats of the lanes of a group of A by a group of B: [ROWS, COLUMNS, LANES]. */
  static final int SUMS = ROWS * COLUMNS * LANES;

  /** Most steps of the reduced dimension at a time. */
  static final int DEPTH = 1024;

  /** Distance of rows of A: an odd number of cache lines. */
  static final int LINE = DEPTH + 16;

  private Dots() {}

  /**
   * Adds to the sums of a group of A by a group of B. The reduced dimension has {@code runs} runs,
   * one after the other in A and {@code step} apart in B.
   *
   * @param run length of a run, a multiple of 16
   * @param rows where B's rows begin, seen from {@code bOff}; {@link #COLUMNS} from {@code row} on
   */
  static void add(
      int runs,
      int run,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      int[] rows,
      int row,
      int step,
      float[] sums,
      int at) {
    int left = bOff + rows[row];
    int middle = bOff + rows[row + 1];
    int right = bOff + rows[row + 2];
    if (COUNT == LANES) {
      rows8(runs, run, a, aOff, b, left, middle, right, step, sums, at);
      return;
    }
    for (int lane = 0; lane < LANES; lane += COUNT) {
      for (int i = 0; i < ROWS; i += 4) {
        rows4(
            runs,
            run,
            a,
            aOff + i * LINE + lane,
            b,
            left + lane,
            middle + lane,
            right + lane,
            step,
            sums,
            at + i * COLUMNS * LANES + lane);
      }
    }
  }

  /** The lanes at {@code at}, folded in halves. */
  static float fold(float[] sums, int at) {
    FloatVector v = FloatVector.fromArray(F, sums, at);
    if (COUNT == 8) {
      v = v.add(FloatVector.fromArray(F, sums, at + 8));
    } else if (COUNT == 4) {
      v = v.add(FloatVector.fromArray(F, sums, at + 8));
      FloatVector w = FloatVector.fromArray(F, sums, at + 4);
      v = v.add(w.add(FloatVector.fromArray(F, sums, at + 12)));
    }
    return Sums.foldLanes(v);
  }

  /** All rows; 28 vector registers. */
  private static void rows8(
      int runs,
      int run,
      float[] a,
      int aOff,
      float[] b,
      int bLeft,
      int bMiddle,
      int bRight,
      int step,
      float[] sums,
      int at) {
    FloatVector c0l = FloatVector.fromArray(F, sums, at);
    FloatVector c0m = FloatVector.fromArray(F, sums, at + 1 * LANES);
    FloatVector c0r = FloatVector.fromArray(F, sums, at + 2 * LANES);
    FloatVector c1l = FloatVector.fromArray(F, sums, at + 3 * LANES);
    FloatVector c1m = FloatVector.fromArray(F, sums, at + 4 * LANES);
    FloatVector c1r = FloatVector.fromArray(F, sums, at + 5 * LANES);
    FloatVector c2l = FloatVector.fromArray(F, sums, at + 6 * LANES);
    FloatVector c2m = FloatVector.fromArray(F, sums, at + 7 * LANES);
    FloatVector c2r = FloatVector.fromArray(F, sums, at + 8 * LANES);
    FloatVector c3l = FloatVector.fromArray(F, sums, at + 9 * LANES);
    FloatVector c3m = FloatVector.fromArray(F, sums, at + 10 * LANES);
    FloatVector c3r = FloatVector.fromArray(F, sums, at + 11 * LANES);
    FloatVector c4l = FloatVector.fromArray(F, sums, at + 12 * LANES);
    FloatVector c4m = FloatVector.fromArray(F, sums, at + 13 * LANES);
    FloatVector c4r = FloatVector.fromArray(F, sums, at + 14 * LANES);
    FloatVector c5l = FloatVector.fromArray(F, sums, at + 15 * LANES);
    FloatVector c5m = FloatVector.fromArray(F, sums, at + 16 * LANES);
    FloatVector c5r = FloatVector.fromArray(F, sums, at + 17 * LANES);
    FloatVector c6l = FloatVector.fromArray(F, sums, at + 18 * LANES);
    FloatVector c6m = FloatVector.fromArray(F, sums, at + 19 * LANES);
    FloatVector c6r = FloatVector.fromArray(F, sums, at + 20 * LANES);
    FloatVector c7l = FloatVector.fromArray(F, sums, at + 21 * LANES);
    FloatVector c7m = FloatVector.fromArray(F, sums, at + 22 * LANES);
    FloatVector c7r = FloatVector.fromArray(F, sums, at + 23 * LANES);
    for (int n = 0; n < runs; n++) {
      int ai = aOff + n * run;
      int bi = n * step;
      for (int k = 0; k < run; k += LANES) {
        FloatVector left = FloatVector.fromArray(F, b, bLeft + bi + k);
        FloatVector middle = FloatVector.fromArray(F, b, bMiddle + bi + k);
        FloatVector right = FloatVector.fromArray(F, b, bRight + bi + k);
        FloatVector y = FloatVector.fromArray(F, a, ai + k);
        c0l = y.fma(left, c0l);
        c0m = y.fma(middle, c0m);
        c0r = y.fma(right, c0r);
        y = FloatVector.fromArray(F, a, ai + LINE + k);
        c1l = y.fma(left, c1l);
        c1m = y.fma(middle, c1m);
        c1r = y.fma(right, c1r);
        y = FloatVector.fromArray(F, a, ai + 2 * LINE + k);
        c2l = y.fma(left, c2l);
        c2m = y.fma(middle, c2m);
        c2r = y.fma(right, c2r);
        y = FloatVector.fromArray(F, a, ai + 3 * LINE + k);
        c3l = y.fma(left, c3l);
        c3m = y.fma(middle, c3m);
        c3r = y.fma(right, c3r);
        y = FloatVector.fromArray(F, a, ai + 4 * LINE + k);
        c4l = y.fma(left, c4l);
        c4m = y.fma(middle, c4m);
        c4r = y.fma(right, c4r);
        y = FloatVector.fromArray(F, a, ai + 5 * LINE + k);
        c5l = y.fma(left, c5l);
        c5m = y.fma(middle, c5m);
        c5r = y.fma(right, c5r);
        y = FloatVector.fromArray(F, a, ai + 6 * LINE + k);
        c6l = y.fma(left, c6l);
        c6m = y.fma(middle, c6m);
        c6r = y.fma(right, c6r);
        y = FloatVector.fromArray(F, a, ai + 7 * LINE + k);
        c7l = y.fma(left, c7l);
        c7m = y.fma(middle, c7m);
        c7r = y.fma(right, c7r);
      }
    }
    c0l.intoArray(sums, at);
    c0m.intoArray(sums, at + 1 * LANES);
    c0r.intoArray(sums, at + 2 * LANES);
    c1l.intoArray(sums, at + 3 * LANES);
    c1m.intoArray(sums, at + 4 * LANES);
    c1r.intoArray(sums, at + 5 * LANES);
    c2l.intoArray(sums, at + 6 * LANES);
    c2m.intoArray(sums, at + 7 * LANES);
    c2r.intoArray(sums, at + 8 * LANES);
    c3l.intoArray(sums, at + 9 * LANES);
    c3m.intoArray(sums, at + 10 * LANES);
    c3r.intoArray(sums, at + 11 * LANES);
    c4l.intoArray(sums, at + 12 * LANES);
    c4m.intoArray(sums, at + 13 * LANES);
    c4r.intoArray(sums, at + 14 * LANES);
    c5l.intoArray(sums, at + 15 * LANES);
    c5m.intoArray(sums, at + 16 * LANES);
    c5r.intoArray(sums, at + 17 * LANES);
    c6l.intoArray(sums, at + 18 * LANES);
    c6m.intoArray(sums, at + 19 * LANES);
    c6r.intoArray(sums, at + 20 * LANES);
    c7l.intoArray(sums, at + 21 * LANES);
    c7m.intoArray(sums, at + 22 * LANES);
    c7r.intoArray(sums, at + 23 * LANES);
  }

  /** Half of the rows, for 16 vector registers. */
  private static void rows4(
      int runs,
      int run,
      float[] a,
      int aOff,
      float[] b,
      int bLeft,
      int bMiddle,
      int bRight,
      int step,
      float[] sums,
      int at) {
    FloatVector c0l = FloatVector.fromArray(F, sums, at);
    FloatVector c0m = FloatVector.fromArray(F, sums, at + 1 * LANES);
    FloatVector c0r = FloatVector.fromArray(F, sums, at + 2 * LANES);
    FloatVector c1l = FloatVector.fromArray(F, sums, at + 3 * LANES);
    FloatVector c1m = FloatVector.fromArray(F, sums, at + 4 * LANES);
    FloatVector c1r = FloatVector.fromArray(F, sums, at + 5 * LANES);
    FloatVector c2l = FloatVector.fromArray(F, sums, at + 6 * LANES);
    FloatVector c2m = FloatVector.fromArray(F, sums, at + 7 * LANES);
    FloatVector c2r = FloatVector.fromArray(F, sums, at + 8 * LANES);
    FloatVector c3l = FloatVector.fromArray(F, sums, at + 9 * LANES);
    FloatVector c3m = FloatVector.fromArray(F, sums, at + 10 * LANES);
    FloatVector c3r = FloatVector.fromArray(F, sums, at + 11 * LANES);
    for (int n = 0; n < runs; n++) {
      int ai = aOff + n * run;
      int bi = n * step;
      for (int k = 0; k < run; k += LANES) {
        FloatVector left = FloatVector.fromArray(F, b, bLeft + bi + k);
        FloatVector middle = FloatVector.fromArray(F, b, bMiddle + bi + k);
        FloatVector right = FloatVector.fromArray(F, b, bRight + bi + k);
        FloatVector y = FloatVector.fromArray(F, a, ai + k);
        c0l = y.fma(left, c0l);
        c0m = y.fma(middle, c0m);
        c0r = y.fma(right, c0r);
        y = FloatVector.fromArray(F, a, ai + LINE + k);
        c1l = y.fma(left, c1l);
        c1m = y.fma(middle, c1m);
        c1r = y.fma(right, c1r);
        y = FloatVector.fromArray(F, a, ai + 2 * LINE + k);
        c2l = y.fma(left, c2l);
        c2m = y.fma(middle, c2m);
        c2r = y.fma(right, c2r);
        y = FloatVector.fromArray(F, a, ai + 3 * LINE + k);
        c3l = y.fma(left, c3l);
        c3m = y.fma(middle, c3m);
        c3r = y.fma(right, c3r);
      }
    }
    c0l.intoArray(sums, at);
    c0m.intoArray(sums, at + 1 * LANES);
    c0r.intoArray(sums, at + 2 * LANES);
    c1l.intoArray(sums, at + 3 * LANES);
    c1m.intoArray(sums, at + 4 * LANES);
    c1r.intoArray(sums, at + 5 * LANES);
    c2l.intoArray(sums, at + 6 * LANES);
    c2m.intoArray(sums, at + 7 * LANES);
    c2r.intoArray(sums, at + 8 * LANES);
    c3l.intoArray(sums, at + 9 * LANES);
    c3m.intoArray(sums, at + 10 * LANES);
    c3r.intoArray(sums, at + 11 * LANES);
  }
}
