package dev.troupe.kernels.ptx;

import static dev.troupe.kernels.ptx.Operands.NONE;

import dev.troupe.kernels.ptx.ControlOps.Copies;
import dev.troupe.kernels.ptx.MemoryOp.Base;
import dev.troupe.kernels.ptx.MemoryOp.Space;
import dev.troupe.kernels.ptx.Operand.File;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Loads, stores, atomic operations, asynchronous copies, and addresses of spaces. */
final class MemoryDecoder {
  private static final List<String> SPACES =
      List.of(
          "param",
          "param::entry",
          "param::func",
          "global",
          "const",
          "shared",
          "shared::cta",
          "local");

  private final Operands in;

  MemoryDecoder(Operands in) {
    this.in = in;
  }

  Op load(List<String> modifiers) {
    PtxType type = in.takeType(modifiers);
    Space space = space(modifiers, 1);
    List<Operand> to = parts(modifiers, 0);
    dropCacheHints(modifiers);
    File file = file(to);
    int[] d = to.stream().mapToInt(o -> in.dst(o, file)).toArray();
    return new MemoryOps.Load(space, type, file, d, in.base(1));
  }

  Op store(List<String> modifiers) {
    PtxType type = in.takeType(modifiers);
    Space space = space(modifiers, 0);
    List<Operand> from = parts(modifiers, 1);
    dropCacheHints(modifiers);
    File file = type.bytes == 8 ? File.B64 : file(from);
    int[] a =
        from.stream()
            .mapToInt(o -> file == File.B64 ? in.int64(o, type) : in.int32(o, type))
            .toArray();
    return new MemoryOps.Store(space, type, file, a, in.base(0));
  }

  /** The registers of a vector, or the one that is none. */
  private List<Operand> parts(List<String> modifiers, int k) {
    if (!modifiers.remove("v2") && !modifiers.remove("v4")) {
      return List.of(in.arg(k));
    }
    if (in.arg(k) instanceof Operand.Vector(List<Operand> parts)) {
      return parts;
    }
    throw in.error("expected a vector, found " + in.arg(k));
  }

  private static File file(List<Operand> registers) {
    for (Operand o : registers) {
      if (o instanceof Operand.Reg r) {
        return r.file();
      }
    }
    return File.B32;
  }

  /** The space of an access: what a call takes and gives is in a thread's local memory. */
  private Space space(List<String> modifiers, int address) {
    Space space = space(modifiers);
    return space == Space.PARAM && in.isLocal(address) ? Space.LOCAL : space;
  }

  private static Space space(List<String> modifiers) {
    Space space = Space.GENERIC;
    for (String s : SPACES) {
      if (modifiers.remove(s)) {
        int colon = s.indexOf(':');
        space = Space.valueOf((colon < 0 ? s : s.substring(0, colon)).toUpperCase(Locale.ROOT));
      }
    }
    return space;
  }

  /** Takes what has no meaning for one memory without caches; anything else is unknown. */
  private void dropCacheHints(List<String> modifiers) {
    modifiers.removeIf(m ->
        m.startsWith("L1::")
            || m.startsWith("L2::")
            || Set.of("nc", "ca", "cg", "cs", "lu", "cv", "wb", "wt", "volatile").contains(m)
            || Set.of("relaxed", "weak", "acquire", "release", "acq_rel").contains(m)
            || Set.of("cta", "gpu", "sys", "noftz").contains(m));
    if (!modifiers.isEmpty()) {
      throw in.unknown();
    }
  }

  Op atomic(boolean reduction, List<String> modifiers) {
    PtxType type = in.takeType(modifiers);
    Space space = space(modifiers);
    String what = null;
    for (String s : List.of("add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec")) {
      if (modifiers.remove(s)) {
        what = s;
      }
    }
    dropCacheHints(modifiers);
    MemoryOps.Change change = what == null ? null : Changes.of(what, type);
    if (change == null || type.bytes < 4) {
      throw in.unknown();
    }
    int first = reduction ? 0 : 1;
    int d = reduction ? NONE : in.dst(0, type.bytes == 8 ? File.B64 : File.B32);
    int b = in.value(first + 1, type);
    int c = in.count() > first + 2 ? in.value(first + 2, type) : b;
    return new MemoryOps.Atomic(space, change, type.bytes, d, b, c, in.base(first));
  }

  Op asyncCopy(List<String> modifiers) {
    switch (String.join(".", modifiers)) {
      case "async.commit_group" -> {
        return new Copies(Copies.What.COMMIT, 0);
      }
      case "async.wait_all" -> {
        return new Copies(Copies.What.WAIT_ALL, 0);
      }
      case "async.wait_group" -> {
        return new Copies(Copies.What.WAIT_GROUP, in.immediate(0));
      }
      default -> {
        modifiers.removeIf(m -> m.startsWith("L2::"));
        String rest = String.join(".", modifiers).replace("shared::cta", "shared");
        if (!rest.equals("async.ca.shared.global") && !rest.equals("async.cg.shared.global")) {
          throw in.unknown();
        }
        int bytes = in.immediate(2);
        if (bytes != 4 && bytes != 8 && bytes != 16) {
          throw in.error("cp.async of " + bytes + " bytes, expected 4, 8 or 16");
        }
        Base to = in.base(0);
        int size = in.count() > 3 ? in.int32(3, PtxType.U32) : NONE;
        return new MemoryOps.AsyncCopy(bytes, to, new MemoryOps.Source(bytes, in.base(1)), size);
      }
    }
  }

  /** {@code cvta}: between an address in a space and a generic one. */
  Op genericAddress(List<String> modifiers) {
    boolean to = modifiers.remove("to");
    Space space = space(modifiers);
    if (space == Space.GENERIC || !modifiers.equals(List.of("u64"))) {
      throw in.unknown();
    }
    return new AluOps.LongOp(
        to ? Longs::sub : Longs::add,
        in.dst(0, File.B64),
        in.int64(1, PtxType.U64),
        in.constant(MemoryOp.window(space)),
        in.zero64());
  }
}
