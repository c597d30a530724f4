package dev.troupe.kernels.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where the variables that a kernel uses lie, each in its state space. */
final class Layout {
  /** Bytes between two variables in shared memory that belong to none. */
  private static final int SHARED_GAP = 64;

  private final Program program;
  private final Map<String, Long> places; // by name, whatever the space
  private final Set<String> local = new HashSet<>(); // a thread's own

  /**
   * Gives places to shared and local variables.
   *
   * @param others the addresses of the module's constants and globals
   */
  Layout(Program program, Body body, Map<String, Long> others) {
    this.program = program;
    this.places = new HashMap<>(others);
    List<Variable> variables = new ArrayList<>(program.module.contents().variables());
    variables.addAll(body.variables);
    long end = SHARED_GAP;
    long gpu = 0;
    for (Variable v : variables) {
      if (v.space().equals("shared") && v.bytes() > 0 && isUsed(body, v.name())) {
        end = align(end, v.align());
        gpu = align(gpu, v.align()) + v.bytes();
        places.put(v.name(), end);
        program.sharedRanges.add(new long[] {end, end + v.bytes()});
        end += v.bytes() + SHARED_GAP;
      } else if (v.space().equals("local")) {
        long at = align(program.localBytes, Math.max(v.align(), 8));
        places.put(v.name(), at);
        local.add(v.name());
        program.localBytes = (int) align(at + v.bytes(), 16);
      }
    }
    program.sharedBytes = (int) gpu;
    program.sharedEnd = (int) align(end, 256);
    for (Variable v : variables) {
      if (v.space().equals("shared") && v.bytes() == 0) {
        places.put(v.name(), (long) program.sharedEnd);
      }
    }
  }

  private static boolean isUsed(Body body, String variable) {
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

  /** Whether a variable is in a thread's local memory. */
  boolean isLocal(String name) {
    return local.contains(name);
  }

  /** The address of a variable or a parameter in its space, or null if there is none. */
  Long at(String name) {
    Long at = places.get(name);
    if (at == null) {
      for (PtxModule.Parameter p : program.entry.parameters()) {
        if (p.name().equals(name)) {
          at = (long) p.offset();
        }
      }
    }
    return at;
  }
}
