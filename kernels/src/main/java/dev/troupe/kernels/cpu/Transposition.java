package dev.troupe.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposition of square blocks in registers. Each step exchanges two corners of sub-blocks half
 * as large as the step before.
 */
final class Transposition {
  /** Rows and columns of a block: the lanes of a vector, 8 at least. */
  static final int BLOCK = Math.max(8, Math.min(16, Tiles.LANES));

  private static final VectorSpecies<Float> SPECIES =
      BLOCK == 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_256;
  private static final VectorShuffle<Float> UP_1 = rotation(-1);
  private static final VectorShuffle<Float> UP_2 = rotation(-2);
  private static final VectorShuffle<Float> UP_4 = rotation(-4);
  private static final VectorShuffle<Float> UP_8 = rotation(-8);
  private static final VectorShuffle<Float> DOWN_1 = rotation(1);
  private static final VectorShuffle<Float> DOWN_2 = rotation(2);
  private static final VectorShuffle<Float> DOWN_4 = rotation(4);
  private static final VectorShuffle<Float> DOWN_8 = rotation(8);
  private static final VectorMask<Float> ODD_1 = oddGroups(1);
  private static final VectorMask<Float> ODD_2 = oddGroups(2);
  private static final VectorMask<Float> ODD_4 = oddGroups(4);
  private static final VectorMask<Float> ODD_8 = oddGroups(8);

  private Transposition() {}

  /** Lane i takes what is in lane i + distance. */
  private static VectorShuffle<Float> rotation(int distance) {
    return VectorShuffle.fromOp(SPECIES, i -> (i + distance) & (BLOCK - 1));
  }

  /** Lanes of every second group of {@code size}. */
  private static VectorMask<Float> oddGroups(int size) {
    boolean[] lanes = new boolean[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      lanes[i] = (i & size) != 0;
    }
    return VectorMask.fromArray(SPECIES, lanes, 0);
  }

  /** {@code [rows, columns]} to {@code [columns, rows]}. */
  static void transpose(
      float[] x, int from, int step, int rows, int columns, float[] y, int to, int toStep) {
    int i = 0;
    for (; i + BLOCK <= rows; i += BLOCK) {
      int j = blocks(x, from + i * step, step, columns, y, to + i, toStep);
      if (j < columns) {
        plain(x, from + i * step + j, step, BLOCK, columns - j, y, to + i + j * toStep, toStep);
      }
    }
    if (i < rows) {
      plain(x, from + i * step, step, rows - i, columns, y, to + i, toStep);
    }
  }

  private static void plain(
      float[] x, int from, int step, int rows, int columns, float[] y, int to, int toStep) {
    for (int j = 0; j < columns; j++) {
      for (int i = 0; i < rows; i++) {
        y[to + j * toStep + i] = x[from + i * step + j];
      }
    }
  }

  /**
   * Transposes {@link #BLOCK} rows, {@code [BLOCK, depth]}, into columns of a panel, {@code [depth,
   * width]}, as far as whole blocks go.
   *
   * @return number of steps of {@code depth} done
   */
  static int blocks(float[] b, int bOff, int bStride, int depth, float[] panel, int at, int width) {
    return BLOCK == 16
        ? blocks16(b, bOff, bStride, depth, panel, at, width)
        : Tiles.LANES == 8 ? blocks8(b, bOff, bStride, depth, panel, at, width) : 0;
  }

