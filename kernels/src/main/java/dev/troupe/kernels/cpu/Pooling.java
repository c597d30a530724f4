package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Lanes.COUNT;
import static dev.troupe.kernels.cpu.Lanes.F;
import static dev.troupe.kernels.cpu.Lanes.I;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * MaxPool, SumPool and SumPoolGrad; threads share the planes. Vectors hold results: windows, or for
 * the gradient pixels, of one plane or of several small ones. A table has the places that each
 * result reads, one after the other.
 */
final class Pooling {
  private static final ThreadLocal<Table> MAX = ThreadLocal.withInitial(() -> new Table(true));
  private static final ThreadLocal<Table> SUM = ThreadLocal.withInitial(() -> new Table(false));
  private static final ThreadLocal<Table> GRAD = ThreadLocal.withInitial(() -> new Table(false));

  private Pooling() {}

  /** What the results of some planes read; made for a window and kept until another comes. */
  private static final class Table {
    /** Results, at least, that small planes share, with few reads and with many. */
    private static final int RESULTS = 64;

    private static final int RESULTS_OF_MANY = 16;
    private static final int MANY = 256;

    private final boolean clamped;
    private Window window;
    private int planes;
    private int results; // of the planes
    private int reads; // by each result

    /** [reads, size] of places relative to the first plane; 0 where there is nothing to read. */
    private int[] place = new int[0];

    /** Likewise, -1 where there is nothing to read. */
    private int[] nothing = new int[0];

    private boolean full; // there is always something

    /** Where the plane of each result begins. */
    private int[] plane = new int[0];

    /** Distance of reads: the results and what fills up the last vector. */
    private int size;

    /**
     * @param clamped reads the nearest pixel inside instead of nothing
     */
    private Table(boolean clamped) {
      this.clamped = clamped;
    }

    /** Whether the table has to be made. */
    private boolean begin(Window s, int perPlane, int most) {
      if (s.equals(window)) {
        return false;
      }
      window = s;
      planes = Math.ceilDiv(most < MANY ? RESULTS : RESULTS_OF_MANY, perPlane);
      results = planes * perPlane;
      reads = most;
      size = Math.ceilDiv(results, COUNT) * COUNT;
      if (place.length < (long) reads * size) {
        place = new int[Math.multiplyExact(reads, size)];
        nothing = new int[reads * size];
      }
      if (plane.length < size) {
        plane = new int[size];
      }
      Arrays.fill(place, 0, reads * size, 0);
      Arrays.fill(nothing, 0, reads * size, -1);
      Arrays.fill(plane, 0, size, 0);
      full = true;
      return true;
    }

    private void set(int read, int result, int at) {
      place[read * size + result] = at;
      nothing[read * size + result] = 0;
    }

    /** The pixels of each window. */
    private Table windows(Window s) {
      if (!begin(s, s.windows(), s.taps())) {
        return this;
      }
      for (int i = 0; i < results; i++) {
        plane[i] = i / s.windows() * s.pixels();
        int top = i % s.windows() / s.outWidth() * s.strideHeight() - s.padTop();
        int left = i % s.outWidth() * s.strideWidth() - s.padLeft();
        for (int tap = 0; tap < s.taps(); tap++) {
          int h = top + tap / s.kernelWidth();
          int w = left + tap % s.kernelWidth();
          boolean inside = h >= 0 && h < s.height() && w >= 0 && w < s.width();
          full &= inside || clamped;
          if (inside || clamped) {
            int row = Math.clamp(h, 0, s.height() - 1);
            set(tap, i, plane[i] + row * s.width() + Math.clamp(w, 0, s.width() - 1));
          }
        }
      }
      return this;
    }

    /** The windows that cover each pixel. */
    private Table pixels(Window s) {
      int high = Math.min(s.outHeight(), Math.ceilDiv(s.kernelHeight(), s.strideHeight()));
      int wide = Math.min(s.outWidth(), Math.ceilDiv(s.kernelWidth(), s.strideWidth()));
      if (!begin(s, s.pixels(), high * wide)) {
        return this;
      }
      for (int i = 0; i < results; i++) {
        int h = i % s.pixels() / s.width() + s.padTop();
        int w = i % s.width() + s.padLeft();
        int top = first(h, s.kernelHeight(), s.strideHeight());
        int left = first(w, s.kernelWidth(), s.strideWidth());
        for (int read = 0; read < reads; read++) {
          int oh = top + read / wide;
          int ow = left + read % wide;
          boolean covered =
              oh * s.strideHeight() <= h
                  && oh < s.outHeight()
                  && ow * s.strideWidth() <= w
                  && ow < s.outWidth();
          full &= covered;
          if (covered) {
            set(read, i, i / s.pixels() * s.windows() + oh * s.outWidth() + ow);
          }
        }
      }
      return this;
    }

    /** First of the windows that reach as far as {@code at}. */
    private static int first(int at, int kernel, int stride) {
      return Math.ceilDiv(Math.max(0, at - kernel + 1), stride);
    }
  }

  // ---------------------------------------------------------------- largest

