package dev.troupe.kernels.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The inside of an entry or of a function, as it is written. */
final class Body {
  final List<Instruction> instructions = new ArrayList<>();
  final Map<String, Integer> labels = new HashMap<>(); // to the instruction that follows
  final Map<String, List<String>> branchTargets = new HashMap<>();
  final List<Variable> variables = new ArrayList<>();
  final List<Operand.Reg> registers = new ArrayList<>();
  final Map<String, Frame> frames = new HashMap<>(); // of calls that Calls has expanded

  /**
   * What a call begins without: registers, by file from the first to behind the last, and local
   * variables.
   */
  record Frame(int[] from, int[] to, List<Variable> variables) {}
}
