package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;

/** Launches of {@code optimisers.cu}. */
final class OptimiserLaunches {
  private final Launcher launcher;

  OptimiserLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void increment(Primitive.Increment op) {
    throw new UnsupportedOperationException("increment: no kernel yet: " + launcher);
  }

  void adam(Primitive.Adam op) {
    throw new UnsupportedOperationException("adam: no kernel yet: " + launcher);
  }

  void sgd(Primitive.Sgd op) {
    throw new UnsupportedOperationException("sgd: no kernel yet: " + launcher);
  }

  void ringPut(Primitive.RingPut op) {
    throw new UnsupportedOperationException("ringPut: no kernel yet: " + launcher);
  }
}
