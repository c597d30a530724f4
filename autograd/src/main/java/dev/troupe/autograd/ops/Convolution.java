package dev.troupe.autograd.ops;

import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/**
 * Convolutions of images x [E, N, C, H, W] with weights [E, O, C, kernelHeight, kernelWidth] to y
 * [E, N, O, outHeight, outWidth]. All three are linear in each of two of x, weight and y; so each
 * one's gradients are the other two, as often as one likes.
 */
final class Convolution {
  private Convolution() {}

  /** y from x, weight, and perhaps a bias [E, O]. */
  record Conv2d(Window window) implements Op {
    @Override
    public String name() {
      return "conv2d";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape x = in[0].shape();
      Shape w = in[1].shape();
      Shape s = Shape.of(x.dim(0), x.dim(1), w.dim(1), window.outHeight(), window.outWidth());
      Tensor y = Tensor.empty(ElementType.REAL, s, name());
      y.device()
          .run(
              new Primitive.Conv2d(
                  x.dim(0),
                  x.dim(1),
                  x.dim(2),
                  w.dim(1),
                  window,
                  in[0].buffer(),
                  in[1].buffer(),
                  in.length == 3 ? in[2].buffer() : null,
                  y.buffer()));
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      Variable[] g = new Variable[y.inputs()];
      if (y.needs(0)) {
        g[0] = Variable.apply(new InputGrad(window), dy, y.input(1));
      }
      if (y.needs(1)) {
        g[1] = Variable.apply(new WeightGrad(window), y.input(0), dy);
      }
      if (y.inputs() == 3 && y.needs(2)) {
        g[2] = biasGrad(dy);
      }
      return g;
    }
  }

  /** x from y, weight, and perhaps a bias [E, C]: the transposed convolution. */
  record InputGrad(Window window) implements Op {
    @Override
    public String name() {
      return "convTranspose2d";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape y = in[0].shape();
      Shape w = in[1].shape();
      Shape s = Shape.of(y.dim(0), y.dim(1), w.dim(2), window.height(), window.width());
      Tensor x = Tensor.empty(ElementType.REAL, s, name());
      x.device()
          .run(
              new Primitive.Conv2dInputGrad(
                  y.dim(0),
                  y.dim(1),
                  w.dim(2),
                  w.dim(1),
                  window,
                  in[1].buffer(),
                  in[0].buffer(),
                  in.length == 3 ? in[2].buffer() : null,
                  x.buffer()));
      return x;
    }

    @Override
    public Variable[] gradient(Variable x, Variable dx) {
      Variable[] g = new Variable[x.inputs()];
      if (x.needs(0)) {
        g[0] = Variable.apply(new Conv2d(window), dx, x.input(1));
      }
      if (x.needs(1)) {
        g[1] = Variable.apply(new WeightGrad(window), dx, x.input(0));
      }
      if (x.inputs() == 3 && x.needs(2)) {
        g[2] = biasGrad(dx);
      }
      return g;
    }
  }

  /** The weight from x and y. */
  record WeightGrad(Window window) implements Op {
    @Override
    public String name() {
      return "conv2dWeightGrad";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape x = in[0].shape();
      Shape y = in[1].shape();
      Shape s = Shape.of(x.dim(0), y.dim(2), x.dim(2), window.kernelHeight(), window.kernelWidth());
      Tensor weight = Tensor.empty(ElementType.REAL, s, name());
      weight
          .device()
          .run(
              new Primitive.Conv2dWeightGrad(
                  x.dim(0),
                  x.dim(1),
                  x.dim(2),
                  y.dim(2),
                  window,
                  in[0].buffer(),
                  in[1].buffer(),
                  weight.buffer()));
      return weight;
    }

    @Override
    public Variable[] gradient(Variable weight, Variable dweight) {
      return new Variable[] {
        weight.needs(0) ? Variable.apply(new InputGrad(window), weight.input(1), dweight) : null,
        weight.needs(1) ? Variable.apply(new Conv2d(window), weight.input(0), dweight) : null
      };
    }
  }

  private static Variable biasGrad(Variable dy) {
    return Ops.sum(Ops.sum(dy, 3, 4), 1); // [E, N, C, H, W] to [E, N, C] to [E, C]
  }

  static Variable conv2d(Variable x, Variable weight, Variable bias, Slide slide) {
    String op = "conv2d";
    Shape s = images(op, x);
    Shape w = weight(op, weight, s, 2);
    bias(op, bias, s.dim(0), w.dim(1));
    Window window = slide.over(op, s.dim(3), s.dim(4), w.dim(3), w.dim(4));
    return apply(new Conv2d(window), x, weight, bias);
  }

  static Variable convTranspose2d(Variable y, Variable weight, Variable bias, Slide slide) {
    String op = "convTranspose2d";
    Shape s = images(op, y);
    Shape w = weight(op, weight, s, 1);
    bias(op, bias, s.dim(0), w.dim(2));
    Window window = slide.under(op, s.dim(3), s.dim(4), w.dim(3), w.dim(4));
    return apply(new InputGrad(window), y, weight, bias);
  }

  static Variable convTranspose2d(
      Variable y, Variable weight, Variable bias, Slide slide, int height, int width) {
    String op = "convTranspose2d";
    Shape s = images(op, y);
    Shape w = weight(op, weight, s, 1);
    bias(op, bias, s.dim(0), w.dim(2));
    Window window = slide.over(op, height, width, w.dim(3), w.dim(4));
    Require.that(
        window.outHeight() == s.dim(3) && window.outWidth() == s.dim(4),
        "%s: a result of %dx%d comes from %dx%d, got %s",
        op,
        height,
        width,
        window.outHeight(),
        window.outWidth(),
        s);
    return apply(new InputGrad(window), y, weight, bias);
  }

  private static Variable apply(Op op, Variable a, Variable weight, Variable bias) {
    return bias == null ? Variable.apply(op, a, weight) : Variable.apply(op, a, weight, bias);
  }

  static Shape images(String op, Variable x) {
    Shape s = Require.real(op, x.tensor()).shape();
    Require.that(s.rank() == 5, "%s: expected images [E, N, C, H, W], got %s", op, s);
    return s;
  }

  /** A weight [E, O, C, h, w] whose axis {@code channels} is that of the images' channels. */
  private static Shape weight(String op, Variable weight, Shape images, int channels) {
    Shape w = Require.real(op, weight.tensor()).shape();
    Require.that(
        w.rank() == 5 && w.dim(0) == images.dim(0) && w.dim(channels) == images.dim(2),
        "%s: weight is %s, expected %s for images %s",
        op,
        w,
        channels == 2
            ? "[" + images.dim(0) + ", out, " + images.dim(2) + ", h, w]"
            : "[" + images.dim(0) + ", " + images.dim(2) + ", out, h, w]",
        images);
    return w;
  }

  private static void bias(String op, Variable bias, int members, int channels) {
    if (bias != null) {
      Shape expected = Shape.of(members, channels);
      Shape b = Require.real(op, bias.tensor()).shape();
      Require.that(b.equals(expected), "%s: bias is %s, expected %s", op, b, expected);
    }
  }
}
