package dev.troupe.kernels.reference;

import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;

/**
 * Convolutions as one loop over everything that meets: {@code x[e, n, c, h, w]}, {@code weight[e,
 * o, c, kh, kw]} and {@code y[e, n, o, oh, ow]}. The three of them differ only in which one they
 * add to.
 */
final class Convolution {
  private Convolution() {}

  /** What is done where a pixel, a weight and a result meet. */
  @FunctionalInterface
  private interface Meeting {
    void at(int x, int weight, int y);
  }

  private static void walk(int members, int batch, int in, int out, Window s, Meeting meeting) {
    for (int e = 0; e < members; e++) {
      for (int n = e * batch; n < (e + 1) * batch; n++) {
        for (int o = 0; o < out; o++) {
          for (int c = 0; c < in; c++) {
            window(
                s,
                (n * in + c) * s.pixels(),
                ((e * out + o) * in + c) * s.taps(),
                (n * out + o) * s.windows(),
                meeting);
          }
        }
      }
    }
  }

  /** One plane of x with one of the weight and one of y, each from where it begins. */
  private static void window(Window s, int x, int weight, int y, Meeting meeting) {
    for (int oh = 0; oh < s.outHeight(); oh++) {
      for (int ow = 0; ow < s.outWidth(); ow++) {
        for (int kh = 0; kh < s.kernelHeight(); kh++) {
          for (int kw = 0; kw < s.kernelWidth(); kw++) {
            int h = oh * s.strideHeight() - s.padTop() + kh;
            int w = ow * s.strideWidth() - s.padLeft() + kw;
            if (h >= 0 && h < s.height() && w >= 0 && w < s.width()) {
              meeting.at(
                  x + h * s.width() + w,
                  weight + kh * s.kernelWidth() + kw,
                  y + oh * s.outWidth() + ow);
            }
          }
        }
      }
    }
  }

  static void conv2d(Primitive.Conv2d op, Reals x, Reals weight, Reals bias, Reals y) {
    start(y, bias, op.members(), op.batch(), op.out(), op.window().windows());
    walk(
        op.members(),
        op.batch(),
        op.in(),
        op.out(),
        op.window(),
        (i, k, o) -> y.add(o, x.get(i) * weight.get(k)));
  }

  static void inputGrad(
      Primitive.Conv2dInputGrad op, Reals weight, Reals dy, Reals bias, Reals dx) {
    start(dx, bias, op.members(), op.batch(), op.in(), op.window().pixels());
    walk(
        op.members(),
        op.batch(),
        op.in(),
        op.out(),
        op.window(),
        (i, k, o) -> dx.add(i, dy.get(o) * weight.get(k)));
  }

  static void weightGrad(Primitive.Conv2dWeightGrad op, Reals x, Reals dy, Reals dweight) {
    dweight.fill(0);
    walk(
        op.members(),
        op.batch(),
        op.in(),
        op.out(),
        op.window(),
        (i, k, o) -> dweight.add(k, dy.get(o) * x.get(i)));
  }

  // y [members, batch, channels, size], bias [members, channels] or null
  private static void start(Reals y, Reals bias, int members, int batch, int channels, int size) {
    for (int i = 0; i < members * batch * channels * size; i++) {
      int channel = i / size % channels;
      int member = i / size / channels / batch;
      y.set(i, bias == null ? 0 : bias.get(member * channels + channel));
    }
  }
}