  static void max(
      Workers workers, Primitive.MaxPool op, HostBuffer xs, HostBuffer ys, HostBuffer indices) {
    Window s = op.window();
    float[] x = xs.floats();
    float[] y = ys.floats();
    int[] index = indices.ints();
    Table table = MAX.get().windows(s);
    workers.runRanges(
        Math.ceilDiv(op.planes(), table.planes),
        Elementwise.grain(table.results * table.reads),
        (from, to) -> {
          for (int p = from * table.planes; p < Math.min(op.planes(), to * table.planes); ) {
            int count = Math.min(table.planes, op.planes() - p);
            int at = xs.offset() + p * s.pixels();
            int yo = ys.offset() + p * s.windows();
            int io = indices.offset() + p * s.windows();
            max(table, count * s.windows(), x, at, y, yo, index, io);
            p += count;
          }
        });
  }

  /**
   * A pixel that is read again, in place of one outside, changes nothing: the order of pixels is
   * the same, and only a larger one is taken.
   */
  private static void max(
      Table table, int n, float[] x, int at, float[] y, int yo, int[] index, int io) {
    int[] place = table.place;
    int[] plane = table.plane;
    int reads = table.reads;
    int size = table.size;
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += COUNT) {
      FloatVector best = FloatVector.fromArray(F, x, at, place, i);
      IntVector chosen = IntVector.fromArray(I, place, i);
      for (int read = i + size; read < reads * size; read += size) {
        FloatVector value = FloatVector.fromArray(F, x, at, place, read);
        VectorMask<Float> stays =
            value.compare(VectorOperators.LE, best).or(best.test(VectorOperators.IS_NAN));
        best = value.blend(best, stays);
        chosen = IntVector.fromArray(I, place, read).blend(chosen, stays.cast(I));
      }
      best.intoArray(y, yo + i);
      chosen.sub(IntVector.fromArray(I, plane, i)).intoArray(index, io + i);
    }
    for (; i < n; i++) {
      int chosen = place[i];
      for (int read = i + size; read < reads * size; read += size) {
        float best = x[at + chosen];
        if (!(x[at + place[read]] <= best) && !Float.isNaN(best)) {
          chosen = place[read];
        }
      }
      y[yo + i] = x[at + chosen];
      index[io + i] = chosen - plane[i];
    }
  }

  // ---------------------------------------------------------------- sums

  static void sum(Workers workers, Primitive.SumPool op, HostBuffer x, HostBuffer y) {
    Window s = op.window();
    Table table = SUM.get().windows(s);
    sums(workers, table, op.planes(), s.pixels(), s.windows(), op.scale(), x, y);
  }

  static void sumGrad(Workers workers, Primitive.SumPoolGrad op, HostBuffer dy, HostBuffer dx) {
    Window s = op.window();
    Table table = GRAD.get().pixels(s);
    sums(workers, table, op.planes(), s.windows(), s.pixels(), op.scale(), dy, dx);
  }

  private static void sums(
      Workers workers,
      Table table,
      int planes,
      int in,
      int out,
      double scale,
      HostBuffer xs,
      HostBuffer ys) {
    float[] x = xs.floats();
    float[] y = ys.floats();
    workers.runRanges(
        Math.ceilDiv(planes, table.planes),
        Elementwise.grain(table.results * table.reads),
        (from, to) -> {
          for (int p = from * table.planes; p < Math.min(planes, to * table.planes); ) {
            int count = Math.min(table.planes, planes - p);
            int at = xs.offset() + p * in;
            int yo = ys.offset() + p * out;
            int n = count * out;
            int done = F.loopBound(n);
            if (table.full) {
              fullSums(table, done, x, at, (float) scale, y, yo);
            } else {
              edgeSums(table, done, x, at, (float) scale, y, yo);
            }
            rest(table, done, n, x, at, (float) scale, y, yo);
            p += count;
          }
        });
  }

  private static void fullSums(
      Table table, int n, float[] x, int at, float scale, float[] y, int yo) {
    int[] place = table.place;
    int reads = table.reads;
    int size = table.size;
    for (int i = 0; i < n; i += COUNT) {
      FloatVector sum = FloatVector.zero(F);
      for (int read = i; read < reads * size; read += size) {
        sum = sum.add(FloatVector.fromArray(F, x, at, place, read));
      }
      sum.mul(scale).intoArray(y, yo + i);
    }
  }

  private static void edgeSums(
      Table table, int n, float[] x, int at, float scale, float[] y, int yo) {
    int[] place = table.place;
    int[] nothing = table.nothing;
    int reads = table.reads;
    int size = table.size;
    for (int i = 0; i < n; i += COUNT) {
      FloatVector sum = FloatVector.zero(F);
      for (int read = i; read < reads * size; read += size) {
        VectorMask<Float> outside =
            IntVector.fromArray(I, nothing, read).compare(VectorOperators.LT, 0).cast(F);
        sum = sum.add(FloatVector.fromArray(F, x, at, place, read).blend(0f, outside));
      }
      sum.mul(scale).intoArray(y, yo + i);
    }
  }

  private static void rest(
      Table table, int from, int n, float[] x, int at, float scale, float[] y, int yo) {
    int size = table.size;
    for (int i = from; i < n; i++) {
      float sum = 0;
      for (int read = i; read < table.reads * size; read += size) {
        if (table.nothing[read] == 0) {
          sum += x[at + table.place[read]];
        }
      }
      y[yo + i] = sum * scale;
    }
  }
}
