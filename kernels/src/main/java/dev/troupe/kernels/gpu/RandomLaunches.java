package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Distributions;
import dev.troupe.kernels.Permutation;
import dev.troupe.kernels.Primitive;

/** Launches of {@code random.cu}. */
final class RandomLaunches {
  private static final int THREADS = 128;

  private final Launcher launcher;
  private final Entry uniform = new Entry("random", "random_uniform");
  private final Entry normal = new Entry("random", "random_normal");
  private final Entry truncatedNormal = new Entry("random", "random_truncated_normal");
  private final Entry bernoulli = new Entry("random", "random_bernoulli");
  private final Entry integer = new Entry("random", "random_integer");
  private final Entry shuffledBatch = new Entry("random", "shuffled_batch");

  RandomLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void random(Primitive.Random op) {
    if (op.y().size() == 0) {
      return;
    }
    float p = (float) op.p();
    float q = (float) op.q();
    switch (op.distribution()) {
      case UNIFORM -> begin(uniform, op).put(p).put(q - p).put(q > p ? Math.nextDown(q) : q);
      case NORMAL -> begin(normal, op).put(p).put(q);
      case TRUNCATED_NORMAL -> begin(truncatedNormal, op).put(p).put(q);
      case BERNOULLI -> begin(bernoulli, op).put(Distributions.bernoulliLimit(op.p()));
      case INTEGER -> begin(integer, op).put((int) op.p());
    }
    int blocks = op.member().size() * ((op.perMember() - 1) / 4 + 1); // of Philox, a thread each
    launcher.launch((blocks - 1) / THREADS + 1, THREADS);
  }

  private Launcher begin(Entry entry, Primitive.Random op) {
    return launcher
        .begin(entry)
        .put(op.y())
        .put(op.step())
        .put(op.member())
        .put(op.member().size())
        .put(op.perMember())
        .put(op.seed())
        .put(op.stream());
  }

  void shuffledBatch(Primitive.ShuffledBatch op) {
    if (op.y().size() > 0) {
      launcher
          .begin(shuffledBatch)
          .put(op.y())
          .put(op.step())
          .put(op.member())
          .put(op.population())
          .put(op.count())
          .put(Permutation.halfBits(op.population()))
          .put(op.seed())
          .put(op.stream())
          .launch(op.member().size() * ((op.count() - 1) / THREADS + 1), THREADS);
    }
  }
}
