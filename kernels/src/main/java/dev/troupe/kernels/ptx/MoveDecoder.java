package dev.troupe.kernels.ptx;

import static dev.troupe.kernels.ptx.Operands.NONE;

import dev.troupe.kernels.ptx.AluOps.IntOp;
import dev.troupe.kernels.ptx.AluOps.Join;
import dev.troupe.kernels.ptx.AluOps.LongOp;
import dev.troupe.kernels.ptx.AluOps.NarrowOp;
import dev.troupe.kernels.ptx.AluOps.WidenOp;
import dev.troupe.kernels.ptx.Operand.File;
import java.util.List;
import java.util.Locale;
import java.util.function.LongUnaryOperator;

/** Moves, conversions, comparisons, and choices between two values. */
final class MoveDecoder {
  private final Operands in;

  MoveDecoder(Operands in) {
    this.in = in;
  }

  Op move(List<String> modifiers) {
    PtxType type = in.takeType(modifiers);
    if (!modifiers.isEmpty()) {
      throw in.unknown();
    }
    if (in.arg(0) instanceof Operand.Vector(List<Operand> parts)) {
      int[] d = parts.stream().mapToInt(o -> in.dst(o, File.B32)).toArray();
      return new AluOps.Unpack(type, d, in.value(1, type));
    }
    if (in.arg(1) instanceof Operand.Vector(List<Operand> parts)) {
      return pack(type, parts.stream().mapToInt(o -> in.int32(o, type)).toArray());
    }
    if (type == PtxType.PRED) {
      int a = in.pred(1);
      return new AluOps.PredicateOp((x, y) -> x, in.dst(0, File.PRED), a, a);
    }
    return type.bytes == 8
        ? new AluOps.Move64(in.dst(0, File.B64), in.int64(1, type))
        : new AluOps.Move32(in.dst(0, File.B32), in.int32(1, type));
  }

  private Op pack(PtxType type, int[] from) {
    if (from.length == 2 && type.bytes == 8) {
      return new AluOps.Pack64(in.dst(0, File.B64), from[0], from[1]);
    }
    if (from.length == 2 && type.bytes == 4) {
      AluOps.Int pack =
          (d, a, b, c) -> {
            for (int l = 0; l < Op.LANES; l++) {
              d[l] = a[l] & 0xffff | b[l] << 16;
            }
          };
      return new IntOp(pack, in.dst(0, File.B32), from[0], from[1], in.zero32());
    }
    throw in.unknown();
  }

  Op convert(List<String> modifiers) {
    PtxType from = in.takeType(modifiers);
    PtxType to = in.takeType(modifiers);
    if (modifiers.isEmpty() && !from.floating && !to.floating) { // the frequent ones
      if (from.bytes == 4 && to.bytes == 8) {
        return widen(from.signed ? Longs::fromSigned : Longs::fromUnsigned, from);
      }
      if (from.bytes == 8 && to.bytes == 4) {
        return new NarrowOp(Longs::low, in.dst(0, File.B32), in.int64(1, from));
      }
    }
    Conversions.Lane lane = Conversions.of(to, from, modifiers);
    if (lane == null) {
      throw in.unknown();
    }
    boolean wideTo = in.arg(0) instanceof Operand.Reg r && r.file() == File.B64;
    boolean wideFrom = from.bytes == 8;
    // A register may be wider than the type: the rest is filled with the sign or 0.
    LongUnaryOperator f =
        to.signed && !to.floating ? x -> Conversions.integer(to, lane.apply(x)) : lane::apply;
    if (wideTo && wideFrom) {
      AluOps.Long all =
          (d, a, b, c) -> {
            for (int l = 0; l < Op.LANES; l++) {
              d[l] = f.applyAsLong(a[l]);
            }
          };
      return new LongOp(all, in.dst(0, File.B64), in.int64(1, from), in.zero64(), in.zero64());
    } else if (wideTo) {
      AluOps.Widen all =
          (d, a, b, c) -> {
            for (int l = 0; l < Op.LANES; l++) {
              d[l] = f.applyAsLong(a[l] & 0xffffffffL);
            }
          };
      return widen(all, from);
    } else if (wideFrom) {
      AluOps.Narrow all =
          (d, a) -> {
            for (int l = 0; l < Op.LANES; l++) {
              d[l] = (int) f.applyAsLong(a[l]);
            }
          };
      return new NarrowOp(all, in.dst(0, File.B32), in.int64(1, from));
    }
    AluOps.Int all =
        (d, a, b, c) -> {
          for (int l = 0; l < Op.LANES; l++) {
            d[l] = (int) f.applyAsLong(a[l] & 0xffffffffL);
          }
        };
    return new IntOp(all, in.dst(0, File.B32), in.int32(1, from), in.zero32(), in.zero32());
  }

