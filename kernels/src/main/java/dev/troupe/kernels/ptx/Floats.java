package dev.troupe.kernels.ptx;

/**
 * 32-bit floating point, lane by lane, rounded to nearest; registers hold the bits. A result that
 * is not a number has the bits that GPUs give it.
 */
final class Floats {
  private static final int LANES = Op.LANES;
  static final int NAN = 0x7fffffff;

  private Floats() {}

  static float f(int bits) {
    return Float.intBitsToFloat(bits);
  }

  static int bits(float x) {
    return Float.isNaN(x) ? NAN : Float.floatToRawIntBits(x);
  }

  static void add(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(f(a[l]) + f(b[l]));
    }
  }

  static void sub(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(f(a[l]) - f(b[l]));
    }
  }

  static void mul(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(f(a[l]) * f(b[l]));
    }
  }

  static void fma(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(Math.fma(f(a[l]), f(b[l]), f(c[l])));
    }
  }

  static void div(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(f(a[l]) / f(b[l]));
    }
  }

  static void sqrt(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits((float) Math.sqrt(f(a[l])));
    }
  }

  static void rcp(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(1 / f(a[l]));
    }
  }

  static void min(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(min(f(a[l]), f(b[l])));
    }
  }

  static void max(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(max(f(a[l]), f(b[l])));
    }
  }

  static void minNan(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(Math.min(f(a[l]), f(b[l])));
    }
  }

  static void maxNan(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(Math.max(f(a[l]), f(b[l])));
    }
  }

  static void neg(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] ^ 0x80000000;
    }
  }

  static void abs(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] & 0x7fffffff;
    }
  }

  static void copysign(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] & 0x80000000 | b[l] & 0x7fffffff;
    }
  }

  static void rsqrtApprox(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits((float) (1 / Math.sqrt(f(a[l]))));
    }
  }

  static void sinApprox(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits((float) Math.sin(f(a[l])));
    }
  }

  static void cosApprox(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits((float) Math.cos(f(a[l])));
    }
  }

  static void lg2Approx(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits((float) (Math.log(f(a[l])) / Math.log(2)));
    }
  }

  static void ex2Approx(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits((float) Math.pow(2, f(a[l])));
    }
  }

  static void tanhApprox(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits((float) Math.tanh(f(a[l])));
    }
  }

  /** The other one if one is not a number; -0 is smaller than 0. */
  private static float min(float a, float b) {
    return Float.isNaN(a) ? b : Float.isNaN(b) ? a : Math.min(a, b);
  }

  private static float max(float a, float b) {
    return Float.isNaN(a) ? b : Float.isNaN(b) ? a : Math.max(a, b);
  }

  /** With denormal operands and results as 0. */
  static AluOps.Int flushed(AluOps.Int f) {
    return (d, a, b, c) -> {
      f.apply(d, flush(a), flush(b), flush(c));
      for (int l = 0; l < LANES; l++) {
        d[l] = flush(d[l]);
      }
    };
  }

  static int[] flush(int[] a) {
    int[] flushed = new int[LANES];
    for (int l = 0; l < LANES; l++) {
      flushed[l] = flush(a[l]);
    }
    return flushed;
  }

  static int flush(int bits) {
    return (bits & 0x7f800000) == 0 ? bits & 0x80000000 : bits;
  }

  /** With the result clamped to [0, 1]; what is not a number becomes 0. */
  static AluOps.Int saturated(AluOps.Int f) {
    return (d, a, b, c) -> {
      f.apply(d, a, b, c);
      for (int l = 0; l < LANES; l++) {
        float x = f(d[l]);
        d[l] = x > 0 ? Float.floatToRawIntBits(Math.min(x, 1)) : 0;
      }
    };
  }
}
