package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;

/** Launches of {@code optimisers.cu} and {@code state.cu}. */
final class OptimiserLaunches {
  private static final int THREADS = 256;

  private final Launcher launcher;
  private final Entry increment = new Entry("state", "increment");
  private final Entry ringPut = new Entry("state", "ring_put");

  OptimiserLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void increment(Primitive.Increment op) {
    int n = op.counter().size();
    if (n > 0) {
      launcher.begin(increment).put(op.counter()).put(n).launch(blocks(n), THREADS);
    }
  }

  void adam(Primitive.Adam op) {
    throw new UnsupportedOperationException("adam: no kernel yet: " + launcher);
  }

  void sgd(Primitive.Sgd op) {
    throw new UnsupportedOperationException("sgd: no kernel yet: " + launcher);
  }

  void ringPut(Primitive.RingPut op) {
    int width = op.x().size();
    if (width > 0) {
      launcher
          .begin(ringPut)
          .put(op.x())
          .put(op.ring())
          .put(op.step())
          .put(op.capacity())
          .put(width)
          .launch(blocks(width), THREADS);
    }
  }

  private static int blocks(int n) {
    return (n - 1) / THREADS + 1;
  }
}
