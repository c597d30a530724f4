package dev.troupe.kernels.ptx;

/** 64-bit integer arithmetic, lane by lane. Divisions by 0 give what GPUs give. */
final class Longs {
  private static final int LANES = Op.LANES;
  private static final long SIGN = Long.MIN_VALUE;

  private Longs() {}

  static void move(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l];
    }
  }

  static void add(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] + b[l];
    }
  }

  static void sub(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] - b[l];
    }
  }

  static void mulLo(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] * b[l];
    }
  }

  static void mulHiSigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.multiplyHigh(a[l], b[l]);
    }
  }

  static void mulHiUnsigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.unsignedMultiplyHigh(a[l], b[l]);
    }
  }

  static void madLo(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] * b[l] + c[l];
    }
  }

  static void madHiSigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.multiplyHigh(a[l], b[l]) + c[l];
    }
  }

  static void madHiUnsigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.unsignedMultiplyHigh(a[l], b[l]) + c[l];
    }
  }

  static void divSigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = b[l] == 0 ? -1 : a[l] / b[l];
    }
  }

  static void divUnsigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = b[l] == 0 ? -1 : Long.divideUnsigned(a[l], b[l]);
    }
  }

  static void remSigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = b[l] == 0 ? a[l] : a[l] % b[l];
    }
  }

  static void remUnsigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = b[l] == 0 ? a[l] : Long.remainderUnsigned(a[l], b[l]);
    }
  }

  static void minSigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.min(a[l], b[l]);
    }
  }

  static void maxSigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.max(a[l], b[l]);
    }
  }

  static void minUnsigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.min(a[l] ^ SIGN, b[l] ^ SIGN) ^ SIGN;
    }
  }

  static void maxUnsigned(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.max(a[l] ^ SIGN, b[l] ^ SIGN) ^ SIGN;
    }
  }

  static void and(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] & b[l];
    }
  }

  static void or(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] | b[l];
    }
  }

  static void xor(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] ^ b[l];
    }
  }

  static void not(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = ~a[l];
    }
  }

  static void cnot(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] == 0 ? 1 : 0;
    }
  }

  static void neg(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = -a[l];
    }
  }

  static void abs(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.abs(a[l]);
    }
  }

  static void brev(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Long.reverse(a[l]);
    }
  }

  static void shl(long[] d, long[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (b[l] & ~63) == 0 ? a[l] << b[l] : 0;
    }
  }

  static void shrUnsigned(long[] d, long[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (b[l] & ~63) == 0 ? a[l] >>> b[l] : 0;
    }
  }

  static void shrSigned(long[] d, long[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (b[l] & ~63) == 0 ? a[l] >> b[l] : a[l] >> 63;
    }
  }

  static void extractUnsigned(long[] d, long[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Ints.extract(a[l], b[l] & 0xff, c[l] & 0xff, 64, false);
    }
  }

  static void extractSigned(long[] d, long[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Ints.extract(a[l], b[l] & 0xff, c[l] & 0xff, 64, true);
    }
  }

  static void mulWideSigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (long) a[l] * b[l];
    }
  }

  static void mulWideUnsigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (a[l] & 0xffffffffL) * (b[l] & 0xffffffffL);
    }
  }

  static void madWideSigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (long) a[l] * b[l] + c[l];
    }
  }

  static void madWideUnsigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (a[l] & 0xffffffffL) * (b[l] & 0xffffffffL) + c[l];
    }
  }

  static void fromSigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l];
    }
  }

  static void fromUnsigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] & 0xffffffffL;
    }
  }

  static void low(int[] d, long[] a) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) a[l];
    }
  }

  static void popc(int[] d, long[] a) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Long.bitCount(a[l]);
    }
  }

  static void clz(int[] d, long[] a) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Long.numberOfLeadingZeros(a[l]);
    }
  }

  static void bfindUnsigned(int[] d, long[] a) {
    for (int l = 0; l < LANES; l++) {
      d[l] = 63 - Long.numberOfLeadingZeros(a[l]);
    }
  }

  static void bfindSigned(int[] d, long[] a) {
    for (int l = 0; l < LANES; l++) {
      d[l] = 63 - Long.numberOfLeadingZeros(a[l] < 0 ? ~a[l] : a[l]);
    }
  }

  static void high(int[] d, long[] a) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) (a[l] >>> 32);
    }
  }
}
