package dev.troupe.kernels.ptx;

/** Comparisons of {@code setp}: which lanes compare so, as bits. */
final class Comparisons {
  private static final int LANES = Op.LANES;
  private static final int SIGN = Integer.MIN_VALUE;

  private Comparisons() {}

  /** A comparison of 32-bit values by its name in PTX, or null. */
  static AluOps.IntTest ints(String how, PtxType type) {
    if (type == PtxType.F32) {
      return switch (how) {
        case "eq" -> Comparisons::eqFloat;
        case "ne" -> Comparisons::neFloat;
        case "lt" -> Comparisons::ltFloat;
        case "le" -> Comparisons::leFloat;
        case "gt" -> Comparisons::gtFloat;
        case "ge" -> Comparisons::geFloat;
        case "equ" -> not(Comparisons::neFloat);
        case "neu" -> not(Comparisons::eqFloat);
        case "ltu" -> not(Comparisons::geFloat);
        case "leu" -> not(Comparisons::gtFloat);
        case "gtu" -> not(Comparisons::leFloat);
        case "geu" -> not(Comparisons::ltFloat);
        case "num" -> Comparisons::numFloat;
        case "nan" -> not(Comparisons::numFloat);
        default -> null;
      };
    }
    return switch (how) {
      case "eq" -> Comparisons::eqInt;
      case "ne" -> Comparisons::neInt;
      case "lt" -> type.signed ? Comparisons::ltInt : Comparisons::ltUnsignedInt;
      case "le" -> type.signed ? Comparisons::leInt : Comparisons::leUnsignedInt;
      case "gt" -> type.signed ? Comparisons::gtInt : Comparisons::gtUnsignedInt;
      case "ge" -> type.signed ? Comparisons::geInt : Comparisons::geUnsignedInt;
      case "lo" -> Comparisons::ltUnsignedInt;
      case "ls" -> Comparisons::leUnsignedInt;
      case "hi" -> Comparisons::gtUnsignedInt;
      case "hs" -> Comparisons::geUnsignedInt;
      default -> null;
    };
  }

  private static AluOps.IntTest not(AluOps.IntTest test) {
    return (a, b) -> ~test.apply(a, b);
  }

  private static AluOps.LongTest notLong(AluOps.LongTest test) {
    return (a, b) -> ~test.apply(a, b);
  }

  /** A comparison of 64-bit values by its name in PTX, or null. */
  static AluOps.LongTest longs(String how, PtxType type) {
    if (type == PtxType.F64) {
      return switch (how) {
        case "eq" -> Comparisons::eqDouble;
        case "ne" -> Comparisons::neDouble;
        case "lt" -> Comparisons::ltDouble;
        case "le" -> Comparisons::leDouble;
        case "gt" -> Comparisons::gtDouble;
        case "ge" -> Comparisons::geDouble;
        case "equ" -> notLong(Comparisons::neDouble);
        case "neu" -> notLong(Comparisons::eqDouble);
        case "ltu" -> notLong(Comparisons::geDouble);
        case "leu" -> notLong(Comparisons::gtDouble);
        case "gtu" -> notLong(Comparisons::leDouble);
        case "geu" -> notLong(Comparisons::ltDouble);
        case "num" -> Comparisons::numDouble;
        case "nan" -> notLong(Comparisons::numDouble);
        default -> null;
      };
    }
    return switch (how) {
      case "eq" -> Comparisons::eqLong;
      case "ne" -> Comparisons::neLong;
      case "lt" -> type.signed ? Comparisons::ltLong : Comparisons::ltUnsignedLong;
      case "le" -> type.signed ? Comparisons::leLong : Comparisons::leUnsignedLong;
      case "gt" -> type.signed ? Comparisons::gtLong : Comparisons::gtUnsignedLong;
      case "ge" -> type.signed ? Comparisons::geLong : Comparisons::geUnsignedLong;
      case "lo" -> Comparisons::ltUnsignedLong;
      case "ls" -> Comparisons::leUnsignedLong;
      case "hi" -> Comparisons::gtUnsignedLong;
      case "hs" -> Comparisons::geUnsignedLong;
      default -> null;
    };
  }

