package dev.troupe.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The arithmetic functions of one element over arrays: {@code y[yo + i] = f(x[xo + i])} for i in
 * [0, n); {@code y} may be {@code x} at the same offset. Each has a loop of its own, because a loop
 * that is given its function as an object would call it for every vector.
 */
final class UnaryLoops {
  private UnaryLoops() {}

  /** {@code p·x + q}, fused. */
  static void affine(float[] x, int xo, float p, float q, float[] y, int yo, int n) {
    FloatVector vp = FloatVector.broadcast(Lanes.F, p);
    FloatVector vq = FloatVector.broadcast(Lanes.F, q);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      v.fma(vp, vq).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.fma(x[xo + i], p, q);
    }
  }

  /** {@code |x|}. */
  static void abs(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      v.abs().intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.abs(x[xo + i]);
    }
  }

  /** {@code -1, 0, 1}; zeros and NaN stay. */
  static void sign(float[] x, int xo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      one.lanewise(VectorOperators.NEG, v.compare(VectorOperators.LT, 0f))
          .blend(v, v.compare(VectorOperators.EQ, 0f).or(v.test(VectorOperators.IS_NAN)))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.signum(x[xo + i]);
    }
  }

  /** 1 where {@code x > p}, else 0. */
  static void step(float[] x, int xo, float p, float[] y, int yo, int n) {
    FloatVector vp = FloatVector.broadcast(Lanes.F, p);
    FloatVector zero = FloatVector.zero(Lanes.F);
    FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      zero.blend(one, v.compare(VectorOperators.GT, vp)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] > p ? 1f : 0f;
    }
  }

  /** {@code x²}. */
  static void square(float[] x, int xo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      v.mul(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] * x[xo + i];
    }
  }

  /** {@code 1 / x}. */
  static void reciprocal(float[] x, int xo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      one.div(v).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = 1f / x[xo + i];
    }
  }

  /** {@code max(x, 0)}. */
  static void relu(float[] x, int xo, float[] y, int yo, int n) {
    FloatVector zero = FloatVector.zero(Lanes.F);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      v.max(zero).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(x[xo + i], 0f);
    }
  }

  /** {@code x > 0 ? x : p·x}. */
  static void leakyRelu(float[] x, int xo, float p, float[] y, int yo, int n) {
    FloatVector vp = FloatVector.broadcast(Lanes.F, p);
    FloatVector zero = FloatVector.zero(Lanes.F);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      v.mul(vp).blend(v, v.compare(VectorOperators.GT, zero)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] > 0 ? x[xo + i] : x[xo + i] * p;
    }
  }

  /** {@code min(max(x, p), q)}. */
  static void clamp(float[] x, int xo, float p, float q, float[] y, int yo, int n) {
    FloatVector vp = FloatVector.broadcast(Lanes.F, p);
    FloatVector vq = FloatVector.broadcast(Lanes.F, q);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      v.max(vp).min(vq).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.min(Math.max(x[xo + i], p), q);
    }
  }

  /** 1 where {@code p <= x <= q}, else 0. */
  static void inside(float[] x, int xo, float p, float q, float[] y, int yo, int n) {
    FloatVector vp = FloatVector.broadcast(Lanes.F, p);
    FloatVector vq = FloatVector.broadcast(Lanes.F, q);
    FloatVector zero = FloatVector.zero(Lanes.F);
    FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      zero.blend(one, v.compare(VectorOperators.GE, vp).and(v.compare(VectorOperators.LE, vq)))
          .intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = x[xo + i] >= p && x[xo + i] <= q ? 1f : 0f;
    }
  }
}
