package dev.troupe.autograd.ops;

import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/** Ops that pick elements by INT32 indices, which must lie in range. */
final class Indexing {
  private Indexing() {}

  /**
   * {@code y[.., i, ..] = x[.., index[.., i, ..], ..]} with the indexed axis dropped. Inputs x,
   * index.
   */
  record TakeAlong(int axis) implements Op {
    @Override
    public String name() {
      return "takeAlong";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = Require.real(name(), in[0]).shape();
      Tensor index = Require.int32(name(), in[1]);
      Require.that(
          index.shape().equals(s.without(axis)),
          "takeAlong: index is %s, expected %s for axis %d of %s",
          index.shape(),
          s.without(axis),
          axis,
          s);
      Tensor y = Tensor.empty(ElementType.REAL, index.shape(), name());
      int outer = s.product(0, axis);
      int inner = s.product(axis + 1, s.rank());
      y.device()
          .run(
              new Primitive.TakeAlong(
                  outer, s.dim(axis), inner, in[0].buffer(), index.buffer(), y.buffer()));
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      int size = y.input(0).shape().dim(axis);
      return new Variable[] {Ops.putAlong(dy, y.input(1), axis, size), null};
    }
  }

  /**
   * The adjoint of {@link TakeAlong}: a new axis of {@code size}, zero but at the index. Inputs x,
   * index.
   */
  record PutAlong(int axis, int size) implements Op {
    @Override
    public String name() {
      return "putAlong";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = Require.real(name(), in[0]).shape();
      Tensor index = Require.int32(name(), in[1]);
      Require.that(index.shape().equals(s), "putAlong: index is %s, expected %s", index.shape(), s);
      Tensor y = Tensor.empty(ElementType.REAL, s.insert(axis, size), name());
      int outer = s.product(0, axis);
      int inner = s.product(axis, s.rank());
      y.device()
          .run(
              new Primitive.PutAlong(
                  outer, size, inner, in[0].buffer(), index.buffer(), y.buffer()));
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      return new Variable[] {Ops.takeAlong(dy, y.input(1), axis), null};
    }
  }

  /**
   * {@code y[e, j, ..] = table[e, index[e, j], ..]}. Inputs table [E, R, ..] or [R, ..] (shared),
   * index [E, N]; result [E, N, ..].
   */
  record Gather(boolean shared) implements Op {
    @Override
    public String name() {
      return "gather";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Tensor table = Require.real(name(), in[0]);
      Tensor index = Require.int32(name(), in[1]);
      Shape t = table.shape();
      int lead = shared ? 1 : 2; // axes of the table in front of a row's content
      Require.that(
          index.shape().rank() == 2, "gather: index is %s, expected [E, N]", index.shape());
      int batch = index.shape().dim(0);
      int count = index.shape().dim(1);
      Require.that(
          t.rank() >= lead && (shared || t.dim(0) == batch),
          "gather: table is %s for index %s",
          t,
          index.shape());
      int width = t.product(lead, t.rank());
      Tensor y = Tensor.empty(ElementType.REAL, rows(index.shape(), t, lead), name());
      y.device()
          .run(
              new Primitive.Gather(
                  batch,
                  shared ? 1 : batch,
                  t.dim(lead - 1),
                  width,
                  count,
                  table.buffer(),
                  index.buffer(),
                  y.buffer()));
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      return new Variable[] {
        Variable.apply(new ScatterAdd(y.input(0).shape()), dy, y.input(1)), null
      };
    }
  }

  /**
   * The adjoint of {@link Gather}: adds rows into a table of zeros of the given shape. Inputs x [E,
   * N, ..], index [E, N].
   */
  record ScatterAdd(Shape table) implements Op {
    @Override
    public String name() {
      return "scatterAdd";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = Require.real(name(), in[0]).shape();
      Tensor index = Require.int32(name(), in[1]);
      int width = index.shape().rank() == 2 && s.rank() >= 2 ? s.product(2, s.rank()) : -1;
      boolean shared = table.rank() == s.rank() - 1;
      int lead = shared ? 1 : 2;
      Require.that(
          width >= 0
              && table.rank() >= lead
              && (shared || table.dim(0) == s.dim(0))
              && s.equals(rows(index.shape(), table, lead)),
          "scatterAdd: rows are %s at index %s for a table %s",
          s,
          index.shape(),
          table);
      Tensor y = Tensor.empty(ElementType.REAL, table, name());
      y.device()
          .run(
              new Primitive.ScatterAdd(
                  s.dim(0),
                  shared ? 1 : s.dim(0),
                  table.dim(lead - 1),
                  width,
                  s.dim(1),
                  in[0].buffer(),
                  index.buffer(),
                  y.buffer()));
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      boolean shared = table.rank() == y.input(0).shape().rank() - 1;
      return new Variable[] {Variable.apply(new Gather(shared), dy, y.input(1)), null};
    }
  }

  /** [E, N] followed by the content of one row of the table. */
  private static Shape rows(Shape index, Shape table, int lead) {
    int[] d = new int[2 + table.rank() - lead];
    d[0] = index.dim(0);
    d[1] = index.dim(1);
    for (int i = 2; i < d.length; i++) {
      d[i] = table.dim(lead + i - 2);
    }
    return Shape.of(d);
  }
}
