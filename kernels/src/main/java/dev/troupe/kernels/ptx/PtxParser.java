package dev.troupe.kernels.ptx;

import dev.troupe.kernels.ptx.Operand.File;
import dev.troupe.kernels.ptx.Operand.Number.Kind;
import dev.troupe.kernels.ptx.Operand.Reg;
import dev.troupe.kernels.ptx.PtxLexer.Token;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses a PTX file as nvcc writes it; what it does not know is an error with the line. */
final class PtxParser {
  private final String module;
  private final List<Token> tokens;
  private int at;

  private String version = "";
  private String target = "";
  private final List<PtxModule.Entry> entries = new ArrayList<>();
  private final Map<String, Body> bodies = new LinkedHashMap<>();
  private final List<Variable> variables = new ArrayList<>();
  private final Map<Integer, String> files = new HashMap<>();

  // Of the body that is being parsed.
  private Body body;
  private Location location;
  private final Deque<Map<String, Reg>> scopes = new ArrayDeque<>();
  private final int[] used = new int[File.values().length];

  PtxParser(String module, String text) {
    this.module = module.endsWith(".ptx") ? module : module + ".ptx";
    this.tokens = PtxLexer.tokens(this.module, text);
  }

  PtxModule parse() {
    while (at < tokens.size()) {
      topLevel();
    }
    if (version.isEmpty() || target.isEmpty()) {
      throw new IllegalArgumentException(module + ": has no .version or no .target: is it PTX?");
    }
    return new PtxModule(
        module,
        version,
        target,
        List.copyOf(entries),
        new PtxModule.Contents(bodies, variables, files));
  }

  private void topLevel() {
    Token t = next();
    switch (t.text()) {
      case ".version" -> version = next().text();
      case ".target" -> {
        target = next().text();
        while (peek().is(",")) {
          next();
          next();
        }
      }
      case ".address_size" -> {
        Token size = next();
        if (!size.is("64")) {
          throw error(size, "addresses of " + size.text() + " bits, expected 64");
        }
      }
      case ".file" -> file();
      case ".section" -> section();
      case ".visible", ".weak", ".common" -> {}
      case ".extern" -> {
        if (peek().is(".func")) {
          while (!next().is(";")) {}
        }
      }
      case ".entry" -> entry();
      case ".global", ".const", ".shared" -> variable(t, variables);
      case ".loc" -> loc(t.line());
      case ";" -> {}
      default -> throw error(t, t.text() + " is not known here");
    }
  }

  private void file() {
    int number = integer(next());
    String path = next().text();
    files.put(number, path.substring(1, path.length() - 1));
    while (at < tokens.size() && peek().is(",")) { // time and size
      next();
      next();
    }
  }

  private void section() {
    next();
    expect("{");
    while (!next().is("}")) {}
  }

  // ---------------------------------------------------------------- entries

  private void entry() {
    Token name = next();
    List<PtxModule.Parameter> parameters = new ArrayList<>();
    if (peek().is("(")) {
      next();
      int offset = 0;
      while (!peek().is(")")) {
        PtxModule.Parameter p = parameter(offset);
        parameters.add(p);
        offset = p.offset() + p.bytes();
        if (peek().is(",")) {
          next();
        }
      }
      next();
    }
    int most = 0;
    int required = 0;
    while (peek().isDirective()) {
      Token directive = next();
      switch (directive.text()) {
        case ".maxntid" -> most = product();
        case ".reqntid" -> required = product();
        case ".minnctapersm", ".maxnctapersm", ".maxnreg" -> next();
        default -> throw error(directive, directive.text() + " is not known for an entry");
      }
    }
    body = new Body();
    location = null;
    java.util.Arrays.fill(used, 0);
    expect("{");
    block();
    entries.add(
        new PtxModule.Entry(name.text(), name.line(), List.copyOf(parameters), most, required));
    bodies.put(name.text(), body);
  }

  private int product() {
    int product = integer(next());
    while (peek().is(",")) {
      next();
      product *= integer(next());
    }
    return product;
  }

