package dev.troupe.kernels.reference;

import dev.troupe.kernels.Primitive;

/** One result element from a line of elements; x is [outer, size, inner]. */
final class Reductions {
  private Reductions() {}

  static void sum(Primitive.Sum op, Reals x, Reals y) {
    for (int o = 0; o < op.outer(); o++) {
      for (int i = 0; i < op.inner(); i++) {
        double sum = 0;
        for (int r = 0; r < op.size(); r++) {
          sum += x.get((o * op.size() + r) * op.inner() + i);
        }
        y.set(o * op.inner() + i, op.scale() * sum);
      }
    }
  }

  static void extreme(Primitive.Extreme op, Reals x, Reals y, Ints index) {
    for (int o = 0; o < op.outer(); o++) {
      for (int i = 0; i < op.inner(); i++) {
        int first = 0;
        double best = x.get(o * op.size() * op.inner() + i);
        for (int r = 1; r < op.size(); r++) {
          double value = x.get((o * op.size() + r) * op.inner() + i);
          boolean better = op.largest() ? value > best : value < best;
          if (better || Double.isNaN(value) && !Double.isNaN(best)) {
            first = r;
            best = value;
          }
        }
        y.set(o * op.inner() + i, best);
        index.set(o * op.inner() + i, first);
      }
    }
  }
}
