package dev.troupe.kernels.ptx;

/** What atomic operations do. */
final class Changes {
  private Changes() {}

  /** By name and type, or null; values of 32 bits come sign-extended. */
  static MemoryOps.Change of(String what, PtxType type) {
    if (type == PtxType.F32) {
      return what.equals("add")
          ? (old, b, c) -> Floats.bits(Floats.f((int) old) + Floats.f((int) b))
          : null;
    }
    if (type == PtxType.F64) {
      return what.equals("add")
          ? (old, b, c) ->
              Double.doubleToRawLongBits(Double.longBitsToDouble(old) + Double.longBitsToDouble(b))
          : null;
    }
    return switch (what) {
      case "add" -> (old, b, c) -> old + b;
      // Sign extension keeps the order of unsigned numbers, too.
      case "min" ->
          type.signed
              ? (old, b, c) -> Math.min(old, b)
              : (old, b, c) -> Long.compareUnsigned(old, b) <= 0 ? old : b;
      case "max" ->
          type.signed
              ? (old, b, c) -> Math.max(old, b)
              : (old, b, c) -> Long.compareUnsigned(old, b) >= 0 ? old : b;
      case "and" -> (old, b, c) -> old & b;
      case "or" -> (old, b, c) -> old | b;
      case "xor" -> (old, b, c) -> old ^ b;
      case "exch" -> (old, b, c) -> b;
      case "cas" -> (old, b, c) -> old == b ? c : old;
      case "inc" -> (old, b, c) -> Long.compareUnsigned(old, b) >= 0 ? 0 : old + 1;
      case "dec" -> (old, b, c) -> old == 0 || Long.compareUnsigned(old, b) > 0 ? b : old - 1;
      default -> null;
    };
  }

  static int minUnsigned(int a, int b) {
    return Integer.compareUnsigned(a, b) <= 0 ? a : b;
  }

  static int maxUnsigned(int a, int b) {
    return Integer.compareUnsigned(a, b) >= 0 ? a : b;
  }
}
