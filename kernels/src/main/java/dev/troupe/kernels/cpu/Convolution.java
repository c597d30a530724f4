package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import java.util.Arrays;

/** Convolutions and their gradients by the input, by {@link ConvolutionProduct}. */
final class Convolution {
  private Convolution() {}

  static void conv2d(
      Workers workers,
      Primitive.Conv2d op,
      HostBuffer x,
      HostBuffer weight,
      HostBuffer bias,
      HostBuffer y) {
    Window s = op.window();
    int image = op.in() * s.pixels();
    if (isWholeImage(s)) {
      // y[e] [batch, out] = x[e] [batch, in · pixels] · weight[e]ᵀ
      Gemm.multiply(
          workers,
          false,
          true,
          op.members(),
          op.batch(),
          op.out(),
          image,
          x.floats(),
          x.offset(),
          op.batch() * image,
          weight.floats(),
          weight.offset(),
          op.out() * image,
          bias == null ? null : bias.floats(),
          bias == null ? 0 : bias.offset(),
          op.out(),
          false,
          y.floats(),
          y.offset(),
          op.batch() * op.out());
      return;
    }
    ConvolutionProduct product = ConvolutionProduct.ofThisThread();
    try {
      product.source(op.batch(), op.in(), x.floats(), x.offset());
      product.weight(false, s.taps(), weight.floats(), weight.offset());
      product.result(
          op.out(),
          bias == null ? null : bias.floats(),
          bias == null ? 0 : bias.offset(),
          y.floats(),
          y.offset());
      product.run(workers, op.members(), ConvolutionView.forward(s));
    } finally {
      product.clear();
    }
  }

  static void inputGrad(
      Workers workers,
      Primitive.Conv2dInputGrad op,
      HostBuffer weight,
      HostBuffer dy,
      HostBuffer bias,
      HostBuffer dx) {
    Window s = op.window();
    int image = op.in() * s.pixels();
    if (isWholeImage(s)) {
      // dx[e] [batch, in · pixels] = dy[e] [batch, out] · weight[e]
      if (bias != null) {
        spread(bias, dx, op.members(), op.batch(), op.in(), s.pixels());
      }
      Gemm.multiply(
          workers,
          false,
          false,
          op.members(),
          op.batch(),
          image,
          op.out(),
          dy.floats(),
          dy.offset(),
          op.batch() * op.out(),
          weight.floats(),
          weight.offset(),
          op.out() * image,
          null,
          0,
          0,
          bias != null,
          dx.floats(),
          dx.offset(),
          op.batch() * image);
      return;
    }
    if (FewResults.suits(op)) {
      FewResults.run(workers, op, weight, dy, bias, dx);
      return;
    }
    ConvolutionView[] views = new ConvolutionView[s.strideHeight() * s.strideWidth()];
    int count = 0;
    for (int i = 0; i < s.strideHeight(); i++) {
      for (int j = 0; j < s.strideWidth(); j++) {
        ConvolutionView view = ConvolutionView.phase(s, i, j);
        if (view.results() > 0) {
          views[count++] = view;
        }
      }
    }
    ConvolutionProduct product = ConvolutionProduct.ofThisThread();
    try {
      product.source(op.batch(), op.out(), dy.floats(), dy.offset());
      product.weight(true, s.taps(), weight.floats(), weight.offset());
      product.result(
          op.in(),
          bias == null ? null : bias.floats(),
          bias == null ? 0 : bias.offset(),
          dx.floats(),
          dx.offset());
      product.run(workers, op.members(), Arrays.copyOf(views, count));
    } finally {
      product.clear();
    }
  }

  /** One window that covers the image: a matrix product of whole images. */
  private static boolean isWholeImage(Window s) {
    return s.windows() == 1
        && s.padTop() == 0
        && s.padLeft() == 0
        && s.kernelHeight() == s.height()
        && s.kernelWidth() == s.width();
  }

  /** Fills images with the bias of their channels. */
  private static void spread(
      HostBuffer bias, HostBuffer y, int members, int batch, int channels, int pixels) {
    for (int i = 0; i < members * batch * channels; i++) {
      float value = bias.floats()[bias.offset() + i / (batch * channels) * channels + i % channels];
      int at = y.offset() + i * pixels;
      Arrays.fill(y.floats(), at, at + pixels, value);
    }
  }
}
