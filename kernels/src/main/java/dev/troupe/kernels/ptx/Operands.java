package dev.troupe.kernels.ptx;

import dev.troupe.kernels.ptx.MemoryOp.Base;
import dev.troupe.kernels.ptx.Operand.File;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The operands of the instruction that is being decoded, as places in a warp's files of registers.
 * Behind the kernel's own registers each file has one for every constant and special register that
 * is in use, so that ops see nothing but registers.
 */
final class Operands {
  /** Instead of a register: a result that nobody wants, an operand that is not there. */
  static final int NONE = -1;

  private final Program program;
  private final Layout layout;
  private final Map<Integer, Integer> ints = new HashMap<>(); // constants to places
  private final Map<Long, Integer> longs = new HashMap<>();
  private int count32;
  private int count64;
  private Instruction instruction;

  Operands(Program program, Layout layout) {
    this.program = program;
    this.layout = layout;
    int preds = 0;
    for (Operand.Reg reg : program.registers) {
      switch (reg.file()) {
        case PRED -> preds = Math.max(preds, reg.index() + 1);
        case B32 -> count32 = Math.max(count32, reg.index() + 1);
        case B64 -> count64 = Math.max(count64, reg.index() + 1);
      }
    }
    program.countPredicates(preds);
    program.fixed32 = count32;
    program.fixed64 = count64;
  }

  /** Once all instructions are decoded: how many registers there are, and what is constant. */
  void finish() {
    program.count32 = count32;
    program.count64 = count64;
    program.constants32 = new int[count32][];
    ints.forEach((value, place) -> {
      program.constants32[place] = new int[Op.LANES];
      Arrays.fill(program.constants32[place], value);
    });
    program.constants64 = new long[count64][];
    longs.forEach((value, place) -> {
      program.constants64[place] = new long[Op.LANES];
      Arrays.fill(program.constants64[place], value);
    });
  }

  // ---------------------------------------------------------------- the instruction

  /** From now on the operands are those of {@code next}. */
  void of(Instruction next) {
    instruction = next;
  }

  int count() {
    return instruction.operands().size();
  }

  Operand arg(int k) {
    return instruction.operands().get(k);
  }

  Operand last() {
    return instruction.operands().getLast();
  }

  /** What is wrong with the instruction, with its place. */
  IllegalArgumentException error(String what) {
    return error(instruction, what);
  }

  IllegalArgumentException error(Instruction i, String what) {
    return new IllegalArgumentException(program.module.name() + ":" + i.line() + ": " + what);
  }

  IllegalArgumentException unknown() {
    return error("the interpreter does not know " + instruction.opcode());
  }

  /** Takes the type, which is the last modifier. */
  PtxType takeType(List<String> modifiers) {
    PtxType type = modifiers.isEmpty() ? null : PtxType.of(modifiers.getLast());
    if (type == null) {
      throw unknown();
    }
    modifiers.removeLast();
    return type;
  }

  // ---------------------------------------------------------------- what is read

  /** The register with an operand's value, of 64 bits or 32 as the type wants it. */
  int value(int k, PtxType type) {
    return value(arg(k), type);
  }

  int value(Operand o, PtxType type) {
    return type.bytes == 8 ? int64(o, type) : int32(o, type);
  }

  int int32(int k, PtxType type) {
    return int32(arg(k), type);
  }

  /** A 32-bit register with the operand's value. */
  int int32(Operand o, PtxType type) {
    return switch (o) {
      case Operand.Reg r when r.file() == File.B32 -> program.place(r);
      case Operand.Number n -> {
        long bits = n.bits();
        if (n.kind() == Operand.Number.Kind.F64 && type == PtxType.F32) {
          bits = Float.floatToRawIntBits((float) Double.longBitsToDouble(bits));
        }
        yield constant((int) bits);
      }
      case Operand.Symbol s when s.name().equals("WARP_SZ") -> constant(Op.LANES);
      case Operand.Symbol s when s.name().startsWith("%") -> special(s.name());
      case Operand.Symbol s -> constant((int) addressOf(s));
      default -> throw error("expected a 32-bit operand, found " + o);
    };
  }

  int int64(int k, PtxType type) {
    return int64(arg(k), type);
  }

