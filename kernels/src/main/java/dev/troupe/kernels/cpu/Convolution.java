package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import java.util.Arrays;

/** Convolutions as matrix products with the pixels of each window laid out in a column. */
final class Convolution {
  private static final ThreadLocal<float[]> COLUMNS = ThreadLocal.withInitial(() -> new float[0]);

  private Convolution() {}

  // y[n] [out, windows] = weight[e] [out, in · taps] · columns(x[n]) [in · taps, windows]
  static void conv2d(
      Workers workers,
      Primitive.Conv2d op,
      HostBuffer x,
      HostBuffer weight,
      HostBuffer bias,
      HostBuffer y) {
    Window s = op.window();
    int k = op.in() * s.taps();
    workers.run(
        op.members() * op.batch(),
        n -> {
          int e = n / op.batch();
          float[] columns = columns(k * s.windows());
          gather(s, op.in(), x.floats(), x.offset() + n * op.in() * s.pixels(), columns);
          int to = y.offset() + n * op.out() * s.windows();
          start(y.floats(), to, bias, e * op.out(), op.out(), s.windows());
          Gemm.multiply(
              workers,
              false,
              false,
              1,
              op.out(),
              s.windows(),
              k,
              weight.floats(),
              weight.offset() + e * op.out() * k,
              0,
              columns,
              0,
              0,
              null,
              0,
              0,
              true,
              y.floats(),
              to,
              0);
        });
  }

  // columns(dx[n]) [in · taps, windows] = weight[e]ᵀ · dy[n] [out, windows]
  static void inputGrad(
      Workers workers,
      Primitive.Conv2dInputGrad op,
      HostBuffer weight,
      HostBuffer dy,
      HostBuffer bias,
      HostBuffer dx) {
    Window s = op.window();
    int k = op.in() * s.taps();
    workers.run(
        op.members() * op.batch(),
        n -> {
          int e = n / op.batch();
          float[] columns = columns(k * s.windows());
          Gemm.multiply(
              workers,
              true,
              false,
              1,
              k,
              s.windows(),
              op.out(),
              weight.floats(),
              weight.offset() + e * op.out() * k,
              0,
              dy.floats(),
              dy.offset() + n * op.out() * s.windows(),
              0,
              null,
              0,
              0,
              false,
              columns,
              0,
              0);
          int to = dx.offset() + n * op.in() * s.pixels();
          start(dx.floats(), to, bias, e * op.in(), op.in(), s.pixels());
          scatter(s, op.in(), columns, dx.floats(), to);
        });
  }

  private static float[] columns(int size) {
    float[] held = COLUMNS.get();
    if (held.length < size) {
      held = new float[size];
      COLUMNS.set(held);
    }
    return held;
  }

  private static void start(float[] y, int at, HostBuffer bias, int first, int channels, int size) {
    for (int c = 0; c < channels; c++) {
      float value = bias == null ? 0 : bias.floats()[bias.offset() + first + c];
      Arrays.fill(y, at + c * size, at + (c + 1) * size, value);
    }
  }

  /** An image to columns: row (c, kh, kw) has the pixel under that tap for each window, or 0. */
  private static void gather(Window s, int channels, float[] image, int at, float[] columns) {
    for (int row = 0; row < channels * s.taps(); row++) {
      int plane = at + row / s.taps() * s.pixels();
      for (int oh = 0; oh < s.outHeight(); oh++) {
        int h = line(s, row, oh);
        for (int ow = 0; ow < s.outWidth(); ow++) {
          int w = place(s, row, ow);
          boolean inside = h >= 0 && h < s.height() && w >= 0 && w < s.width();
          columns[row * s.windows() + oh * s.outWidth() + ow] =
              inside ? image[plane + h * s.width() + w] : 0f;
        }
      }
    }
  }

  /** Adds columns into an image; the adjoint of {@link #gather}. */
  private static void scatter(Window s, int channels, float[] columns, float[] image, int at) {
    for (int row = 0; row < channels * s.taps(); row++) {
      int plane = at + row / s.taps() * s.pixels();
      for (int oh = 0; oh < s.outHeight(); oh++) {
        int h = line(s, row, oh);
        for (int ow = 0; ow < s.outWidth(); ow++) {
          int w = place(s, row, ow);
          if (h >= 0 && h < s.height() && w >= 0 && w < s.width()) {
            image[plane + h * s.width() + w] += columns[row * s.windows() + oh * s.outWidth() + ow];
          }
        }
      }
    }
  }

  private static int line(Window s, int row, int oh) {
    return oh * s.strideHeight() - s.padTop() + row % s.taps() / s.kernelWidth();
  }

  private static int place(Window s, int row, int ow) {
    return ow * s.strideWidth() - s.padLeft() + row % s.kernelWidth();
  }
}
