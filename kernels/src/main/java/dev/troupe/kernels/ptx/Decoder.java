package dev.troupe.kernels.ptx;

import dev.troupe.kernels.ptx.ControlOps.Branch;
import dev.troupe.kernels.ptx.ControlOps.IndexedBranch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Turns the instructions of an entry into ops, in the order of its basic blocks. One that it does
 * not know is an error. What an instruction becomes stands in one class for each family.
 */
final class Decoder {
  private final Body body;
  private final Program program;
  private final Layout layout;
  private final Operands in;
  private final MemoryDecoder memory;
  private final MoveDecoder moves;
  private final ArithmeticDecoder arithmetic;
  private final WarpDecoder warps;

  /**
   * For an entry of a module.
   *
   * @param others the addresses of the module's constants and globals
   */
  Decoder(PtxModule module, PtxModule.Entry entry, Map<String, Long> others) {
    this.body = Calls.expand(module, entry.name());
    this.program = new Program(module, entry, body);
    this.layout = new Layout(program, body, others);
    this.in = new Operands(program, layout);
    this.memory = new MemoryDecoder(in);
    this.moves = new MoveDecoder(in);
    this.arithmetic = new ArithmeticDecoder(in);
    this.warps = new WarpDecoder(in);
  }

  Program decode() {
    flow();
    in.finish();
    return program;
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
    throw in.error(i, "no label " + operand);
  }

  private int[] targets(Instruction i) {
    if (i.operands().get(1) instanceof Operand.Symbol(String name, long _)) {
      List<String> labels = body.branchTargets.get(name);
      if (labels != null) {
        return labels.stream().mapToInt(l -> label(i, new Operand.Symbol(l, 0))).toArray();
      }
    }
    throw in.error(i, "no list of targets " + i.operands().get(1));
  }

  // ---------------------------------------------------------------- instructions

  private Op decode(Instruction i) {
    in.of(i);
    Op op;
    try {
      op = op(i);
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          in.error(in.count() + " operands are too few").getMessage(), e);
    }
    op.source = i;
    if (i.guard() != null) {
      op.guard = program.place(i.guard());
      op.guardNegated = i.guardNegated();
    }
    return op;
  }

  private Op call(Operand instance) {
    Body.Frame frame = body.frames.get(((Operand.Symbol) instance).name());
    List<long[]> variables = new ArrayList<>();
    for (Variable v : frame.variables()) {
      long at = layout.at(v.name());
      variables.add(new long[] {at, at + v.bytes()});
    }
    return new ControlOps.Call(frame.from(), frame.to(), variables);
  }

  private Op op(Instruction i) {
    String[] parts = i.opcode().split("\\.");
    List<String> modifiers = new ArrayList<>(Arrays.asList(parts).subList(1, parts.length));
    Op op =
        switch (parts[0]) {
          case "bra" -> {
            Branch branch = new Branch();
            branch.target = label(i, in.arg(0));
            yield branch;
          }
          case "brx" -> {
            IndexedBranch branch = new IndexedBranch(in.int32(0, PtxType.U32));
            branch.targets = targets(i);
            yield branch;
          }
          case "ret", "exit" -> new ControlOps.Exit();
          case "call" -> call(in.arg(0));
          case "trap" -> new ControlOps.Trap();
          case "membar", "fence", "nanosleep", "prefetch", "prefetchu" -> new ControlOps.Nothing();
          case "ld", "ldu" -> memory.load(modifiers);
          case "st" -> memory.store(modifiers);
          case "atom" -> memory.atomic(false, modifiers);
          case "red" -> memory.atomic(true, modifiers);
          case "cp" -> memory.asyncCopy(modifiers);
          case "cvta" -> memory.genericAddress(modifiers);
          case "isspacep" -> null;
          case "mov" -> moves.move(modifiers);
          case "cvt" -> moves.convert(modifiers);
          case "setp" -> moves.compare(modifiers);
          case "set" -> moves.set(modifiers);
          case "selp" -> moves.select(modifiers);
          case "bar", "barrier" -> warps.barrier(modifiers);
          case "shfl" -> warps.shuffle(modifiers);
          case "vote" -> warps.vote(modifiers);
          case "match" -> warps.match(modifiers);
          case "redux" -> warps.reduce(modifiers);
          case "activemask" -> warps.activeMask();
          case "mma" -> warps.matrixProduct(modifiers);
          case "ldmatrix" -> warps.loadMatrix(modifiers);
          default -> arithmetic.arithmetic(parts[0], modifiers);
        };
    if (op == null) {
      throw in.unknown();
    }
    return op;
  }
}
