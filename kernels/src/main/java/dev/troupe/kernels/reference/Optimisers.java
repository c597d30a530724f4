package dev.troupe.kernels.reference;

import dev.troupe.kernels.Primitive;
import java.util.List;

/** What a training step changes in place. */
final class Optimisers {
  private Optimisers() {}

  static void increment(Ints counter) {
    for (int i = 0; i < counter.size(); i++) {
      counter.set(i, counter.get(i) + 1);
    }
  }

  static void adam(
      Primitive.Adam op,
      double rate,
      int t,
      List<Reals> weights,
      List<Reals> gradients,
      List<Reals> ms,
      List<Reals> vs) {
    double unbiasM = 1 - Math.pow(op.beta1(), t);
    double unbiasV = 1 - Math.pow(op.beta2(), t);
    for (int p = 0; p < weights.size(); p++) {
      Reals w = weights.get(p);
      Reals g = gradients.get(p);
      Reals m = ms.get(p);
      Reals v = vs.get(p);
      for (int i = 0; i < w.size(); i++) {
        double gi = g.get(i);
        m.add(i, (1 - op.beta1()) * (gi - m.get(i)));
        v.add(i, (1 - op.beta2()) * (gi * gi - v.get(i)));
        double decayed = w.get(i) * (1 - rate * op.decay());
        double direction =
            op.folded()
                ? Math.sqrt(unbiasV) / unbiasM * m.get(i) / (Math.sqrt(v.get(i)) + op.epsilon())
                : m.get(i) / unbiasM / (Math.sqrt(v.get(i) / unbiasV) + op.epsilon());
        w.set(i, decayed - rate * direction);
      }
    }
  }

  static void sgd(
      Primitive.Sgd op,
      double rate,
      List<Reals> weights,
      List<Reals> gradients,
      List<Reals> velocities) {
    for (int p = 0; p < weights.size(); p++) {
      Reals w = weights.get(p);
      for (int i = 0; i < w.size(); i++) {
        double g = gradients.get(p).get(i) + op.decay() * w.get(i);
        double u = g;
        if (op.momentum() != 0) {
          u += op.momentum() * velocities.get(p).get(i);
          velocities.get(p).set(i, u);
        }
        w.set(i, w.get(i) - rate * (op.nesterov() ? g + op.momentum() * u : u));
      }
    }
  }
}
