package dev.troupe.kernels.ptx;

import java.util.List;

/** What an instruction is applied to. */
sealed interface Operand {
  /** The files that registers live in; 16-bit registers live in the low half of a 32-bit one. */
  enum File {
    PRED,
    B32,
    B64
  }

  /** A register: its name, type, and place in its file. */
  record Reg(String name, PtxType type, File file, int index) implements Operand {}

  /** A number as it is written. */
  record Number(long bits, Kind kind) implements Operand {
    enum Kind {
      INTEGER,
      F32,
      F64
    }
  }

  /** A variable, parameter or label, and bytes to add to its address. */
  record Symbol(String name, long offset) implements Operand {}

  /** {@code [base + offset]}; base is a {@link Reg}, a {@link Symbol}, or null. */
  record Address(Operand base, long offset) implements Operand {}

  /** <code>{a, b, c, d}</code>, or the arguments of a call {@code (a, b)}. */
  record Vector(List<Operand> parts) implements Operand {}

  /** {@code first|second}: a result and a predicate. */
  record Pair(Operand first, Operand second) implements Operand {}

  /** {@code !p}. */
  record Not(Operand of) implements Operand {}

  /** {@code _}: a result that nobody wants. */
  record Sink() implements Operand {}
}
