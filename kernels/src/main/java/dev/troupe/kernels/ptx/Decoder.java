package dev.troupe.kernels.ptx;

import dev.troupe.kernels.ptx.AluOps.IntOp;
import dev.troupe.kernels.ptx.AluOps.Join;
import dev.troupe.kernels.ptx.AluOps.LongIntOp;
import dev.troupe.kernels.ptx.AluOps.LongOp;
import dev.troupe.kernels.ptx.AluOps.NarrowOp;
import dev.troupe.kernels.ptx.AluOps.WidenOp;
import dev.troupe.kernels.ptx.ControlOps.Barrier;
import dev.troupe.kernels.ptx.ControlOps.Branch;
import dev.troupe.kernels.ptx.ControlOps.Copies;
import dev.troupe.kernels.ptx.ControlOps.IndexedBranch;
import dev.troupe.kernels.ptx.ControlOps.Reduction;
import dev.troupe.kernels.ptx.MemoryOps.Space;
import dev.troupe.kernels.ptx.Operand.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns the instructions of an entry into ops; one that it does not know is an error. */
final class Decoder {
  /** Bytes between two variables in shared memory that belong to none. */
  private static final int SHARED_GAP = 64;

  private static final int NONE = -1;

  private final PtxModule module;
  private final Body body;
  private final Program program;
  private final Map<String, Long> shared = new HashMap<>();
  private final Map<String, Long> local = new HashMap<>();
  private final Map<String, Long> others; // of the module: constants and globals
  private final Map<Integer, Integer> ints = new HashMap<>(); // constants to places
  private final Map<Long, Integer> longs = new HashMap<>();
  private int count32;
  private int count64;
  private Instruction instruction;

  /**
   * For an entry of a module.
   *
   * @param others the addresses of the module's constants and globals
   */
  Decoder(PtxModule module, PtxModule.Entry entry, Map<String, Long> others) {
    this.module = module;
    this.body = module.contents().bodies().get(entry.name());
    this.program = new Program(module, entry);
    this.others = others;
  }

  Program decode() {
    int preds = 0;
    for (Operand.Reg reg : body.registers) {
      switch (reg.file()) {
        case PRED -> preds = Math.max(preds, reg.index() + 1);
        case B32 -> count32 = Math.max(count32, reg.index() + 1);
        case B64 -> count64 = Math.max(count64, reg.index() + 1);
      }
    }
    program.countPredicates(preds);
    program.fixed32 = count32;
    program.fixed64 = count64;
    layOut();
    flow();
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
    return program;
  }

  // ---------------------------------------------------------------- variables

  private void layOut() {
    List<Variable> variables = new ArrayList<>(module.contents().variables());
    variables.addAll(body.variables);
    long end = SHARED_GAP;
    long gpu = 0;
    for (Variable v : variables) {
      if (v.space().equals("shared") && v.bytes() > 0 && isUsed(v.name())) {
        end = align(end, v.align());
        gpu = align(gpu, v.align()) + v.bytes();
        shared.put(v.name(), end);
        program.sharedRanges.add(new long[] {end, end + v.bytes()});
        end += v.bytes() + SHARED_GAP;
      } else if (v.space().equals("local")) {
        long at = align(program.localBytes, Math.max(v.align(), 8));
        local.put(v.name(), at);
        program.localBytes = (int) align(at + v.bytes(), 16);
      }
    }
    program.sharedBytes = (int) gpu;
    program.sharedEnd = (int) align(end, 256);
    for (Variable v : variables) {
      if (v.space().equals("shared") && v.bytes() == 0) {
        shared.put(v.name(), (long) program.sharedEnd);
      }
    }
  }

