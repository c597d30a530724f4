package dev.troupe.kernels.reference;

import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;

/** One element for each window; x is [planes, height, width], y [planes, outHeight, outWidth]. */
final class Pooling {
  private Pooling() {}

  static void max(Primitive.MaxPool op, Reals x, Reals y, Ints index) {
    Window s = op.window();
    for (int i = 0; i < op.planes() * s.windows(); i++) {
      int plane = i / s.windows() * s.pixels();
      int first = -1;
      for (int k = 0; k < s.taps(); k++) {
        int pixel = pixel(s, i % s.windows(), k);
        if (pixel >= 0) {
          double value = x.get(plane + pixel);
          double best = first < 0 ? Double.NEGATIVE_INFINITY : x.get(plane + first);
          if (first < 0 || value > best || Double.isNaN(value) && !Double.isNaN(best)) {
            first = pixel;
          }
        }
      }
      y.set(i, x.get(plane + first));
      index.set(i, first);
    }
  }

  static void sum(Primitive.SumPool op, Reals x, Reals y) {
    Window s = op.window();
    for (int i = 0; i < op.planes() * s.windows(); i++) {
      int plane = i / s.windows() * s.pixels();
      double sum = 0;
      for (int k = 0; k < s.taps(); k++) {
        int pixel = pixel(s, i % s.windows(), k);
        sum += pixel < 0 ? 0 : x.get(plane + pixel);
      }
      y.set(i, op.scale() * sum);
    }
  }

  static void sumGrad(Primitive.SumPoolGrad op, Reals dy, Reals dx) {
    Window s = op.window();
    dx.fill(0);
    for (int i = 0; i < op.planes() * s.windows(); i++) {
      int plane = i / s.windows() * s.pixels();
      for (int k = 0; k < s.taps(); k++) {
        int pixel = pixel(s, i % s.windows(), k);
        if (pixel >= 0) {
          dx.add(plane + pixel, op.scale() * dy.get(i));
        }
      }
    }
  }

  /** The pixel under tap k of a window, or -1 where that lies outside the image. */
  private static int pixel(Window s, int window, int k) {
    int h = window / s.outWidth() * s.strideHeight() - s.padTop() + k / s.kernelWidth();
    int w = window % s.outWidth() * s.strideWidth() - s.padLeft() + k % s.kernelWidth();
    boolean inside = h >= 0 && h < s.height() && w >= 0 && w < s.width();
    return inside ? h * s.width() + w : -1;
  }
}
