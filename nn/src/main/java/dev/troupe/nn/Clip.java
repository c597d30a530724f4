package dev.troupe.nn;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.tensor.Shape;
import java.util.Arrays;

/** Gradient clipping. */
public final class Clip {
  private Clip() {}

  /** Each element confined to [-limit, limit]. */
  public static Variable[] byValue(double limit, Variable... gradients) {
    Variable[] out = new Variable[gradients.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = Ops.clamp(gradients[i], -limit, limit);
    }
    return out;
  }

  /**
   * All gradients of a member scaled together so that their joint Euclidean norm is at most {@code
   * limit} (Pascanu et al. 2013). Each member has its own norm.
   *
   * @param gradients each [E, …]
   */
  public static Variable[] byNorm(double limit, Variable... gradients) {
    if (!(limit > 0)) {
      throw new IllegalArgumentException("clip: limit is " + limit + ", expected above 0");
    }
    Variable squares = null; // [E]
    for (Variable g : gradients) {
      Shape flat = Shape.of(g.shape().dim(0), g.shape().product(1, g.shape().rank()));
      Variable s = Ops.sum(Ops.square(Ops.reshape(g, flat)), 1);
      squares = squares == null ? s : Ops.add(squares, s);
    }
    Variable limits = Ops.scalar(limit);
    Variable scale = Ops.div(limits, Ops.max(Ops.sqrt(squares), limits)); // [E]
    Variable[] out = new Variable[gradients.length];
    for (int i = 0; i < out.length; i++) {
      int[] d = new int[gradients[i].shape().rank()];
      Arrays.fill(d, 1);
      d[0] = scale.shape().dim(0);
      out[i] = Ops.mul(gradients[i], Ops.reshape(scale, Shape.of(d)));
    }
    return out;
  }
}