  private boolean isUsed(String variable) {
    for (Instruction i : body.instructions) {
      for (Operand o : i.operands()) {
        if (names(o, variable)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean names(Operand o, String variable) {
    return switch (o) {
      case Operand.Symbol s -> s.name().equals(variable);
      case Operand.Address a -> a.base() != null && names(a.base(), variable);
      case Operand.Vector v -> v.parts().stream().anyMatch(p -> names(p, variable));
      default -> false;
    };
  }

  private static long align(long at, long to) {
    return (at + to - 1) / to * to;
  }

  // ---------------------------------------------------------------- flow

  /** Cuts the body into blocks, orders them, and decodes them in that order. */
  private void flow() {
    List<Instruction> all = body.instructions;
    int n = all.size();
    boolean[] leader = new boolean[n + 1];
    leader[0] = true;
    leader[n] = true;
    body.labels.values().forEach(i -> leader[i] = true);
    for (int i = 0; i < n; i++) {
      if (endsBlock(all.get(i))) {
        leader[i + 1] = true;
      }
    }
    List<Integer> starts = new ArrayList<>();
    int[] blockOf = new int[n + 1];
    for (int i = 0; i <= n; i++) {
      if (leader[i]) {
        starts.add(i);
      }
      blockOf[i] = starts.size() - 1;
    }
    int blocks = starts.size(); // the last one is empty: the end
    List<List<Integer>> successors = new ArrayList<>();
    for (int b = 0; b < blocks; b++) {
      successors.add(b == blocks - 1 ? List.of() : successors(starts, blockOf, b));
    }
    List<Integer> order = new FlowGraph(successors).order();
    List<Op> code = new ArrayList<>();
    int[] begin = new int[blocks];
    for (int k = 0; k < order.size(); k++) {
      int b = order.get(k);
      begin[b] = code.size();
      if (b == blocks - 1) {
        code.add(end(all));
        continue;
      }
      for (int i = starts.get(b); i < starts.get(b + 1); i++) {
        code.add(decode(all.get(i)));
      }
      Instruction last = all.get(starts.get(b + 1) - 1);
      boolean falls = !endsBlock(last) || last.guard() != null;
      if (falls && (k + 1 == order.size() || order.get(k + 1) != b + 1)) {
        Branch jump = new Branch();
        jump.source =
            new Instruction(
                last.line(),
                last.location(),
                null,
                false,
                "bra",
                List.of(new Operand.Symbol("" + starts.get(b + 1), 0)));
        jump.target = starts.get(b + 1);
        code.add(jump);
      }
    }
    program.code = code.toArray(Op[]::new);
    for (Op op : program.code) { // targets are instructions so far
      if (op instanceof Branch branch) {
        branch.target = begin[blockOf[branch.target]];
      } else if (op instanceof IndexedBranch branch) {
        for (int i = 0; i < branch.targets.length; i++) {
          branch.targets[i] = begin[blockOf[branch.targets[i]]];
        }
      }
    }
  }

  private static Op end(List<Instruction> all) {
    Op exit = new ControlOps.Exit();
    int line = all.isEmpty() ? 0 : all.getLast().line();
    exit.source = new Instruction(line, null, null, false, "ret", List.of());
    return exit;
  }

  private static boolean endsBlock(Instruction i) {
    String op = i.opcode();
    return op.equals("bra")
        || op.equals("bra.uni")
        || op.startsWith("brx.idx")
        || op.equals("ret")
        || op.equals("ret.uni")
        || op.equals("exit")
        || op.equals("trap");
  }

  private List<Integer> successors(List<Integer> starts, int[] blockOf, int b) {
    Instruction last = body.instructions.get(starts.get(b + 1) - 1);
    List<Integer> next = new ArrayList<>();
    if (!endsBlock(last) || last.guard() != null) {
      next.add(b + 1);
    }
    if (last.opcode().startsWith("bra")) {
      next.add(blockOf[label(last, last.operands().getFirst())]);
    } else if (last.opcode().startsWith("brx.idx")) {
      for (int target : targets(last)) {
        next.add(blockOf[target]);
      }
    }
    return next;
  }

  private int label(Instruction i, Operand operand) {
    if (operand instanceof Operand.Symbol(String name, long _)) {
      Integer at = body.labels.get(name);
      if (at != null) {
        return at;
      }
    }
    throw error(i, "no label " + operand);
  }

  private int[] targets(Instruction i) {
    if (i.operands().get(1) instanceof Operand.Symbol(String name, long _)) {
      List<String> labels = body.branchTargets.get(name);
      if (labels != null) {
        return labels.stream().mapToInt(l -> label(i, new Operand.Symbol(l, 0))).toArray();
      }
    }
    throw error(i, "no list of targets " + i.operands().get(1));
  }

  // ---------------------------------------------------------------- instructions

  private Op decode(Instruction i) {
    instruction = i;
    Op op;
    try {
      op = op(i);
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          error(i, i.operands().size() + " operands are too few").getMessage(), e);
    }
    op.source = i;
    if (i.guard() != null) {
      op.guard = program.place(i.guard());
      op.guardNegated = i.guardNegated();
    }
    return op;
  }

  private Op op(Instruction i) {
    String[] parts = i.opcode().split("\\.");
    List<String> modifiers = new ArrayList<>(Arrays.asList(parts).subList(1, parts.length));
    Op op =
        switch (parts[0]) {
          case "bra" -> {
            Branch branch = new Branch();
            branch.target = label(i, arg(0));
            yield branch;
          }
          case "brx" -> {
            IndexedBranch branch = new IndexedBranch(int32(arg(0), PtxType.U32));
            branch.targets = targets(i);
            yield branch;
          }
          case "ret", "exit" -> new ControlOps.Exit();
          case "trap" -> new ControlOps.Trap();
          case "membar", "fence", "nanosleep", "prefetch", "prefetchu" -> new ControlOps.Nothing();
          case "bar", "barrier" -> barrier(modifiers);
          case "ld", "ldu" -> load(modifiers);
          case "st" -> store(modifiers);
          case "atom", "red" -> atomic(parts[0].equals("red"), modifiers);
          case "cp" -> asyncCopy(modifiers);
          case "mov" -> move(modifiers);
          case "cvta" -> addressConversion(modifiers);
          case "isspacep" -> null;
          case "cvt" -> convert(modifiers);
          case "setp" -> compare(modifiers);
          case "set" -> set(modifiers);
          case "selp" -> select(modifiers);
          case "shfl" -> shuffle(modifiers);
          case "vote" -> vote(modifiers);
          case "match" -> match(modifiers);
          case "redux" -> reduce(modifiers);
          case "activemask" -> new WarpOps.ActiveMask(dst(0, File.B32));
          case "mma" -> matrixProduct(modifiers);
          default -> arithmetic(parts[0], modifiers);
        };
    if (op == null) {
      throw error(i, "the interpreter does not know " + i.opcode());
    }
    return op;
  }

  private Operand arg(int k) {
    return instruction.operands().get(k);
  }

  private int args() {
    return instruction.operands().size();
  }

  private IllegalArgumentException error(Instruction i, String what) {
    return new IllegalArgumentException(module.name() + ":" + i.line() + ": " + what);
  }

  private IllegalArgumentException unknown() {
    return error(instruction, "the interpreter does not know " + instruction.opcode());
  }

  // ---------------------------------------------------------------- operands

  /** A 32-bit register with the operand's value. */
  private int int32(Operand o, PtxType type) {
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
      default -> throw error(instruction, "expected a 32-bit operand, found " + o);
    };
  }

  private int int64(Operand o, PtxType type) {
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
      default -> throw error(instruction, "expected a 64-bit operand, found " + o);
    };
  }

  private int constant(int value) {
    return ints.computeIfAbsent(value, v -> count32++);
  }

  private int constant(long value) {
    return longs.computeIfAbsent(value, v -> count64++);
  }

  private int zero32() {
    return constant(0);
  }

  private int zero64() {
    return constant(0L);
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

  private IllegalArgumentException unknownSpecial(String name) {
    return error(instruction, name + " is no register that the interpreter knows");
  }

  private int specialPlace(String name) {
    return program.specials.computeIfAbsent(name, n -> count32++);
  }

  private int pred(Operand o) {
    return switch (o) {
      case Operand.Reg r when r.file() == File.PRED -> program.place(r);
      case Operand.Not(Operand of) -> pred(of);
      case Operand.Number n -> n.bits() != 0 ? Program.TRUE : Program.FALSE;
      default -> throw error(instruction, "expected a predicate, found " + o);
    };
  }

  private int dst(int k, File file) {
    return dst(arg(k), file);
  }

  private int dst(Operand o, File file) {
    return switch (o) {
      case Operand.Reg r when r.file() == file -> program.place(r);
      case Operand.Sink _ -> NONE;
      default -> throw error(instruction, "expected a register of " + file + ", found " + o);
    };
  }

  private long addressOf(Operand.Symbol s) {
    Long at = shared.get(s.name());
    if (at == null) {
      at = local.get(s.name());
    }
    if (at == null) {
      at = others.get(s.name());
    }
    if (at == null) {
      for (PtxModule.Parameter p : program.entry.parameters()) {
        if (p.name().equals(s.name())) {
          at = (long) p.offset();
        }
      }
    }
    if (at == null) {
      throw error(instruction, s.name() + " is not declared");
    }
    return at + s.offset();
  }

  private PtxType lastType(List<String> modifiers) {
    PtxType type = PtxType.of(modifiers.getLast());
    if (type == null) {
      throw unknown();
    }
    return type;
  }

  // ---------------------------------------------------------------- memory

  /** Where an address is: register or constant, and offset. */
  private record Base(boolean wide, int register, long offset) {}

  private Base base(Operand o) {
    if (!(o instanceof Operand.Address(Operand base, long offset))) {
      throw error(instruction, "expected an address in brackets, found " + o);
    }
    return switch (base) {
      case null -> new Base(true, zero64(), offset);
      case Operand.Reg r when r.file() == File.B64 -> new Base(true, program.place(r), offset);
      case Operand.Reg r when r.file() == File.B32 -> new Base(false, program.place(r), offset);
      case Operand.Symbol s -> new Base(true, constant(addressOf(s)), offset);
      default -> throw error(instruction, "no address: " + base);
    };
  }

  private static Space space(List<String> modifiers) {
    Space space = Space.GENERIC;
    for (String s :
        List.of("param", "global", "const", "shared", "local", "shared::cta", "param::entry")) {
      if (modifiers.remove(s)) {
        int colon = s.indexOf(':');
        space =
            Space.valueOf(
                (colon < 0 ? s : s.substring(0, colon)).toUpperCase(java.util.Locale.ROOT));
      }
    }
    return space;
  }

  private static int vector(List<String> modifiers) {
    return modifiers.remove("v2") ? 2 : modifiers.remove("v4") ? 4 : 1;
  }

  /** Takes what has no meaning for one memory without caches; anything else is unknown. */
  private void dropCacheHints(List<String> modifiers) {
    modifiers.removeIf(m ->
        m.startsWith("L1::")
            || m.startsWith("L2::")
            || Set.of("nc", "ca", "cg", "cs", "lu", "cv", "wb", "wt", "volatile").contains(m)
            || Set.of("relaxed", "weak", "acquire", "release", "acq_rel").contains(m)
            || Set.of("cta", "gpu", "sys", "noftz").contains(m));
    if (!modifiers.isEmpty()) {
      throw unknown();
    }
  }

  private Op load(List<String> modifiers) {
    PtxType type = lastType(modifiers);
    modifiers.removeLast();
    Space space = space(modifiers);
    int n = vector(modifiers);
    dropCacheHints(modifiers);
    List<Operand> to = n == 1 ? List.of(arg(0)) : ((Operand.Vector) arg(0)).parts();
    File file = file(to);
    int[] d = to.stream().mapToInt(o -> dst(o, file)).toArray();
    Base base = base(arg(1));
    return new MemoryOps.Load(space, type, file, d, base.wide, base.register, base.offset);
  }

  private File file(List<Operand> registers) {
    for (Operand o : registers) {
      if (o instanceof Operand.Reg r) {
        return r.file();
      }
    }
    return File.B32;
  }

  private Op store(List<String> modifiers) {
    PtxType type = lastType(modifiers);
    modifiers.removeLast();
    Space space = space(modifiers);
    int n = vector(modifiers);
    dropCacheHints(modifiers);
    List<Operand> from = n == 1 ? List.of(arg(1)) : ((Operand.Vector) arg(1)).parts();
    File file = type.bytes == 8 ? File.B64 : file(from);
    int[] a =
        from.stream().mapToInt(o -> file == File.B64 ? int64(o, type) : int32(o, type)).toArray();
    Base base = base(arg(0));
    return new MemoryOps.Store(space, type, file, a, base.wide, base.register, base.offset);
  }

  private Op atomic(boolean reduction, List<String> modifiers) {
    PtxType type = lastType(modifiers);
    modifiers.removeLast();
    Space space = space(modifiers);
    String what = null;
    for (String s : List.of("add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec")) {
      if (modifiers.remove(s)) {
        what = s;
      }
    }
    dropCacheHints(modifiers);
    MemoryOps.Change change = what == null ? null : Changes.of(what, type);
    if (change == null || type.bytes < 4) {
      throw unknown();
    }
    int first = reduction ? 0 : 1;
    boolean wide = type.bytes == 8;
    int d = reduction ? NONE : dst(0, wide ? File.B64 : File.B32);
    Base base = base(arg(first));
    int b = wide ? int64(arg(first + 1), type) : int32(arg(first + 1), type);
    int c = b;
    if (args() > first + 2) {
      c = wide ? int64(arg(first + 2), type) : int32(arg(first + 2), type);
    }
    return new MemoryOps.Atomic(
        space, change, type.bytes, d, b, c, base.wide, base.register, base.offset);
  }

  private Op asyncCopy(List<String> modifiers) {
    String all = String.join(".", modifiers);
    switch (all) {
      case "async.commit_group" -> {
        return new Copies(Copies.What.COMMIT, 0);
      }
      case "async.wait_all" -> {
        return new Copies(Copies.What.WAIT_ALL, 0);
      }
      case "async.wait_group" -> {
        return new Copies(Copies.What.WAIT_GROUP, (int) ((Operand.Number) arg(0)).bits());
      }
      default -> {
        modifiers.removeIf(m -> m.startsWith("L2::"));
        String rest = String.join(".", modifiers).replace("shared::cta", "shared");
        if (!rest.equals("async.ca.shared.global") && !rest.equals("async.cg.shared.global")) {
          throw unknown();
        }
        int bytes = (int) ((Operand.Number) arg(2)).bits();
        if (bytes != 4 && bytes != 8 && bytes != 16) {
          throw error(instruction, "cp.async of " + bytes + " bytes, expected 4, 8 or 16");
        }
        Base to = base(arg(0));
        Base from = base(arg(1));
        int size = args() > 3 ? int32(arg(3), PtxType.U32) : NONE;
        return new MemoryOps.AsyncCopy(
            bytes,
            to.wide,
            to.register,
            to.offset,
            new MemoryOps.Source(bytes, from.wide, from.register, from.offset),
            size);
      }
    }
  }

  private Op addressConversion(List<String> modifiers) {
    boolean to = modifiers.remove("to");
    Space space = space(modifiers);
    if (space == Space.GENERIC || !modifiers.equals(List.of("u64"))) {
      throw unknown();
    }
    long window =
        switch (space) {
          case SHARED -> MemoryOps.SHARED_WINDOW;
          case LOCAL -> MemoryOps.LOCAL_WINDOW;
          case CONST -> MemoryOps.CONST_WINDOW;
          case PARAM -> MemoryOps.PARAM_WINDOW;
          default -> 0;
        };
    AluOps.Long f = to ? Longs::sub : Longs::add;
    return new LongOp(f, dst(0, File.B64), int64(arg(1), PtxType.U64), constant(window), zero64());
  }

  // ---------------------------------------------------------------- moves and conversions

  private Op move(List<String> modifiers) {
    if (modifiers.size() != 1) {
      throw unknown();
    }
    PtxType type = lastType(modifiers);
    if (arg(0) instanceof Operand.Vector(List<Operand> parts)) {
      return new Unpack(
          type,
          parts.stream().mapToInt(o -> dst(o, File.B32)).toArray(),
          type.bytes == 8 ? int64(arg(1), type) : int32(arg(1), type));
    }
    if (arg(1) instanceof Operand.Vector(List<Operand> parts)) {
      int[] from = parts.stream().mapToInt(o -> int32(o, type)).toArray();
      if (type.bytes == 8 && from.length == 2) {
        return new AluOps.Pack64(dst(0, File.B64), from[0], from[1]);
      }
      if (type.bytes == 4 && from.length == 2) {
        AluOps.Int pack =
            (d, a, b, c) -> {
              for (int l = 0; l < Op.LANES; l++) {
                d[l] = a[l] & 0xffff | b[l] << 16;
              }
            };
        return new IntOp(pack, dst(0, File.B32), from[0], from[1], zero32());
      }
      throw unknown();
    }
    if (type == PtxType.PRED) {
      int a = pred(arg(1));
      return new AluOps.PredicateOp((x, y) -> x, dst(0, File.PRED), a, a);
    }
    return type.bytes == 8
        ? new AluOps.Move64(dst(0, File.B64), int64(arg(1), type))
        : new AluOps.Move32(dst(0, File.B32), int32(arg(1), type));
  }

  /** {@code mov.b64 {low, high}, a} and {@code mov.b32 {low, high}, a}. */
  private static final class Unpack extends Op {
    private final PtxType type;
    private final int[] d;
    private final int a;

    Unpack(PtxType type, int[] d, int a) {
      this.type = type;
      this.d = d;
      this.a = a;
    }

    @Override
    void run(Warp w, int mask) {
      int bits = 8 * type.bytes / d.length;
      int known = type.bytes == 8 ? w.known64[a] : w.known32[a];
      long[] from = new long[LANES];
      for (int l = 0; l < LANES; l++) {
        from[l] = type.bytes == 8 ? w.r64[a][l] : w.r32[a][l];
      }
      for (int k = 0; k < d.length; k++) {
        if (d[k] >= 0) {
          int[] out = new int[LANES];
          for (int l = 0; l < LANES; l++) {
            int value = (int) (from[l] >>> k * bits);
            out[l] = bits == 16 ? value & 0xffff : value;
          }
          w.done32(d[k], mask, out, known);
        }
      }
    }
  }

  private Op convert(List<String> modifiers) {
    PtxType from = lastType(modifiers);
    modifiers.removeLast();
    if (modifiers.isEmpty()) {
      throw unknown();
    }
    PtxType to = lastType(modifiers);
    modifiers.removeLast();
    if (modifiers.isEmpty() && !from.floating && !to.floating) { // the frequent ones
      if (from.bytes == 4 && to.bytes == 8) {
        AluOps.Widen f = from.signed ? Longs::fromSigned : Longs::fromUnsigned;
        return new WidenOp(f, dst(0, File.B64), int32(arg(1), from), zero32(), zero64());
      }
      if (from.bytes == 8 && to.bytes == 4) {
        return new NarrowOp(Longs::low, dst(0, File.B32), int64(arg(1), from));
      }
    }
    Conversions.Lane lane = Conversions.of(to, from, modifiers);
    if (lane == null) {
      throw unknown();
    }
    boolean wideTo = arg(0) instanceof Operand.Reg r && r.file() == File.B64;
    boolean wideFrom = from.bytes == 8;
    // A register may be wider than the type: the rest is filled with the sign or 0.
    java.util.function.LongUnaryOperator f =
        to.signed && !to.floating ? x -> Conversions.integer(to, lane.apply(x)) : lane::apply;
    if (wideTo && wideFrom) {
      AluOps.Long all =
          (d, a, b, c) -> {
            for (int l = 0; l < Op.LANES; l++) {
              d[l] = f.applyAsLong(a[l]);
            }
          };
      return new LongOp(all, dst(0, File.B64), int64(arg(1), from), zero64(), zero64());
    } else if (wideTo) {
      AluOps.Widen all =
          (d, a, b, c) -> {
            for (int l = 0; l < Op.LANES; l++) {
              d[l] = f.applyAsLong(a[l] & 0xffffffffL);
            }
          };
      return new WidenOp(all, dst(0, File.B64), int32(arg(1), from), zero32(), zero64());
    } else if (wideFrom) {
      AluOps.Narrow all =
          (d, a) -> {
            for (int l = 0; l < Op.LANES; l++) {
              d[l] = (int) f.applyAsLong(a[l]);
            }
          };
      return new NarrowOp(all, dst(0, File.B32), int64(arg(1), from));
    }
    AluOps.Int all =
        (d, a, b, c) -> {
          for (int l = 0; l < Op.LANES; l++) {
            d[l] = (int) f.applyAsLong(a[l] & 0xffffffffL);
          }
        };
    return new IntOp(all, dst(0, File.B32), int32(arg(1), from), zero32(), zero32());
  }

  // ---------------------------------------------------------------- comparisons

  private Op compare(List<String> modifiers) {
    PtxType type = lastType(modifiers);
    modifiers.removeLast();
    boolean ftz = modifiers.remove("ftz");
    Join join = Join.NONE;
    for (Join j : List.of(Join.AND, Join.OR, Join.XOR)) {
      if (modifiers.remove(j.name().toLowerCase(java.util.Locale.ROOT))) {
        join = j;
      }
    }
    if (modifiers.size() != 1) {
      throw unknown();
    }
    Operand to = arg(0);
    int p = dst(to instanceof Operand.Pair pair ? pair.first() : to, File.PRED);
    int q = to instanceof Operand.Pair pair ? dst(pair.second(), File.PRED) : NONE;
    int c = join == Join.NONE ? NONE : pred(arg(3));
    boolean negated = join != Join.NONE && arg(3) instanceof Operand.Not;
    if (type.bytes == 8) {
      AluOps.LongTest test = Comparisons.longs(modifiers.getFirst(), type);
      if (test == null) {
        throw unknown();
      }
      return new AluOps.SetPredicate(
          null, test, p, q, int64(arg(1), type), int64(arg(2), type), join, c, negated);
    }
    AluOps.IntTest test = test32(modifiers.getFirst(), type, ftz);
    return new AluOps.SetPredicate(
        test, null, p, q, int32(arg(1), type), int32(arg(2), type), join, c, negated);
  }

  private AluOps.IntTest test32(String how, PtxType type, boolean ftz) {
    AluOps.IntTest test = type == PtxType.F16 ? null : Comparisons.ints(how, type);
    if (test == null) {
      throw unknown();
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

  private Op set(List<String> modifiers) {
    PtxType type = lastType(modifiers);
    modifiers.removeLast();
    PtxType to = lastType(modifiers);
    modifiers.removeLast();
    boolean ftz = modifiers.remove("ftz");
    if (modifiers.size() != 1 || type.bytes != 4 || to.bytes != 4) {
      throw unknown();
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
    return new IntOp(f, dst(0, File.B32), int32(arg(1), type), int32(arg(2), type), zero32());
  }

  private Op select(List<String> modifiers) {
    PtxType type = lastType(modifiers);
    if (modifiers.size() != 1) {
      throw unknown();
    }
    int p = pred(arg(3));
    return type.bytes == 8
        ? new AluOps.Select64(dst(0, File.B64), int64(arg(1), type), int64(arg(2), type), p)
        : new AluOps.Select32(dst(0, File.B32), int32(arg(1), type), int32(arg(2), type), p);
  }

  // ---------------------------------------------------------------- barriers and warps

  private Op barrier(List<String> modifiers) {
    modifiers.remove("cta");
    modifiers.remove("aligned");
    if (modifiers.equals(List.of("warp", "sync"))) {
      return new WarpOps.WarpBarrier(int32(arg(0), PtxType.B32));
    }
    if (modifiers.equals(List.of("sync"))) {
      int threads = args() > 1 ? int32(arg(1), PtxType.U32) : NONE;
      return new Barrier(int32(arg(0), PtxType.U32), threads, Reduction.NONE, NONE, NONE, false);
    }
    if (modifiers.size() == 3 && modifiers.getFirst().equals("red")) {
      Reduction reduction = Reduction.valueOf(modifiers.get(1).toUpperCase(java.util.Locale.ROOT));
      Operand p = instruction.operands().getLast();
      int threads = args() > 3 ? int32(arg(2), PtxType.U32) : NONE;
      int d = dst(0, reduction == Reduction.POPC ? File.B32 : File.PRED);
      return new Barrier(
          int32(arg(1), PtxType.U32), threads, reduction, d, pred(p), p instanceof Operand.Not);
    }
    throw unknown();
  }

  private Op shuffle(List<String> modifiers) {
    if (modifiers.size() != 3
        || !modifiers.getFirst().equals("sync")
        || !modifiers.getLast().equals("b32")) {
      throw unknown();
    }
    WarpOps.Direction direction =
        WarpOps.Direction.valueOf(modifiers.get(1).toUpperCase(java.util.Locale.ROOT));
    Operand to = arg(0);
    int d = dst(to instanceof Operand.Pair pair ? pair.first() : to, File.B32);
    int p = to instanceof Operand.Pair pair ? dst(pair.second(), File.PRED) : NONE;
    return new WarpOps.Shuffle(
        direction,
        d,
        p,
        int32(arg(1), PtxType.B32),
        int32(arg(2), PtxType.U32),
        int32(arg(3), PtxType.U32),
        int32(arg(4), PtxType.B32));
  }

  private Op vote(List<String> modifiers) {
    if (modifiers.size() != 3 || !modifiers.getFirst().equals("sync")) {
      throw unknown();
    }
    WarpOps.Question question =
        WarpOps.Question.valueOf(modifiers.get(1).toUpperCase(java.util.Locale.ROOT));
    int d = dst(0, question == WarpOps.Question.BALLOT ? File.B32 : File.PRED);
    return new WarpOps.Vote(
        question, d, pred(arg(1)), arg(1) instanceof Operand.Not, int32(arg(2), PtxType.B32));
  }

  private Op match(List<String> modifiers) {
    PtxType type = lastType(modifiers);
    boolean all = modifiers.contains("all");
    Operand to = arg(0);
    int d = dst(to instanceof Operand.Pair pair ? pair.first() : to, File.B32);
    int p = to instanceof Operand.Pair pair ? dst(pair.second(), File.PRED) : NONE;
    boolean wide = type.bytes == 8;
    int a = wide ? int64(arg(1), type) : int32(arg(1), type);
    return new WarpOps.Match(all, wide, d, p, a, int32(arg(2), PtxType.B32));
  }

  private Op reduce(List<String> modifiers) {
    PtxType type = lastType(modifiers);
    if (modifiers.size() != 3 || type.bytes != 4) {
      throw unknown();
    }
    java.util.function.IntBinaryOperator join =
        switch (modifiers.get(1)) {
          case "add" -> Integer::sum;
          case "min" -> type.signed ? Math::min : Changes::minUnsigned;
          case "max" -> type.signed ? Math::max : Changes::maxUnsigned;
          case "and" -> (x, y) -> x & y;
          case "or" -> (x, y) -> x | y;
          case "xor" -> (x, y) -> x ^ y;
          default -> throw unknown();
        };
    return new WarpOps.Reduce(
        join, dst(0, File.B32), int32(arg(1), type), int32(arg(2), PtxType.B32));
  }

  private Op matrixProduct(List<String> modifiers) {
    if (!String.join(".", modifiers).equals("sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32")) {
      throw unknown();
    }
    return new WarpOps.MatrixProduct(
        parts(0, 4, true), parts(1, 4, false), parts(2, 2, false), parts(3, 4, false));
  }

  private int[] parts(int k, int count, boolean result) {
    if (!(arg(k) instanceof Operand.Vector(List<Operand> parts)) || parts.size() != count) {
      throw error(instruction, "operand " + k + " is no list of " + count);
    }
    return parts.stream()
        .mapToInt(o -> result ? dst(o, File.B32) : int32(o, PtxType.F32))
        .toArray();
  }

  // ---------------------------------------------------------------- arithmetic

  private Op arithmetic(String name, List<String> modifiers) {
    if (modifiers.isEmpty()) {
      return null;
    }
    PtxType type = lastType(modifiers);
    List<String> rest = modifiers.subList(0, modifiers.size() - 1);
    String how = String.join(".", rest);
    if (type == PtxType.PRED) {
      return logic(name, how);
    }
    if (type == PtxType.F32) {
      AluOps.Int f = Arithmetic.floats(name, new ArrayList<>(rest));
      return f == null ? null : int32Op(f, type);
    }
    if (type == PtxType.F64) {
      AluOps.Long f = Arithmetic.doubles(name, how);
      return f == null ? null : int64Op(f, type);
    }
    if (how.equals("wide")) {
      return wide(name, type);
    }
    if (name.equals("lop3")) {
      int table = (int) ((Operand.Number) arg(4)).bits();
      return new IntOp(
          Ints.lop3(table),
          dst(0, File.B32),
          int32(arg(1), type),
          int32(arg(2), type),
          int32(arg(3), type));
    }
    if (name.equals("bfi")) {
      return bitInsert(type);
    }
    if (name.equals("slct")) {
      return null;
    }
    if (type.bytes == 8) {
      AluOps.LongInt shift = Arithmetic.longShift(name, type);
      if (shift != null && how.isEmpty()) {
        int c = args() > 3 ? int32(arg(3), PtxType.U32) : zero32();
        return new LongIntOp(
            shift, dst(0, File.B64), int64(arg(1), type), int32(arg(2), PtxType.U32), c);
      }
      AluOps.Narrow narrow = Arithmetic.longCount(name, type);
      if (narrow != null && how.isEmpty()) {
        return new NarrowOp(narrow, dst(0, File.B32), int64(arg(1), type));
      }
      AluOps.Long f = Arithmetic.longs(name, how, type);
      return f == null ? null : int64Op(f, type);
    }
    AluOps.Int f = Arithmetic.ints(name, how, type);
    return f == null ? null : int32Op(f, type);
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
    int a = pred(arg(1));
    return new AluOps.PredicateOp(f, dst(0, File.PRED), a, args() > 2 ? pred(arg(2)) : a);
  }

  private Op int32Op(AluOps.Int f, PtxType type) {
    int b = args() > 2 ? int32(arg(2), type) : zero32();
    int c = args() > 3 ? int32(arg(3), type) : zero32();
    return new IntOp(f, dst(0, File.B32), int32(arg(1), type), b, c);
  }

  private Op int64Op(AluOps.Long f, PtxType type) {
    int b = args() > 2 ? int64(arg(2), type) : zero64();
    int c = args() > 3 ? int64(arg(3), type) : zero64();
    return new LongOp(f, dst(0, File.B64), int64(arg(1), type), b, c);
  }

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
      int c = mad ? int64(arg(3), type.signed ? PtxType.S64 : PtxType.U64) : zero64();
      return new WidenOp(f, dst(0, File.B64), int32(arg(1), type), int32(arg(2), type), c);
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
    int position = int32(arg(3), PtxType.U32);
    int length = int32(arg(4), PtxType.U32);
    return new BitInsert(
        type.bytes == 8,
        dst(0, type.bytes == 8 ? File.B64 : File.B32),
        type.bytes == 8 ? int64(arg(1), type) : int32(arg(1), type),
        type.bytes == 8 ? int64(arg(2), type) : int32(arg(2), type),
        position,
        length);
  }

  /** {@code bfi}: bits of a into b. */
  private static final class BitInsert extends Op {
    private final boolean wide;
    private final int d;
    private final int a;
    private final int b;
    private final int position;
    private final int length;

    BitInsert(boolean wide, int d, int a, int b, int position, int length) {
      this.wide = wide;
      this.d = d;
      this.a = a;
      this.b = b;
      this.position = position;
      this.length = length;
    }

    @Override
    void run(Warp w, int mask) {
      int known = wide ? w.known64[a] & w.known64[b] : w.known32[a] & w.known32[b];
      known &= w.known32[position] & w.known32[length];
      for (int m = mask; m != 0; m &= m - 1) {
        int l = Integer.numberOfTrailingZeros(m);
        int from = w.r32[position][l] & 0xff;
        int count = w.r32[length][l] & 0xff;
        if (wide) {
          w.r64[d][l] = Ints.insert(w.r64[a][l], w.r64[b][l], from, count, 64);
        } else {
          w.r32[d][l] = (int) Ints.insert(w.r32[a][l], w.r32[b][l], from, count, 32);
        }
      }
      if (wide) {
        w.known64[d] = w.known64[d] & ~mask | known & mask;
      } else {
        w.known32[d] = w.known32[d] & ~mask | known & mask;
      }
    }
  }
}
