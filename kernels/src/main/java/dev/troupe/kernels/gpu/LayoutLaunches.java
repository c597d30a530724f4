package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;

/** Launches of {@code layout.cu}. */
final class LayoutLaunches {
  private final Launcher launcher;

  LayoutLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void permute(Primitive.Permute op) {
    throw new UnsupportedOperationException("permute: no kernel yet: " + launcher);
  }

  void copyRows(Primitive.CopyRows op) {
    throw new UnsupportedOperationException("copyRows: no kernel yet: " + launcher);
  }
}
