package dev.troupe.kernels.reference;

import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;

/** One result element from one element of each input. */
final class Elementwise {
  private Elementwise() {}

  static void fill(double value, HostBuffer y) {
    for (int i = 0; i < y.size(); i++) {
      y.set(i, value);
    }
  }

  static void copy(HostBuffer x, HostBuffer y) {
    for (int i = 0; i < y.size(); i++) {
      y.set(i, x.get(i));
    }
  }

  static void map(Primitive.Map op, Reals x, Reals y) {
    for (int i = 0; i < y.size(); i++) {
      y.set(i, apply(op.f(), op.p(), op.q(), x.get(i)));
    }
  }

  static void zip(Primitive.Zip op, Reals a, Reals b, Reals y) {
    for (int i = 0; i < y.size(); i++) {
      double ai = a.get(source(op.by(), 0, i));
      double bi = b.get(source(op.by(), 1, i));
      y.set(i, apply(op.f(), op.p(), ai, bi));
    }
  }

  static void select(Primitive.Select op, Reals condition, Reals a, Reals b, Reals y) {
    for (int i = 0; i < y.size(); i++) {
      boolean first = condition.get(source(op.by(), 0, i)) != 0;
      y.set(i, first ? a.get(source(op.by(), 1, i)) : b.get(source(op.by(), 2, i)));
    }
  }

  /** Which element of input {@code k} element {@code i} of the result is computed from. */
  static int source(Broadcast by, int k, int i) {
    return source(by.sizes(), by.strides()[k], i);
  }

  /**
   * Writes {@code i} in the mixed radix of {@code sizes} and weighs its digits with {@code
   * strides}.
   */
  static int source(int[] sizes, int[] strides, int i) {
    int at = 0;
    for (int d = sizes.length - 1; d >= 0; d--) {
      at += i % sizes[d] * strides[d];
      i /= sizes[d];
    }
    return at;
  }

  static double apply(Unary f, double p, double q, double x) {
    return switch (f) {
      case AFFINE -> Math.fma(p, x, q);
      case ABS -> Math.abs(x);
      case SIGN -> Math.signum(x);
      case STEP -> x > p ? 1 : 0;
      case SQUARE -> x * x;
      case RECIPROCAL -> 1 / x;
      case SQRT -> Math.sqrt(x);
      case RSQRT -> 1 / Math.sqrt(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SIN -> Math.sin(x);
      case COS -> Math.cos(x);
      case TANH -> Math.tanh(x);
      case SIGMOID -> sigmoid(x);
      case SOFTPLUS -> softplus(x);
      case RELU -> Math.max(x, 0);
      case LEAKY_RELU -> x > 0 ? x : p * x;
      case POW -> Math.pow(x, p);
      case CLAMP -> Math.min(Math.max(x, p), q);
      case INSIDE -> p <= x && x <= q ? 1 : 0;
    };
  }

  static double apply(Binary f, double p, double a, double b) {
    return switch (f) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
      case GREATER -> a > b ? 1 : 0;
      case GREATER_EQUAL -> a >= b ? 1 : 0;
      case EQUAL -> a == b ? 1 : 0;
      case ADD_SCALED -> Math.fma(p, b, a);
      case LERP -> Math.fma(p, b - a, a);
      case TANH_GRAD -> a * (1 - b * b);
      case SIGMOID_GRAD -> a * b * (1 - b);
      case SOFTPLUS_GRAD -> a * sigmoid(b);
      case RELU_GRAD -> b > 0 ? a : 0;
      case LEAKY_RELU_GRAD -> b > 0 ? a : p * a;
    };
  }

  static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
