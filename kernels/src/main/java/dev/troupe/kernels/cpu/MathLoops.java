package dev.troupe.kernels.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * The functions of {@link VectorMath} over arrays: {@code y[yo + i] = f(x[xo + i])} for i in [0,
 * n). {@code y} may be {@code x} at the same offset. The last elements, fewer than a vector, go
 * through the scalar twin, which gives the same bits.
 */
public final class MathLoops {
  private MathLoops() {}

  /** {@code y = e^x}. */
  public static void exp(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      VectorMath.exp(FloatVector.fromArray(Lanes.F, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = VectorMath.exp(x[xo + i]);
    }
  }

  /** {@code y = log(x)}. */
  public static void log(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      VectorMath.log(FloatVector.fromArray(Lanes.F, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = VectorMath.log(x[xo + i]);
    }
  }

  /** {@code y = log(1 + e^x)}. */
  public static void softplus(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      VectorMath.softplus(FloatVector.fromArray(Lanes.F, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = VectorMath.softplus(x[xo + i]);
    }
  }

  /** {@code y = 1 / (1 + e^-x)}. */
  public static void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      VectorMath.sigmoid(FloatVector.fromArray(Lanes.F, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = VectorMath.sigmoid(x[xo + i]);
    }
  }

  /** {@code y = tanh(x)}. */
  public static void tanh(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      VectorMath.tanh(FloatVector.fromArray(Lanes.F, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = VectorMath.tanh(x[xo + i]);
    }
  }

  /** {@code y = sin(x)}, radians. */
  public static void sin(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      VectorMath.sin(FloatVector.fromArray(Lanes.F, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = VectorMath.sin(x[xo + i]);
    }
  }

  /** {@code y = cos(x)}, radians. */
  public static void cos(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      VectorMath.cos(FloatVector.fromArray(Lanes.F, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = VectorMath.cos(x[xo + i]);
    }
  }

  /** {@code y = sqrt(x)}. */
  public static void sqrt(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      VectorMath.sqrt(FloatVector.fromArray(Lanes.F, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = VectorMath.sqrt(x[xo + i]);
    }
  }

  /** {@code y = 1 / sqrt(x)}. */
  public static void rsqrt(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      VectorMath.rsqrt(FloatVector.fromArray(Lanes.F, x, xo + i)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = VectorMath.rsqrt(x[xo + i]);
    }
  }
}
