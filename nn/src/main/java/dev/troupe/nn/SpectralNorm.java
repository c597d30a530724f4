package dev.troupe.nn;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/**
 * Keeps a weight's spectral norm at 1 (Miyato et al. 2018, Algorithm 1): each training pass makes
 * one step of the power iteration from the vector that is kept in the buffer {@code u} [E, A], and
 * divides the weight by {@code σ = uᵀ W v}. W is a weight [E, A, …] as a matrix of A rows; a dense
 * layer's [E, in, out] is the transpose of the paper's, whose norm is the same.
 *
 * <p>The gradient goes through W and σ, not through u and v. A pass that does not move statistics
 * leaves {@code u} as it is, but still takes the v that belongs to it.
 */
public final class SpectralNorm {
  private final Tensor u; // [E, A]
  private final double epsilon;
  private final Shape matrix; // [E, A, columns]

  /**
   * For one weight.
   *
   * @param state the part that gets the buffer {@code u}; normal numbers of length 1 at first
   * @param weight [E, A, …]
   * @param epsilon added to the length by which u and v are divided
   */
  public SpectralNorm(State state, Variable weight, double epsilon) {
    Shape s = weight.shape();
    this.matrix = Shape.of(s.dim(0), s.dim(1), s.product(2, s.rank()));
    this.epsilon = epsilon;
    this.u = state.buffer("u", Shape.of(s.dim(1)), Initialiser.normal(1));
    try (Scope scope = Scope.open(u.device(), "spectralNorm")) {
      u.copyFrom(unit(Variable.constant(u)).tensor());
    }
  }

  /** The weight divided by its spectral norm. */
  public Variable apply(Variable weight, Pass pass) {
    int members = matrix.dim(0);
    int rows = matrix.dim(1);
    int columns = matrix.dim(2);
    Variable w = Ops.reshape(Variable.constant(weight.tensor()), matrix);
    Variable row = Ops.reshape(Variable.constant(u), Shape.of(members, 1, rows));
    Variable v = unit(Ops.reshape(Ops.matmul(row, w), Shape.of(members, columns)));
    Variable left = Variable.constant(u);
    if (pass.training() && pass.statistics() > 0) {
      Variable column = Ops.reshape(v, Shape.of(members, columns, 1));
      left = unit(Ops.reshape(Ops.matmul(w, column), Shape.of(members, rows)));
      u.copyFrom(left.tensor());
    }
    return Ops.spectralNorm(weight, left, v);
  }

  /** [E, n] divided by its length. */
  private Variable unit(Variable x) {
    return Ops.div(x, Ops.add(Ops.sqrt(Ops.sumKeep(Ops.square(x), 1)), epsilon));
  }
}
