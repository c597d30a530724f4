package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;

/** Launches of {@code indexing.cu}. */
final class IndexingLaunches {
  private final Launcher launcher;

  IndexingLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void takeAlong(Primitive.TakeAlong op) {
    throw new UnsupportedOperationException("takeAlong: no kernel yet: " + launcher);
  }

  void putAlong(Primitive.PutAlong op) {
    throw new UnsupportedOperationException("putAlong: no kernel yet: " + launcher);
  }

  void gather(Primitive.Gather op) {
    throw new UnsupportedOperationException("gather: no kernel yet: " + launcher);
  }

  void scatterAdd(Primitive.ScatterAdd op) {
    throw new UnsupportedOperationException("scatterAdd: no kernel yet: " + launcher);
  }
}
