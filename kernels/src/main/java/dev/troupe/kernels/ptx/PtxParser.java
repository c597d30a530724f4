package dev.troupe.kernels.ptx;

import dev.troupe.kernels.ptx.Operand.File;
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
  private final PtxTokens tokens;

  private String version = "";
  private String target = "";
  private final List<PtxModule.Entry> entries = new ArrayList<>();
  private final Map<String, Body> bodies = new LinkedHashMap<>();
  private final Map<String, Function> functions = new HashMap<>();
  private final List<Variable> variables = new ArrayList<>();
  private final Map<Integer, String> files = new HashMap<>();

  // Of the body that is being parsed.
  private Body body;
  private Location location;
  private final Deque<Map<String, Operand>> scopes = new ArrayDeque<>();
  private final int[] used = new int[File.values().length];

  PtxParser(String module, String text) {
    this.module = module.endsWith(".ptx") ? module : module + ".ptx";
    this.tokens = new PtxTokens(this.module, text);
  }

  PtxModule parse() {
    while (!tokens.isAtEnd()) {
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
        new PtxModule.Contents(bodies, functions, variables, files));
  }

  private void topLevel() {
    Token t = tokens.next();
    switch (t.text()) {
      case ".version" -> version = tokens.next().text();
      case ".target" -> {
        target = tokens.next().text();
        while (tokens.peek().is(",")) {
          tokens.next();
          tokens.next();
        }
      }
      case ".address_size" -> {
        Token size = tokens.next();
        if (!size.is("64")) {
          throw tokens.error(size, "addresses of " + size.text() + " bits, expected 64");
        }
      }
      case ".file" -> file();
      case ".section" -> section();
      case ".visible", ".weak", ".common" -> {}
      case ".extern" -> {
        if (tokens.peek().is(".func")) {
          tokens.skipTo(";");
        }
      }
      case ".entry" -> entry();
      case ".func" -> function();
      case ".global", ".const", ".shared" -> variable(t, variables);
      case ".loc" -> loc(t.line());
      case ";" -> {}
      default -> throw tokens.error(t, t.text() + " is not known here");
    }
  }

  private void file() {
    int number = tokens.integer(tokens.next());
    String path = tokens.next().text();
    files.put(number, path.substring(1, path.length() - 1));
    while (!tokens.isAtEnd() && tokens.peek().is(",")) { // time and size
      tokens.next();
      tokens.next();
    }
  }

  private void section() {
    tokens.next();
    tokens.expect("{");
    tokens.skipTo("}");
  }

  // ---------------------------------------------------------------- entries

  private void entry() {
    Token name = tokens.next();
    List<PtxModule.Parameter> parameters = parameters();
    int most = 0;
    int required = 0;
    while (tokens.peek().isDirective()) {
      Token directive = tokens.next();
      switch (directive.text()) {
        case ".maxntid" -> most = product();
        case ".reqntid" -> required = product();
        case ".minnctapersm", ".maxnctapersm", ".maxnreg" -> tokens.next();
        default -> throw tokens.error(directive, directive.text() + " is not known for an entry");
      }
    }
    body();
    entries.add(
        new PtxModule.Entry(name.text(), name.line(), List.copyOf(parameters), most, required));
    bodies.put(name.text(), body);
  }

  /** A function that kernels call; without a body it is one that is defined further below. */
  private void function() {
    List<String> results = names(parameters());
    Token name = tokens.next();
    List<String> parameters = names(parameters());
    while (tokens.peek().isDirective()) {
      Token directive = tokens.next();
      if (!directive.is(".noreturn")) {
        throw tokens.error(directive, directive.text() + " is not known for a function");
      }
    }
    if (tokens.peek().is(";")) {
      return;
    }
    body();
    functions.put(name.text(), new Function(name.text(), results, parameters, body));
  }

  private static List<String> names(List<PtxModule.Parameter> parameters) {
    return parameters.stream().map(PtxModule.Parameter::name).toList();
  }

  private void body() {
    body = new Body();
    location = null;
    java.util.Arrays.fill(used, 0);
    tokens.expect("{");
    block();
  }

  private int product() {
    int product = tokens.integer(tokens.next());
    while (tokens.peek().is(",")) {
      tokens.next();
      product *= tokens.integer(tokens.next());
    }
    return product;
  }

  /** A list in parentheses, or nothing. */
  private List<PtxModule.Parameter> parameters() {
    List<PtxModule.Parameter> parameters = new ArrayList<>();
    if (tokens.peek().is("(")) {
      tokens.next();
      int offset = 0;
      while (!tokens.peek().is(")")) {
        PtxModule.Parameter p = parameter(offset);
        parameters.add(p);
        offset = p.offset() + p.bytes();
        if (tokens.peek().is(",")) {
          tokens.next();
        }
      }
      tokens.next();
    }
    return parameters;
  }

  private PtxModule.Parameter parameter(int offset) {
    tokens.expect(".param");
    int align = 0;
    PtxType type = null;
    while (tokens.peek().isDirective()) {
      Token t = tokens.next();
      switch (t.text()) {
        case ".align" -> align = tokens.integer(tokens.next());
        case ".ptr", ".global", ".const", ".shared", ".local" -> {}
        default -> type = tokens.type(t);
      }
    }
    Token name = tokens.next();
    if (type == null) {
      throw tokens.error(name, "parameter " + name.text() + " has no type");
    }
    int count = 1;
    if (tokens.peek().is("[")) {
      tokens.next();
      count = tokens.integer(tokens.next());
      tokens.expect("]");
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
      Token t = tokens.next();
      if (t.is("}")) {
        break;
      } else if (t.is("{")) {
        block();
      } else if (t.isDirective()) {
        directive(t);
      } else if (t.isName() && tokens.peek().is(":")) {
        tokens.next();
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
      case ".param" -> argument(t);
      case ".pragma" -> {
        tokens.skipTo(";");
      }
      default -> throw tokens.error(t, t.text() + " is not known in a kernel");
    }
  }

  /**
   * What a call takes and gives is in variables of the caller, which may have the same names at
   * every call: here they are a thread's local memory, with names of their own.
   */
  private void argument(Token t) {
    List<Variable> declared = new ArrayList<>();
    variable(t, declared);
    for (Variable v : declared) {
      String unique = v.name() + "#" + body.variables.size();
      scopes.peek().put(v.name(), new Operand.Symbol(unique, 0));
      body.variables.add(new Variable("local", unique, v.align(), v.bytes(), null));
    }
  }

  private void label(Token t) {
    if (tokens.peek().is(".branchtargets")) {
      tokens.next();
      List<String> labels = new ArrayList<>();
      do {
        labels.add(tokens.next().text());
      } while (tokens.next().is(","));
      body.branchTargets.put(t.text(), labels);
    } else if (tokens.peek().is(".callprototype") || tokens.peek().is(".calltargets")) {
      tokens.skipTo(";"); // of a call through a pointer, which is an error itself
    } else if (body.labels.put(t.text(), body.instructions.size()) != null) {
      throw tokens.error(t, "label " + t.text() + " is there twice");
    }
  }

  private void registers() {
    PtxType type = tokens.type(tokens.next());
    do {
      Token name = tokens.next();
      if (tokens.peek().is("<")) {
        tokens.next();
        int count = tokens.integer(tokens.next());
        tokens.expect(">");
        for (int i = 0; i < count; i++) {
          register(name.text() + i, type);
        }
      } else {
        register(name.text(), type);
      }
    } while (tokens.next().is(","));
  }

  private void register(String name, PtxType type) {
    File file = type == PtxType.PRED ? File.PRED : type.bytes == 8 ? File.B64 : File.B32;
    Reg reg = new Reg(name, type, file, used[file.ordinal()]++);
    scopes.peek().put(name, reg);
    body.registers.add(reg);
  }

  private void loc(int line) {
    location = location(location);
    while (!tokens.isAtEnd() && tokens.peek().line() == line) {
      Token t = tokens.next();
      if (t.is("inlined_at")) {
        location =
            new Location(location.file(), location.line(), location(null), location.before());
      }
    }
  }

  private Location location(Location before) {
    int file = tokens.integer(tokens.next());
    int line = tokens.integer(tokens.next());
    tokens.next(); // column
    return new Location(file, line, null, before);
  }

  // ---------------------------------------------------------------- variables

  private void variable(Token space, List<Variable> into) {
    int align = 1;
    PtxType type = null;
    while (tokens.peek().isDirective()) {
      Token t = tokens.next();
      if (t.is(".align")) {
        align = tokens.integer(tokens.next());
      } else if (!t.is(".attribute")) {
        type = tokens.type(t);
      }
    }
    do {
      Token name = tokens.next();
      if (type == null) {
        throw tokens.error(name, "variable " + name.text() + " has no type");
      }
      int count = 1;
      while (tokens.peek().is("[")) {
        tokens.next();
        count *= tokens.peek().is("]") ? 0 : tokens.integer(tokens.next());
        tokens.expect("]");
      }
      byte[] initial = null;
      int bytes = count * type.bytes;
      if (tokens.peek().is("=")) {
        tokens.next();
        initial = initial(type, bytes);
      } else if (space.is(".global") || space.is(".const")) {
        initial = new byte[bytes];
      }
      into.add(
          new Variable(
              space.text().substring(1), name.text(), Math.max(align, type.bytes), bytes, initial));
    } while (tokens.next().is(","));
  }

  /** The first contents; null if there are addresses among them, which the interpreter lacks. */
  private byte[] initial(PtxType type, int bytes) {
    ByteBuffer values = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    boolean addresses = false;
    int depth = 0;
    while (!(depth == 0 && (tokens.peek().is(";") || tokens.peek().is(",")))) {
      Token t = tokens.peek();
      if (t.is("{")) {
        depth++;
        tokens.next();
      } else if (t.is("}")) {
        depth--;
        tokens.next();
      } else if (t.is(",")) {
        tokens.next();
      } else if (addresses || t.isName()) {
        addresses = true;
        tokens.next();
      } else {
        Operand.Number number = tokens.number();
        switch (type.bytes) {
          case 1 -> values.put((byte) number.bits());
          case 2 -> values.putShort((short) number.bits());
          case 4 -> values.putInt((int) number.bits());
          default -> values.putLong(number.bits());
        }
      }
    }
    return addresses ? null : values.array();
  }

  // ---------------------------------------------------------------- instructions

  private void instruction(Token first) {
    Token t = first;
    Reg guard = null;
    boolean negated = false;
    if (t.is("@")) {
      if (tokens.peek().is("!")) {
        tokens.next();
        negated = true;
      }
      Token name = tokens.next();
      if (!(named(name) instanceof Reg reg) || reg.file() != File.PRED) {
        throw tokens.error(name, name.text() + " is no predicate");
      }
      guard = reg;
      t = tokens.next();
    }
    if (!t.isName()) {
      throw tokens.error(t, "expected an instruction, found " + t.text());
    }
    List<Operand> operands = new ArrayList<>();
    while (!tokens.peek().is(";")) {
      operands.add(operand());
      if (tokens.peek().is(",")) {
        tokens.next();
      } else if (!tokens.peek().is(";")) {
        throw tokens.error(
            tokens.peek(), t.text() + ": expected , or ; and found " + tokens.peek().text());
      }
    }
    tokens.next();
    body.instructions.add(
        new Instruction(t.line(), location, guard, negated, t.text(), List.copyOf(operands)));
  }

  private Operand operand() {
    Operand first = simple();
    if (tokens.peek().is("|")) {
      tokens.next();
      return new Operand.Pair(first, simple());
    }
    return first;
  }

  private Operand simple() {
    Token t = tokens.peek();
    if (t.is("[")) {
      tokens.next();
      return address();
    } else if (t.is("{") || t.is("(")) {
      tokens.next();
      String end = t.is("{") ? "}" : ")";
      List<Operand> parts = new ArrayList<>();
      while (!tokens.peek().is(end)) {
        parts.add(simple());
        if (tokens.peek().is(",")) {
          tokens.next();
        }
      }
      tokens.next();
      return new Operand.Vector(List.copyOf(parts));
    } else if (t.is("!")) {
      tokens.next();
      return new Operand.Not(simple());
    } else if (t.is("_")) {
      tokens.next();
      return new Operand.Sink();
    } else if (t.is("-") || t.isNumber()) {
      return tokens.number();
    }
    tokens.next();
    Operand named = named(t);
    if (named instanceof Operand.Symbol(String name, long _) && (tokens.peek().is("+"))) {
      tokens.next();
      return new Operand.Symbol(name, tokens.number().bits());
    }
    return named;
  }

  private Operand address() {
    Operand base = null;
    long offset = 0;
    if (tokens.peek().is("-") || tokens.peek().isNumber()) {
      offset = tokens.number().bits();
    } else {
      base = named(tokens.next());
      if (tokens.peek().is("+")) {
        tokens.next();
        offset = tokens.number().bits();
      } else if (tokens.peek().is("-")) {
        offset = tokens.number().bits();
      }
    }
    tokens.expect("]");
    return new Operand.Address(base, offset);
  }

  private Operand named(Token t) {
    for (Map<String, Operand> scope : scopes) {
      Operand known = scope.get(t.text());
      if (known != null) {
        return known;
      }
    }
    return new Operand.Symbol(t.text(), 0);
  }
}
