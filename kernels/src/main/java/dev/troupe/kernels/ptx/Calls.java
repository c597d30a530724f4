package dev.troupe.kernels.ptx;

import dev.troupe.kernels.ptx.Operand.File;
import dev.troupe.kernels.ptx.Operand.Reg;
import dev.troupe.kernels.ptx.Operand.Symbol;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts each function that an entry calls into the place of the call, with registers, labels and
 * local variables of its own. So lanes that part in a function meet behind it by the rules for any
 * other code. A function that calls itself, or is called through a pointer, is not known.
 */
final class Calls {
  private final PtxModule module;
  private final Body out = new Body();
  private final int[] used = new int[File.values().length]; // registers, by file
  private final Deque<String> active = new ArrayDeque<>(); // functions being expanded
  private final Map<String, Integer> times = new HashMap<>(); // that a function has been expanded
  private final Set<String> shared = new HashSet<>(); // variables of functions

  private Calls(PtxModule module) {
    this.module = module;
  }

  /** An entry's body without calls. */
  static Body expand(PtxModule module, String entry) {
    Body body = module.contents().bodies().get(entry);
    if (body.instructions.stream().noneMatch(Calls::isCall)) {
      return body;
    }
    Calls calls = new Calls(module);
    calls.append(body, new Names("", new int[calls.used.length], Map.of()), null);
    return calls.out;
  }

  private static boolean isCall(Instruction i) {
    return i.opcode().equals("call") || i.opcode().equals("call.uni");
  }

  /**
   * What the names of a body become.
   *
   * @param prefix of registers, labels and local variables
   * @param registers how many there are before the body's own, by file
   * @param parameters to the caller's variables
   */
  private record Names(String prefix, int[] registers, Map<String, String> parameters) {
    String of(String name) {
      return prefix + name;
    }
  }

  /**
   * Adds a body.
   *
   * @param end the label that a return leads to, or null: the end of the kernel
   */
  private void append(Body body, Names names, String end) {
    for (Reg reg : body.registers) {
      Reg own = rename(reg, names);
      out.registers.add(own);
      used[own.file().ordinal()] = Math.max(used[own.file().ordinal()], own.index() + 1);
    }
    Map<String, String> variables = new HashMap<>(names.parameters);
    for (Variable v : body.variables) {
      boolean isShared = v.space().equals("shared"); // one for all calls
      String name = isShared ? v.name() : names.of(v.name());
      variables.put(v.name(), name);
      if (!isShared || shared.add(name)) {
        out.variables.add(new Variable(v.space(), name, v.align(), v.bytes(), v.initial()));
      }
    }
    body.branchTargets.forEach((list, labels) ->
        out.branchTargets.put(names.of(list), labels.stream().map(names::of).toList()));
    List<List<String>> labels = new ArrayList<>();
    for (int i = 0; i <= body.instructions.size(); i++) {
      labels.add(new ArrayList<>());
    }
    body.labels.forEach((label, at) -> {
      labels.get(at).add(names.of(label));
      variables.put(label, names.of(label));
    });
    body.branchTargets.keySet().forEach(list -> variables.put(list, names.of(list)));
    for (int i = 0; i <= body.instructions.size(); i++) {
      labels.get(i).forEach(label -> out.labels.put(label, out.instructions.size()));
      if (i < body.instructions.size()) {
        append(body.instructions.get(i), names, variables, end);
      }
    }
  }

  private void append(Instruction i, Names names, Map<String, String> variables, String end) {
    Reg guard = i.guard() == null ? null : rename(i.guard(), names);
    List<Operand> operands = i.operands().stream().map(o -> rename(o, names, variables)).toList();
    Instruction renamed =
        new Instruction(i.line(), i.location(), guard, i.guardNegated(), i.opcode(), operands);
    if (isCall(i)) {
      call(renamed);
    } else if (end != null && (i.opcode().equals("ret") || i.opcode().equals("ret.uni"))) {
      out.instructions.add(with(renamed, "bra", new Symbol(end, 0)));
    } else {
      out.instructions.add(renamed);
    }
  }

