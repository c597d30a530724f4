package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Adam and SGD over many parameters in one call.
 *
 * <p>A moment below the smallest normal float32 is stored as 0. The moment of a weight whose
 * gradient stays 0 decays into the denormal numbers and, rounded, remains there for ever; each one
 * then costs the processor more than a hundred cycles a step. No update can tell the difference.
 */
final class Optimisers {
  private static final int CHUNK = 16384;

  private Optimisers() {}

  static void adam(
      Workers workers,
      Primitive.Adam op,
      float rate,
      int step,
      HostBuffer[] weights,
      HostBuffer[] gradients,
      HostBuffer[] ms,
      HostBuffer[] vs) {
    // StrictMath, since Math.pow may differ by a bit between machines.
    double c1 = 1 - StrictMath.pow(op.beta1(), step + 1.0);
    double c2 = 1 - StrictMath.pow(op.beta2(), step + 1.0);
    float keep1 = (float) (1 - op.beta1());
    float keep2 = (float) (1 - op.beta2());
    float eps = (float) op.epsilon();
    float shrink = (float) (1 - rate * op.decay());
    // Both forms are w -= alpha · m / (sqrt(v · scale) + eps).
    float alpha = (float) (op.folded() ? rate * Math.sqrt(c2) / c1 : rate / c1);
    float scale = (float) (op.folded() ? 1 : 1 / c2);
    chunks(
        workers,
        weights,
        (k, at, n) -> {
          HostBuffer w = weights[k];
          HostBuffer g = gradients[k];
          HostBuffer m = ms[k];
          HostBuffer v = vs[k];
          adam(
              w.floats(),
              w.offset() + at,
              g.floats(),
              g.offset() + at,
              m.floats(),
              m.offset() + at,
              v.floats(),
              v.offset() + at,
              n,
              keep1,
              keep2,
              alpha,
              scale,
              eps,
              shrink);
        });
  }

  private static void adam(
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] m,
      int mo,
      float[] v,
      int vo,
      int n,
      float keep1,
      float keep2,
      float alpha,
      float scale,
      float eps,
      float shrink) {
    FloatVector k1 = FloatVector.broadcast(Lanes.F, keep1);
    FloatVector k2 = FloatVector.broadcast(Lanes.F, keep2);
    FloatVector minusAlpha = FloatVector.broadcast(Lanes.F, -alpha);
    int i = 0;
    for (int end = Lanes.F.loopBound(n); i < end; i += Lanes.COUNT) {
      FloatVector gi = FloatVector.fromArray(Lanes.F, g, go + i);
      FloatVector mi = FloatVector.fromArray(Lanes.F, m, mo + i);
      FloatVector vi = FloatVector.fromArray(Lanes.F, v, vo + i);
      mi = gi.sub(mi).fma(k1, mi);
      vi = gi.mul(gi).sub(vi).fma(k2, vi);
      mi = mi.blend(0f, mi.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
      vi = vi.blend(0f, vi.compare(VectorOperators.LT, Float.MIN_NORMAL));
      mi.intoArray(m, mo + i);
      vi.intoArray(v, vo + i);
      FloatVector ratio = mi.div(vi.mul(scale).sqrt().add(eps));
      FloatVector wi = FloatVector.fromArray(Lanes.F, w, wo + i).mul(shrink);
      ratio.fma(minusAlpha, wi).intoArray(w, wo + i);
    }
    for (; i < n; i++) {
      float gi = g[go + i];
      float mi = Math.fma(gi - m[mo + i], keep1, m[mo + i]);
      float vi = Math.fma(gi * gi - v[vo + i], keep2, v[vo + i]);
      mi = Math.abs(mi) < Float.MIN_NORMAL ? 0 : mi;
      vi = vi < Float.MIN_NORMAL ? 0 : vi;
      m[mo + i] = mi;
      v[vo + i] = vi;
      float ratio = mi / ((float) Math.sqrt(vi * scale) + eps);
      w[wo + i] = Math.fma(ratio, -alpha, w[wo + i] * shrink);
    }
  }

  static void sgd(
      Workers workers,
      Primitive.Sgd op,
      float rate,
      HostBuffer[] weights,
      HostBuffer[] gradients,
      HostBuffer[] velocity) {
    float decay = (float) op.decay();
    float momentum = (float) op.momentum();
    chunks(
        workers,
        weights,
        (k, at, n) -> {
          float[] w = weights[k].floats();
          float[] g = gradients[k].floats();
          int wo = weights[k].offset() + at;
          int go = gradients[k].offset() + at;
          float[] u = momentum == 0 ? null : velocity[k].floats();
          int uo = momentum == 0 ? 0 : velocity[k].offset() + at;
          for (int i = 0; i < n; i++) {
            float gi = Math.fma(w[wo + i], decay, g[go + i]);
            if (u != null) {
              float ui = Math.fma(u[uo + i], momentum, gi);
              ui = Math.abs(ui) < Float.MIN_NORMAL ? 0 : ui;
              u[uo + i] = ui;
              gi = op.nesterov() ? Math.fma(ui, momentum, gi) : ui;
            }
            w[wo + i] = Math.fma(gi, -rate, w[wo + i]);
          }
        });
  }

  /** Elements [at, at + n) of buffer {@code k}. */
  private interface Chunk {
    void run(int k, int at, int n);
  }

  private static void chunks(Workers workers, HostBuffer[] buffers, Chunk body) {
    int count = 0;
    for (HostBuffer buffer : buffers) {
      count += chunks(buffer);
    }
    workers.run(
        count,
        task -> {
          int left = task;
          int k = 0;
          while (left >= chunks(buffers[k])) {
            left -= chunks(buffers[k++]);
          }
          int at = left * CHUNK;
          body.run(k, at, Math.min(CHUNK, buffers[k].size() - at));
        });
  }

  private static int chunks(HostBuffer b) {
    return (b.size() + CHUNK - 1) / CHUNK;
  }
}
