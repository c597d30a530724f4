package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Permutation;
import dev.troupe.kernels.Philox;
import dev.troupe.kernels.Primitive;

/** Random and ShuffledBatch: which key fills which part. */
final class RandomDraws {
  /** Elements that are worth a task of their own; a multiple of the four of a Philox block. */
  private static final int GRAIN = 4096;

  private RandomDraws() {}

  static void fill(
      Workers workers, Primitive.Random op, HostBuffer step, HostBuffer member, HostBuffer y) {
    int n = op.perMember();
    int pieces = Math.max(1, (n + GRAIN - 1) / GRAIN);
    int now = step.ints()[step.offset()];
    workers.run(
        member.size() * pieces,
        task -> {
          int e = task / pieces;
          int first = task % pieces * GRAIN;
          int count = Math.min(GRAIN, n - first);
          int id = member.ints()[member.offset() + e];
          Philox.Key key = new Philox.Key(op.seed(), now, op.stream(), id);
          piece(op, key, y, y.offset() + e * n + first, first, count);
        });
  }

  private static void piece(
      Primitive.Random op, Philox.Key key, HostBuffer y, int at, int first, int n) {
    float p = (float) op.p();
    float q = (float) op.q();
    switch (op.distribution()) {
      case UNIFORM -> RandomFills.uniform(y.floats(), at, first, n, key, p, q);
      case NORMAL -> RandomFills.normal(y.floats(), at, first, n, key, p, q);
      case TRUNCATED_NORMAL -> RandomFills.truncatedNormal(y.floats(), at, first, n, key, p, q);
      case BERNOULLI -> RandomFills.bernoulli(y.floats(), at, first, n, key, op.p());
      case INTEGER -> RandomFills.below(y.ints(), at, first, n, key, (int) op.p());
    }
  }

  static void shuffledBatch(
      Workers workers,
      Primitive.ShuffledBatch op,
      HostBuffer step,
      HostBuffer member,
      HostBuffer y) {
    int batches = op.population() / op.count();
    int now = step.ints()[step.offset()];
    int epoch = Math.floorDiv(now, batches);
    int first = Math.floorMod(now, batches) * op.count();
    workers.run(
        member.size(),
        e -> {
          int id = member.ints()[member.offset() + e];
          Philox.Key key = new Philox.Key(op.seed(), epoch, op.stream(), id);
          new Permutation(op.population(), key)
              .fill(first, op.count(), y.ints(), y.offset() + e * op.count());
        });
  }
}
