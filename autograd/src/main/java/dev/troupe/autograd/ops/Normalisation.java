package dev.troupe.autograd.ops;

import dev.troupe.autograd.Op;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/** Softmax and batch normalisation: fused kernels with their composed forms. */
final class Normalisation {
  private Normalisation() {}

  /** Softmax over the last axis, or its logarithm. */
  record Softmax(boolean log) implements Op {
    @Override
    public String name() {
      return log ? "logSoftmax" : "softmax";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Tensor x = Require.real(name(), in[0]);
      Shape s = x.shape();
      Require.that(s.rank() > 0, "%s: expected at least one axis, got %s", name(), s);
      Tensor y = Tensor.empty(ElementType.REAL, s, name());
      y.device()
          .run(
              new Primitive.Softmax(
                  log, s.product(0, s.rank() - 1), s.dim(-1), x.buffer(), y.buffer()));
      return y;
    }

    @Override
    public Variable[] gradient(Variable y, Variable dy) {
      return new Variable[] {Variable.apply(new SoftmaxGrad(log), y, dy)};
    }
  }

  /** The gradient of {@link Softmax} from its result and the gradient that arrives. */
  record SoftmaxGrad(boolean log) implements Op {
    @Override
    public String name() {
      return log ? "logSoftmaxGrad" : "softmaxGrad";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = in[0].shape();
      Tensor dx = Tensor.empty(ElementType.REAL, s, name());
      dx.device()
          .run(
              new Primitive.SoftmaxGrad(
                  log,
                  s.product(0, s.rank() - 1),
                  s.dim(-1),
                  in[0].buffer(),
                  in[1].buffer(),
                  dx.buffer()));
      return dx;
    }

    @Override
    public boolean isFused() {
      return true;
    }

    @Override
    public Variable composed(Variable... in) {
      Variable y = in[0];
      Variable dy = in[1];
      return log
          ? Ops.sub(dy, Ops.mul(Ops.exp(y), Ops.sumKeep(dy, -1)))
          : Ops.mul(y, Ops.sub(dy, Ops.sumKeep(Ops.mul(y, dy), -1)));
    }
  }

  /**
   * Batch normalisation with the batch's statistics and an activation {@code z > 0 ? z : slope ·
   * z}. Inputs x [E, N, C, ..], gamma [E, C], beta [E, C]; saves mean and biased variance, each [E,
   * C]. Moves {@code running}, which may be null.
   */
  record BatchNorm(double epsilon, double slope, RunningStatistics running) implements Op {
    @Override
    public String name() {
      return "batchNorm";
    }

    @Override
    public Tensor forward(Saved saved, Tensor... in) {
      Shape s = Require.real(name(), in[0]).shape();
      Require.that(s.rank() >= 3, "batchNorm: expected [E, N, C, …], got %s", s);
      Require.that(s.dim(1) > 0, "batchNorm: no batch to normalise over in %s", s);
      Shape stats = Shape.of(s.dim(0), s.dim(2));
      Require.that(
          in[1].shape().equals(stats) && in[2].shape().equals(stats),
          "batchNorm: gamma is %s and beta %s, expected %s for %s",
          in[1].shape(),
          in[2].shape(),
          stats,
          s);
      Require.that(
          running == null
              || (running.mean().shape().equals(stats) && running.variance().shape().equals(stats)),
          "batchNorm: running statistics are %s and %s, expected %s for %s",
          running == null ? null : running.mean().shape(),
          running == null ? null : running.variance().shape(),
          stats,
          s);
      Tensor y = Tensor.empty(ElementType.REAL, s, name());
      Tensor mean = Tensor.empty(ElementType.REAL, stats, name());
      Tensor variance = Tensor.empty(ElementType.REAL, stats, name());
      y.device()
          .run(
              new Primitive.BatchNorm(
                  s.dim(0),
                  s.dim(1),
                  s.dim(2),
                  s.product(3, s.rank()),
                  epsilon,
                  slope,
                  in[0].buffer(),
                  in[1].buffer(),
                  in[2].buffer(),
                  y.buffer(),
                  mean.buffer(),
                  variance.buffer(),
                  running == null
                      ? null
                      : new Primitive.BatchNorm.Running(
                          running.rate(), running.mean().buffer(), running.variance().buffer())));
      saved.keep(mean, variance);
      return y;
    }

