package dev.troupe.kernels.ptx;

import static dev.troupe.kernels.ptx.PtxType.F32;
import static dev.troupe.kernels.ptx.PtxType.F64;

import java.util.List;

/** {@code cvt}: one lane's value as bits, from one type to another. */
final class Conversions {
  private Conversions() {}

  /** From the bits of one type to those of another; unused high bits are 0 on both sides. */
  @FunctionalInterface
  interface Lane {
    long apply(long bits);
  }

  /** A conversion by its modifiers, or null if it is none that is known. */
  static Lane of(PtxType to, PtxType from, List<String> modifiers) {
    String rounding = "";
    boolean ftz = false;
    boolean sat = false;
    for (String m : modifiers) {
      switch (m) {
        case "rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi", "rna" -> rounding = m;
        case "ftz" -> ftz = true;
        case "sat" -> sat = true;
        default -> {
          return null;
        }
      }
    }
    if (to == PtxType.TF32) {
      return from == F32 && rounding.equals("rna") ? Conversions::tf32 : null;
    }
    if (!from.floating && !to.floating) {
      boolean saturate = sat;
      return bits -> saturate ? saturated(to, from, bits) : masked(to, integer(from, bits));
    }
    if (!from.floating) {
      String how = rounding;
      boolean toFloat = to == F32;
      return switch (rounding) {
        case "rn", "" ->
            toFloat
                ? bits -> floatFrom(from, bits)
                : to == F64
                    ? bits -> Double.doubleToRawLongBits(doubleFrom(from, bits))
                    : bits -> half(doubleFrom(from, bits));
        case "rz", "rm", "rp" -> toFloat ? bits -> directed(from, bits, how) : null;
        default -> null;
      };
    }
    boolean flush = ftz;
    boolean saturate = sat;
    if (!to.floating) {
      String how = rounding;
      return bits -> toInteger(to, from, real(from, bits, flush), how);
    }
    String how = rounding;
    return switch (rounding) {
      case "", "rn" -> bits -> bits(to, real(from, bits, flush), flush, saturate);
      case "rni", "rzi", "rmi", "rpi" ->
          bits -> bits(to, integral(real(from, bits, flush), how), flush, saturate);
      case "rz", "rm", "rp" ->
          to == F32 && from == F64
              ? bits -> bits(F32, directed(real(from, bits, flush), how), flush, saturate)
              : null;
      default -> null;
    };
  }

  /** The value of an integer. */
  static long integer(PtxType type, long bits) {
    int shift = 64 - 8 * type.bytes;
    return type.signed ? bits << shift >> shift : bits << shift >>> shift;
  }

  private static long masked(PtxType type, long value) {
    int shift = 64 - 8 * type.bytes;
    return value << shift >>> shift;
  }

  private static long saturated(PtxType to, PtxType from, long bits) {
    long v = integer(from, bits);
    boolean huge = !from.signed && v < 0; // 2^63 or more
    if (to.signed) {
      long most = Long.MAX_VALUE >> 64 - 8 * to.bytes;
      return masked(to, huge ? most : Math.clamp(v, -most - 1, most));
    }
    long most = -1L >>> 64 - 8 * to.bytes;
    if (from.signed && v < 0) {
      return 0;
    }
    return to.bytes == 8 ? v : huge ? most : Math.min(v, most);
  }

  private static long floatFrom(PtxType from, long bits) {
    long v = integer(from, bits);
    if (!from.signed && v < 0) { // 2^63 or more: halve, with the lost bit kept sticky
      return Integer.toUnsignedLong(Float.floatToRawIntBits(2 * (float) (v >>> 1 | v & 1)));
    }
    return Integer.toUnsignedLong(Float.floatToRawIntBits((float) v));
  }

  private static double doubleFrom(PtxType from, long bits) {
    long v = integer(from, bits);
    return !from.signed && v < 0 ? 2 * (double) (v >>> 1 | v & 1) : (double) v;
  }

