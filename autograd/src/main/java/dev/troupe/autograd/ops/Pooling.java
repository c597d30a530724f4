package dev.troupe.autograd.ops;

import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/** One element for each window of an image, and nearest-neighbour resizing; [E, N, C, H, W]. */
final class Pooling {
  private Pooling() {}

  /** The largest pixel of each window; saves which, INT32, as {@code h · width + w}. */
  record Max(Window window) implements Op {
    @Override
    public String name() {
      return "maxPool2d";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = in[0].shape();
      Shape out = size(s, window.outHeight(), window.outWidth());
      Tensor y = Tensor.empty(ElementType.REAL, out, name());
      Tensor index = Tensor.empty(ElementType.INT32, out, name());
      y.device()
          .run(
              new Primitive.MaxPool(
                  s.product(0, 3), window, in[0].buffer(), y.buffer(), index.buffer()));
      saved.keep(index);
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      Shape s = y.input(0).shape();
      int planes = s.product(0, 3);
      Variable index = Ops.reshape(Variable.constant(y.saved(0)), shape(planes, window.windows()));
      Variable rows = Ops.reshape(dy, shape(planes, window.windows()));
      Variable dx = Ops.scatterAdd(rows, index, shape(planes, window.pixels()));
      return new Variable[] {Ops.reshape(dx, s)};
    }

    private static Shape shape(int planes, int size) {
      return Shape.of(planes, size);
    }
  }

  /** {@code scale ·} the sum over each window. */
  record Sum(Window window, double scale) implements Op {
    @Override
    public String name() {
      return "sumPool2d";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = in[0].shape();
      Tensor y =
          Tensor.empty(ElementType.REAL, size(s, window.outHeight(), window.outWidth()), name());
      y.device()
          .run(new Primitive.SumPool(s.product(0, 3), window, scale, in[0].buffer(), y.buffer()));
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      return new Variable[] {Variable.apply(new Spread(window, scale), dy)};
    }
  }

  /** The adjoint of {@link Sum}: each element times {@code scale} to all pixels of its window. */
  record Spread(Window window, double scale) implements Op {
    @Override
    public String name() {
      return "spread2d";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = in[0].shape();
      Tensor x = Tensor.empty(ElementType.REAL, size(s, window.height(), window.width()), name());
      x.device()
          .run(
              new Primitive.SumPoolGrad(
                  s.product(0, 3), window, scale, in[0].buffer(), x.buffer()));
      return x;
    }

    @Override
    public Variable[] gradient(Variable x, Variable dx) {
      return new Variable[] {Variable.apply(new Sum(window, scale), dx)};
    }
  }

  private static Shape size(Shape s, int height, int width) {
    return s.with(3, height).with(4, width);
  }

  static Window window(String op, Variable x, int kernelHeight, int kernelWidth, Slide slide) {
    Shape s = Convolution.images(op, x);
    Require.that(
        kernelHeight > 0 && kernelWidth > 0,
        "%s: the window is %dx%d, expected at least 1x1",
        op,
        kernelHeight,
        kernelWidth);
    return slide.over(op, s.dim(3), s.dim(4), kernelHeight, kernelWidth);
  }

  static Variable average(Variable x, int kernelHeight, int kernelWidth, Slide slide) {
    Window window = window("avgPool2d", x, kernelHeight, kernelWidth, slide);
    if (isInside(window)) {
      return Variable.apply(new Sum(window, 1.0 / window.taps()), x);
    }
    Op sum = new Sum(window, 1);
    Shape one = Shape.of(1, 1, 1, window.height(), window.width());
    Variable counts = Variable.apply(sum, Ops.broadcastTo(Ops.scalar(1), one));
    return Ops.div(Variable.apply(sum, x), counts);
  }

  private static boolean isInside(Window w) {
    return w.padTop() == 0
        && w.padLeft() == 0
        && (w.outHeight() - 1) * w.strideHeight() + w.kernelHeight() <= w.height()
        && (w.outWidth() - 1) * w.strideWidth() + w.kernelWidth() <= w.width();
  }

  static Variable resizeNearest(Variable x, int height, int width) {
    String op = "resizeNearest";
    Shape s = Convolution.images(op, x);
    int h = s.dim(3);
    int w = s.dim(4);
    if (height == h && width == w) {
      return x;
    }
    if (h > 0 && w > 0 && height > 0 && width > 0 && height % h == 0 && width % w == 0) {
      return Variable.apply(new Spread(sideBySide(height, width, height / h, width / w), 1), x);
    }
    Require.that(
        height > 0 && width > 0 && h % height == 0 && w % width == 0,
        "%s: %s to %dx%d, expected whole multiples or parts of the image's sides",
        op,
        s,
        height,
        width);
    Window first = new Window(h, w, 1, 1, h / height, w / width, 0, 0, height, width);
    return Variable.apply(new Sum(first, 1), x);
  }

  /** Windows of this size that share no pixel and leave none out. */
  private static Window sideBySide(int height, int width, int kernelHeight, int kernelWidth) {
    return new Window(
        height,
        width,
        kernelHeight,
        kernelWidth,
        kernelHeight,
        kernelWidth,
        0,
        0,
        height / kernelHeight,
        width / kernelWidth);
  }
}
