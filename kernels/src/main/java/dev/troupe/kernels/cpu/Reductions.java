package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import jdk.incubator.vector.FloatVector;

/**
 * The Sum primitive. A run of neighbours is added by {@link Sums}; a column from top to bottom, in
 * pieces of {@value #ROWS} rows.
 */
final class Reductions {
  /** Columns that one task takes side by side. */
  static final int LANES = 64;

  private static final int ROWS = 256;

  private Reductions() {}

  static void sum(Workers workers, Primitive.Sum op, HostBuffer xs, HostBuffer ys) {
    float scale = (float) op.scale();
    int size = op.size();
    int inner = op.inner();
    float[] x = xs.floats();
    float[] y = ys.floats();
    if (inner == 1 && size > Sums.CHUNK && op.outer() < workers.threads()) {
      for (int o = 0; o < op.outer(); o++) {
        y[ys.offset() + o] = scale * sharedSum(workers, x, xs.offset() + o * size, size);
      }
    } else if (inner == 1) {
      workers.runRanges(
          op.outer(),
          Elementwise.grain(size),
          (from, to) -> {
            for (int o = from; o < to; o++) {
              y[ys.offset() + o] = scale * Sums.sum(x, xs.offset() + o * size, size);
            }
          });
    } else {
      int groups = (inner + LANES - 1) / LANES;
      workers.runRanges(
          op.outer() * groups,
          Elementwise.grain(size * Math.min(inner, LANES)),
          (from, to) -> {
            for (int task = from; task < to; task++) {
              int o = task / groups;
              int at = task % groups * LANES;
              int width = Math.min(LANES, inner - at);
              int xAt = xs.offset() + o * size * inner + at;
              columns(x, xAt, size, inner, width, scale, y, ys.offset() + o * inner + at);
            }
          });
    }
  }

  /** {@link Sums#sum} with the chunks shared out among the threads. */
  private static float sharedSum(Workers workers, float[] x, int from, int n) {
    float[] sums = new float[Sums.chunks(n)];
    workers.run(sums.length, c -> sums[c] = Sums.chunkSum(x, from, n, c));
    return Sums.fold(sums, 0, sums.length);
  }

  /** {@code y[i] = scale · Σ_r x[r·stride + i]} for {@code i < width <= 64}. */
  private static void columns(
      float[] x, int xo, int rows, int stride, int width, float scale, float[] y, int yo) {
    int i = 0;
    for (int end = Lanes.F.loopBound(width); i < end; i += Lanes.COUNT) {
      FloatVector total = FloatVector.zero(Lanes.F);
      for (int top = 0; top < rows; top += ROWS) {
        FloatVector part = FloatVector.zero(Lanes.F);
        for (int r = top; r < Math.min(rows, top + ROWS); r++) {
          part = part.add(FloatVector.fromArray(Lanes.F, x, xo + r * stride + i));
        }
        total = total.add(part);
      }
      total.mul(scale).intoArray(y, yo + i);
    }
    for (; i < width; i++) {
      float total = 0;
      for (int top = 0; top < rows; top += ROWS) {
        float part = 0;
        for (int r = top; r < Math.min(rows, top + ROWS); r++) {
          part += x[xo + r * stride + i];
        }
        total += part;
      }
      y[yo + i] = total * scale;
    }
  }
}
