package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import jdk.incubator.vector.FloatVector;

/** Losses with their gradients: a member at a time, whose terms are added like any run. */
final class Losses {
  private Losses() {}

  static void logistic(
      Workers workers,
      Primitive.LogisticLoss op,
      HostBuffer xs,
      HostBuffer losses,
      HostBuffer dxs) {
    int parts = op.targets().size();
    int size = op.size();
    float scale = (float) (1.0 / size);
    workers.runRanges(
        op.members(),
        Elementwise.grain(4 * parts * size), // an element costs two exponentials and more
        (from, to) -> {
          float[] terms = Scratch.ofThisThread().panels(size);
          for (int e = from; e < to; e++) {
            float total = 0;
            for (int p = 0; p < parts; p++) {
              float t = op.targets().get(p).floatValue();
              int at = (e * parts + p) * size;
              part(
                  t,
                  scale,
                  xs.floats(),
                  xs.offset() + at,
                  terms,
                  dxs.floats(),
                  dxs.offset() + at,
                  size);
              total += scale * Sums.sum(terms, 0, size);
            }
            losses.floats()[losses.offset() + e] = total;
          }
        });
  }

  /** The unscaled terms of one part, and its gradient. */
  private static void part(
      float t, float scale, float[] x, int xo, float[] terms, float[] dx, int o, int n) {
    float rest = 1 - t;
    int i = 0;
    for (; i + Lanes.COUNT <= n; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      FloatVector minus = v.neg();
      FloatVector term = FloatVector.zero(Lanes.F);
      if (t != 0) {
        term = VectorMath.softplus(minus).mul(t);
      }
      if (rest != 0) {
        term = term.add(VectorMath.softplus(v).mul(rest));
      }
      term.intoArray(terms, i);
      FloatVector g = VectorMath.sigmoid(v).mul(rest).sub(VectorMath.sigmoid(minus).mul(t));
      g.mul(scale).intoArray(dx, o + i);
    }
    for (; i < n; i++) {
      float v = x[xo + i];
      float term = t != 0 ? VectorMath.softplus(-v) * t : 0;
      terms[i] = rest != 0 ? term + VectorMath.softplus(v) * rest : term;
      dx[o + i] = (VectorMath.sigmoid(v) * rest - VectorMath.sigmoid(-v) * t) * scale;
    }
  }
}