  int int64(Operand o, PtxType type) {
    return switch (o) {
      case Operand.Reg r when r.file() == File.B64 -> program.place(r);
      case Operand.Number n -> {
        long bits = n.bits();
        if (n.kind() == Operand.Number.Kind.F32 && type == PtxType.F64) {
          bits = Double.doubleToRawLongBits(Float.intBitsToFloat((int) bits));
        }
        yield constant(bits);
      }
      case Operand.Symbol s when s.name().startsWith("%") -> throw unknownSpecial(s.name());
      case Operand.Symbol s -> constant(addressOf(s));
      default -> throw error("expected a 64-bit operand, found " + o);
    };
  }

  int pred(int k) {
    return pred(arg(k));
  }

  /** A predicate, also where it is negated. */
  int pred(Operand o) {
    return switch (o) {
      case Operand.Reg r when r.file() == File.PRED -> program.place(r);
      case Operand.Not(Operand of) -> pred(of);
      case Operand.Number n -> n.bits() != 0 ? Program.TRUE : Program.FALSE;
      default -> throw error("expected a predicate, found " + o);
    };
  }

  /** A number that is part of the instruction. */
  int immediate(int k) {
    if (arg(k) instanceof Operand.Number n) {
      return (int) n.bits();
    }
    throw error("expected a number, found " + arg(k));
  }

  int zero32() {
    return constant(0);
  }

  int zero64() {
    return constant(0L);
  }

  int constant(int value) {
    return ints.computeIfAbsent(value, _ -> count32++);
  }

  int constant(long value) {
    return longs.computeIfAbsent(value, _ -> count64++);
  }

  private int special(String name) {
    return switch (name) {
      case "%tid.x", "%tid.y", "%tid.z", "%ntid.x", "%ntid.y", "%ntid.z" -> specialPlace(name);
      case "%ctaid.x", "%ctaid.y", "%ctaid.z" -> specialPlace(name);
      case "%nctaid.x", "%nctaid.y", "%nctaid.z" -> specialPlace(name);
      case "%laneid", "%warpid", "%nwarpid", "%smid", "%nsmid", "%gridid" -> specialPlace(name);
      case "%lanemask_eq", "%lanemask_lt", "%lanemask_le", "%lanemask_gt", "%lanemask_ge" ->
          specialPlace(name);
      case "%dynamic_smem_size" -> specialPlace(name);
      default -> throw unknownSpecial(name);
    };
  }

  private int specialPlace(String name) {
    return program.specials.computeIfAbsent(name, _ -> count32++);
  }

  private IllegalArgumentException unknownSpecial(String name) {
    return error(name + " is no register that the interpreter knows");
  }

  // ---------------------------------------------------------------- what is written

  /** The register of a result, or {@link #NONE}. */
  int dst(int k, File file) {
    return dst(arg(k), file);
  }

  int dst(Operand o, File file) {
    return switch (o) {
      case Operand.Reg r when r.file() == file -> program.place(r);
      case Operand.Sink _ -> NONE;
      default -> throw error("expected a register of " + file + ", found " + o);
    };
  }

  /** The register of a result that may be the first of a pair {@code first|second}. */
  int first(int k, File file) {
    return dst(arg(k) instanceof Operand.Pair pair ? pair.first() : arg(k), file);
  }

  /** The predicate that is the second of a pair, or {@link #NONE}. */
  int second(int k) {
    return arg(k) instanceof Operand.Pair pair ? dst(pair.second(), File.PRED) : NONE;
  }

  // ---------------------------------------------------------------- addresses

  /** Where an operand in brackets points: a register or constant, and an offset. */
  Base base(int k) {
    if (!(arg(k) instanceof Operand.Address(Operand base, long offset))) {
      throw error("expected an address in brackets, found " + arg(k));
    }
    return switch (base) {
      case null -> new Base(true, zero64(), offset);
      case Operand.Reg r when r.file() == File.B64 -> new Base(true, program.place(r), offset);
      case Operand.Reg r when r.file() == File.B32 -> new Base(false, program.place(r), offset);
      case Operand.Symbol s -> new Base(true, constant(addressOf(s)), offset);
      default -> throw error("no address: " + base);
    };
  }

  /** Whether an operand in brackets names a variable of a thread's local memory. */
  boolean isLocal(int k) {
    return arg(k) instanceof Operand.Address(Operand.Symbol(String name, long _), long _)
        && layout.isLocal(name);
  }

  private long addressOf(Operand.Symbol s) {
    Long at = layout.at(s.name());
    if (at == null) {
      boolean declared =
          program.module.contents().variables().stream().anyMatch(v -> v.name().equals(s.name()));
      throw error(
          s.name()
              + (declared
                  ? " is filled with addresses, which the interpreter does not know"
                  : " is not declared"));
    }
    return at + s.offset();
  }
}