    @Override
    public Variable[] gradient(Variable v, Variable dy) {
      Tensor x = v.input(0).tensor();
      Tensor gamma = v.input(1).tensor();
      Shape s = x.shape();
      Tensor dx = Tensor.empty(ElementType.REAL, s, "batchNormGrad");
      Tensor dgamma = Tensor.empty(ElementType.REAL, gamma.shape(), "batchNormGrad");
      Tensor dbeta = Tensor.empty(ElementType.REAL, gamma.shape(), "batchNormGrad");
      dx.device()
          .run(
              new Primitive.BatchNormGrad(
                  s.dim(0),
                  s.dim(1),
                  s.dim(2),
                  s.product(3, s.rank()),
                  epsilon,
                  slope,
                  x.buffer(),
                  gamma.buffer(),
                  v.tensor().buffer(),
                  v.saved(0).buffer(),
                  v.saved(1).buffer(),
                  dy.tensor().buffer(),
                  dx.buffer(),
                  dgamma.buffer(),
                  dbeta.buffer()));
      return new Variable[] {
        Variable.constant(dx), Variable.constant(dgamma), Variable.constant(dbeta)
      };
    }

    @Override
    public boolean isFused() {
      return true;
    }

    @Override
    public Variable composed(Variable... in) {
      Variable x = in[0];
      Shape s = x.shape();
      int[] axes = new int[s.rank() - 2]; // all but members and channels
      axes[0] = 1;
      for (int i = 1; i < axes.length; i++) {
        axes[i] = i + 2;
      }
      Variable centred = Ops.sub(x, Ops.meanKeep(x, axes));
      Variable variance = Ops.meanKeep(Ops.square(centred), axes);
      Variable z = Ops.mul(centred, Ops.rsqrt(Ops.add(variance, epsilon)));
      z = Ops.add(Ops.mul(z, perChannel(in[1], s)), perChannel(in[2], s));
      return slope == 1 ? z : Ops.leakyRelu(z, slope);
    }
  }

  static Variable layerNorm(Variable x, Variable gamma, Variable beta, double epsilon) {
    Shape s = Require.real("layerNorm", x.tensor()).shape();
    Require.that(s.rank() >= 3, "layerNorm: expected [E, N, C, …], got %s", s);
    Shape parameters = Shape.of(s.dim(0), s.dim(2));
    Require.that(
        gamma.shape().equals(parameters) && beta.shape().equals(parameters),
        "layerNorm: gamma is %s and beta %s, expected %s for %s",
        gamma.shape(),
        beta.shape(),
        parameters,
        s);
    int[] axes = java.util.stream.IntStream.range(2, s.rank()).toArray();
    Variable centred = Ops.sub(x, Ops.meanKeep(x, axes));
    Variable variance = Ops.meanKeep(Ops.square(centred), axes);
    Variable z = Ops.mul(centred, Ops.rsqrt(Ops.add(variance, epsilon)));
    return Ops.add(Ops.mul(z, perChannel(gamma, s)), perChannel(beta, s));
  }

  static Variable spectralNorm(Variable weight, Variable u, Variable v) {
    Shape s = Require.real("spectralNorm", weight.tensor()).shape();
    Require.that(s.rank() >= 2, "spectralNorm: expected a weight [E, A, …], got %s", s);
    int members = s.dim(0);
    int rows = s.dim(1);
    int columns = s.product(2, s.rank());
    Require.that(
        u.shape().equals(Shape.of(members, rows)) && v.shape().equals(Shape.of(members, columns)),
        "spectralNorm: u is %s and v %s, expected [%d, %d] and [%d, %d] for %s",
        u.shape(),
        v.shape(),
        members,
        rows,
        members,
        columns,
        s);
    Variable matrix = Ops.reshape(weight, Shape.of(members, rows, columns));
    Variable wv = Ops.matmul(matrix, Ops.reshape(v, Shape.of(members, columns, 1)));
    Variable sigma = Ops.matmul(Ops.reshape(u, Shape.of(members, 1, rows)), wv); // [E, 1, 1]
    int[] ones = new int[s.rank()];
    java.util.Arrays.fill(ones, 1);
    ones[0] = members;
    return Ops.div(weight, Ops.reshape(sigma, Shape.of(ones)));
  }

  /** [E, C] as [E, 1, C, 1, …], to broadcast over activations of shape {@code s}. */
  static Variable perChannel(Variable v, Shape s) {
    int[] d = new int[s.rank()];
    java.util.Arrays.fill(d, 1);
    d[0] = s.dim(0);
    d[2] = s.dim(2);
    return Ops.reshape(v, Shape.of(d));
  }
}