  private static int eqInt(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] == b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int neInt(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] != b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int ltInt(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] < b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int leInt(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] <= b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int gtInt(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] > b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int geInt(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] >= b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int ltUnsignedInt(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= ((a[l] ^ SIGN) < (b[l] ^ SIGN) ? 1 : 0) << l;
    }
    return m;
  }

  private static int leUnsignedInt(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= ((a[l] ^ SIGN) <= (b[l] ^ SIGN) ? 1 : 0) << l;
    }
    return m;
  }

  private static int gtUnsignedInt(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= ((a[l] ^ SIGN) > (b[l] ^ SIGN) ? 1 : 0) << l;
    }
    return m;
  }

  private static int geUnsignedInt(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= ((a[l] ^ SIGN) >= (b[l] ^ SIGN) ? 1 : 0) << l;
    }
    return m;
  }

  private static int eqLong(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] == b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int neLong(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] != b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int ltLong(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] < b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int leLong(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] <= b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int gtLong(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] > b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int geLong(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (a[l] >= b[l] ? 1 : 0) << l;
    }
    return m;
  }

  private static int ltUnsignedLong(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= ((a[l] ^ Long.MIN_VALUE) < (b[l] ^ Long.MIN_VALUE) ? 1 : 0) << l;
    }
    return m;
  }

  private static int leUnsignedLong(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= ((a[l] ^ Long.MIN_VALUE) <= (b[l] ^ Long.MIN_VALUE) ? 1 : 0) << l;
    }
    return m;
  }

  private static int gtUnsignedLong(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= ((a[l] ^ Long.MIN_VALUE) > (b[l] ^ Long.MIN_VALUE) ? 1 : 0) << l;
    }
    return m;
  }

  private static int geUnsignedLong(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= ((a[l] ^ Long.MIN_VALUE) >= (b[l] ^ Long.MIN_VALUE) ? 1 : 0) << l;
    }
    return m;
  }

  private static int eqFloat(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (Float.intBitsToFloat(a[l]) == Float.intBitsToFloat(b[l]) ? 1 : 0) << l;
    }
    return m;
  }

  private static int neFloat(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |=
          (Float.intBitsToFloat(a[l]) < Float.intBitsToFloat(b[l])
                      || Float.intBitsToFloat(a[l]) > Float.intBitsToFloat(b[l])
                  ? 1
                  : 0)
              << l;
    }
    return m;
  }

  private static int ltFloat(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (Float.intBitsToFloat(a[l]) < Float.intBitsToFloat(b[l]) ? 1 : 0) << l;
    }
    return m;
  }

  private static int leFloat(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (Float.intBitsToFloat(a[l]) <= Float.intBitsToFloat(b[l]) ? 1 : 0) << l;
    }
    return m;
  }

  private static int gtFloat(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (Float.intBitsToFloat(a[l]) > Float.intBitsToFloat(b[l]) ? 1 : 0) << l;
    }
    return m;
  }

  private static int geFloat(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (Float.intBitsToFloat(a[l]) >= Float.intBitsToFloat(b[l]) ? 1 : 0) << l;
    }
    return m;
  }

  private static int numFloat(int[] a, int[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |=
          (!Float.isNaN(Float.intBitsToFloat(a[l])) && !Float.isNaN(Float.intBitsToFloat(b[l]))
                  ? 1
                  : 0)
              << l;
    }
    return m;
  }

  private static int eqDouble(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (Double.longBitsToDouble(a[l]) == Double.longBitsToDouble(b[l]) ? 1 : 0) << l;
    }
    return m;
  }

  private static int neDouble(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |=
          (Double.longBitsToDouble(a[l]) < Double.longBitsToDouble(b[l])
                      || Double.longBitsToDouble(a[l]) > Double.longBitsToDouble(b[l])
                  ? 1
                  : 0)
              << l;
    }
    return m;
  }

  private static int ltDouble(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (Double.longBitsToDouble(a[l]) < Double.longBitsToDouble(b[l]) ? 1 : 0) << l;
    }
    return m;
  }

  private static int leDouble(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (Double.longBitsToDouble(a[l]) <= Double.longBitsToDouble(b[l]) ? 1 : 0) << l;
    }
    return m;
  }

  private static int gtDouble(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (Double.longBitsToDouble(a[l]) > Double.longBitsToDouble(b[l]) ? 1 : 0) << l;
    }
    return m;
  }

  private static int geDouble(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |= (Double.longBitsToDouble(a[l]) >= Double.longBitsToDouble(b[l]) ? 1 : 0) << l;
    }
    return m;
  }

  private static int numDouble(long[] a, long[] b) {
    int m = 0;
    for (int l = 0; l < LANES; l++) {
      m |=
          (!Double.isNaN(Double.longBitsToDouble(a[l]))
                      && !Double.isNaN(Double.longBitsToDouble(b[l]))
                  ? 1
                  : 0)
              << l;
    }
    return m;
  }
}
