package dev.troupe.autograd.ops;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.kernels.Device;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Compares gradients, and gradients of gradients, with central differences. Meant for the reference
 * device, whose float64 makes the differences good to some nine digits.
 */
public final class Derivatives {
  private static final double STEP = 1e-5;

  /** More input elements than this would take too long: two evaluations for each. */
  private static final int LARGEST = 120;

  private Derivatives() {}

  /**
   * How many derivatives were checked, and the largest relative error of each order.
   *
   * @param count elements of gradients compared with a difference
   */
  public record Result(int count, double first, double second) {}

  /** Checks one sample; a result of count 0 means that it has none or is too large. */
  public static Result check(Device device, Sample sample) {
    try (Scope scope = Scope.open(device, "derivatives")) {
      Variable[] in = sample.make();
      List<Variable> leaves = new ArrayList<>();
      int size = 0;
      for (Variable v : in) {
        if (v.requiresGrad()) {
          leaves.add(v);
          size += v.shape().size();
        }
      }
      if (sample.order() == 0 || size == 0 || size > LARGEST) {
        return new Result(0, 0, 0);
      }
      Variable[] xs = leaves.toArray(Variable[]::new);
      Function<Variable[], Variable> f = x -> weighted(sample.call().apply(x), 1);
      double[][] first = values(Gradients.of(f.apply(in), xs));
      double worst1 = compare(first, differences(xs, () -> f.apply(in)));

      // The same gradient by the way that can be differentiated, and its gradient in turn.
      Variable[] graph = Gradients.of(f.apply(in), null, true, xs);
      worst1 = Math.max(worst1, compare(first, values(graph)));
      double worst2 = 0;
      if (sample.order() > 1) {
        double[][] second = values(Gradients.of(dot(xs, graph), xs));
        double[][] numeric =
            differences(xs, () -> dot(xs, Gradients.of(f.apply(in), null, true, xs)));
        worst2 = compare(second, numeric);
      }
      return new Result(size, worst1, worst2);
    }
  }

  /**
   * A scalar that depends on all xs, if only with factor 0, and on each gradient with its own
   * weights.
   */
  private static Variable dot(Variable[] xs, Variable[] gradients) {
    Variable total = Ops.scalar(0);
    for (int i = 0; i < xs.length; i++) {
      total = Ops.add(total, weighted(gradients[i], 2 + i));
      total = Ops.add(total, Ops.mul(Ops.sum(xs[i]), 0));
    }
    return total;
  }

  private static Variable weighted(Variable y, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] w = new double[y.shape().size()];
    for (int i = 0; i < w.length; i++) {
      w[i] = 0.5 + random.nextDouble();
    }
    Variable weights = Variable.constant(Scope.current().of(y.shape(), w));
    return Ops.sum(Ops.mul(y, weights));
  }

  private interface Scalar {
    Variable value();
  }

  private static double[][] differences(Variable[] xs, Scalar f) {
    double[][] out = new double[xs.length][];
    for (int i = 0; i < xs.length; i++) {
      Tensor t = xs[i].tensor();
      double[] at = t.toDoubles();
      out[i] = new double[at.length];
      for (int j = 0; j < at.length; j++) {
        double x = at[j];
        out[i][j] = (value(f, t, at, j, x + STEP) - value(f, t, at, j, x - STEP)) / (2 * STEP);
        at[j] = x;
        t.set(at);
      }
    }
    return out;
  }

  private static double value(Scalar f, Tensor t, double[] at, int j, double x) {
    at[j] = x;
    t.set(at);
    try (Scope scope = Scope.open("difference")) {
      return f.value().tensor().item();
    }
  }

  private static double[][] values(Variable[] vs) {
    double[][] out = new double[vs.length][];
    for (int i = 0; i < vs.length; i++) {
      out[i] = vs[i].tensor().toDoubles();
    }
    return out;
  }

  /** The largest difference, relative to 1 plus the magnitude. */
  private static double compare(double[][] a, double[][] b) {
    double worst = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[i].length; j++) {
        double error = Math.abs(a[i][j] - b[i][j]) / (1 + Math.abs(b[i][j]));
        worst = error <= worst ? worst : error; // NaN becomes the worst
      }
    }
    return worst;
  }
}
