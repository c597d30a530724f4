package dev.troupe.autograd.ops;

import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Losses whose kernels give the gradient, too, with their composed forms. */
final class Losses {
  private Losses() {}

  /**
   * The logistic loss against one target for each part of axis 1. Input [E, parts · N, …], result
   * [E]; saves the gradient of its sum.
   */
  record Logistic(List<Double> targets) implements Op {
    @Override
    public String name() {
      return "logisticLoss";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Tensor x = Require.real(name(), in[0]);
      Shape s = x.shape();
      int parts = targets.size();
      Require.that(
          parts >= 1 && parts <= Primitive.LogisticLoss.MOST_PARTS,
          "logisticLoss: %d targets, expected 1 to %d",
          parts,
          Primitive.LogisticLoss.MOST_PARTS);
      Require.that(
          s.rank() >= 2 && s.dim(1) > 0 && s.dim(1) % parts == 0,
          "logisticLoss: %s does not divide into %d parts along axis 1",
          s,
          parts);
      int size = s.product(1, s.rank()) / parts;
      Require.that(size > 0, "logisticLoss: nothing to take the mean of in %s", s);
      Tensor loss = Tensor.empty(ElementType.REAL, Shape.of(s.dim(0)), name());
      Tensor dx = Tensor.empty(ElementType.REAL, s, name());
      x.device()
          .run(
              new Primitive.LogisticLoss(
                  s.dim(0), size, targets, x.buffer(), loss.buffer(), dx.buffer()));
      saved.keep(dx);
      return loss;
    }

    @Override
    public Variable[] gradientOfSum(Variable y) {
      return new Variable[] {Variable.constant(y.saved(0))};
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      int[] d = new int[y.input(0).shape().rank()];
      Arrays.fill(d, 1);
      d[0] = dy.shape().dim(0);
      return new Variable[] {Ops.mul(Variable.constant(y.saved(0)), Ops.reshape(dy, Shape.of(d)))};
    }

    @Override
    public boolean isFused() {
      return true;
    }

    @Override
    public Variable composed(Variable... in) {
      Variable x = in[0];
      int n = x.shape().dim(1) / targets.size();
      int[] axes = new int[x.shape().rank() - 1];
      Arrays.setAll(axes, i -> i + 1);
      Variable loss = null;
      for (int p = 0; p < targets.size(); p++) {
        double t = targets.get(p);
        Variable part = Ops.slice(x, 1, p * n, (p + 1) * n);
        if (t != 0) {
          loss = plus(loss, t, Ops.mean(Ops.softplus(Ops.neg(part)), axes));
        }
        if (t != 1) {
          loss = plus(loss, 1 - t, Ops.mean(Ops.softplus(part), axes));
        }
      }
      return loss;
    }

    private static Variable plus(Variable sum, double factor, Variable term) {
      Variable scaled = factor == 1 ? term : Ops.mul(term, factor);
      return sum == null ? scaled : Ops.add(sum, scaled);
    }
  }
}
