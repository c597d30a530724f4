package dev.troupe.autograd.ops;

import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.ShapeException;
import dev.troupe.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Ops that move elements and change none. */
final class Layout {
  private Layout() {}

  /** Another shape over the same elements; shares the memory. */
  record Reshape(Shape to) implements Op {
    @Override
    public String name() {
      return "reshape";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      return in[0].reshape(to);
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      return new Variable[] {Ops.reshape(dy, y.input(0).shape())};
    }
  }

  /** Axis i of the result is axis {@code axes[i]} of the input. */
  record Permute(int... axes) implements Op {
    @Override
    public String name() {
      return "permute";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = in[0].shape();
      boolean[] seen = new boolean[s.rank()];
      if (axes.length != s.rank()) {
        throw refused(s);
      }
      int[] sizes = new int[Math.max(1, axes.length)];
      int[] strides = new int[sizes.length];
      sizes[0] = 1;
      for (int i = 0; i < axes.length; i++) {
        int a = axes[i];
        if (a < 0 || a >= s.rank() || seen[a]) {
          throw refused(s);
        }
        seen[a] = true;
        sizes[i] = s.dim(a);
        strides[i] = s.product(a + 1, s.rank());
      }
      Shape to = axes.length == 0 ? s : Shape.of(sizes);
      Tensor y = Tensor.empty(in[0].type(), to, "permute");
      y.device().run(new Primitive.Permute(sizes, strides, in[0].buffer(), y.buffer()));
      return y;
    }

    private ShapeException refused(Shape s) {
      return new ShapeException(
          "permute: axes "
              + Arrays.toString(axes)
              + " for "
              + s
              + ", expected each of its "
              + s.rank()
              + " once");
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      int[] inverse = new int[axes.length];
      for (int i = 0; i < axes.length; i++) {
        inverse[axes[i]] = i;
      }
      return new Variable[] {Ops.permute(dy, inverse)};
    }
  }

  /** Repeats axes of size 1, and adds leading ones. */
  record BroadcastTo(Shape to) implements Op {
    @Override
    public String name() {
      return "broadcastTo";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = in[0].shape();
      Require.that(
          s.rank() <= to.rank() && Shape.broadcast("broadcastTo", s, to).equals(to),
          "broadcastTo: %s does not repeat to %s",
          s,
          to);
      Tensor y = Tensor.empty(in[0].type(), to, "broadcastTo");
      if (y.size() > 0) {
        Broadcast by = Broadcast.of(to.dims(), s.dims());
        y.device()
            .run(new Primitive.Permute(by.sizes(), by.strides()[0], in[0].buffer(), y.buffer()));
      }
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      return new Variable[] {Elementwise.sumTo(dy, y.input(0).shape())};
    }
  }

  /** Inputs one after the other along an axis. */
  record Concat(int axis) implements Op {
    @Override
    public String name() {
      return "concat";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape first = in[0].shape();
      int total = 0;
      for (Tensor t : in) {
        Require.that(
            t.shape().rank() == first.rank()
                && t.shape().with(axis, 1).equals(first.with(axis, 1))
                && t.type() == in[0].type(),
            "concat: %s does not continue %s along axis %d",
            t.shape(),
            first,
            axis);
        total += t.shape().dim(axis);
      }
      Tensor y = Tensor.empty(in[0].type(), first.with(axis, total), "concat");
      if (y.size() > 0) {
        List<Buffer> parts = Arrays.stream(in).map(Tensor::buffer).toList();
        y.device().run(new Primitive.Concat(first.product(0, axis), parts, y.buffer()));
      }
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      Variable[] parts = new Variable[y.inputs()];
      int at = 0;
      for (int i = 0; i < parts.length; i++) {
        int to = at + y.input(i).shape().dim(axis);
        if (y.needs(i)) {
          parts[i] = Ops.slice(dy, axis, at, to);
        }
        at = to;
      }
      return parts;
    }
  }

  /**
   * Entries [from, to) of an axis; along the leading one it shares the memory. (It would also do
   * for an axis behind a leading one of size 1, but then a step of one member would make other
   * calls than a step of several.)
   */
  record Slice(int axis, int from, int to) implements Op {
    @Override
    public String name() {
      return "slice";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = in[0].shape();
      Require.that(
          0 <= from && from <= to && to <= s.dim(axis),
          "slice: no entries %d to %d along axis %d of %s",
          from,
          to,
          axis,
          s);
      if (axis == 0) {
        return in[0].slice(from, to);
      }
      int rows = s.product(0, axis);
      int inner = s.product(axis + 1, s.rank());
      Tensor y = Tensor.empty(in[0].type(), s.with(axis, to - from), "slice");
      int width = (to - from) * inner;
      copyRows(rows, width, in[0], from * inner, s.dim(axis) * inner, y, 0, width);
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      return new Variable[] {Variable.apply(new Pad(axis, from, y.input(0).shape().dim(axis)), dy)};
    }
  }

  /** Zeros around the input: entry i becomes entry {@code from + i} of {@code size}. */
  record Pad(int axis, int from, int size) implements Op {
    @Override
    public String name() {
      return "pad";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = in[0].shape();
      Require.that(
          from >= 0 && from + s.dim(axis) <= size,
          "pad: %s at %d does not fit into %d along axis %d",
          s,
          from,
          size,
          axis);
      Tensor y = Tensor.empty(in[0].type(), s.with(axis, size), "pad");
      y.fill(0);
      int inner = s.product(axis + 1, s.rank());
      int width = s.dim(axis) * inner;
      copyRows(s.product(0, axis), width, in[0], 0, width, y, from * inner, size * inner);
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      int count = y.input(0).shape().dim(axis);
      return new Variable[] {Ops.slice(dy, axis, from, from + count)};
    }
  }

  private static void copyRows(
      int rows, int width, Tensor x, int xAt, int xStride, Tensor y, int yAt, int yStride) {
    if (rows * width == 0) {
      return;
    }
    y.device()
        .run(
            new Primitive.CopyRows(
                rows,
                width,
                xStride,
                yStride,
                x.buffer().slice(xAt, x.size() - xAt),
                y.buffer().slice(yAt, y.size() - yAt)));
  }
}
