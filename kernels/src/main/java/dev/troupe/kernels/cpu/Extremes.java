package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Lanes.COUNT;
import static dev.troupe.kernels.cpu.Lanes.F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Largest and smallest of contiguous elements; exact, so that no order matters. */
final class Extremes {
  private Extremes() {}

  /**
   * The largest of n elements; NaN if any is NaN, and 0 above -0.
   *
   * @throws IllegalArgumentException if there are none
   */
  static float max(float[] x, int off, int n) {
    checkSome("max", n);
    FloatVector v = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += COUNT) {
      v = v.max(FloatVector.fromArray(F, x, off + i));
    }
    float y = v.reduceLanes(MAX);
    for (; i < n; i++) {
      y = Math.max(y, x[off + i]);
    }
    return VectorMath.canonical(y);
  }

  /**
   * The smallest of n elements; NaN if any is NaN, and -0 below 0.
   *
   * @throws IllegalArgumentException if there are none
   */
  static float min(float[] x, int off, int n) {
    checkSome("min", n);
    FloatVector v = FloatVector.broadcast(F, Float.POSITIVE_INFINITY);
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += COUNT) {
      v = v.min(FloatVector.fromArray(F, x, off + i));
    }
    float y = v.reduceLanes(MIN);
    for (; i < n; i++) {
      y = Math.min(y, x[off + i]);
    }
    return VectorMath.canonical(y);
  }

  /**
   * Position of the first NaN, else of the first element that equals the largest; 0 and -0 are
   * equal.
   */
  static int argmax(float[] x, int off, int n) {
    return firstEqual(x, off, n, max(x, off, n));
  }

  /**
   * Position of the first NaN, else of the first element that equals the smallest; 0 and -0 are
   * equal.
   */
  static int argmin(float[] x, int off, int n) {
    return firstEqual(x, off, n, min(x, off, n));
  }

  private static int firstEqual(float[] x, int off, int n, float value) {
    boolean nan = Float.isNaN(value);
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += COUNT) {
      FloatVector v = FloatVector.fromArray(F, x, off + i);
      VectorMask<Float> hit = nan ? v.compare(NE, v) : v.compare(EQ, value);
      if (hit.anyTrue()) {
        return i + hit.firstTrue();
      }
    }
    while (nan ? !Float.isNaN(x[off + i]) : x[off + i] != value) {
      i++;
    }
    return i;
  }

  private static void checkSome(String name, int n) {
    if (n < 1) {
      throw new IllegalArgumentException(name + ": " + n + " elements, expected 1 or more");
    }
  }
}
