package dev.troupe.kernels.cpu;

import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import java.util.Arrays;

/** Fill, Copy, Permute, Concat and CopyRows: moving elements. */
final class Layout {
  private Layout() {}

  static void fill(Workers workers, double value, HostBuffer y) {
    int o = y.offset();
    if (y.type() == ElementType.INT32) {
      Arrays.fill(y.ints(), o, o + y.size(), (int) value);
      return;
    }
    float[] a = y.floats();
    workers.runRanges(
        y.size(),
        4 * Elementwise.GRAIN,
        (from, to) -> Arrays.fill(a, o + from, o + to, (float) value));
  }

  static void copy(Workers workers, HostBuffer x, HostBuffer y) {
    int xo = x.offset();
    int yo = y.offset();
    if (x.type() == y.type()) {
      Object from = array(x);
      Object to = array(y);
      workers.runRanges(
          y.size(),
          4 * Elementwise.GRAIN,
          (a, b) -> System.arraycopy(from, xo + a, to, yo + a, b - a));
    } else if (x.type() == ElementType.INT32) {
      int[] from = x.ints();
      float[] to = y.floats();
      for (int i = 0; i < y.size(); i++) {
        to[yo + i] = from[xo + i];
      }
    } else {
      float[] from = x.floats();
      int[] to = y.ints();
      for (int i = 0; i < y.size(); i++) {
        to[yo + i] = (int) from[xo + i];
      }
    }
  }

  static void permute(Workers workers, Primitive.Permute op, HostBuffer x, HostBuffer y) {
    Broadcast by = new Broadcast(op.sizes(), new int[][] {op.strides()});
    int last = op.sizes().length - 1;
    int width = op.sizes()[last];
    int stride = op.strides()[last];
    int xo = x.offset();
    int yo = y.offset();
    Object from = array(x);
    Object to = array(y);
    Elementwise.rows(
        workers,
        by,
        (row, at, n) -> {
          int xAt = xo + Elementwise.offset(by, 0, row) + at * stride;
          int yAt = yo + row * width + at;
          if (stride == 1) {
            System.arraycopy(from, xAt, to, yAt, n);
          } else if (to instanceof float[] f) {
            float[] g = (float[]) from;
            for (int i = 0; i < n; i++) {
              f[yAt + i] = g[xAt + i * stride];
            }
          } else {
            int[] f = (int[]) to;
            int[] g = (int[]) from;
            for (int i = 0; i < n; i++) {
              f[yAt + i] = g[xAt + i * stride];
            }
          }
        });
  }

  static void copyRows(Workers workers, Primitive.CopyRows op, HostBuffer x, HostBuffer y) {
    copyRows(
        workers,
        op.rows(),
        op.width(),
        array(x),
        x.offset(),
        op.xStride(),
        array(y),
        y.offset(),
        op.yStride());
  }

  static void concat(Workers workers, int rows, HostBuffer[] xs, HostBuffer y) {
    int stride = y.size() / rows;
    int at = y.offset();
    for (HostBuffer x : xs) {
      int width = x.size() / rows;
      copyRows(workers, rows, width, array(x), x.offset(), width, array(y), at, stride);
      at += width;
    }
  }

  private static void copyRows(
      Workers workers,
      int rows,
      int width,
      Object from,
      int fromAt,
      int fromStride,
      Object to,
      int toAt,
      int toStride) {
    workers.runRanges(
        rows,
        Math.max(1, 4 * Elementwise.GRAIN / Math.max(1, width)),
        (a, b) -> {
          for (int r = a; r < b; r++) {
            System.arraycopy(from, fromAt + r * fromStride, to, toAt + r * toStride, width);
          }
        });
  }

  private static Object array(HostBuffer b) {
    return b.type() == ElementType.REAL ? b.floats() : b.ints();
  }
}