  private static long directed(PtxType from, long bits, String how) {
    java.math.BigDecimal exact = new java.math.BigDecimal(Long.toString(integer(from, bits)));
    if (!from.signed) {
      exact = new java.math.BigDecimal(Long.toUnsignedString(integer(from, bits)));
    }
    float nearest = Float.intBitsToFloat((int) floatFrom(from, bits));
    float r =
        towards(nearest, new java.math.BigDecimal(nearest).compareTo(exact), how, nearest < 0);
    return Integer.toUnsignedLong(Float.floatToRawIntBits(r));
  }

  private static double directed(double x, String how) {
    float nearest = (float) x;
    if (Double.isNaN(x) || Double.isInfinite(x)) {
      return nearest;
    }
    return towards(nearest, Double.compare(nearest, x), how, x < 0);
  }

  /**
   * The neighbour of the nearest float that the rounding asks for.
   *
   * @param side how the nearest float compares with the exact value
   */
  private static float towards(float nearest, int side, String how, boolean negative) {
    boolean up = how.equals("rp") || how.equals("rz") && negative;
    if (up && side < 0) {
      return Math.nextUp(nearest);
    }
    if (!up && side > 0) {
      return Math.nextDown(nearest);
    }
    return nearest;
  }

  private static double real(PtxType type, long bits, boolean flush) {
    return switch (type) {
      case F32 -> Float.intBitsToFloat(flush ? Floats.flush((int) bits) : (int) bits);
      case F64 -> Double.longBitsToDouble(bits);
      case F16 -> Float.float16ToFloat((short) bits);
      default -> throw new IllegalStateException(type.name());
    };
  }

  private static long bits(PtxType type, double x, boolean flush, boolean saturate) {
    double v = !saturate ? x : x > 0 ? Math.min(x, 1) : 0;
    return switch (type) {
      case F32 -> {
        int b = Floats.bits((float) v);
        yield Integer.toUnsignedLong(flush ? Floats.flush(b) : b);
      }
      case F64 -> Double.doubleToRawLongBits(v);
      default -> half(v);
    };
  }

  /** The bits of the nearest f16. */
  static long half(double x) {
    // Through float: rounded to odd, so that the second rounding is the only one.
    float f = (float) x;
    if (Float.isFinite(f) && f != x) {
      float inner = Math.abs(f) > Math.abs(x) ? Math.nextAfter(f, 0) : f;
      f = Float.intBitsToFloat(Float.floatToRawIntBits(inner) | 1);
    }
    return Float.isNaN(f) ? 0x7fff : Short.toUnsignedLong(Float.floatToFloat16(f));
  }

  private static double integral(double x, String how) {
    return switch (how) {
      case "rni" -> Math.rint(x);
      case "rmi" -> Math.floor(x);
      case "rpi" -> Math.ceil(x);
      default -> x < 0 ? Math.ceil(x) : Math.floor(x);
    };
  }

  /** Clamped to the type; what is not a number becomes 0, or the sign bit with 64 bits. */
  private static long toInteger(PtxType to, PtxType from, double x, String how) {
    if (Double.isNaN(x)) {
      boolean wide = from == F64 || to.bytes == 8;
      return wide ? masked(to, 1L << 8 * to.bytes - 1) : 0;
    }
    double r = integral(x, how);
    if (to.signed) {
      long most = Long.MAX_VALUE >> 64 - 8 * to.bytes;
      return masked(to, Math.clamp((long) r, -most - 1, most));
    }
    if (r <= 0) {
      return 0;
    }
    if (to.bytes < 8) {
      return (long) Math.min(r, (double) (-1L >>> 64 - 8 * to.bytes));
    }
    return r >= 0x1p64 ? -1 : r >= 0x1p63 ? (long) (r - 0x1p63) | Long.MIN_VALUE : (long) r;
  }

  /** Rounded to 10 bits of fraction, to nearest, ties away from 0. */
  private static long tf32(long bits) {
    int b = (int) bits;
    if ((b & 0x7f800000) == 0x7f800000) {
      return Integer.toUnsignedLong((b & 0x7fffff) != 0 ? Floats.NAN : b);
    }
    return Integer.toUnsignedLong(b + 0x1000 & ~0x1fff);
  }
}
