package dev.troupe.autograd.ops;

import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/** Ops on each element by itself. */
final class Elementwise {
  private Elementwise() {}

  /** {@code y = f(x)}, of x's shape. */
  record Map(String name, Unary f, double p, double q) implements Op {
    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Tensor x = Require.real(name, in[0]);
      Tensor y = Tensor.empty(ElementType.REAL, x.shape(), name);
      y.device().run(new Primitive.Map(f, p, q, x.buffer(), y.buffer()));
      return y;
    }

    @Override
    public boolean differentiable() {
      return f != Unary.SIGN && f != Unary.STEP && f != Unary.INSIDE;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      Variable x = y.input(0);
      return new Variable[] {
        switch (f) {
          case AFFINE -> Ops.mul(dy, p);
          case ABS -> Ops.mul(dy, Ops.sign(x));
          case SQUARE -> Ops.mul(dy, Ops.mul(x, 2));
          case RECIPROCAL -> Ops.neg(Ops.mul(dy, Ops.square(y)));
          case SQRT -> Ops.div(Ops.mul(dy, 0.5), y);
          case RSQRT -> Ops.mul(Ops.mul(dy, -0.5), Ops.mul(y, Ops.square(y)));
          case EXP -> Ops.mul(dy, y);
          case LOG -> Ops.div(dy, x);
          case SIN -> Ops.mul(dy, Ops.cos(x));
          case COS -> Ops.neg(Ops.mul(dy, Ops.sin(x)));
          case TANH -> zip("tanhGrad", Binary.TANH_GRAD, 0, dy, y);
          case SIGMOID -> zip("sigmoidGrad", Binary.SIGMOID_GRAD, 0, dy, y);
          case SOFTPLUS -> zip("softplusGrad", Binary.SOFTPLUS_GRAD, 0, dy, x);
          case RELU -> zip("reluGrad", Binary.RELU_GRAD, 0, dy, x);
          case LEAKY_RELU -> leakyReluGrad(p, dy, x);
          case POW -> Ops.mul(dy, Ops.mul(Ops.pow(x, p - 1), p));
          case CLAMP -> Ops.mul(dy, map("inside", Unary.INSIDE, p, q, x));
          case SIGN, STEP, INSIDE -> null;
        }
      };
    }
  }

  /** {@code y = f(a, b)}, broadcast. */
  record Zip(String name, Binary f, double p) implements Op {
    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Tensor a = Require.real(name, in[0]);
      Tensor b = Require.real(name, in[1]);
      Shape shape = Shape.broadcast(name, a.shape(), b.shape());
      Tensor y = Tensor.empty(ElementType.REAL, shape, name);
      if (y.size() > 0) {
        Broadcast by = broadcast(shape, a, b);
        y.device().run(new Primitive.Zip(f, p, by, a.buffer(), b.buffer(), y.buffer()));
      }
      return y;
    }

    @Override
    public boolean differentiable() {
      return f != Binary.GREATER && f != Binary.GREATER_EQUAL && f != Binary.EQUAL;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      Variable a = y.input(0);
      Variable b = y.input(1);
      return new Variable[] {
        y.needs(0) ? sumTo(gradientOfA(dy, a, b), a.shape()) : null,
        y.needs(1) ? sumTo(gradientOfB(y, dy, a, b), b.shape()) : null
      };
    }

    private Variable gradientOfA(Variable dy, Variable a, Variable b) {
      return switch (f) {
        case ADD, SUB, ADD_SCALED -> dy;
        case MUL -> Ops.mul(dy, b);
        case DIV -> Ops.div(dy, b);
        case MIN -> Ops.mul(dy, Ops.greaterEqual(b, a));
        case MAX -> Ops.mul(dy, Ops.greaterEqual(a, b));
        case LERP -> Ops.mul(dy, 1 - p);
        // These are linear in a: the gradient goes through the same function.
        case TANH_GRAD, SIGMOID_GRAD, SOFTPLUS_GRAD, RELU_GRAD, LEAKY_RELU_GRAD ->
            zip(name, f, p, dy, b);
        case GREATER, GREATER_EQUAL, EQUAL -> null;
      };
    }

    private Variable gradientOfB(Variable y, Variable dy, Variable a, Variable b) {
      return switch (f) {
        case ADD -> dy;
        case SUB -> Ops.neg(dy);
        case ADD_SCALED, LERP -> Ops.mul(dy, p);
        case MUL -> Ops.mul(dy, a);
        case DIV -> Ops.neg(Ops.div(Ops.mul(dy, y), b));
        case MIN -> Ops.mul(dy, Ops.greater(a, b));
        case MAX -> Ops.mul(dy, Ops.greater(b, a));
        case TANH_GRAD -> Ops.mul(Ops.mul(dy, a), Ops.mul(b, -2));
        case SIGMOID_GRAD -> Ops.mul(Ops.mul(dy, a), Ops.affine(b, -2, 1));
        case SOFTPLUS_GRAD ->
            Ops.mul(dy, zip("sigmoidGrad", Binary.SIGMOID_GRAD, 0, a, Ops.sigmoid(b)));
        case RELU_GRAD, LEAKY_RELU_GRAD, GREATER, GREATER_EQUAL, EQUAL -> null;
      };
    }
  }

  /** {@code y = condition != 0 ? a : b}, broadcast. */
  record Where() implements Op {
    @Override
    public String name() {
      return "where";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      for (Tensor t : in) {
        Require.real("where", t);
      }
      Shape shape = Shape.broadcast("where", in[0].shape(), in[1].shape(), in[2].shape());
      Tensor y = Tensor.empty(ElementType.REAL, shape, "where");
      if (y.size() > 0) {
        y.device()
            .run(
                new Primitive.Select(
                    broadcast(shape, in),
                    in[0].buffer(),
                    in[1].buffer(),
                    in[2].buffer(),
                    y.buffer()));
      }
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      Variable condition = y.input(0);
      Variable zero = Ops.scalar(0);
      return new Variable[] {
        null,
        y.needs(1) ? sumTo(Ops.where(condition, dy, zero), y.input(1).shape()) : null,
        y.needs(2) ? sumTo(Ops.where(condition, zero, dy), y.input(2).shape()) : null
      };
    }
  }

  static Variable map(String name, Unary f, double p, double q, Variable x) {
    return Variable.apply(new Map(name, f, p, q), x);
  }

  /**
   * {@code dy} times the slope of a leaky ReLU where {@code sign}, its x or its y, says below 0.
   */
  static Variable leakyReluGrad(double slope, Variable dy, Variable sign) {
    return zip("leakyReluGrad", Binary.LEAKY_RELU_GRAD, slope, dy, sign);
  }

  static Variable zip(String name, Binary f, double p, Variable a, Variable b) {
    return Variable.apply(new Zip(name, f, p), a, b);
  }

  /** How tensors lie under a result of the given shape. */
  static Broadcast broadcast(Shape shape, Tensor... in) {
    boolean same = true;
    for (Tensor t : in) {
      same &= t.shape().equals(shape);
    }
    if (same) {
      return Broadcast.contiguous(shape.size(), in.length);
    }
    int[][] dims = new int[in.length][];
    for (int i = 0; i < in.length; i++) {
      dims[i] = in[i].shape().dims();
    }
    return Broadcast.of(shape.dims(), dims);
  }

  /** Sums a gradient over the axes along which its input was repeated. */
  static Variable sumTo(Variable dy, Shape shape) {
    if (dy == null || dy.shape().equals(shape)) {
      return dy;
    }
    int added = dy.shape().rank() - shape.rank();
    int[] axes = new int[dy.shape().rank()];
    int n = 0;
    for (int d = 0; d < axes.length; d++) {
      if (d < added || (shape.dim(d - added) == 1 && dy.shape().dim(d) != 1)) {
        axes[n++] = d;
      }
    }
    return Ops.reshape(Ops.sum(dy, java.util.Arrays.copyOf(axes, n)), shape);
  }
}