  /** {@code call (results), function, (arguments)}, where either list may be missing. */
  private void call(Instruction i) {
    List<Operand> rest = new ArrayList<>(i.operands());
    List<String> results = list(i, rest);
    if (rest.isEmpty() || !(rest.removeFirst() instanceof Symbol(String name, long _))) {
      throw error(i, "the interpreter does not know calls through a pointer");
    }
    List<String> arguments = list(i, rest);
    if (!rest.isEmpty()) {
      throw error(i, "the interpreter does not know calls through a pointer");
    }
    Function f = module.contents().functions().get(name);
    if (f == null) {
      throw error(i, "the interpreter does not know " + name + ": the file has no body of it");
    }
    if (active.contains(name)) {
      throw error(i, name + " calls itself, which the interpreter does not know");
    }
    if (arguments.size() != f.parameters().size() || results.size() != f.results().size()) {
      throw error(
          i,
          String.format(
              "call of %s: %d arguments and %d results, expected %d and %d",
              name, arguments.size(), results.size(), f.parameters().size(), f.results().size()));
    }
    int time = times.merge(name, 1, Integer::sum);
    String instance = time == 1 ? name : name + "#" + time;
    Map<String, String> parameters = new HashMap<>();
    for (int k = 0; k < arguments.size(); k++) {
      parameters.put(f.parameters().get(k), arguments.get(k));
    }
    for (int k = 0; k < results.size(); k++) {
      parameters.put(f.results().get(k), results.get(k));
    }
    String end = instance + ".end";
    if (i.guard() != null) {
      out.instructions.add(
          new Instruction(
              i.line(),
              i.location(),
              i.guard(),
              !i.guardNegated(),
              "bra",
              List.of(new Symbol(end, 0))));
    }
    out.instructions.add(with(i, i.opcode(), new Symbol(instance, 0)));
    int[] before = used.clone();
    int variablesBefore = out.variables.size();
    active.push(name);
    append(f.body(), new Names(instance + ".", before, parameters), end);
    active.pop();
    out.labels.put(end, out.instructions.size());
    List<Variable> fresh = new ArrayList<>();
    for (Variable v : out.variables.subList(variablesBefore, out.variables.size())) {
      if (v.space().equals("local")) {
        fresh.add(v);
      }
    }
    out.variables.stream().filter(v -> results.contains(v.name())).forEach(fresh::add);
    out.frames.put(instance, new Body.Frame(before, used.clone(), fresh));
  }

  /** The names in a list in parentheses, if one comes next. */
  private List<String> list(Instruction i, List<Operand> operands) {
    if (operands.isEmpty() || !(operands.getFirst() instanceof Operand.Vector(var parts))) {
      return List.of();
    }
    operands.removeFirst();
    List<String> names = new ArrayList<>();
    for (Operand part : parts) {
      if (!(part instanceof Symbol(String name, long _))
          || out.variables.stream().noneMatch(v -> v.name().equals(name))) {
        throw error(i, "call: expected a variable of .param, found " + part);
      }
      names.add(name);
    }
    return names;
  }

  /** The instruction without a guard that a call has in front of it. */
  private static Instruction with(Instruction i, String opcode, Operand operand) {
    boolean guarded = opcode.equals("bra");
    return new Instruction(
        i.line(),
        i.location(),
        guarded ? i.guard() : null,
        guarded && i.guardNegated(),
        opcode,
        List.of(operand));
  }

  private static Reg rename(Reg r, Names names) {
    return new Reg(
        names.of(r.name()), r.type(), r.file(), r.index() + names.registers[r.file().ordinal()]);
  }

  private static Operand rename(Operand o, Names names, Map<String, String> variables) {
    return switch (o) {
      case Reg r -> rename(r, names);
      case Symbol(String name, long offset) ->
          new Symbol(variables.getOrDefault(name, name), offset);
      case Operand.Address(Operand base, long offset) ->
          new Operand.Address(base == null ? null : rename(base, names, variables), offset);
      case Operand.Vector(List<Operand> parts) ->
          new Operand.Vector(parts.stream().map(p -> rename(p, names, variables)).toList());
      case Operand.Pair(Operand first, Operand second) ->
          new Operand.Pair(rename(first, names, variables), rename(second, names, variables));
      case Operand.Not(Operand of) -> new Operand.Not(rename(of, names, variables));
      case Operand.Number n -> n;
      case Operand.Sink s -> s;
    };
  }

  private IllegalArgumentException error(Instruction i, String what) {
    return new IllegalArgumentException(module.name() + ":" + i.line() + ": " + what);
  }
}
