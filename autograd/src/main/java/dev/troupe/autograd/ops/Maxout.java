package dev.troupe.autograd.ops;

import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/** Linear maxout as one op, whose gradient leaves out the pieces that lost. */
final class Maxout {
  private Maxout() {}

  /**
   * The largest of {@code pieces} affine maps (Goodfellow et al. 2013). Inputs x [E, N, in], weight
   * [E, in, pieces · units] and bias [E, pieces · units]; result [E, N, units]. Saves the piece
   * that won, INT32 [E, N, units].
   */
  record LinearMaxout(int pieces) implements Op {
    @Override
    public String name() {
      return "linearMaxout";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape x = Require.real(name(), in[0]).shape();
      Shape w = Require.real(name(), in[1]).shape();
      Shape bias = Require.real(name(), in[2]).shape();
      Require.that(
          x.rank() == 3 && w.rank() == 3,
          "linearMaxout: expected x [E, N, in] and weight [E, in, pieces · units], got %s and %s",
          x,
          w);
      Require.that(
          pieces > 0 && w.dim(2) % pieces == 0,
          "linearMaxout: weight %s does not divide into %d pieces",
          w,
          pieces);
      Require.that(
          x.dim(0) == w.dim(0) && x.dim(2) == w.dim(1) && bias.equals(w.without(1)),
          "linearMaxout: weight is %s and bias %s, expected %s and %s for x %s",
          w,
          bias,
          Shape.of(x.dim(0), x.dim(2), w.dim(2)),
          Shape.of(x.dim(0), w.dim(2)),
          x);
      int units = w.dim(2) / pieces;
      Shape s = x.with(2, units);
      Tensor y = Tensor.empty(ElementType.REAL, s, name());
      Tensor index = Tensor.empty(ElementType.INT32, s, name());
      y.device()
          .run(
              new Primitive.LinearMaxout(
                  x.dim(0),
                  x.dim(1),
                  x.dim(2),
                  units,
                  pieces,
                  in[0].buffer(),
                  in[1].buffer(),
                  in[2].buffer(),
                  y.buffer(),
                  index.buffer()));
      saved.keep(index);
      return y;
    }

    /**
     * Leaves losing pieces out where that is faster than to multiply with their zeros, which the
     * matrix product does at several times the rate: for many inputs and pieces, and for a weight
     * of few inputs, whose zeros would be most of the work. By sizes alone, so that bits depend on
     * nothing else.
     */
    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      int in = y.input(0).shape().dim(2);
      boolean many = in >= 64 && pieces >= 4;
      boolean needsWeight = y.needs(1) || y.needs(2);
      boolean sparseWeight = many || in <= 8;
      boolean needsDense = (y.needs(0) && !many) || (needsWeight && !sparseWeight);
      Variable dz = needsDense ? dense(y, dy) : null;
      Variable[] g = new Variable[3];
      if (many && y.needs(0) && needsWeight) {
        sparse(y, dy, g);
        return g;
      }
      if (y.needs(0)) {
        g[0] = many ? sparseInput(y, dy) : Ops.matmul(dz, y.input(1), false, true);
      }
      if (needsWeight && sparseWeight) {
        sparseWeight(y, dy, g);
      } else if (needsWeight) {
        g[1] = y.needs(1) ? Ops.matmul(y.input(0), dz, true, false) : null;
        g[2] = y.needs(2) ? Ops.sum(dz, 1) : null;
      }
      return g;
    }

    /** Of input, weight and bias. */
    private void sparse(Variable y, Variable dy, Variable... g) {
      Shape x = y.input(0).shape();
      for (int i = 0; i < g.length; i++) {
        Shape s = y.input(i).shape();
        g[i] = Variable.constant(Tensor.empty(ElementType.REAL, s, "linearMaxoutGrad"));
      }
      y.tensor()
          .device()
          .run(
              new Primitive.LinearMaxoutGrad(
                  x.dim(0),
                  x.dim(1),
                  x.dim(2),
                  y.shape().dim(2),
                  pieces,
                  y.input(0).tensor().buffer(),
                  y.input(1).tensor().buffer(),
                  y.saved(0).buffer(),
                  dy.tensor().buffer(),
                  g[0].tensor().buffer(),
                  g[1].tensor().buffer(),
                  g[2].tensor().buffer()));
    }

    private Variable sparseInput(Variable y, Variable dy) {
      Shape x = y.input(0).shape();
      Tensor dx = Tensor.empty(ElementType.REAL, x, "linearMaxoutInputGrad");
      dx.device()
          .run(
              new Primitive.LinearMaxoutInputGrad(
                  x.dim(0),
                  x.dim(1),
                  x.dim(2),
                  y.shape().dim(2),
                  pieces,
                  y.input(1).tensor().buffer(),
                  y.saved(0).buffer(),
                  dy.tensor().buffer(),
                  dx.buffer()));
      return Variable.constant(dx);
    }

    /** Of weight and bias, to {@code g[1]} and {@code g[2]}. */
    private void sparseWeight(Variable y, Variable dy, Variable... g) {
      Tensor x = y.input(0).tensor();
      Tensor dweight = Tensor.empty(ElementType.REAL, y.input(1).shape(), "linearMaxoutWeightGrad");
      Tensor dbias = Tensor.empty(ElementType.REAL, y.input(2).shape(), "linearMaxoutWeightGrad");
      x.device()
          .run(
              new Primitive.LinearMaxoutWeightGrad(
                  x.shape().dim(0),
                  x.shape().dim(1),
                  x.shape().dim(2),
                  y.shape().dim(2),
                  pieces,
                  x.buffer(),
                  y.saved(0).buffer(),
                  dy.tensor().buffer(),
                  dweight.buffer(),
                  dbias.buffer()));
      g[1] = Variable.constant(dweight);
      g[2] = Variable.constant(dbias);
    }

    /** The gradient of the linear layer's result, [E, N, pieces · units], 0 where pieces lost. */
    private Variable dense(Variable y, Variable dy) {
      Variable index = Variable.constant(y.saved(0));
      Shape affine = y.shape().with(2, pieces * y.shape().dim(2));
      return Ops.reshape(Ops.putAlong(dy, index, 2, pieces), affine);
    }

    @Override
    public boolean isFused() {
      return true;
    }

    @Override
    public Variable composed(Variable... in) {
      return Ops.maxout(Ops.linear(in[0], in[1], in[2]), pieces);
    }
  }
}
