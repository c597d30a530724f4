package dev.troupe.gan;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.gan.metrics.GaussianModes;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/** Data sets of points drawn from a mixture of Gaussians in the plane, made on the device. */
public final class PointMixture {
  private PointMixture() {}

  /**
   * Points drawn once from the mixture with equal weights.
   *
   * @param scope owns the result
   * @return [count, 2]
   */
  public static Tensor draw(Scope scope, GaussianModes modes, int count, long seed) {
    try (Scope temporary = Scope.open(scope.device(), "draw")) {
      Rng rng = new Rng(temporary, seed, 0);
      Variable centres =
          Variable.constant(temporary.of(Shape.of(modes.size(), 2), modes.centres()));
      Variable mode =
          Variable.constant(rng.integers("data/mode", Shape.of(1, count), modes.size()));
      Variable noise =
          Variable.constant(rng.normal("data/noise", Shape.of(1, count, 2), 0, modes.sd()));
      return kept(scope, Ops.add(Ops.gatherShared(centres, mode), noise), Shape.of(count, 2));
    }
  }

  /**
   * As many examples as there are points, each of {@code packing} points resampled with replacement
   * and set side by side (PacGAN).
   *
   * @param points [count, 2]
   * @return [count, 2 · packing]; {@code points} itself where packing is 1
   */
  public static Tensor pack(Scope scope, Tensor points, int packing, long seed) {
    if (packing == 1) {
      return points;
    }
    int count = points.shape().dim(0);
    try (Scope temporary = Scope.open(scope.device(), "pack")) {
      Rng rng = new Rng(temporary, seed, 0);
      Variable[] parts = new Variable[packing];
      for (int i = 0; i < packing; i++) {
        Tensor index = rng.integers("data/resample" + i, Shape.of(1, count), count);
        parts[i] = Ops.gatherShared(Variable.constant(points), Variable.constant(index));
      }
      return kept(scope, Ops.concat(2, parts), Shape.of(count, 2 * packing));
    }
  }

  private static Tensor kept(Scope scope, Variable v, Shape shape) {
    Tensor t = scope.zeros(shape);
    t.copyFrom(v.tensor());
    return t;
  }
}
