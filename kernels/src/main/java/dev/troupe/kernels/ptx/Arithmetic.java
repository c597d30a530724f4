package dev.troupe.kernels.ptx;

import java.util.List;

/** The arithmetic of an instruction by its name; null where the interpreter has none. */
final class Arithmetic {
  private Arithmetic() {}

  static AluOps.Int ints(String name, String how, PtxType type) {
    if (type.bytes == 2) {
      return narrow(name, how, type);
    }
    if (type.bytes != 4) {
      return null;
    }
    boolean s = type.signed;
    String key = how.isEmpty() ? name : name + "." + how;
    return switch (key) {
      case "add" -> Ints::add;
      case "add.sat" -> s ? Ints::addSaturated : null;
      case "sub" -> Ints::sub;
      case "sub.sat" -> s ? Ints::subSaturated : null;
      case "mul.lo" -> Ints::mulLo;
      case "mul.hi" -> s ? Ints::mulHiSigned : Ints::mulHiUnsigned;
      case "mad.lo" -> Ints::madLo;
      case "mad.hi" -> s ? Ints::madHiSigned : Ints::madHiUnsigned;
      case "mul24.lo" -> s ? Ints::mul24Signed : Ints::mul24Unsigned;
      case "div" -> s ? Ints::divSigned : Ints::divUnsigned;
      case "rem" -> s ? Ints::remSigned : Ints::remUnsigned;
      case "min" -> s ? Ints::minSigned : Ints::minUnsigned;
      case "max" -> s ? Ints::maxSigned : Ints::maxUnsigned;
      case "and" -> Ints::and;
      case "or" -> Ints::or;
      case "xor" -> Ints::xor;
      case "not" -> Ints::not;
      case "cnot" -> Ints::cnot;
      case "neg" -> Ints::neg;
      case "abs" -> Ints::abs;
      case "sad" -> s ? Ints::sadSigned : Ints::sadUnsigned;
      case "shl" -> Ints::shl;
      case "shr" -> s ? Ints::shrSigned : Ints::shrUnsigned;
      case "shf.l.wrap" -> Ints::shfLeftWrap;
      case "shf.l.clamp" -> Ints::shfLeftClamp;
      case "shf.r.wrap" -> Ints::shfRightWrap;
      case "shf.r.clamp" -> Ints::shfRightClamp;
      case "popc" -> Ints::popc;
      case "clz" -> Ints::clz;
      case "brev" -> Ints::brev;
      case "bfind" -> s ? Ints::bfindSigned : Ints::bfindUnsigned;
      case "bfe" -> s ? Ints::extractSigned : Ints::extractUnsigned;
      case "prmt" -> Ints::prmt;
      default -> null;
    };
  }

  /** 16-bit arithmetic: that of 32 bits on extended operands, cut off. */
  private static AluOps.Int narrow(String name, String how, PtxType type) {
    PtxType wide = type.signed ? PtxType.S32 : PtxType.U32;
    AluOps.Int f =
        switch (name) {
          case "add",
              "sub",
              "mul",
              "mad",
              "div",
              "rem",
              "min",
              "max",
              "and",
              "or",
              "xor",
              "not",
              "neg",
              "abs",
              "shl" ->
              how.equals("hi") ? null : ints(name, how, wide);
          case "shr" -> ints(name, how, wide);
          default -> null;
        };
    if (f == null) {
      return null;
    }
    boolean shift = name.equals("shl") || name.equals("shr");
    return (d, a, b, c) -> {
      f.apply(d, extended(a, type), shift ? b : extended(b, type), extended(c, type));
      for (int l = 0; l < Op.LANES; l++) {
        d[l] &= 0xffff;
      }
    };
  }

  private static int[] extended(int[] a, PtxType type) {
    int[] d = new int[Op.LANES];
    for (int l = 0; l < Op.LANES; l++) {
      d[l] = (int) Conversions.integer(type, a[l]);
    }
    return d;
  }