  private PtxModule.Parameter parameter(int offset) {
    expect(".param");
    int align = 0;
    PtxType type = null;
    while (peek().isDirective()) {
      Token t = next();
      switch (t.text()) {
        case ".align" -> align = integer(next());
        case ".ptr", ".global", ".const", ".shared", ".local" -> {}
        default -> type = type(t);
      }
    }
    Token name = next();
    if (type == null) {
      throw error(name, "parameter " + name.text() + " has no type");
    }
    int count = 1;
    if (peek().is("[")) {
      next();
      count = integer(next());
      expect("]");
    }
    int boundary = Math.max(align, type.bytes);
    int start = (offset + boundary - 1) / boundary * boundary;
    return new PtxModule.Parameter(
        name.text(), type.name().toLowerCase(java.util.Locale.ROOT), type.bytes * count, start);
  }

  /** Up to the closing brace, which is taken too. */
  private void block() {
    scopes.push(new HashMap<>());
    while (true) {
      Token t = next();
      if (t.is("}")) {
        break;
      } else if (t.is("{")) {
        block();
      } else if (t.isDirective()) {
        directive(t);
      } else if (t.isName() && peek().is(":")) {
        next();
        label(t);
      } else {
        instruction(t);
      }
    }
    scopes.pop();
  }

  private void directive(Token t) {
    switch (t.text()) {
      case ".reg" -> registers();
      case ".loc" -> loc(t.line());
      case ".local", ".shared" -> variable(t, body.variables);
      case ".pragma" -> {
        while (!next().is(";")) {}
      }
      default -> throw error(t, t.text() + " is not known in a kernel");
    }
  }

  private void label(Token t) {
    if (peek().is(".branchtargets")) {
      next();
      List<String> labels = new ArrayList<>();
      do {
        labels.add(next().text());
      } while (next().is(","));
      body.branchTargets.put(t.text(), labels);
    } else if (body.labels.put(t.text(), body.instructions.size()) != null) {
      throw error(t, "label " + t.text() + " is there twice");
    }
  }

  private void registers() {
    PtxType type = type(next());
    do {
      Token name = next();
      if (peek().is("<")) {
        next();
        int count = integer(next());
        expect(">");
        for (int i = 0; i < count; i++) {
          register(name.text() + i, type);
        }
      } else {
        register(name.text(), type);
      }
    } while (next().is(","));
  }

  private void register(String name, PtxType type) {
    File file = type == PtxType.PRED ? File.PRED : type.bytes == 8 ? File.B64 : File.B32;
    Reg reg = new Reg(name, type, file, used[file.ordinal()]++);
    scopes.peek().put(name, reg);
    body.registers.add(reg);
  }

  private void loc(int line) {
    location = location(location);
    while (at < tokens.size() && peek().line() == line) {
      Token t = next();
      if (t.is("inlined_at")) {
        location =
            new Location(location.file(), location.line(), location(null), location.before());
      }
    }
  }

  private Location location(Location before) {
    int file = integer(next());
    int line = integer(next());
    next(); // column
    return new Location(file, line, null, before);
  }

  // ---------------------------------------------------------------- variables

  private void variable(Token space, List<Variable> into) {
    int align = 1;
    PtxType type = null;
    while (peek().isDirective()) {
      Token t = next();
      if (t.is(".align")) {
        align = integer(next());
      } else if (!t.is(".attribute")) {
        type = type(t);
      }
    }
    do {
      Token name = next();
      if (type == null) {
        throw error(name, "variable " + name.text() + " has no type");
      }
      int count = 1;
      while (peek().is("[")) {
        next();
        count *= peek().is("]") ? 0 : integer(next());
        expect("]");
      }
      byte[] initial = null;
      int bytes = count * type.bytes;
      if (peek().is("=")) {
        next();
        initial = initial(type, bytes);
      } else if (space.is(".global") || space.is(".const")) {
        initial = new byte[bytes];
      }
      into.add(
          new Variable(
              space.text().substring(1), name.text(), Math.max(align, type.bytes), bytes, initial));
    } while (next().is(","));
  }

