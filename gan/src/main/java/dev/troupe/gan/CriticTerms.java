package dev.troupe.gan;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Pass;
import dev.troupe.tensor.Shape;

/**
 * The means of which the loss of a WGAN-GP critic is made (Gulrajani et al. 2017; Tang 2020,
 * Equation 3), for E critics that each judge the samples of M generators:
 *
 * <pre>
 * mean D(fake) - mean D(real) + λ · mean (‖∇D(x̂)‖ - 1)²,   x̂ = fake + ε · (real - fake)
 * </pre>
 *
 * The penalty is two-sided: norms below 1 are penalised as well. Its gradient in the critic's
 * parameters goes through the graph of ∇D (double backward).
 *
 * @param real mean score of the real points, [E]
 * @param fake mean score of the samples of each generator, [E, M]
 * @param penalty mean squared deviation of the gradient's norm from 1 on the interpolates of each
 *     generator's samples with the real points, [E, M]; null where it was not asked for
 */
public record CriticTerms(Variable real, Variable fake, Variable penalty) {
  /**
   * The terms of one batch. Real points and samples go through the critic in one run, interpolates
   * in another. That of an {@link AffineNet} takes up behind its first map: the image of an
   * interpolate under an affine map is the interpolate of the images, which are there already.
   *
   * @param critic [E, N, F] to scores [E, N, 1]
   * @param real [E, B, F]
   * @param fake samples, generator by generator, [E, M·B, F]; sample b of each generator is
   *     interpolated with real point b
   * @param epsilon uniform on [0, 1), [E, M·B, 1]; null for no penalty
   */
  public static CriticTerms of(
      Layer critic, Pass pass, Variable real, Variable fake, Variable epsilon) {
    int batch = real.shape().dim(1);
    int fakes = fake.shape().dim(1);
    Variable points = Ops.concat(1, real, fake); // [E, B + M·B, F]
    if (!(critic instanceof AffineNet.Network net)) {
      Variable scores = critic.forward(points, pass);
      Variable norms =
          epsilon == null
              ? null
              : gradientNorms(critic, pass, interpolates(real, fake, epsilon), true);
      return of(scores, norms, batch);
    }
    Variable images = net.first().forward(points, pass); // [E, B + M·B, first]
    Variable scores = net.rest().forward(images, pass);
    if (epsilon == null) {
      return of(scores, null, batch);
    }
    Variable kept = images.detach();
    Variable onReal = Ops.slice(kept, 1, 0, batch);
    Variable onFake = Ops.slice(kept, 1, batch, batch + fakes);
    Variable behind = gradient(net.rest(), pass, interpolates(onReal, onFake, epsilon), true);
    Variable slopes = Ops.matmul(behind, net.weight(), false, true); // [E, M·B, F]
    return of(scores, Ops.norm(slopes, 2), batch);
  }

  /** From scores [E, B + M·B, 1] and norms [E, M·B], which may be null. */
  private static CriticTerms of(Variable scores, Variable norms, int batch) {
    int e = scores.shape().dim(0);
    int rows = scores.shape().dim(1);
    Shape groups = Shape.of(e, rows / batch - 1, batch); // [E, M, B]
    Variable onReal = Ops.mean(Ops.slice(scores, 1, 0, batch), 1, 2);
    Variable onFake = Ops.mean(Ops.reshape(Ops.slice(scores, 1, batch, rows), groups), 2);
    if (norms == null) {
      return new CriticTerms(onReal, onFake, null);
    }
    Variable squares = Ops.square(Ops.add(norms, -1));
    return new CriticTerms(onReal, onFake, Ops.mean(Ops.reshape(squares, groups), 2));
  }

  /** {@code x̂ = fake + ε · (real - fake)} without a graph, [E, M·B, F]; shapes as above. */
  public static Variable interpolates(Variable real, Variable fake, Variable epsilon) {
    Shape s = real.shape();
    int generators = fake.shape().dim(1) / s.dim(1);
    Shape pairs = s.insert(1, generators); // [E, M, B, F]
    Variable x = Ops.reshape(fake.detach(), pairs);
    Variable towards = Ops.sub(Ops.reshape(real.detach(), s.insert(1, 1)), x);
    Variable share = Ops.reshape(epsilon, pairs.with(3, 1));
    return Ops.reshape(Ops.add(x, Ops.mul(share, towards)), fake.shape());
  }

  /**
   * The Euclidean norms of the critic's gradient by its input.
   *
   * @param points [E, N, F]
   * @param createGraph whether the norms are to be differentiated by the critic's parameters
   * @return [E, N]
   */
  public static Variable gradientNorms(
      Layer critic, Pass pass, Variable points, boolean createGraph) {
    return Ops.norm(gradient(critic, pass, points, createGraph), 2);
  }

  /** The gradient of the sum of scores by the points, of their shape. */
  private static Variable gradient(Layer layer, Pass pass, Variable points, boolean createGraph) {
    Variable x = Variable.leaf(points.tensor());
    return Gradients.of(layer.forward(x, pass), null, createGraph, x)[0];
  }

  /** The critic's gap, {@code mean D(real) - mean D(fake)} of each generator, [E, M]. */
  public Variable gap() {
    Shape s = real.shape();
    return Ops.sub(Ops.reshape(real, s.insert(1, 1)), fake);
  }

  /** Equation 3, {@code -gap + λ · penalty} of each generator, [E, M]. */
  public Variable loss(double lambda) {
    Variable fooled = Ops.neg(gap());
    return penalty == null ? fooled : Ops.addScaled(fooled, lambda, penalty);
  }
}
