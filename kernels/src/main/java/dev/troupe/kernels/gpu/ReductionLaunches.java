package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;

/** Launches of {@code reductions.cu}. */
final class ReductionLaunches {
  private final Launcher launcher;

  ReductionLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void sum(Primitive.Sum op) {
    throw new UnsupportedOperationException("sum: no kernel yet: " + launcher);
  }

  void extreme(Primitive.Extreme op) {
    throw new UnsupportedOperationException("extreme: no kernel yet: " + launcher);
  }
}