  private byte[] initial(PtxType type, int bytes) {
    ByteBuffer values = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int depth = 0;
    while (!(depth == 0 && (peek().is(";") || peek().is(",")))) {
      Token t = peek();
      if (t.is("{")) {
        depth++;
        next();
      } else if (t.is("}")) {
        depth--;
        next();
      } else if (t.is(",")) {
        next();
      } else {
        Operand.Number number = number();
        switch (type.bytes) {
          case 1 -> values.put((byte) number.bits());
          case 2 -> values.putShort((short) number.bits());
          case 4 -> values.putInt((int) number.bits());
          default -> values.putLong(number.bits());
        }
      }
    }
    return values.array();
  }

  // ---------------------------------------------------------------- instructions

  private void instruction(Token first) {
    Token t = first;
    Reg guard = null;
    boolean negated = false;
    if (t.is("@")) {
      if (peek().is("!")) {
        next();
        negated = true;
      }
      Token name = next();
      if (!(named(name) instanceof Reg reg) || reg.file() != File.PRED) {
        throw error(name, name.text() + " is no predicate");
      }
      guard = reg;
      t = next();
    }
    if (!t.isName()) {
      throw error(t, "expected an instruction, found " + t.text());
    }
    List<Operand> operands = new ArrayList<>();
    while (!peek().is(";")) {
      operands.add(operand());
      if (peek().is(",")) {
        next();
      } else if (!peek().is(";")) {
        throw error(peek(), t.text() + ": expected , or ; and found " + peek().text());
      }
    }
    next();
    body.instructions.add(
        new Instruction(t.line(), location, guard, negated, t.text(), List.copyOf(operands)));
  }

  private Operand operand() {
    Operand first = simple();
    if (peek().is("|")) {
      next();
      return new Operand.Pair(first, simple());
    }
    return first;
  }

  private Operand simple() {
    Token t = peek();
    if (t.is("[")) {
      next();
      return address();
    } else if (t.is("{")) {
      next();
      List<Operand> parts = new ArrayList<>();
      while (!peek().is("}")) {
        parts.add(simple());
        if (peek().is(",")) {
          next();
        }
      }
      next();
      return new Operand.Vector(List.copyOf(parts));
    } else if (t.is("!")) {
      next();
      return new Operand.Not(simple());
    } else if (t.is("_")) {
      next();
      return new Operand.Sink();
    } else if (t.is("-") || t.isNumber()) {
      return number();
    }
    next();
    Operand named = named(t);
    if (named instanceof Operand.Symbol(String name, long _) && (peek().is("+"))) {
      next();
      return new Operand.Symbol(name, number().bits());
    }
    return named;
  }

  private Operand address() {
    Operand base = null;
    long offset = 0;
    if (peek().is("-") || peek().isNumber()) {
      offset = number().bits();
    } else {
      base = named(next());
      if (peek().is("+")) {
        next();
        offset = number().bits();
      } else if (peek().is("-")) {
        offset = number().bits();
      }
    }
    expect("]");
    return new Operand.Address(base, offset);
  }

  private Operand named(Token t) {
    for (Map<String, Reg> scope : scopes) {
      Reg reg = scope.get(t.text());
      if (reg != null) {
        return reg;
      }
    }
    return new Operand.Symbol(t.text(), 0);
  }

  private Operand.Number number() {
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

  // ---------------------------------------------------------------- tokens

  private Token peek() {
    if (at >= tokens.size()) {
      throw new IllegalArgumentException(module + ": ends in the middle");
    }
    return tokens.get(at);
  }

  private Token next() {
    Token t = peek();
    at++;
    return t;
  }

  private void expect(String text) {
    Token t = next();
    if (!t.is(text)) {
      throw error(t, "expected " + text + ", found " + t.text());
    }
  }

  private int integer(Token t) {
    try {
      return Integer.decode(t.text());
    } catch (NumberFormatException e) {
      throw error(t, "expected a number, found " + t.text());
    }
  }

  private PtxType type(Token t) {
    PtxType type = PtxType.of(t.text().substring(1));
    if (type == null) {
      throw error(t, t.text() + " is no type that is known");
    }
    return type;
  }

  private IllegalArgumentException error(Token t, String what) {
    return new IllegalArgumentException(module + ":" + t.line() + ": " + what);
  }
}