  private Op widen(AluOps.Widen f, PtxType from) {
    return new WidenOp(f, in.dst(0, File.B64), in.int32(1, from), in.zero32(), in.zero64());
  }

  // ---------------------------------------------------------------- comparisons

  /** {@code setp}: a predicate, and its opposite, joined with another one. */
  Op compare(List<String> modifiers) {
    PtxType type = in.takeType(modifiers);
    boolean ftz = modifiers.remove("ftz");
    Join join = Join.NONE;
    for (Join j : List.of(Join.AND, Join.OR, Join.XOR)) {
      if (modifiers.remove(j.name().toLowerCase(Locale.ROOT))) {
        join = j;
      }
    }
    if (modifiers.size() != 1) {
      throw in.unknown();
    }
    AluOps.IntTest ints = type.bytes == 8 ? null : test32(modifiers.getFirst(), type, ftz);
    AluOps.LongTest longs = type.bytes == 8 ? Comparisons.longs(modifiers.getFirst(), type) : null;
    if (ints == null && longs == null) {
      throw in.unknown();
    }
    boolean joined = join != Join.NONE;
    return new AluOps.SetPredicate(
        ints,
        longs,
        in.first(0, File.PRED),
        in.second(0),
        in.value(1, type),
        in.value(2, type),
        join,
        joined ? in.pred(3) : NONE,
        joined && in.arg(3) instanceof Operand.Not);
  }

  private AluOps.IntTest test32(String how, PtxType type, boolean ftz) {
    AluOps.IntTest test = type == PtxType.F16 ? null : Comparisons.ints(how, type);
    if (test == null) {
      throw in.unknown();
    }
    if (type.bytes < 4) {
      return (a, b) -> test.apply(extended(a, type), extended(b, type));
    }
    if (ftz) {
      return (a, b) -> test.apply(Floats.flush(a), Floats.flush(b));
    }
    return test;
  }

  private static int[] extended(int[] a, PtxType type) {
    int[] d = new int[Op.LANES];
    for (int l = 0; l < Op.LANES; l++) {
      d[l] = (int) Conversions.integer(type, a[l]);
    }
    return d;
  }

  /** {@code set}: -1 or 1.0 where the comparison holds, else 0. */
  Op set(List<String> modifiers) {
    PtxType type = in.takeType(modifiers);
    PtxType to = in.takeType(modifiers);
    boolean ftz = modifiers.remove("ftz");
    if (modifiers.size() != 1 || type.bytes != 4 || to.bytes != 4) {
      throw in.unknown();
    }
    AluOps.IntTest test = test32(modifiers.getFirst(), type, ftz);
    int yes = to == PtxType.F32 ? Float.floatToRawIntBits(1) : -1;
    AluOps.Int f =
        (d, a, b, c) -> {
          int m = test.apply(a, b);
          for (int l = 0; l < Op.LANES; l++) {
            d[l] = (m >>> l & 1) != 0 ? yes : 0;
          }
        };
    return new IntOp(f, in.dst(0, File.B32), in.int32(1, type), in.int32(2, type), in.zero32());
  }

  Op select(List<String> modifiers) {
    PtxType type = in.takeType(modifiers);
    if (!modifiers.isEmpty()) {
      throw in.unknown();
    }
    int a = in.value(1, type);
    int b = in.value(2, type);
    int p = in.pred(3);
    return type.bytes == 8
        ? new AluOps.Select64(in.dst(0, File.B64), a, b, p)
        : new AluOps.Select32(in.dst(0, File.B32), a, b, p);
  }
}
