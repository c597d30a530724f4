package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import jdk.incubator.vector.FloatVector;

/**
 * Sums by a fixed tree, so that they have the same bits for any vector width and number of threads.
 *
 * <p>A run of neighbouring elements is cut into pieces of {@value #PIECE}. In a piece, logical lane
 * l of 64 adds elements l, l + 64, … in order, then the lanes are folded in halves; pieces are
 * added in order. A column is added from top to bottom, in pieces of {@value #ROWS} rows.
 */
final class Reductions {
  static final int LANES = 64;
  private static final int PIECE = 8192;
  private static final int ROWS = 256;

  private static final ThreadLocal<float[]> SCRATCH =
      ThreadLocal.withInitial(() -> new float[LANES]);

  private Reductions() {}

  static void sum(Workers workers, Primitive.Sum op, HostBuffer xs, HostBuffer ys) {
    float scale = (float) op.scale();
    int size = op.size();
    int inner = op.inner();
    float[] x = xs.floats();
    float[] y = ys.floats();
    if (inner == 1 && size > PIECE && op.outer() < workers.threads()) {
      for (int o = 0; o < op.outer(); o++) {
        y[ys.offset() + o] = scale * sharedSum(workers, x, xs.offset() + o * size, size);
      }
    } else if (inner == 1) {
      workers.runRanges(
          op.outer(),
          Math.max(1, Elementwise.GRAIN / Math.max(1, size)),
          (from, to) -> {
            for (int o = from; o < to; o++) {
              y[ys.offset() + o] = scale * sum(x, xs.offset() + o * size, size);
            }
          });
    } else {
      int groups = (inner + LANES - 1) / LANES;
      workers.runRanges(
          op.outer() * groups,
          Math.max(1, Elementwise.GRAIN / Math.max(1, size * Math.min(inner, LANES))),
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

  /** The sum of n neighbouring elements. */
  static float sum(float[] x, int from, int n) {
    float total = 0;
    for (int i = 0; i < n; i += PIECE) {
      total += piece(x, from + i, Math.min(PIECE, n - i));
    }
    return total;
  }

  /** {@link #sum} with the pieces shared out among the threads. */
  private static float sharedSum(Workers workers, float[] x, int from, int n) {
    int pieces = (n + PIECE - 1) / PIECE;
    float[] sums = new float[pieces];
    workers.run(pieces, k -> sums[k] = piece(x, from + k * PIECE, Math.min(PIECE, n - k * PIECE)));
    float total = 0;
    for (float s : sums) {
      total += s;
    }
    return total;
  }

  private static float piece(float[] x, int from, int n) {
    float[] lanes = SCRATCH.get();
    java.util.Arrays.fill(lanes, 0f);
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
      for (int l = 0; l < LANES; l += Lanes.COUNT) {
        FloatVector.fromArray(Lanes.F, lanes, l)
            .add(FloatVector.fromArray(Lanes.F, x, from + i + l))
            .intoArray(lanes, l);
      }
    }
    for (int l = 0; i + l < n; l++) {
      lanes[l] += x[from + i + l];
    }
    return fold(lanes);
  }

  /** Adds 64 lanes in halves: lane l takes lane l + 32, then l + 16, and so on. */
  static float fold(float[] lanes) {
    for (int half = LANES / 2; half >= 1; half /= 2) {
      for (int l = 0; l < half; l++) {
        lanes[l] += lanes[l + half];
      }
    }
    return lanes[0];
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
