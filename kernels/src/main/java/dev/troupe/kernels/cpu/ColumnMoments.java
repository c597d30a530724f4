package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Lanes.COUNT;
import static dev.troupe.kernels.cpu.Lanes.F;

import jdk.incubator.vector.FloatVector;

/**
 * Mean and variance of the columns of a matrix, for batch norm over [rows, columns].
 *
 * <p>Two passes over differences to the first row, each from top to bottom: mean d of x - x[0],
 * then the mean of (x - x[0] - d)². Nothing cancels, however large the mean is beside the
 * deviation: with u = 2^-24, the variance has the relative error of a sum of {@code rows} squares,
 * about rows·u at worst, and the mean is off by at most u·|mean| + (rows + 3)·u·(mean of |x -
 * x[0]|).
 */
final class ColumnMoments {
  private ColumnMoments() {}

  /**
   * Mean and biased variance of each column.
   *
   * @param x the matrix, from {@code off} on, [rows, columns] with rows {@code stride} apart
   * @param rows at least 1
   * @param mean gets the means, {@code columns} of them from {@code mo} on
   * @param variance gets the variances, from {@code vo} on
   */
  static void moments(
      float[] x,
      int off,
      int rows,
      int columns,
      int stride,
      float[] mean,
      int mo,
      float[] variance,
      int vo) {
    if (rows < 1) {
      throw new IllegalArgumentException("moments: " + rows + " rows, expected 1 or more");
    }
    int f = 0;
    for (int end = F.loopBound(columns); f < end; f += COUNT) {
      vector(x, off + f, rows, stride, mean, mo + f, variance, vo + f);
    }
    for (; f < columns; f++) {
      scalar(x, off + f, rows, stride, mean, mo + f, variance, vo + f);
    }
    for (f = 0; f < columns; f++) {
      mean[mo + f] = VectorMath.canonical(mean[mo + f]);
      variance[vo + f] = VectorMath.canonical(variance[vo + f]);
    }
  }

  private static void vector(
      float[] x, int off, int rows, int stride, float[] mean, int mo, float[] variance, int vo) {
    FloatVector first = FloatVector.fromArray(F, x, off);
    FloatVector sum = FloatVector.zero(F);
    for (int r = 0; r < rows; r++) {
      sum = sum.add(FloatVector.fromArray(F, x, off + r * stride).sub(first));
    }
    FloatVector d = sum.div(rows);
    FloatVector squares = FloatVector.zero(F);
    for (int r = 0; r < rows; r++) {
      FloatVector e = FloatVector.fromArray(F, x, off + r * stride).sub(first).sub(d);
      squares = e.fma(e, squares);
    }
    first.add(d).intoArray(mean, mo);
    squares.div(rows).intoArray(variance, vo);
  }

  private static void scalar(
      float[] x, int off, int rows, int stride, float[] mean, int mo, float[] variance, int vo) {
    float first = x[off];
    float sum = 0;
    for (int r = 0; r < rows; r++) {
      sum += x[off + r * stride] - first;
    }
    float d = sum / rows;
    float squares = 0;
    for (int r = 0; r < rows; r++) {
      float e = x[off + r * stride] - first - d;
      squares = Math.fma(e, e, squares);
    }
    mean[mo] = first + d;
    variance[vo] = squares / rows;
  }
}
