package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;

/** Launches of {@code elementwise.cu}. */
final class ElementwiseLaunches {
  private final Launcher launcher;

  ElementwiseLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void fill(Primitive.Fill op) {
    throw new UnsupportedOperationException("fill: no kernel yet: " + launcher);
  }

  void copy(Primitive.Copy op) {
    throw new UnsupportedOperationException("copy: no kernel yet: " + launcher);
  }

  void map(Primitive.Map op) {
    throw new UnsupportedOperationException("map: no kernel yet: " + launcher);
  }

  void zip(Primitive.Zip op) {
    throw new UnsupportedOperationException("zip: no kernel yet: " + launcher);
  }

  void select(Primitive.Select op) {
    throw new UnsupportedOperationException("select: no kernel yet: " + launcher);
  }
}
