package dev.troupe.kernels.ptx;

/** 32-bit integer arithmetic, lane by lane. Divisions by 0 give what GPUs give. */
final class Ints {
  private static final int LANES = Op.LANES;
  private static final long U32 = 0xffffffffL;
  private static final int SIGN = Integer.MIN_VALUE;

  private Ints() {}

  static void move(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l];
    }
  }

  static void add(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] + b[l];
    }
  }

  static void sub(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] - b[l];
    }
  }

  static void mulLo(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] * b[l];
    }
  }

  static void mulHiSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) ((long) a[l] * b[l] >> 32);
    }
  }

  static void mulHiUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) ((a[l] & U32) * (b[l] & U32) >>> 32);
    }
  }

  static void madLo(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] * b[l] + c[l];
    }
  }

  static void madHiSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) ((long) a[l] * b[l] >> 32) + c[l];
    }
  }

  static void madHiUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) ((a[l] & U32) * (b[l] & U32) >>> 32) + c[l];
    }
  }

  static void divSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = b[l] == 0 ? -1 : a[l] / b[l];
    }
  }

  static void divUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = b[l] == 0 ? -1 : Integer.divideUnsigned(a[l], b[l]);
    }
  }

  static void remSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = b[l] == 0 ? a[l] : a[l] % b[l];
    }
  }

  static void remUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = b[l] == 0 ? a[l] : Integer.remainderUnsigned(a[l], b[l]);
    }
  }

  static void minSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.min(a[l], b[l]);
    }
  }

  static void maxSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.max(a[l], b[l]);
    }
  }

  static void minUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.min(a[l] ^ SIGN, b[l] ^ SIGN) ^ SIGN;
    }
  }

  static void maxUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.max(a[l] ^ SIGN, b[l] ^ SIGN) ^ SIGN;
    }
  }

  static void and(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] & b[l];
    }
  }

  static void or(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] | b[l];
    }
  }

  static void xor(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] ^ b[l];
    }
  }

  static void not(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = ~a[l];
    }
  }

  static void cnot(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = a[l] == 0 ? 1 : 0;
    }
  }

  static void neg(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = -a[l];
    }
  }

  static void abs(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.abs(a[l]);
    }
  }

  static void shl(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (b[l] & ~31) == 0 ? a[l] << b[l] : 0;
    }
  }

  static void shrUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (b[l] & ~31) == 0 ? a[l] >>> b[l] : 0;
    }
  }

  static void shrSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (b[l] & ~31) == 0 ? a[l] >> b[l] : a[l] >> 31;
    }
  }

  static void popc(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Integer.bitCount(a[l]);
    }
  }

  static void clz(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Integer.numberOfLeadingZeros(a[l]);
    }
  }

  static void brev(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Integer.reverse(a[l]);
    }
  }

  static void bfindUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = 31 - Integer.numberOfLeadingZeros(a[l]);
    }
  }

  static void bfindSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = 31 - Integer.numberOfLeadingZeros(a[l] < 0 ? ~a[l] : a[l]);
    }
  }

  static void sadSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = c[l] + (a[l] < b[l] ? b[l] - a[l] : a[l] - b[l]);
    }
  }

  static void sadUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = c[l] + (Integer.compareUnsigned(a[l], b[l]) < 0 ? b[l] - a[l] : a[l] - b[l]);
    }
  }

  static void mul24Signed(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (a[l] << 8 >> 8) * (b[l] << 8 >> 8);
    }
  }

  static void mul24Unsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (a[l] & 0xffffff) * (b[l] & 0xffffff);
    }
  }

  static void addSaturated(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.clamp((long) a[l] + b[l], Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
  }

  static void subSaturated(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = Math.clamp((long) a[l] - b[l], Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
  }

  static void shfLeftWrap(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) (pair(a[l], b[l]) << (c[l] & 31) >>> 32);
    }
  }

  static void shfLeftClamp(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) (pair(a[l], b[l]) << amount(c[l]) >>> 32);
    }
  }

  static void shfRightWrap(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) (pair(a[l], b[l]) >>> (c[l] & 31));
    }
  }

  static void shfRightClamp(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) (pair(a[l], b[l]) >>> amount(c[l]));
    }
  }

  static void prmt(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = permute(a[l], b[l], c[l]);
    }
  }

  private static long pair(int low, int high) {
    return low & U32 | (long) high << 32;
  }

  /** A shift amount is unsigned and at most 32. */
  private static int amount(int c) {
    return (c & ~31) == 0 ? c : 32;
  }

  private static int permute(int a, int b, int selector) {
    long bytes = pair(a, b);
    int d = 0;
    for (int i = 0; i < 4; i++) {
      int s = selector >>> 4 * i & 15;
      int value = (int) (bytes >>> 8 * (s & 7)) & 0xff;
      if ((s & 8) != 0) {
        value = (value & 0x80) != 0 ? 0xff : 0;
      }
      d |= value << 8 * i;
    }
    return d;
  }

  /** {@code bfe}: the bits of a from b on, c of them. */
  static void extractUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) extract(a[l] & U32, b[l] & 0xff, c[l] & 0xff, 32, false);
    }
  }

  /** {@code bfe.s32}: with the sign of its topmost bit. */
  static void extractSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LANES; l++) {
      d[l] = (int) extract(a[l], b[l] & 0xff, c[l] & 0xff, 32, true);
    }
  }

  static long extract(long a, int position, int length, int width, boolean signed) {
    if (length == 0) {
      return 0;
    }
    int top = Math.min(position + length - 1, width - 1);
    long sign = signed ? a >>> top & 1 : 0;
    long d = 0;
    for (int i = 0; i < width; i++) {
      long bit = i < length && position + i < width ? a >>> position + i & 1 : sign;
      d |= bit << i;
    }
    return d;
  }

  static long insert(long from, long into, int position, int length, int width) {
    long d = into;
    for (int i = 0; i < length && position + i < width; i++) {
      d = d & ~(1L << position + i) | (from >>> i & 1) << position + i;
    }
    return d;
  }

  /** {@code lop3}: any function of three bits, by its table. */
  static AluOps.Int lop3(int table) {
    return (d, a, b, c) -> {
      for (int l = 0; l < LANES; l++) {
        int x = a[l];
        int y = b[l];
        int z = c[l];
        int r = 0;
        if ((table & 1) != 0) {
          r |= ~x & ~y & ~z;
        }
        if ((table & 2) != 0) {
          r |= ~x & ~y & z;
        }
        if ((table & 4) != 0) {
          r |= ~x & y & ~z;
        }
        if ((table & 8) != 0) {
          r |= ~x & y & z;
        }
        if ((table & 16) != 0) {
          r |= x & ~y & ~z;
        }
        if ((table & 32) != 0) {
          r |= x & ~y & z;
        }
        if ((table & 64) != 0) {
          r |= x & y & ~z;
        }
        if ((table & 128) != 0) {
          r |= x & y & z;
        }
        d[l] = r;
      }
    };
  }
}
