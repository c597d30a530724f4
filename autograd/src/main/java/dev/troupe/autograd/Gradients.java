package dev.troupe.autograd;

import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.NumericsException;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.function.Supplier;

/**
 * Reverse-mode differentiation. Gradients are computed by the same ops as everything else, so that
 * asking for them with {@code createGraph} gives variables that can be differentiated again, as the
 * gradient penalty of WGAN-GP does.
 */
public final class Gradients {
  private Gradients() {}

  /**
   * The gradient of the sum of all elements of {@code y} with respect to each of {@code xs}.
   *
   * @return for each x a variable of its shape, without a graph
   * @throws IllegalArgumentException if y does not depend on one of them
   */
  public static Variable[] of(Variable y, Variable... xs) {
    return of(y, null, false, xs);
  }

  /**
   * The gradient of {@code Σ seed · y} with respect to each of {@code xs}.
   *
   * @param seed of y's shape; null means ones
   * @param createGraph whether the result can be differentiated again
   * @return for each x a variable of its shape
   * @throws IllegalArgumentException if y does not depend on one of them, or the seed has another
   *     shape
   */
  public static Variable[] of(Variable y, Variable seed, boolean createGraph, Variable... xs) {
    if (seed != null && !seed.shape().equals(y.shape())) {
      throw new IllegalArgumentException(
          "gradient: seed is " + seed.shape() + ", expected " + y.shape());
    }
    Tape tape = Tape.current();
    boolean recording = tape.recording;
    long mark = Tape.nextMark();
    PriorityQueue<Variable> queue = new PriorityQueue<>((a, b) -> Long.compare(b.order, a.order));
    try {
      mark(y, mark, xs);
      for (Variable x : xs) {
        if (x.mark != mark || y.mark != mark) {
          throw new IllegalArgumentException("gradient: " + y + " does not depend on " + x);
        }
      }
      tape.recording = createGraph;
      Variable[] known =
          seed == null && !createGraph && y.op != null && !y.wanted ? y.op.gradientOfSum(y) : null;
      if (known != null) {
        arriveAtInputs(y, known, mark, queue);
      } else {
        arrive(y, seed != null ? seed : Ops.onesLike(y), queue);
      }
      while (!queue.isEmpty()) {
        pass(queue.poll(), mark, createGraph, queue);
      }
      Variable[] result = new Variable[xs.length];
      for (int i = 0; i < xs.length; i++) {
        result[i] = xs[i].gradient != null ? xs[i].gradient : Ops.zerosLike(xs[i]);
      }
      return result;
    } finally {
      tape.recording = recording;
      for (Variable x : xs) {
        x.wanted = false;
        x.gradient = null;
      }
      for (Variable left : queue) {
        left.gradient = null;
      }
    }
  }

  /** Runs without recording: what it computes has no gradient. */
  public static <T> T noGrad(Supplier<T> body) {
    Tape tape = Tape.current();
    boolean recording = tape.recording;
    tape.recording = false;
    try {
      return body.get();
    } finally {
      tape.recording = recording;
    }
  }

  /**
   * Gives {@code mark} to everything on a way from y to one of xs, and -mark to what was looked at
   * in vain. Only variables that are no older than the oldest x can lie on such a way, so older
   * ones are not looked at.
   */
  private static void mark(Variable y, long mark, Variable... xs) {
    long oldest = Long.MAX_VALUE;
    for (Variable x : xs) {
      x.wanted = true;
      oldest = Math.min(oldest, x.order);
    }
    // Depth first without recursion, since a graph may be thousands of ops deep: a variable stays
    // on the stack until all
    // its inputs are marked.
    ArrayDeque<Variable> stack = new ArrayDeque<>();
    stack.push(y);
    while (!stack.isEmpty()) {
      Variable v = stack.peek();
      boolean ready = true;
      boolean leads = v.wanted;
      for (int i = 0; i < v.inputs(); i++) {
        Variable in = v.input(i);
        if (in.order < oldest) {
          continue;
        }
        if (in.mark == mark) {
          leads = true;
        } else if (in.mark != -mark) {
          stack.push(in);
          ready = false;
        }
      }
      if (ready) {
        v.mark = leads ? mark : -mark;
        stack.pop();
      }
    }
  }

  /** Passes the gradient that has arrived at v on to its inputs. */
  private static void pass(
      Variable v, long mark, boolean createGraph, PriorityQueue<Variable> queue) {
    Variable dy = v.gradient;
    if (!v.wanted) {
      v.gradient = null;
    }
    Variable[] gradients;
    try {
      gradients = createGraph ? v.op.differentiableGradient(v, dy) : v.op.gradient(v, dy);
    } catch (NumericsException e) {
      throw e.in("the gradient of " + v.op.name());
    }
    arriveAtInputs(v, gradients, mark, queue);
  }

  private static void arriveAtInputs(
      Variable v, Variable[] gradients, long mark, PriorityQueue<Variable> queue) {
    for (int i = 0; i < v.inputs(); i++) {
      Variable in = v.input(i);
      if (in.mark == mark && gradients[i] != null) {
        if (!gradients[i].shape().equals(in.shape())) {
          throw new IllegalStateException(
              v.op.name()
                  + ": gradient of input "
                  + i
                  + " is "
                  + gradients[i].shape()
                  + ", expected "
                  + in.shape());
        }
        arrive(in, gradients[i], queue);
      }
    }
  }

  private static void arrive(Variable v, Variable gradient, PriorityQueue<Variable> queue) {
    if (v.gradient != null) {
      v.gradient = Ops.add(v.gradient, gradient);
      return;
    }
    v.gradient = gradient;
    if (v.op != null) {
      queue.add(v);
    }
  }

  /** The gradient of a fused op by way of its composed form, recorded if the tape is recording. */
  static Variable[] throughComposed(Variable y, Variable dy) {
    Tape tape = Tape.current();
    boolean createGraph = tape.recording;
    int n = y.inputs();
    Variable[] stand = new Variable[n];
    Variable[] wanted = new Variable[n];
    int count = 0;
    tape.recording = true;
    Variable[] gradients;
    try {
      // Stand-ins for the inputs, so that a way from one input through another is not counted
      // twice.
      for (int i = 0; i < n; i++) {
        Variable in = y.input(i);
        if (!y.needs(i)) {
          stand[i] = in;
          continue;
        }
        stand[i] = createGraph ? Ops.reshape(in, in.shape()) : Variable.leaf(in.tensor());
        wanted[count++] = stand[i];
      }
      Variable composed = y.op.composed(stand);
      gradients = of(composed, dy, createGraph, java.util.Arrays.copyOf(wanted, count));
    } finally {
      tape.recording = createGraph;
    }
    Variable[] result = new Variable[n];
    for (int i = 0, at = 0; i < n; i++) {
      if (at < count && stand[i] == wanted[at]) {
        result[i] = gradients[at++];
      }
    }
    return result;
  }
}
