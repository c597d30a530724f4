package dev.troupe.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The functions of two elements over arrays: {@code y[yo + i] = f(a[ao + i], b[bo + i])} for i in
 * [0, n); {@code y} may be an input at the same offset. Each has a loop of its own, because a loop
 * that is given its function as an object would call it for every vector.
 */
final class BinaryLoops {
  private BinaryLoops() {}

  /** {@code a + b}. */
  static void add(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      va.add(vb).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] + b[bo + i];
    }
  }

  /** {@code a - b}. */
  static void sub(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      va.sub(vb).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] - b[bo + i];
    }
  }

  /** {@code a · b}. */
  static void mul(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      va.mul(vb).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * b[bo + i];
    }
  }

  /** {@code a / b}. */
  static void div(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      va.div(vb).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] / b[bo + i];
    }
  }

  /** {@code min(a, b)}. */
  static void min(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      va.min(vb).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.min(a[ao + i], b[bo + i]);
    }
  }

  /** {@code max(a, b)}. */
  static void max(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      va.max(vb).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.max(a[ao + i], b[bo + i]);
    }
  }

  /** {@code a > b ? 1 : 0}. */
  static void greater(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector zero = FloatVector.zero(Lanes.F);
    FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      zero.blend(one, va.compare(VectorOperators.GT, vb)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] > b[bo + i] ? 1f : 0f;
    }
  }

  /** {@code a >= b ? 1 : 0}. */
  static void greaterEqual(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector zero = FloatVector.zero(Lanes.F);
    FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      zero.blend(one, va.compare(VectorOperators.GE, vb)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] >= b[bo + i] ? 1f : 0f;
    }
  }

  /** {@code a == b ? 1 : 0}. */
  static void equal(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector zero = FloatVector.zero(Lanes.F);
    FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      zero.blend(one, va.compare(VectorOperators.EQ, vb)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] == b[bo + i] ? 1f : 0f;
    }
  }

  /** {@code a + p·b, fused}. */
  static void addScaled(float[] a, int ao, float[] b, int bo, float p, float[] y, int yo, int n) {
    FloatVector vp = FloatVector.broadcast(Lanes.F, p);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      vb.fma(vp, va).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.fma(b[bo + i], p, a[ao + i]);
    }
  }

  /** {@code a + p·(b - a), fused after the subtraction}. */
  static void lerp(float[] a, int ao, float[] b, int bo, float p, float[] y, int yo, int n) {
    FloatVector vp = FloatVector.broadcast(Lanes.F, p);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      vb.sub(va).fma(vp, va).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = Math.fma(b[bo + i] - a[ao + i], p, a[ao + i]);
    }
  }

  /** {@code a·(1 - b²)}. */
  static void tanhGrad(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      va.mul(vb.neg().fma(vb, one)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * Math.fma(-b[bo + i], b[bo + i], 1f);
    }
  }

  /** {@code a·b·(1 - b)}. */
  static void sigmoidGrad(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector one = FloatVector.broadcast(Lanes.F, 1f);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      va.mul(vb).mul(one.sub(vb)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * b[bo + i] * (1f - b[bo + i]);
    }
  }

  /** {@code a·sigmoid(b)}. */
  static void softplusGrad(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      va.mul(VectorMath.sigmoid(vb)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = a[ao + i] * VectorMath.sigmoid(b[bo + i]);
    }
  }

  /** {@code b > 0 ? a : 0}. */
  static void reluGrad(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    FloatVector zero = FloatVector.zero(Lanes.F);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      zero.blend(va, vb.compare(VectorOperators.GT, zero)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = b[bo + i] > 0 ? a[ao + i] : 0f;
    }
  }

  /** {@code b > 0 ? a : p·a}. */
  static void leakyReluGrad(
      float[] a, int ao, float[] b, int bo, float p, float[] y, int yo, int n) {
    FloatVector vp = FloatVector.broadcast(Lanes.F, p);
    FloatVector zero = FloatVector.zero(Lanes.F);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector va = FloatVector.fromArray(Lanes.F, a, ao + i);
      FloatVector vb = FloatVector.fromArray(Lanes.F, b, bo + i);
      va.mul(vp).blend(va, vb.compare(VectorOperators.GT, zero)).intoArray(y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = b[bo + i] > 0 ? a[ao + i] : a[ao + i] * p;
    }
  }
}
