package dev.troupe.autograd.ops;

import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.ShapeException;
import dev.troupe.tensor.Tensor;

/** Matrix products. */
final class Products {
  private Products() {}

  /**
   * {@code op(a) · op(b) (+ bias)} over the last two axes, batched over the ones in front; an input
   * of rank 2 is shared by the batch; then the activation {@code z > 0 ? z : slope · z}. Inputs a,
   * b, and perhaps bias of [batch, n].
   */
  record MatMul(String name, boolean transA, boolean transB, double slope) implements Op {
    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape a = Require.real(name, in[0]).shape();
      Shape b = Require.real(name, in[1]).shape();
      if (a.rank() < 2 || b.rank() < 2) {
        throw refused("expected matrices, got", a, b);
      }
      boolean sharedA = a.rank() == 2 && b.rank() > 2;
      boolean sharedB = b.rank() == 2 && a.rank() > 2;
      Shape lead = sharedA ? b : a;
      int rank = lead.rank();
      boolean fits = sharedA || sharedB || a.rank() == b.rank();
      for (int d = 0; fits && d < rank - 2; d++) {
        fits = (sharedA || a.dim(d) == lead.dim(d)) && (sharedB || b.dim(d) == lead.dim(d));
      }
      if (!fits) {
        throw refused("batch axes differ,", a, b);
      }
      int m = a.dim(transA ? -1 : -2);
      int k = a.dim(transA ? -2 : -1);
      int n = b.dim(transB ? -2 : -1);
      if (b.dim(transB ? -1 : -2) != k) {
        throw refused("inner sizes differ,", a, b);
      }
      int batch = lead.product(0, rank - 2);
      if (in.length == 3) {
        Shape bias = Require.real(name, in[2]).shape();
        if (bias.rank() != rank - 1 || bias.dim(-1) != n || bias.size() != batch * n) {
          Shape expected = lead.without(rank - 2).with(rank - 2, n);
          throw new ShapeException(name + ": bias is " + bias + ", expected " + expected);
        }
      }
      Tensor c = Tensor.empty(ElementType.REAL, lead.withMatrix(m, n), name);
      c.device()
          .run(
              new Primitive.MatMul(
                  batch,
                  m,
                  n,
                  k,
                  transA,
                  transB,
                  sharedA,
                  sharedB,
                  slope,
                  in[0].buffer(),
                  in[1].buffer(),
                  in.length == 3 ? in[2].buffer() : null,
                  c.buffer()));
      return c;
    }

    /** One primitive where this is a linear layer of which more than one gradient is wanted. */
    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      Shape x = y.input(0).shape();
      boolean linear = !transA && !transB && x.rank() == 3 && y.input(1).shape().rank() == 3;
      boolean bias = y.inputs() == 3 && y.needs(2);
      if (!linear || !y.needs(1) || !(y.needs(0) || bias)) {
        return differentiableGradient(y, dy);
      }
      Variable[] g = new Variable[y.inputs()];
      for (int i = 0; i < g.length; i++) {
        if (y.needs(i)) {
          g[i] =
              Variable.constant(Tensor.empty(ElementType.REAL, y.input(i).shape(), "linearGrad"));
        }
      }
      Variable dz = slope == 1 ? dy : Elementwise.leakyReluGrad(slope, dy, y);
      Tensor dweight = g[1].tensor();
      dweight
          .device()
          .run(
              new Primitive.LinearGrad(
                  x.dim(0),
                  x.dim(1),
                  x.dim(2),
                  y.shape().dim(2),
                  y.input(0).tensor().buffer(),
                  y.input(1).tensor().buffer(),
                  dz.tensor().buffer(),
                  y.needs(0) ? g[0].tensor().buffer() : null,
                  dweight.buffer(),
                  bias ? g[2].tensor().buffer() : null));
      return g;
    }

    @Override
    public Variable[] differentiableGradient(Variable y, Variable dy) {
      Variable dz = slope == 1 ? dy : Elementwise.leakyReluGrad(slope, dy, y);
      Variable a = y.input(0);
      Variable b = y.input(1);
      Variable[] g = new Variable[y.inputs()];
      if (y.needs(0)) {
        g[0] =
            Elementwise.sumTo(
                transA ? Ops.matmul(b, dz, transB, true) : Ops.matmul(dz, b, false, !transB),
                a.shape());
      }
      if (y.needs(1)) {
        g[1] =
            Elementwise.sumTo(
                transB ? Ops.matmul(dz, a, true, transA) : Ops.matmul(a, dz, !transA, false),
                b.shape());
      }
      if (y.inputs() == 3 && y.needs(2)) {
        g[2] = Ops.sum(dz, -2);
      }
      return g;
    }

    private ShapeException refused(String why, Shape a, Shape b) {
      return new ShapeException(
          name + ": " + why + " " + shown(a, transA) + " x " + shown(b, transB));
    }

    private static String shown(Shape s, boolean transposed) {
      return transposed ? s + "ᵀ" : s.toString();
    }
  }
}
