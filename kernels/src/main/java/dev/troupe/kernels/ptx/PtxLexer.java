package dev.troupe.kernels.ptx;

import java.util.ArrayList;
import java.util.List;

/** Cuts PTX into tokens. A name keeps its dots: {@code add.s32} and {@code %tid.x} are one. */
final class PtxLexer {
  /** A token and its line. Strings keep their quotation marks. */
  record Token(String text, int line) {
    boolean is(String other) {
      return text.equals(other);
    }

    boolean isDirective() {
      return text.charAt(0) == '.';
    }

    boolean isNumber() {
      return Character.isDigit(text.charAt(0));
    }

    boolean isName() {
      char c = text.charAt(0);
      return Character.isLetter(c) || c == '_' || c == '$' || c == '%';
    }
  }

  private PtxLexer() {}

  static List<Token> tokens(String module, String text) {
    List<Token> tokens = new ArrayList<>();
    int line = 1;
    int at = 0;
    int end = text.length();
    while (at < end) {
      char c = text.charAt(at);
      if (c == '\n') {
        line++;
        at++;
      } else if (Character.isWhitespace(c)) {
        at++;
      } else if (text.startsWith("//", at)) {
        int next = text.indexOf('\n', at);
        at = next < 0 ? end : next;
      } else if (text.startsWith("/*", at)) {
        int next = text.indexOf("*/", at + 2);
        if (next < 0) {
          throw new IllegalArgumentException(module + ":" + line + ": a comment without an end");
        }
        line += (int) text.substring(at, next).chars().filter(x -> x == '\n').count();
        at = next + 2;
      } else if (c == '"') {
        int next = text.indexOf('"', at + 1);
        if (next < 0) {
          throw new IllegalArgumentException(module + ":" + line + ": a string without an end");
        }
        tokens.add(new Token(text.substring(at, next + 1), line));
        at = next + 1;
      } else if (isWord(c) || c == '.') {
        int next = at + 1;
        while (next < end
            && (isWord(text.charAt(next))
                || text.charAt(next) == '.'
                || text.startsWith("::", next)
                || text.startsWith("::", next - 1))) {
          next++;
        }
        tokens.add(new Token(text.substring(at, next), line));
        at = next;
      } else {
        tokens.add(new Token(String.valueOf(c), line));
        at++;
      }
    }
    return tokens;
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '%';
  }
}