  private static int blocks16(
      float[] b, int bOff, int bStride, int depth, float[] panel, int at, int width) {
    int k = 0;
    for (; k + 16 <= depth; k += 16) {
      int from = bOff + k;
      FloatVector a0 = FloatVector.fromArray(SPECIES, b, from);
      FloatVector a1 = FloatVector.fromArray(SPECIES, b, from + bStride);
      FloatVector a2 = FloatVector.fromArray(SPECIES, b, from + 2 * bStride);
      FloatVector a3 = FloatVector.fromArray(SPECIES, b, from + 3 * bStride);
      FloatVector a4 = FloatVector.fromArray(SPECIES, b, from + 4 * bStride);
      FloatVector a5 = FloatVector.fromArray(SPECIES, b, from + 5 * bStride);
      FloatVector a6 = FloatVector.fromArray(SPECIES, b, from + 6 * bStride);
      FloatVector a7 = FloatVector.fromArray(SPECIES, b, from + 7 * bStride);
      FloatVector a8 = FloatVector.fromArray(SPECIES, b, from + 8 * bStride);
      FloatVector a9 = FloatVector.fromArray(SPECIES, b, from + 9 * bStride);
      FloatVector a10 = FloatVector.fromArray(SPECIES, b, from + 10 * bStride);
      FloatVector a11 = FloatVector.fromArray(SPECIES, b, from + 11 * bStride);
      FloatVector a12 = FloatVector.fromArray(SPECIES, b, from + 12 * bStride);
      FloatVector a13 = FloatVector.fromArray(SPECIES, b, from + 13 * bStride);
      FloatVector a14 = FloatVector.fromArray(SPECIES, b, from + 14 * bStride);
      FloatVector a15 = FloatVector.fromArray(SPECIES, b, from + 15 * bStride);
      FloatVector b0 = a0.blend(a8.rearrange(UP_8), ODD_8);
      FloatVector b8 = a0.rearrange(DOWN_8).blend(a8, ODD_8);
      FloatVector b1 = a1.blend(a9.rearrange(UP_8), ODD_8);
      FloatVector b9 = a1.rearrange(DOWN_8).blend(a9, ODD_8);
      FloatVector b2 = a2.blend(a10.rearrange(UP_8), ODD_8);
      FloatVector b10 = a2.rearrange(DOWN_8).blend(a10, ODD_8);
      FloatVector b3 = a3.blend(a11.rearrange(UP_8), ODD_8);
      FloatVector b11 = a3.rearrange(DOWN_8).blend(a11, ODD_8);
      FloatVector b4 = a4.blend(a12.rearrange(UP_8), ODD_8);
      FloatVector b12 = a4.rearrange(DOWN_8).blend(a12, ODD_8);
      FloatVector b5 = a5.blend(a13.rearrange(UP_8), ODD_8);
      FloatVector b13 = a5.rearrange(DOWN_8).blend(a13, ODD_8);
      FloatVector b6 = a6.blend(a14.rearrange(UP_8), ODD_8);
      FloatVector b14 = a6.rearrange(DOWN_8).blend(a14, ODD_8);
      FloatVector b7 = a7.blend(a15.rearrange(UP_8), ODD_8);
      FloatVector b15 = a7.rearrange(DOWN_8).blend(a15, ODD_8);
      FloatVector c0 = b0.blend(b4.rearrange(UP_4), ODD_4);
      FloatVector c4 = b0.rearrange(DOWN_4).blend(b4, ODD_4);
      FloatVector c1 = b1.blend(b5.rearrange(UP_4), ODD_4);
      FloatVector c5 = b1.rearrange(DOWN_4).blend(b5, ODD_4);
      FloatVector c2 = b2.blend(b6.rearrange(UP_4), ODD_4);
      FloatVector c6 = b2.rearrange(DOWN_4).blend(b6, ODD_4);
      FloatVector c3 = b3.blend(b7.rearrange(UP_4), ODD_4);
      FloatVector c7 = b3.rearrange(DOWN_4).blend(b7, ODD_4);
      FloatVector c8 = b8.blend(b12.rearrange(UP_4), ODD_4);
      FloatVector c12 = b8.rearrange(DOWN_4).blend(b12, ODD_4);
      FloatVector c9 = b9.blend(b13.rearrange(UP_4), ODD_4);
      FloatVector c13 = b9.rearrange(DOWN_4).blend(b13, ODD_4);
      FloatVector c10 = b10.blend(b14.rearrange(UP_4), ODD_4);
      FloatVector c14 = b10.rearrange(DOWN_4).blend(b14, ODD_4);
      FloatVector c11 = b11.blend(b15.rearrange(UP_4), ODD_4);
      FloatVector c15 = b11.rearrange(DOWN_4).blend(b15, ODD_4);
      FloatVector d0 = c0.blend(c2.rearrange(UP_2), ODD_2);
      FloatVector d2 = c0.rearrange(DOWN_2).blend(c2, ODD_2);
      FloatVector d1 = c1.blend(c3.rearrange(UP_2), ODD_2);
      FloatVector d3 = c1.rearrange(DOWN_2).blend(c3, ODD_2);
      FloatVector d4 = c4.blend(c6.rearrange(UP_2), ODD_2);
      FloatVector d6 = c4.rearrange(DOWN_2).blend(c6, ODD_2);
      FloatVector d5 = c5.blend(c7.rearrange(UP_2), ODD_2);
      FloatVector d7 = c5.rearrange(DOWN_2).blend(c7, ODD_2);
      FloatVector d8 = c8.blend(c10.rearrange(UP_2), ODD_2);
      FloatVector d10 = c8.rearrange(DOWN_2).blend(c10, ODD_2);
      FloatVector d9 = c9.blend(c11.rearrange(UP_2), ODD_2);
      FloatVector d11 = c9.rearrange(DOWN_2).blend(c11, ODD_2);
      FloatVector d12 = c12.blend(c14.rearrange(UP_2), ODD_2);
      FloatVector d14 = c12.rearrange(DOWN_2).blend(c14, ODD_2);
      FloatVector d13 = c13.blend(c15.rearrange(UP_2), ODD_2);
      FloatVector d15 = c13.rearrange(DOWN_2).blend(c15, ODD_2);
      FloatVector e0 = d0.blend(d1.rearrange(UP_1), ODD_1);
      FloatVector e1 = d0.rearrange(DOWN_1).blend(d1, ODD_1);
      FloatVector e2 = d2.blend(d3.rearrange(UP_1), ODD_1);
      FloatVector e3 = d2.rearrange(DOWN_1).blend(d3, ODD_1);
      FloatVector e4 = d4.blend(d5.rearrange(UP_1), ODD_1);
      FloatVector e5 = d4.rearrange(DOWN_1).blend(d5, ODD_1);
      FloatVector e6 = d6.blend(d7.rearrange(UP_1), ODD_1);
      FloatVector e7 = d6.rearrange(DOWN_1).blend(d7, ODD_1);
      FloatVector e8 = d8.blend(d9.rearrange(UP_1), ODD_1);
      FloatVector e9 = d8.rearrange(DOWN_1).blend(d9, ODD_1);
      FloatVector e10 = d10.blend(d11.rearrange(UP_1), ODD_1);
      FloatVector e11 = d10.rearrange(DOWN_1).blend(d11, ODD_1);
      FloatVector e12 = d12.blend(d13.rearrange(UP_1), ODD_1);
      FloatVector e13 = d12.rearrange(DOWN_1).blend(d13, ODD_1);
      FloatVector e14 = d14.blend(d15.rearrange(UP_1), ODD_1);
      FloatVector e15 = d14.rearrange(DOWN_1).blend(d15, ODD_1);
      int to = at + k * width;
      e0.intoArray(panel, to);
      e1.intoArray(panel, to + width);
      e2.intoArray(panel, to + 2 * width);
      e3.intoArray(panel, to + 3 * width);
      e4.intoArray(panel, to + 4 * width);
      e5.intoArray(panel, to + 5 * width);
      e6.intoArray(panel, to + 6 * width);
      e7.intoArray(panel, to + 7 * width);
      e8.intoArray(panel, to + 8 * width);
      e9.intoArray(panel, to + 9 * width);
      e10.intoArray(panel, to + 10 * width);
      e11.intoArray(panel, to + 11 * width);
      e12.intoArray(panel, to + 12 * width);
      e13.intoArray(panel, to + 13 * width);
      e14.intoArray(panel, to + 14 * width);
      e15.intoArray(panel, to + 15 * width);
    }
    return k;
  }

