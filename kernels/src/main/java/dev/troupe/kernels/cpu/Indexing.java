package dev.troupe.kernels.cpu;

import dev.troupe.kernels.Check;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Extreme, TakeAlong, PutAlong, Gather and ScatterAdd. */
final class Indexing {
  private Indexing() {}

  static void extreme(
      Workers workers, Primitive.Extreme op, HostBuffer xs, HostBuffer ys, HostBuffer indices) {
    extreme(
        workers,
        op.largest(),
        op.outer(),
        op.size(),
        op.inner(),
        xs.floats(),
        xs.offset(),
        ys.floats(),
        ys.offset(),
        indices.ints(),
        indices.offset());
  }

  /** x is [outer, size, inner], y and index are [outer, inner]. */
  static void extreme(
      Workers workers,
      boolean largest,
      int outer,
      int size,
      int inner,
      float[] x,
      int xo,
      float[] y,
      int yo,
      int[] index,
      int io) {
    workers.runRanges(
        outer,
        Elementwise.grain(size * inner),
        (from, to) -> {
          for (int o = from; o < to; o++) {
            int xAt = xo + o * size * inner;
            int at = o * inner;
            int yAt = yo + at;
            int iAt = io + at;
            if (inner == 1) {
              int first = largest ? Extremes.argmax(x, xAt, size) : Extremes.argmin(x, xAt, size);
              y[yAt] = x[xAt + first];
              index[iAt] = first;
            } else if (largest) {
              largest(x, xAt, size, inner, y, yAt, index, iAt);
            } else {
              smallest(x, xAt, size, inner, y, yAt, index, iAt);
            }
          }
        });
  }

