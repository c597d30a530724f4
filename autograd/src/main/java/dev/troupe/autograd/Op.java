package dev.troupe.autograd;

import dev.troupe.tensor.Tensor;

/**
 * A differentiable operation. Its constants (axes, flags, slopes) are the fields of the record that
 * implements it.
 *
 * <p>{@link #forward} checks shapes and computes. A plain op writes {@link #gradient} in {@link
 * Variable}s and ops, so that the gradient can itself be differentiated. A fused op names its
 * {@link #composed} form, which serves wherever a gradient must be differentiable; its {@code
 * gradient} may then run a kernel that has none, or is left to the default, which differentiates
 * the composed form.
 */
public interface Op {
  /** The name in messages and profiles, such as {@code matmul}. */
  String name();

  /**
   * Computes the result in the current scope.
   *
   * @param saved takes tensors that {@link #gradient} will want beyond inputs and result
   * @throws dev.troupe.tensor.ShapeException if the inputs do not fit
   */
  Tensor forward(Saved saved, Tensor... inputs);

  /**
   * The gradient of the inputs.
   *
   * @param y the result; {@code y.input(i)}, {@code y.saved(i)} and {@code y.needs(i)} tell the
   *     rest
   * @param dy the gradient that arrives, of y's shape
   * @return one for each input, null where {@code y.needs(i)} is false or the gradient is zero
   *     everywhere
   */
  default Variable[] gradient(Variable y, Variable dy) {
    return Gradients.throughComposed(y, dy);
  }

  /**
   * The same out of ops that can themselves be differentiated. By default that is the gradient of
   * the composed form of a fused op, and {@link #gradient} of any other.
   */
  default Variable[] differentiableGradient(Variable y, Variable dy) {
    return isFused() ? Gradients.throughComposed(y, dy) : gradient(y, dy);
  }

  /**
   * The gradient of the inputs of the sum of all elements of y, where the forward pass has left it:
   * what {@link #gradient} gives for a {@code dy} of ones. Null where it has not.
   */
  default Variable[] gradientOfSum(Variable y) {
    return null;
  }

  /** Whether {@link #composed} is to be differentiated where a gradient must itself have one. */
  default boolean isFused() {
    return false;
  }

  /**
   * For a fused op: the same function out of ops that can be differentiated any number of times.
   */
  default Variable composed(Variable... inputs) {
    throw new UnsupportedOperationException(name() + " cannot be differentiated twice");
  }

  /**
   * Whether gradients flow through it at all; comparisons and indices say no, and their results are
   * constants.
   */
  default boolean differentiable() {
    return true;
  }

  /** Takes what an op wants to keep for its gradient. */
  final class Saved {
    private static final Tensor[] NONE = {};
    private Tensor[] tensors = NONE;

    Saved() {}

    /** Keeps these tensors; later {@code y.saved(0)}, {@code y.saved(1)} … */
    public void keep(Tensor... kept) {
      tensors = kept;
    }

    Tensor[] take() {
      Tensor[] t = tensors;
      tensors = NONE;
      return t;
    }
  }
}
