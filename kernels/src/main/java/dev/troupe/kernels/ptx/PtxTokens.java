package dev.troupe.kernels.ptx;

import dev.troupe.kernels.ptx.Operand.Number.Kind;
import dev.troupe.kernels.ptx.PtxLexer.Token;
import java.util.List;

/** The tokens of a file, one after another, and the errors that name their lines. */
final class PtxTokens {
  private final String module;
  private final List<Token> tokens;
  private int at;

  PtxTokens(String module, String text) {
    this.module = module;
    this.tokens = PtxLexer.tokens(module, text);
  }

  boolean isAtEnd() {
    return at == tokens.size();
  }

  Token peek() {
    if (at >= tokens.size()) {
      throw new IllegalArgumentException(module + ": ends in the middle");
    }
    return tokens.get(at);
  }

  Token next() {
    Token t = peek();
    at++;
    return t;
  }

  void expect(String text) {
    Token t = next();
    if (!t.is(text)) {
      throw error(t, "expected " + text + ", found " + t.text());
    }
  }

  int integer(Token t) {
    try {
      return Integer.decode(t.text());
    } catch (NumberFormatException e) {
      throw error(t, "expected a number, found " + t.text());
    }
  }

  PtxType type(Token t) {
    PtxType type = PtxType.of(t.text().substring(1));
    if (type == null) {
      throw error(t, t.text() + " is no type that is known");
    }
    return type;
  }

  IllegalArgumentException error(Token t, String what) {
    return new IllegalArgumentException(module + ":" + t.line() + ": " + what);
  }

  /** Skips all up to a token, which is taken too. */
  void skipTo(String text) {
    while (!next().is(text)) {}
  }

  Operand.Number number() {
    boolean negative = false;
    while (peek().is("-")) {
      next();
      negative = !negative;
    }
    Token t = next();
    String s = t.text();
    try {
      if (s.startsWith("0f") || s.startsWith("0F")) {
        long bits = Integer.toUnsignedLong(Integer.parseUnsignedInt(s.substring(2), 16));
        return new Operand.Number(negative ? bits ^ 0x80000000L : bits, Kind.F32);
      } else if (s.startsWith("0d") || s.startsWith("0D")) {
        long bits = Long.parseUnsignedLong(s.substring(2), 16);
        return new Operand.Number(negative ? bits ^ Long.MIN_VALUE : bits, Kind.F64);
      } else if (s.indexOf('.') > 0) {
        long bits = Double.doubleToRawLongBits(Double.parseDouble(s));
        return new Operand.Number(negative ? bits ^ Long.MIN_VALUE : bits, Kind.F64);
      }
      String digits = s.endsWith("U") ? s.substring(0, s.length() - 1) : s;
      long value =
          digits.startsWith("0x") || digits.startsWith("0X")
              ? Long.parseUnsignedLong(digits.substring(2), 16)
              : digits.startsWith("0b")
                  ? Long.parseUnsignedLong(digits.substring(2), 2)
                  : Long.parseUnsignedLong(digits);
      return new Operand.Number(negative ? -value : value, Kind.INTEGER);
    } catch (NumberFormatException e) {
      throw error(t, s + " is no number");
    }
  }
}