  /**
   * Columns side by side; a later row takes over where it is not {@code <=} the best and that is
   * not NaN.
   */
  private static void largest(
      float[] x, int xo, int size, int inner, float[] y, int yo, int[] index, int io) {
    int i = 0;
    for (int end = Lanes.F.loopBound(inner); i < end; i += Lanes.COUNT) {
      FloatVector best = FloatVector.fromArray(Lanes.F, x, xo + i);
      IntVector at = IntVector.zero(Lanes.I);
      for (int r = 1; r < size; r++) {
        FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + r * inner + i);
        VectorMask<Float> better =
            v.compare(VectorOperators.LE, best).not().and(best.compare(VectorOperators.EQ, best));
        best = best.blend(v, better);
        at = at.blend(r, better.cast(Lanes.I));
      }
      best.intoArray(y, yo + i);
      at.intoArray(index, io + i);
    }
    for (; i < inner; i++) {
      float best = x[xo + i];
      int at = 0;
      for (int r = 1; r < size; r++) {
        float v = x[xo + r * inner + i];
        if (!(v <= best) && !Float.isNaN(best)) {
          best = v;
          at = r;
        }
      }
      y[yo + i] = best;
      index[io + i] = at;
    }
  }

  private static void smallest(
      float[] x, int xo, int size, int inner, float[] y, int yo, int[] index, int io) {
    for (int i = 0; i < inner; i++) {
      float best = x[xo + i];
      int at = 0;
      for (int r = 1; r < size; r++) {
        float v = x[xo + r * inner + i];
        if (!(v >= best) && !Float.isNaN(best)) {
          best = v;
          at = r;
        }
      }
      y[yo + i] = best;
      index[io + i] = at;
    }
  }

  static void takeAlong(
      Workers workers, Primitive.TakeAlong op, HostBuffer xs, HostBuffer indices, HostBuffer ys) {
    float[] x = xs.floats();
    float[] y = ys.floats();
    int[] index = indices.ints();
    int inner = op.inner();
    workers.runRanges(
        op.outer(),
        Elementwise.grain(inner),
        (from, to) -> {
          for (int o = from; o < to; o++) {
            int xAt = xs.offset() + o * op.size() * inner;
            for (int i = 0; i < inner; i++) {
              int r = index[indices.offset() + o * inner + i];
              Check.index("takeAlong", r, o * inner + i, op.size());
              y[ys.offset() + o * inner + i] = x[xAt + r * inner + i];
            }
          }
        });
  }

  static void putAlong(
      Workers workers, Primitive.PutAlong op, HostBuffer xs, HostBuffer indices, HostBuffer ys) {
    float[] x = xs.floats();
    float[] y = ys.floats();
    int[] index = indices.ints();
    int inner = op.inner();
    int size = op.size();
    workers.runRanges(
        op.outer(),
        Elementwise.grain(size * inner),
        (from, to) -> {
          for (int o = from; o < to; o++) {
            int xAt = xs.offset() + o * inner;
            int iAt = indices.offset() + o * inner;
            int yAt = ys.offset() + o * size * inner;
            for (int i = 0; i < inner; i++) {
              Check.index("putAlong", index[iAt + i], o * inner + i, size);
            }
            if (inner == 1) {
              Arrays.fill(y, yAt, yAt + size, 0f);
              y[yAt + index[iAt]] = x[xAt];
            } else {
              put(x, xAt, index, iAt, size, inner, y, yAt);
            }
          }
        });
  }

  private static void put(
      float[] x, int xo, int[] index, int io, int size, int inner, float[] y, int yo) {
    FloatVector zero = FloatVector.zero(Lanes.F);
    int i = 0;
    for (int end = Lanes.F.loopBound(inner); i < end; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.F, x, xo + i);
      IntVector at = IntVector.fromArray(Lanes.I, index, io + i);
      for (int r = 0; r < size; r++) {
        VectorMask<Float> here = at.compare(VectorOperators.EQ, r).cast(Lanes.F);
        zero.blend(v, here).intoArray(y, yo + r * inner + i);
      }
    }
    for (; i < inner; i++) {
      for (int r = 0; r < size; r++) {
        y[yo + r * inner + i] = index[io + i] == r ? x[xo + i] : 0f;
      }
    }
  }

  static void gather(
      Workers workers, Primitive.Gather op, HostBuffer tables, HostBuffer indices, HostBuffer ys) {
    float[] table = tables.floats();
    float[] y = ys.floats();
    int[] index = indices.ints();
    int width = op.width();
    workers.runRanges(
        op.batch() * op.count(),
        Elementwise.grain(width),
        (from, to) -> {
          for (int j = from; j < to; j++) {
            int r = index[indices.offset() + j];
            Check.index("gather", r, j, op.rows());
            int t = op.tables() == 1 ? 0 : j / op.count();
            int at = tables.offset() + (t * op.rows() + r) * width;
            int yAt = ys.offset() + j * width;
            if (width < 8) {
              for (int i = 0; i < width; i++) {
                y[yAt + i] = table[at + i];
              }
            } else {
              System.arraycopy(table, at, y, yAt, width);
            }
          }
        });
  }

  /** Each task owns one table, so that rows arrive in order. */
  static void scatterAdd(
      Workers workers,
      Primitive.ScatterAdd op,
      HostBuffer xs,
      HostBuffer indices,
      HostBuffer tables) {
    float[] table = tables.floats();
    float[] x = xs.floats();
    int[] index = indices.ints();
    int width = op.width();
    int perTable = op.batch() / op.tables() * op.count();
    workers.run(
        op.tables(),
        t -> {
          int start = tables.offset() + t * op.rows() * width;
          Arrays.fill(table, start, start + op.rows() * width, 0f);
          for (int j = t * perTable; j < (t + 1) * perTable; j++) {
            int r = index[indices.offset() + j];
            Check.index("scatterAdd", r, j, op.rows());
            int at = start + r * width;
            int xAt = xs.offset() + j * width;
            BinaryLoops.add(table, at, x, xAt, table, at, width);
          }
        });
  }
}
