package dev.troupe.kernels.ptx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A kernel, ready to run. */
final class Program {
  static final int TRUE = 0;
  static final int FALSE = 1;
  static final int FIXED_PREDS = 2;

  final PtxModule module;
  final PtxModule.Entry entry;
  final List<Operand.Reg> registers;
  Op[] code;

  // Registers: the kernel's, then special ones and constants.
  int count32;
  int count64;
  int countPred; // 0 is always true, 1 always false, then the kernel's
  int fixed32; // where special ones and constants begin
  int fixed64;
  int[][] constants32; // by place; null if it is none
  long[][] constants64;
  final Map<String, Integer> specials = new HashMap<>(); // those in use, to their place
  int localBytes;

  // Shared memory: variables with gaps between, then what the launch adds.
  int sharedBytes; // of variables, as a GPU counts
  int sharedEnd; // with gaps
  final List<long[]> sharedRanges = new ArrayList<>(); // begin and end of each variable

  Program(PtxModule module, PtxModule.Entry entry, Body body) {
    this.module = module;
    this.entry = entry;
    this.registers = body.registers;
  }

  void countPredicates(int ofKernel) {
    countPred = FIXED_PREDS + ofKernel;
  }

  /** Where a register is in a warp's file. */
  int place(Operand.Reg reg) {
    return reg.file() == Operand.File.PRED ? reg.index() + FIXED_PREDS : reg.index();
  }

  List<Operand.Reg> registersOf(Operand operand) {
    List<Operand.Reg> registers = new ArrayList<>();
    collect(operand, registers);
    return registers;
  }

  private static void collect(Operand operand, List<Operand.Reg> into) {
    switch (operand) {
      case Operand.Reg r -> into.add(r);
      case Operand.Address a -> {
        if (a.base() != null) {
          collect(a.base(), into);
        }
      }
      case Operand.Vector v -> v.parts().forEach(p -> collect(p, into));
      case Operand.Pair p -> {
        collect(p.first(), into);
        collect(p.second(), into);
      }
      case Operand.Not n -> collect(n.of(), into);
      default -> {}
    }
  }
}