  static AluOps.LongInt longShift(String name, PtxType type) {
    return switch (name) {
      case "shl" -> Longs::shl;
      case "shr" -> type.signed ? Longs::shrSigned : Longs::shrUnsigned;
      case "bfe" -> type.signed ? Longs::extractSigned : Longs::extractUnsigned;
      default -> null;
    };
  }

  static AluOps.Narrow longCount(String name, PtxType type) {
    return switch (name) {
      case "popc" -> Longs::popc;
      case "clz" -> Longs::clz;
      case "bfind" -> type.signed ? Longs::bfindSigned : Longs::bfindUnsigned;
      default -> null;
    };
  }

  static AluOps.Long longs(String name, String how, PtxType type) {
    boolean s = type.signed;
    String key = how.isEmpty() ? name : name + "." + how;
    return switch (key) {
      case "add" -> Longs::add;
      case "sub" -> Longs::sub;
      case "mul.lo" -> Longs::mulLo;
      case "mul.hi" -> s ? Longs::mulHiSigned : Longs::mulHiUnsigned;
      case "mad.lo" -> Longs::madLo;
      case "mad.hi" -> s ? Longs::madHiSigned : Longs::madHiUnsigned;
      case "div" -> s ? Longs::divSigned : Longs::divUnsigned;
      case "rem" -> s ? Longs::remSigned : Longs::remUnsigned;
      case "min" -> s ? Longs::minSigned : Longs::minUnsigned;
      case "max" -> s ? Longs::maxSigned : Longs::maxUnsigned;
      case "and" -> Longs::and;
      case "or" -> Longs::or;
      case "xor" -> Longs::xor;
      case "not" -> Longs::not;
      case "cnot" -> Longs::cnot;
      case "neg" -> Longs::neg;
      case "abs" -> Longs::abs;
      case "brev" -> Longs::brev;
      default -> null;
    };
  }

  static AluOps.Int floats(String name, List<String> modifiers) {
    boolean ftz = modifiers.remove("ftz");
    boolean sat = modifiers.remove("sat");
    String how = String.join(".", modifiers);
    AluOps.Int f =
        switch (how.isEmpty() ? name : name + "." + how) {
          case "add", "add.rn" -> Floats::add;
          case "sub", "sub.rn" -> Floats::sub;
          case "mul", "mul.rn" -> Floats::mul;
          case "fma.rn", "mad.rn" -> Floats::fma;
          case "div.rn", "div.full", "div.approx" -> Floats::div;
          case "sqrt.rn", "sqrt.approx" -> Floats::sqrt;
          case "rcp.rn", "rcp.approx" -> Floats::rcp;
          case "rsqrt.approx" -> Floats::rsqrtApprox;
          case "sin.approx" -> Floats::sinApprox;
          case "cos.approx" -> Floats::cosApprox;
          case "lg2.approx" -> Floats::lg2Approx;
          case "ex2.approx" -> Floats::ex2Approx;
          case "tanh.approx" -> Floats::tanhApprox;
          case "min" -> Floats::min;
          case "min.NaN" -> Floats::minNan;
          case "max" -> Floats::max;
          case "max.NaN" -> Floats::maxNan;
          case "neg" -> Floats::neg;
          case "abs" -> Floats::abs;
          case "copysign" -> Floats::copysign;
          default -> null;
        };
    if (f != null && ftz) {
      f = Floats.flushed(f);
    }
    return f != null && sat ? Floats.saturated(f) : f;
  }

  static AluOps.Long doubles(String name, String how) {
    return switch (how.isEmpty() ? name : name + "." + how) {
      case "add", "add.rn" -> Doubles::add;
      case "sub", "sub.rn" -> Doubles::sub;
      case "mul", "mul.rn" -> Doubles::mul;
      case "fma.rn", "mad.rn" -> Doubles::fma;
      case "div.rn" -> Doubles::div;
      case "sqrt.rn" -> Doubles::sqrt;
      case "rcp.rn" -> Doubles::rcp;
      case "min" -> Doubles::min;
      case "max" -> Doubles::max;
      case "neg" -> Doubles::neg;
      case "abs" -> Doubles::abs;
      case "copysign" -> Doubles::copysign;
      default -> null;
    };
  }
}
