package dev.troupe.autograd;

import dev.troupe.kernels.NumericsException;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/**
 * A tensor in a graph of operations. A variable made by an op remembers the op and its inputs as
 * long as one of them requires a gradient; {@link Gradients} walks that graph.
 */
public final class Variable {
  private static final Variable[] NO_INPUTS = {};
  private static final Tensor[] NO_TENSORS = {};

  private final Tensor tensor;
  private final boolean requiresGrad;
  final Op op; // null for a leaf
  private final Variable[] inputs;
  private final Tensor[] saved;
  final long order; // grows along every path of the graph

  // Scratch of the gradient walk that is under way.
  long mark;
  boolean wanted;
  Variable gradient;

  private Variable(
      Tensor tensor, boolean requiresGrad, Op op, Variable[] inputs, Tensor[] saved, long order) {
    this.tensor = tensor;
    this.requiresGrad = requiresGrad;
    this.op = op;
    this.inputs = inputs;
    this.saved = saved;
    this.order = order;
  }

  /**
   * A leaf that gradients can be asked for: a parameter, or an input that a penalty differentiates
   * by.
   */
  public static Variable leaf(Tensor tensor) {
    return new Variable(tensor, true, null, NO_INPUTS, NO_TENSORS, Tape.nextOrder());
  }

  /** A leaf without a gradient: data. */
  public static Variable constant(Tensor tensor) {
    return new Variable(tensor, false, null, NO_INPUTS, NO_TENSORS, 0);
  }

  /** Runs an op and records it where that is needed. */
  public static Variable apply(Op op, Variable... inputs) {
    Tape tape = Tape.current();
    Tensor[] tensors = new Tensor[inputs.length];
    boolean requires = false;
    for (int i = 0; i < inputs.length; i++) {
      tensors[i] = inputs[i].tensor;
      requires |= inputs[i].requiresGrad;
    }
    Tensor result;
    try {
      result = op.forward(tape.saved, tensors);
    } catch (NumericsException e) {
      throw e.in(op.name());
    }
    Tensor[] saved = tape.saved.take();
    if (!requires || !tape.recording || !op.differentiable()) {
      // Results of ops keep what they saved (batch statistics), without the graph behind them.
      return new Variable(result, false, null, NO_INPUTS, saved, 0);
    }
    return new Variable(result, true, op, inputs, saved, Tape.nextOrder());
  }

  /** The values. */
  public Tensor tensor() {
    return tensor;
  }

  /** The sizes of the axes. */
  public Shape shape() {
    return tensor.shape();
  }

  /** Whether a gradient can be asked for, or flows through. */
  public boolean requiresGrad() {
    return requiresGrad;
  }

  /** The same values, cut off from the graph. */
  public Variable detach() {
    return requiresGrad ? constant(tensor) : this;
  }

  /** Input {@code i} of the op that made this. */
  public Variable input(int i) {
    return inputs[i];
  }

  /** How many inputs the op had that made this; 0 for a leaf. */
  public int inputs() {
    return inputs.length;
  }

  /** Tensor {@code i} that the op kept. */
  public Tensor saved(int i) {
    return saved[i];
  }

  /** Within {@link Op#gradient}: whether the gradient of input {@code i} is wanted. */
  public boolean needs(int i) {
    return inputs[i].mark == mark;
  }

  @Override
  public String toString() {
    return (op == null ? "leaf " : op.name() + " ") + tensor;
  }
}
