package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import java.util.Arrays;

/** MaxPool, SumPool and SumPoolGrad; threads share the planes. */
final class Pooling {
  private Pooling() {}

  static void max(
      Workers workers, Primitive.MaxPool op, HostBuffer xs, HostBuffer ys, HostBuffer indices) {
    Window s = op.window();
    float[] x = xs.floats();
    float[] y = ys.floats();
    int[] index = indices.ints();
    workers.runRanges(
        op.planes(),
        Elementwise.grain(s.windows() * s.taps()),
        (from, to) -> {
          for (int p = from; p < to; p++) {
            int plane = xs.offset() + p * s.pixels();
            int at = p * s.windows();
            for (int oh = 0; oh < s.outHeight(); oh++) {
              for (int ow = 0; ow < s.outWidth(); ow++, at++) {
                int first = argmax(s, x, plane, oh, ow);
                y[ys.offset() + at] = x[plane + first];
                index[indices.offset() + at] = first;
              }
            }
          }
        });
  }

  private static int argmax(Window s, float[] x, int plane, int oh, int ow) {
    int left = left(s, ow);
    int right = right(s, ow);
    int bottom = bottom(s, oh);
    int first = top(s, oh) * s.width() + left;
    float best = x[plane + first];
    for (int h = top(s, oh); h < bottom; h++) {
      for (int w = left; w < right; w++) {
        float value = x[plane + h * s.width() + w];
        if (!(value <= best) && !Float.isNaN(best)) {
          best = value;
          first = h * s.width() + w;
        }
      }
    }
    return first;
  }

  static void sum(Workers workers, Primitive.SumPool op, HostBuffer xs, HostBuffer ys) {
    Window s = op.window();
    float[] x = xs.floats();
    float[] y = ys.floats();
    float scale = (float) op.scale();
    workers.runRanges(
        op.planes(),
        Elementwise.grain(s.windows() * s.taps()),
        (from, to) -> {
          for (int p = from; p < to; p++) {
            int plane = xs.offset() + p * s.pixels();
            int at = ys.offset() + p * s.windows();
            for (int oh = 0; oh < s.outHeight(); oh++) {
              int bottom = bottom(s, oh);
              for (int ow = 0; ow < s.outWidth(); ow++) {
                int right = right(s, ow);
                float sum = 0;
                for (int h = top(s, oh); h < bottom; h++) {
                  for (int w = left(s, ow); w < right; w++) {
                    sum += x[plane + h * s.width() + w];
                  }
                }
                y[at++] = scale * sum;
              }
            }
          }
        });
  }

  static void sumGrad(Workers workers, Primitive.SumPoolGrad op, HostBuffer dys, HostBuffer dxs) {
    Window s = op.window();
    float[] dy = dys.floats();
    float[] dx = dxs.floats();
    float scale = (float) op.scale();
    workers.runRanges(
        op.planes(),
        Elementwise.grain(s.windows() * s.taps() + s.pixels()),
        (from, to) -> {
          for (int p = from; p < to; p++) {
            int plane = dxs.offset() + p * s.pixels();
            int at = dys.offset() + p * s.windows();
            Arrays.fill(dx, plane, plane + s.pixels(), 0f);
            for (int oh = 0; oh < s.outHeight(); oh++) {
              int bottom = bottom(s, oh);
              for (int ow = 0; ow < s.outWidth(); ow++) {
                int right = right(s, ow);
                float value = dy[at++];
                for (int h = top(s, oh); h < bottom; h++) {
                  for (int w = left(s, ow); w < right; w++) {
                    dx[plane + h * s.width() + w] += value;
                  }
                }
              }
            }
            for (int i = plane; i < plane + s.pixels(); i++) {
              dx[i] *= scale;
            }
          }
        });
  }

  private static int top(Window s, int oh) {
    return Math.max(0, oh * s.strideHeight() - s.padTop());
  }

  private static int bottom(Window s, int oh) {
    return Math.min(s.height(), oh * s.strideHeight() - s.padTop() + s.kernelHeight());
  }

  private static int left(Window s, int ow) {
    return Math.max(0, ow * s.strideWidth() - s.padLeft());
  }

  private static int right(Window s, int ow) {
    return Math.min(s.width(), ow * s.strideWidth() - s.padLeft() + s.kernelWidth());
  }
}
