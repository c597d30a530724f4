package dev.troupe.kernels.reference;

import dev.troupe.kernels.Primitive;

/** Losses with their gradients. */
final class Losses {
  private Losses() {}

  // x and dx [members, parts, size], loss [members]
  static void logistic(Primitive.LogisticLoss op, Reals x, Reals loss, Reals dx) {
    int parts = op.targets().size();
    int size = op.size();
    for (int e = 0; e < op.members(); e++) {
      double total = 0;
      for (int p = 0; p < parts; p++) {
        double t = op.targets().get(p);
        for (int i = 0; i < size; i++) {
          int at = (e * parts + p) * size + i;
          double v = x.get(at);
          double positive = t == 0 ? 0 : t * Elementwise.softplus(-v);
          double negative = t == 1 ? 0 : (1 - t) * Elementwise.softplus(v);
          total += (positive + negative) / size;
          dx.set(at, ((1 - t) * Elementwise.sigmoid(v) - t * Elementwise.sigmoid(-v)) / size);
        }
      }
      loss.set(e, total);
    }
  }
}
