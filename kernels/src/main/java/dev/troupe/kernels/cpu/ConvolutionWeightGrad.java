package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import java.util.Arrays;

/** The gradient of a convolution by its weight: products with columns of pixels. */
final class ConvolutionWeightGrad {
  private static final ThreadLocal<float[]> COLUMNS = ThreadLocal.withInitial(() -> new float[0]);

  private ConvolutionWeightGrad() {}

  // dweight[e] [out, in · taps] = Σ_n dy[n] [out, windows] · columns(x[n])ᵀ
  static void run(
      Workers workers,
      Primitive.Conv2dWeightGrad op,
      HostBuffer x,
      HostBuffer dy,
      HostBuffer dweight) {
    Window s = op.window();
    int k = op.in() * s.taps();
    workers.run(
        op.members(),
        e -> {
          float[] columns = columns(k * s.windows());
          int to = dweight.offset() + e * op.out() * k;
          Arrays.fill(dweight.floats(), to, to + op.out() * k, 0f);
          for (int n = e * op.batch(); n < (e + 1) * op.batch(); n++) {
            gather(s, op.in(), x.floats(), x.offset() + n * op.in() * s.pixels(), columns);
            Gemm.multiply(
                workers,
                false,
                true,
                1,
                op.out(),
                k,
                s.windows(),
                dy.floats(),
                dy.offset() + n * op.out() * s.windows(),
                0,
                columns,
                0,
                0,
                null,
                0,
                0,
                true,
                dweight.floats(),
                to,
                0);
          }
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

  private static int line(Window s, int row, int oh) {
    return oh * s.strideHeight() - s.padTop() + row % s.taps() / s.kernelWidth();
  }

  private static int place(Window s, int row, int ow) {
    return ow * s.strideWidth() - s.padLeft() + row % s.kernelWidth();
  }
}
