package dev.troupe.autograd.ops;

import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.ShapeException;
import dev.troupe.tensor.Tensor;
import java.util.Arrays;

/**
 * Ops that reduce axes. Each works on one run of neighbouring axes; {@link #over} brings others
 * into that form.
 */
final class Reductions {
  private Reductions() {}

  /** {@code scale ·} the sum over axes [from, to). */
  record Sum(String name, int from, int to, double scale) implements Op {
    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Tensor x = Require.real(name, in[0]);
      Shape s = x.shape();
      Tensor y = Tensor.empty(ElementType.REAL, cut(s, from, to), name);
      int outer = s.product(0, from);
      int inner = s.product(to, s.rank());
      y.device()
          .run(new Primitive.Sum(outer, s.product(from, to), inner, scale, x.buffer(), y.buffer()));
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      Variable g = scale == 1 ? dy : Ops.mul(dy, scale);
      return new Variable[] {spread(g, y.input(0).shape(), from, to)};
    }
  }

  /**
   * The largest or smallest over axes [from, to); ties and gradients go to the first. Saves the
   * index.
   */
  record Extreme(boolean largest, int from, int to) implements Op {
    @Override
    public String name() {
      return largest ? "amax" : "amin";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Tensor x = Require.real(name(), in[0]);
      Tensor y = Tensor.empty(ElementType.REAL, cut(x.shape(), from, to), name());
      Tensor index = Tensor.empty(ElementType.INT32, y.shape(), name());
      run(name(), largest, from, to, x, y, index);
      saved.keep(index);
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      Shape x = y.input(0).shape();
      if (to - from == 1) {
        Variable index = Variable.constant(y.saved(0));
        return new Variable[] {Ops.putAlong(dy, index, from, x.dim(from))};
      }
      // [outer, inner] -> [outer, size, inner]
      Shape flat = Shape.of(x.product(0, from), x.product(from, to), x.product(to, x.rank()));
      Variable index = Ops.reshape(Variable.constant(y.saved(0)), flat.without(1));
      return new Variable[] {
        Ops.reshape(Ops.putAlong(Ops.reshape(dy, flat.without(1)), index, 1, flat.dim(1)), x)
      };
    }
  }

  /**
   * The index of the largest or smallest over axes [from, to), counted in row-major order over
   * them; INT32.
   */
  record ArgExtreme(boolean largest, int from, int to) implements Op {
    @Override
    public String name() {
      return largest ? "argmax" : "argmin";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Tensor x = Require.real(name(), in[0]);
      Tensor index = Tensor.empty(ElementType.INT32, cut(x.shape(), from, to), name());
      Tensor y = Tensor.empty(ElementType.REAL, index.shape(), name());
      run(name(), largest, from, to, x, y, index);
      return index;
    }

    @Override
    public boolean differentiable() {
      return false;
    }
  }

  private static void run(
      String op, boolean largest, int from, int to, Tensor x, Tensor y, Tensor index) {
    Shape s = x.shape();
    int size = s.product(from, to);
    if (size == 0) {
      throw new ShapeException(
          op + ": nothing to choose from in " + s + " over axes " + from + " to " + (to - 1));
    }
    x.device()
        .run(
            new Primitive.Extreme(
                largest,
                s.product(0, from),
                size,
                s.product(to, s.rank()),
                x.buffer(),
                y.buffer(),
                index.buffer()));
  }

  /** What makes a reduction of axes [from, to). */
  interface Maker {
    Op over(int from, int to);
  }

  /**
   * Applies a reduction over any axes; no axes means all. Reduced axes are dropped, or kept with
   * size 1.
   */
  static Variable over(String name, Variable x, boolean keepDims, int[] axes, Maker maker) {
    Shape s = x.shape();
    boolean[] reduced = new boolean[s.rank()];
    if (axes.length == 0) {
      Arrays.fill(reduced, true);
    }
    for (int a : axes) {
      int axis = Require.axis(name, s, a);
      if (reduced[axis]) {
        throw new ShapeException(name + ": axis " + a + " twice in " + Arrays.toString(axes));
      }
      reduced[axis] = true;
    }
    int first = -1;
    int last = -1;
    int count = 0;
    for (int d = 0; d < s.rank(); d++) {
      if (reduced[d]) {
        first = first < 0 ? d : first;
        last = d;
        count++;
      }
    }
    Variable y;
    if (last - first + 1 == count || count == 0) {
      y = Variable.apply(maker.over(Math.max(first, 0), count == 0 ? 0 : last + 1), x);
    } else {
      int kept = s.rank() - count;
      int[] order = new int[s.rank()]; // kept axes, then reduced ones
      for (int d = 0, front = 0, back = kept; d < order.length; d++) {
        order[reduced[d] ? back++ : front++] = d;
      }
      y = Variable.apply(maker.over(kept, s.rank()), Ops.permute(x, order));
    }
    if (!keepDims) {
      return y;
    }
    int[] dims = s.dims();
    for (int d = 0; d < dims.length; d++) {
      dims[d] = reduced[d] ? 1 : dims[d];
    }
    return Ops.reshape(y, Shape.of(dims));
  }

  /** How many elements a reduction over these axes takes together. */
  static int count(String name, Shape s, int[] axes) {
    if (axes.length == 0) {
      return s.size();
    }
    int n = 1;
    for (int a : axes) {
      n *= s.dim(Require.axis(name, s, a));
    }
    return n;
  }

  private static Shape cut(Shape s, int from, int to) {
    int[] d = new int[s.rank() - (to - from)];
    for (int i = 0, at = 0; i < s.rank(); i++) {
      if (i < from || i >= to) {
        d[at++] = s.dim(i);
      }
    }
    return Shape.of(d);
  }

  /** Repeats a reduced tensor along axes [from, to) of {@code shape}. */
  private static Variable spread(Variable y, Shape shape, int from, int to) {
    int[] d = shape.dims();
    Arrays.fill(d, from, to, 1);
    return Ops.broadcastTo(Ops.reshape(y, Shape.of(d)), shape);
  }
}
