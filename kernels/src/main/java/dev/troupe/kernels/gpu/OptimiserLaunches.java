package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import java.util.List;

/** Launches of {@code optimisers.cu} and {@code state.cu}. */
final class OptimiserLaunches {
  private static final int THREADS = 256;
  private static final int CHUNK = 4 * THREADS; // elements of a block of adam and sgd
  private static final int MOST_TENSORS = 64; // in the argument of adam and sgd

  private final Launcher launcher;
  private final Entry increment = new Entry("state", "increment");
  private final Entry adam = new Entry("optimisers", "adam");
  private final Entry sgd = new Entry("optimisers", "sgd");
  private final Entry ringPut = new Entry("state", "ring_put");
  private final Parts parts = new Parts();

  OptimiserLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void increment(Primitive.Increment op) {
    int n = op.counter().size();
    if (n > 0) {
      launcher.begin(increment).put(op.counter()).put(n).launch(blocksOf(n), THREADS);
    }
  }

  void adam(Primitive.Adam op) {
    for (int from = 0; from < op.weights().size(); ) {
      launcher.begin(adam);
      int tensors = table(from, op.weights(), op.gradients(), op.m(), op.v());
      if (blocks > 0) {
        launcher
            .put(tensors)
            .put(op.folded() ? 1 : 0)
            .put(op.learningRate())
            .put(op.step())
            .put(op.beta1())
            .put(op.beta2())
            .put(op.decay())
            .put((float) op.epsilon())
            .launch(blocks, THREADS);
      }
      from = next;
    }
  }

  void sgd(Primitive.Sgd op) {
    List<Buffer> velocity = op.momentum() == 0 ? null : op.velocity();
    for (int from = 0; from < op.weights().size(); ) {
      launcher.begin(sgd);
      int tensors = table(from, op.weights(), op.gradients(), velocity, null);
      if (blocks > 0) {
        launcher
            .put(tensors)
            .put(op.nesterov() ? 1 : 0)
            .put(op.learningRate())
            .put((float) op.momentum())
            .put((float) op.decay())
            .launch(blocks, THREADS);
      }
      from = next;
    }
  }

  private int blocks; // of the latest table
  private int next; // the first tensor that it had no room for

  /**
   * Puts a table of tensors from number {@code from} on: of each, the addresses of its buffers, its
   * size and its first block; those without elements are left out.
   *
   * @param c the third buffers; null for a null pointer each
   * @param d the fourth buffers; null for none
   * @return how many tensors there are in it
   */
  private int table(int from, List<Buffer> a, List<Buffer> b, List<Buffer> c, List<Buffer> d) {
    int tensors = 0;
    blocks = 0;
    next = from;
    for (; next < a.size() && tensors < MOST_TENSORS; next++) {
      int size = a.get(next).size();
      if (size > 0) {
        launcher.put(a.get(next)).put(b.get(next)).putOrNull(c == null ? null : c.get(next));
        if (d != null) {
          launcher.put(d.get(next));
        }
        launcher.put(size).put(blocks);
        blocks += Math.ceilDiv(size, CHUNK);
        tensors++;
      }
    }
    int longs = d == null ? 4 : 5; // of a tensor
    for (int i = tensors * longs; i < MOST_TENSORS * longs; i++) {
      launcher.put(0L);
    }
    return tensors;
  }

  void ringPut(Primitive.RingPut op) {
    int first = 0;
    for (int from = 0; from < op.xs().size(); from = parts.next()) {
      launcher.begin(ringPut);
      int columns = parts.put(launcher, op.xs(), 1, from);
      if (columns > 0) {
        launcher
            .put(op.ring())
            .put(op.step())
            .put(op.capacity())
            .put(op.width())
            .put(first)
            .launch(blocksOf(columns), THREADS);
      }
      first += columns;
    }
  }

  private static int blocksOf(int n) {
    return (n - 1) / THREADS + 1;
  }
}
