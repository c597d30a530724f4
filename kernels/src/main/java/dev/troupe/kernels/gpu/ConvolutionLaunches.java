package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;

/** Launches of {@code convolution.cu} and {@code pooling.cu}. */
final class ConvolutionLaunches {
  private static final int THREADS = 256;

  private final Launcher launcher;
  private final Entry conv2d = new Entry("convolution", "conv2d_plain");
  private final Entry inputGrad = new Entry("convolution", "conv2d_input_grad_plain");
  private final Entry weightGrad = new Entry("convolution", "conv2d_weight_grad_plain");
  private final Entry maxPool = new Entry("pooling", "max_pool");
  private final Entry sumPool = new Entry("pooling", "sum_pool");
  private final Entry sumPoolGrad = new Entry("pooling", "sum_pool_grad");

  ConvolutionLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void conv2d(Primitive.Conv2d op) {
    if (op.y().size() > 0) {
      launcher.begin(conv2d).put(op.x()).put(op.weight()).putOrNull(op.bias()).put(op.y());
      sizes(op.members(), op.batch(), op.in(), op.out(), op.window());
      launch(op.y().size());
    }
  }

  void inputGrad(Primitive.Conv2dInputGrad op) {
    if (op.dx().size() > 0) {
      launcher.begin(inputGrad).put(op.weight()).put(op.dy()).putOrNull(op.bias()).put(op.dx());
      sizes(op.members(), op.batch(), op.in(), op.out(), op.window());
      launch(op.dx().size());
    }
  }

  void weightGrad(Primitive.Conv2dWeightGrad op) {
    if (op.dweight().size() > 0) {
      launcher.begin(weightGrad).put(op.x()).put(op.dy()).put(op.dweight());
      sizes(op.members(), op.batch(), op.in(), op.out(), op.window());
      launch(op.dweight().size());
    }
  }

  void maxPool(Primitive.MaxPool op) {
    if (op.y().size() > 0) {
      launcher.begin(maxPool).put(op.x()).put(op.y()).put(op.index());
      window(op.window());
      launch(op.y().size());
    }
  }

  void sumPool(Primitive.SumPool op) {
    if (op.y().size() > 0) {
      launcher.begin(sumPool).put(op.x()).put(op.y()).put((float) op.scale());
      window(op.window());
      launch(op.y().size());
    }
  }

  void sumPoolGrad(Primitive.SumPoolGrad op) {
    if (op.dx().size() > 0) {
      launcher.begin(sumPoolGrad).put(op.dy()).put(op.dx()).put((float) op.scale());
      window(op.window());
      launch(op.dx().size());
    }
  }

  /** The struct {@code Convolution}. */
  private void sizes(int members, int batch, int in, int out, Window window) {
    launcher.put(members).put(batch).put(in).put(out);
    window(window);
  }

  /** The struct {@code Pooling}. */
  private void window(Window s) {
    launcher
        .put(s.height())
        .put(s.width())
        .put(s.kernelHeight())
        .put(s.kernelWidth())
        .put(s.strideHeight())
        .put(s.strideWidth())
        .put(s.padTop())
        .put(s.padLeft())
        .put(s.outHeight())
        .put(s.outWidth());
  }

  private void launch(int elements) {
    launcher.put(elements).launch(Math.ceilDiv(elements, THREADS), THREADS);
  }
}
