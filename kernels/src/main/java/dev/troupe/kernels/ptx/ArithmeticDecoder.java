package dev.troupe.kernels.ptx;

import dev.troupe.kernels.ptx.AluOps.IntOp;
import dev.troupe.kernels.ptx.AluOps.LongIntOp;
import dev.troupe.kernels.ptx.AluOps.LongOp;
import dev.troupe.kernels.ptx.AluOps.NarrowOp;
import dev.troupe.kernels.ptx.AluOps.WidenOp;
import dev.troupe.kernels.ptx.Operand.File;
import java.util.ArrayList;
import java.util.List;

/** Arithmetic, logic and shifts: the functions of {@link Arithmetic} with their operands. */
final class ArithmeticDecoder {
  private final Operands in;

  ArithmeticDecoder(Operands in) {
    this.in = in;
  }

  /** The op, or null if there is none of that name. */
  Op arithmetic(String name, List<String> modifiers) {
    if (modifiers.isEmpty()) {
      return null;
    }
    PtxType type = in.takeType(modifiers);
    String how = String.join(".", modifiers);
    return switch (type) {
      case PRED -> logic(name, how);
      case F32 -> int32Op(Arithmetic.floats(name, new ArrayList<>(modifiers)), type);
      case F64 -> int64Op(Arithmetic.doubles(name, how), type);
      default -> integers(name, how, type);
    };
  }

  private Op integers(String name, String how, PtxType type) {
    if (how.equals("wide")) {
      return wide(name, type);
    }
    switch (name) {
      case "lop3" -> {
        return int32Op(Ints.lop3(in.immediate(4)), type);
      }
      case "bfi" -> {
        return bitInsert(type);
      }
      case "slct" -> {
        return null;
      }
      default -> {}
    }
    if (type.bytes < 8) {
      return int32Op(Arithmetic.ints(name, how, type), type);
    }
    AluOps.LongInt shift = Arithmetic.longShift(name, type);
    if (shift != null && how.isEmpty()) {
      int c = in.count() > 3 ? in.int32(3, PtxType.U32) : in.zero32();
      return new LongIntOp(
          shift, in.dst(0, File.B64), in.int64(1, type), in.int32(2, PtxType.U32), c);
    }
    AluOps.Narrow count = Arithmetic.longCount(name, type);
    if (count != null && how.isEmpty()) {
      return new NarrowOp(count, in.dst(0, File.B32), in.int64(1, type));
    }
    return int64Op(Arithmetic.longs(name, how, type), type);
  }

  private Op logic(String name, String how) {
    AluOps.Logic f =
        switch (name) {
          case "and" -> (x, y) -> x & y;
          case "or" -> (x, y) -> x | y;
          case "xor" -> (x, y) -> x ^ y;
          case "not" -> (x, y) -> ~x;
          default -> null;
        };
    if (f == null || !how.isEmpty()) {
      return null;
    }
    int a = in.pred(1);
    return new AluOps.PredicateOp(f, in.dst(0, File.PRED), a, in.count() > 2 ? in.pred(2) : a);
  }

  /** Up to three operands; those that are not there are 0. */
  private Op int32Op(AluOps.Int f, PtxType type) {
    if (f == null) {
      return null;
    }
    int b = in.count() > 2 ? in.int32(2, type) : in.zero32();
    int c = in.count() > 3 ? in.int32(3, type) : in.zero32();
    return new IntOp(f, in.dst(0, File.B32), in.int32(1, type), b, c);
  }

  private Op int64Op(AluOps.Long f, PtxType type) {
    if (f == null) {
      return null;
    }
    int b = in.count() > 2 ? in.int64(2, type) : in.zero64();
    int c = in.count() > 3 ? in.int64(3, type) : in.zero64();
    return new LongOp(f, in.dst(0, File.B64), in.int64(1, type), b, c);
  }

  /** {@code mul.wide} and {@code mad.wide}: a result of twice the operands' size. */
  private Op wide(String name, PtxType type) {
    boolean mad = name.equals("mad");
    if (!mad && !name.equals("mul")) {
      return null;
    }
    if (type.bytes == 4) {
      AluOps.Widen f =
          mad
              ? type.signed ? Longs::madWideSigned : Longs::madWideUnsigned
              : type.signed ? Longs::mulWideSigned : Longs::mulWideUnsigned;
      int c = mad ? in.int64(3, type.signed ? PtxType.S64 : PtxType.U64) : in.zero64();
      return new WidenOp(f, in.dst(0, File.B64), in.int32(1, type), in.int32(2, type), c);
    }
    if (type.bytes == 2) {
      AluOps.Int f =
          (d, a, b, c) -> {
            for (int l = 0; l < Op.LANES; l++) {
              d[l] =
                  (int) (Conversions.integer(type, a[l]) * Conversions.integer(type, b[l])) + c[l];
            }
          };
      return int32Op(f, type);
    }
    return null;
  }

  private Op bitInsert(PtxType type) {
    boolean wide = type.bytes == 8;
    return new AluOps.BitInsert(
        wide,
        in.dst(0, wide ? File.B64 : File.B32),
        in.value(1, type),
        in.value(2, type),
        in.int32(3, PtxType.U32),
        in.int32(4, PtxType.U32));
  }
}
