package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;
import java.util.Locale;

/** Launches of {@code elementwise.cu}. */
final class ElementwiseLaunches {
  private static final String MODULE = "elementwise";

  private final Launcher launcher;
  private final Entry fill = new Entry(MODULE, "fill");
  private final Entry copy = new Entry(MODULE, "copy");
  private final Entry realToInt = new Entry(MODULE, "real_to_int");
  private final Entry intToReal = new Entry(MODULE, "int_to_real");
  private final Entry[] map = entries("map_", Unary.values());
  private final Entry[] zip = entries("zip_", Binary.values());
  private final Entry select = new Entry(MODULE, "select_where");
  private final Walk two = new Walk(2);
  private final Walk three = new Walk(3);

  ElementwiseLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  private static Entry[] entries(String prefix, Enum<?>[] functions) {
    Entry[] entries = new Entry[functions.length];
    for (Enum<?> f : functions) {
      entries[f.ordinal()] = new Entry(MODULE, prefix + f.name().toLowerCase(Locale.ROOT));
    }
    return entries;
  }

  void fill(Primitive.Fill op) {
    Buffer y = op.y();
    if (y.size() > 0) {
      boolean real = y.type() == ElementType.REAL;
      int bits = real ? Float.floatToRawIntBits((float) op.value()) : (int) op.value();
      launcher.begin(fill).put(y).put(y.size()).put(bits).launchGroups(y.size());
    }
  }

  void copy(Primitive.Copy op) {
    ElementType from = op.x().type();
    ElementType to = op.y().type();
    Entry entry = from == to ? copy : to == ElementType.INT32 ? realToInt : intToReal;
    int n = op.y().size();
    if (n > 0) {
      launcher.begin(entry).put(op.x()).put(op.y()).put(n).launchGroups(n);
    }
  }

  void map(Primitive.Map op) {
    int n = op.y().size();
    if (n > 0) {
      launcher
          .begin(map[op.f().ordinal()])
          .put(op.x())
          .put(op.y())
          .put(n)
          .put((float) op.p())
          .put((float) op.q())
          .launchGroups(n);
    }
  }

  void zip(Primitive.Zip op) {
    two.set(op.by().sizes(), op.by().strides());
    for (int piece = 0; piece < two.pieces(); piece++) {
      long a = launcher.address(op.a()) + two.offset(0, piece);
      long b = launcher.address(op.b()) + two.offset(1, piece);
      long y = launcher.address(op.y()) + two.offset(piece);
      launcher.begin(zip[op.f().ordinal()]).put(a).put(b).put(y).put((float) op.p());
      two.put(launcher, a, b, y);
      launcher.launchGroups(two.elements());
    }
  }

  void select(Primitive.Select op) {
    three.set(op.by().sizes(), op.by().strides());
    for (int piece = 0; piece < three.pieces(); piece++) {
      long condition = launcher.address(op.condition()) + three.offset(0, piece);
      long a = launcher.address(op.a()) + three.offset(1, piece);
      long b = launcher.address(op.b()) + three.offset(2, piece);
      long y = launcher.address(op.y()) + three.offset(piece);
      launcher.begin(select).put(condition).put(a).put(b).put(y);
      three.put(launcher, condition, a, b, y);
      launcher.launchGroups(three.elements());
    }
  }
}
