package dev.troupe.kernels.ptx;

/** 64-bit floating point, lane by lane, rounded to nearest; registers hold the bits. */
final class Doubles {
  private static final int LANES = Op.LANES;

  private Doubles() {}

  private static double f(long bits) {
    return Double.longBitsToDouble(bits);
  }

  private static long bits(double x) {
    return Double.doubleToRawLongBits(x);
  }

  static void add(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(f(a[l]) + f(b[l]));
    }
  }

  static void sub(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(f(a[l]) - f(b[l]));
    }
  }

  static void mul(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(f(a[l]) * f(b[l]));
    }
  }

  static void fma(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(Math.fma(f(a[l]), f(b[l]), f(c[l])));
    }
  }

  static void div(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(f(a[l]) / f(b[l]));
    }
  }

  static void sqrt(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(Math.sqrt(f(a[l])));
    }
  }

  static void rcp(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(1 / f(a[l]));
    }
  }

  static void min(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(min(f(a[l]), f(b[l])));
    }
  }

  static void max(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = bits(max(f(a[l]), f(b[l])));
    }
  }

  static void neg(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] ^ Long.MIN_VALUE;
    }
  }

  static void abs(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] & Long.MAX_VALUE;
    }
  }

  static void copysign(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] & Long.MIN_VALUE | b[l] & Long.MAX_VALUE;
    }
  }

  /** The other one if one is not a number; -0 is smaller than 0. */
  private static double min(double a, double b) {
    return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b);
  }

  private static double max(double a, double b) {
    return Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b);
  }
}