  private static int blocks8(
      float[] b, int bOff, int bStride, int depth, float[] panel, int at, int width) {
    int k = 0;
    for (; k + 8 <= depth; k += 8) {
      int from = bOff + k;
      FloatVector a0 = FloatVector.fromArray(SPECIES, b, from);
      FloatVector a1 = FloatVector.fromArray(SPECIES, b, from + bStride);
      FloatVector a2 = FloatVector.fromArray(SPECIES, b, from + 2 * bStride);
      FloatVector a3 = FloatVector.fromArray(SPECIES, b, from + 3 * bStride);
      FloatVector a4 = FloatVector.fromArray(SPECIES, b, from + 4 * bStride);
      FloatVector a5 = FloatVector.fromArray(SPECIES, b, from + 5 * bStride);
      FloatVector a6 = FloatVector.fromArray(SPECIES, b, from + 6 * bStride);
      FloatVector a7 = FloatVector.fromArray(SPECIES, b, from + 7 * bStride);
      FloatVector b0 = a0.blend(a4.rearrange(UP_4), ODD_4);
      FloatVector b4 = a0.rearrange(DOWN_4).blend(a4, ODD_4);
      FloatVector b1 = a1.blend(a5.rearrange(UP_4), ODD_4);
      FloatVector b5 = a1.rearrange(DOWN_4).blend(a5, ODD_4);
      FloatVector b2 = a2.blend(a6.rearrange(UP_4), ODD_4);
      FloatVector b6 = a2.rearrange(DOWN_4).blend(a6, ODD_4);
      FloatVector b3 = a3.blend(a7.rearrange(UP_4), ODD_4);
      FloatVector b7 = a3.rearrange(DOWN_4).blend(a7, ODD_4);
      FloatVector c0 = b0.blend(b2.rearrange(UP_2), ODD_2);
      FloatVector c2 = b0.rearrange(DOWN_2).blend(b2, ODD_2);
      FloatVector c1 = b1.blend(b3.rearrange(UP_2), ODD_2);
      FloatVector c3 = b1.rearrange(DOWN_2).blend(b3, ODD_2);
      FloatVector c4 = b4.blend(b6.rearrange(UP_2), ODD_2);
      FloatVector c6 = b4.rearrange(DOWN_2).blend(b6, ODD_2);
      FloatVector c5 = b5.blend(b7.rearrange(UP_2), ODD_2);
      FloatVector c7 = b5.rearrange(DOWN_2).blend(b7, ODD_2);
      FloatVector d0 = c0.blend(c1.rearrange(UP_1), ODD_1);
      FloatVector d1 = c0.rearrange(DOWN_1).blend(c1, ODD_1);
      FloatVector d2 = c2.blend(c3.rearrange(UP_1), ODD_1);
      FloatVector d3 = c2.rearrange(DOWN_1).blend(c3, ODD_1);
      FloatVector d4 = c4.blend(c5.rearrange(UP_1), ODD_1);
      FloatVector d5 = c4.rearrange(DOWN_1).blend(c5, ODD_1);
      FloatVector d6 = c6.blend(c7.rearrange(UP_1), ODD_1);
      FloatVector d7 = c6.rearrange(DOWN_1).blend(c7, ODD_1);
      int to = at + k * width;
      d0.intoArray(panel, to);
      d1.intoArray(panel, to + width);
      d2.intoArray(panel, to + 2 * width);
      d3.intoArray(panel, to + 3 * width);
      d4.intoArray(panel, to + 4 * width);
      d5.intoArray(panel, to + 5 * width);
      d6.intoArray(panel, to + 6 * width);
      d7.intoArray(panel, to + 7 * width);
    }
    return k;
  }
}
