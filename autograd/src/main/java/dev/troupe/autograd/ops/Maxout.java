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
      Shape x = in[0].shape();
      Shape w = in[1].shape();
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
      int units = w.dim(2) / pieces;
      Tensor z = new Products.MatMul(false, false).forward(saved, in);
      Shape s = x.with(2, units);
      Tensor y = Tensor.empty(ElementType.REAL, s, name());
      Tensor index = Tensor.empty(ElementType.INT32, s, name());
      y.device()
          .run(
              new Primitive.Extreme(
                  true, s.product(0, 2), pieces, units, z.buffer(), y.buffer(), index.buffer()));
      saved.keep(index);
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      int in = y.input(0).shape().dim(2);
      return skipsLosers(in, pieces) ? sparse(y, dy) : dense(y, dy);
    }

    /**
     * Whether leaving the losers out is faster than to multiply with their zeros, which the matrix
     * product does at several times the rate. By sizes alone, so that bits depend on nothing else.
     */
    private static boolean skipsLosers(int in, int pieces) {
      return in >= 64 && pieces >= 4;
    }

    private Variable[] sparse(Variable y, Variable dy) {
      Tensor x = y.input(0).tensor();
      Tensor weight = y.input(1).tensor();
      Shape s = y.shape();
      int in = x.shape().dim(2);
      Tensor index = y.saved(0);
      Variable[] g = new Variable[3];
      if (y.needs(0)) {
        Tensor dx = Tensor.empty(ElementType.REAL, x.shape(), "linearMaxoutInputGrad");
        dx.device()
            .run(
                new Primitive.LinearMaxoutInputGrad(
                    s.dim(0),
                    s.dim(1),
                    in,
                    s.dim(2),
                    pieces,
                    weight.buffer(),
                    index.buffer(),
                    dy.tensor().buffer(),
                    dx.buffer()));
        g[0] = Variable.constant(dx);
      }
      if (y.needs(1) || y.needs(2)) {
        Shape bias = y.input(2).shape();
        Tensor dweight = Tensor.empty(ElementType.REAL, weight.shape(), "linearMaxoutWeightGrad");
        Tensor dbias = Tensor.empty(ElementType.REAL, bias, "linearMaxoutWeightGrad");
        dweight
            .device()
            .run(
                new Primitive.LinearMaxoutWeightGrad(
                    s.dim(0),
                    s.dim(1),
                    in,
                    s.dim(2),
                    pieces,
                    x.buffer(),
                    index.buffer(),
                    dy.tensor().buffer(),
                    dweight.buffer(),
                    dbias.buffer()));
        g[1] = Variable.constant(dweight);
        g[2] = Variable.constant(dbias);
      }
      return g;
    }

    private Variable[] dense(Variable y, Variable dy) {
      Variable index = Variable.constant(y.saved(0));
      Shape affine = y.shape().with(2, pieces * y.shape().dim(2));
      Variable dz = Ops.reshape(Ops.putAlong(dy, index, 2, pieces), affine);
      return new Variable[] {
        y.needs(0) ? Ops.matmul(dz, y.input(1), false, true) : null,
        y.needs(1) ? Ops.matmul(y.input(0), dz, true, false) : null,
        y.needs(2) ? Ops.sum(dz, 1) : null
      };
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
