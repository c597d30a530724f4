package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;

/** Launches of {@code random.cu}. */
final class RandomLaunches {
  private final Launcher launcher;

  RandomLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void random(Primitive.Random op) {
    throw new UnsupportedOperationException("random: no kernel yet: " + launcher);
  }

  void shuffledBatch(Primitive.ShuffledBatch op) {
    throw new UnsupportedOperationException("shuffledBatch: no kernel yet: " + launcher);
  }
}
