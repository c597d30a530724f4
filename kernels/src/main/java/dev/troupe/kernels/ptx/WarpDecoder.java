package dev.troupe.kernels.ptx;

import static dev.troupe.kernels.ptx.Operands.NONE;

import dev.troupe.kernels.ptx.ControlOps.Barrier;
import dev.troupe.kernels.ptx.ControlOps.Reduction;
import dev.troupe.kernels.ptx.MatrixOps.Factor;
import dev.troupe.kernels.ptx.MemoryOp.Space;
import dev.troupe.kernels.ptx.Operand.File;
import java.util.List;
import java.util.Locale;
import java.util.function.IntBinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Barriers, and what the lanes of a warp do together. */
final class WarpDecoder {
  private static final Pattern PRODUCT =
      Pattern.compile(
          "sync\\.aligned\\.m16n8k(\\d+)\\.row\\.col\\.(f32|f16)\\.(tf32|f16|bf16)\\.\\3\\.\\2");

  private static final Pattern LOAD =
      Pattern.compile("sync\\.aligned\\.m8n8\\.x([124])(\\.trans)?(\\.shared(?:::cta)?)?\\.b16");

  private final Operands in;

  WarpDecoder(Operands in) {
    this.in = in;
  }

  Op barrier(List<String> modifiers) {
    modifiers.remove("cta");
    modifiers.remove("aligned");
    if (modifiers.equals(List.of("warp", "sync"))) {
      return new WarpOps.WarpBarrier(in.int32(0, PtxType.B32));
    }
    if (modifiers.equals(List.of("sync"))) {
      int threads = in.count() > 1 ? in.int32(1, PtxType.U32) : NONE;
      return new Barrier(in.int32(0, PtxType.U32), threads, Reduction.NONE, NONE, NONE, false);
    }
    if (modifiers.size() == 3 && modifiers.getFirst().equals("red")) {
      Reduction reduction = Reduction.valueOf(modifiers.get(1).toUpperCase(Locale.ROOT));
      int threads = in.count() > 3 ? in.int32(2, PtxType.U32) : NONE;
      int d = in.dst(0, reduction == Reduction.POPC ? File.B32 : File.PRED);
      boolean negated = in.last() instanceof Operand.Not;
      return new Barrier(
          in.int32(1, PtxType.U32), threads, reduction, d, in.pred(in.last()), negated);
    }
    throw in.unknown();
  }

  Op shuffle(List<String> modifiers) {
    if (modifiers.size() != 3
        || !modifiers.getFirst().equals("sync")
        || !modifiers.getLast().equals("b32")) {
      throw in.unknown();
    }
    return new WarpOps.Shuffle(
        WarpOps.Direction.valueOf(modifiers.get(1).toUpperCase(Locale.ROOT)),
        in.first(0, File.B32),
        in.second(0),
        in.int32(1, PtxType.B32),
        in.int32(2, PtxType.U32),
        in.int32(3, PtxType.U32),
        in.int32(4, PtxType.B32));
  }

  Op vote(List<String> modifiers) {
    if (modifiers.size() != 3 || !modifiers.getFirst().equals("sync")) {
      throw in.unknown();
    }
    WarpOps.Question question = WarpOps.Question.valueOf(modifiers.get(1).toUpperCase(Locale.ROOT));
    return new WarpOps.Vote(
        question,
        in.dst(0, question == WarpOps.Question.BALLOT ? File.B32 : File.PRED),
        in.pred(1),
        in.arg(1) instanceof Operand.Not,
        in.int32(2, PtxType.B32));
  }

  Op match(List<String> modifiers) {
    PtxType type = in.takeType(modifiers);
    return new WarpOps.Match(
        modifiers.contains("all"),
        type.bytes == 8,
        in.first(0, File.B32),
        in.second(0),
        in.value(1, type),
        in.int32(2, PtxType.B32));
  }

  Op reduce(List<String> modifiers) {
    PtxType type = in.takeType(modifiers);
    if (modifiers.size() != 2 || type.bytes != 4) {
      throw in.unknown();
    }
    IntBinaryOperator join =
        switch (modifiers.getLast()) {
          case "add" -> Integer::sum;
          case "min" -> type.signed ? Math::min : Changes::minUnsigned;
          case "max" -> type.signed ? Math::max : Changes::maxUnsigned;
          case "and" -> (x, y) -> x & y;
          case "or" -> (x, y) -> x | y;
          case "xor" -> (x, y) -> x ^ y;
          default -> throw in.unknown();
        };
    return new WarpOps.Reduce(
        join, in.dst(0, File.B32), in.int32(1, type), in.int32(2, PtxType.B32));
  }

  Op activeMask() {
    return new WarpOps.ActiveMask(in.dst(0, File.B32));
  }

  Op matrixProduct(List<String> modifiers) {
    Matcher m = PRODUCT.matcher(String.join(".", modifiers));
    if (!m.matches()) {
      throw in.unknown();
    }
    int k = Integer.parseInt(m.group(1));
    boolean half = m.group(2).equals("f16");
    Factor factor = Factor.valueOf(m.group(3).toUpperCase(Locale.ROOT));
    boolean known = k == 8 || k == 8 * factor.packed;
    if (!known || half && factor != Factor.F16) {
      throw in.unknown();
    }
    int ofB = k / (4 * factor.packed); // registers
    int ofC = half ? 2 : 4;
    return new MatrixOps.MatrixProduct(
        factor,
        k,
        half,
        parts(0, ofC, true),
        parts(1, 2 * ofB, false),
        parts(2, ofB, false),
        parts(3, ofC, false));
  }

  Op loadMatrix(List<String> modifiers) {
    Matcher m = LOAD.matcher(String.join(".", modifiers));
    if (!m.matches()) {
      throw in.unknown();
    }
    Space space = m.group(3) == null ? Space.GENERIC : Space.SHARED;
    int[] d = parts(0, Integer.parseInt(m.group(1)), true);
    return new MatrixOps.LoadMatrix(space, d, m.group(2) != null, in.base(1));
  }

  private int[] parts(int k, int count, boolean result) {
    if (!(in.arg(k) instanceof Operand.Vector(List<Operand> parts)) || parts.size() != count) {
      throw in.error("operand " + k + " is no list of " + count);
    }
    return parts.stream().mapToInt(o -> result ? place(o) : in.int32(o, PtxType.F32)).toArray();
  }

  private int place(Operand result) {
    if (result instanceof Operand.Sink) {
      throw in.error("expected a register, found _");
    }
    return in.dst(result, File.B32);
  }
}
