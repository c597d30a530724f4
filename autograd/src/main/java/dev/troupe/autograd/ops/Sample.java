package dev.troupe.autograd.ops;

import dev.troupe.autograd.Variable;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * A call of an op on made-up inputs, with what is known about the accuracy of its result.
 *
 * @param label says what is special about it
 * @param inputs the inputs to make
 * @param call the op
 * @param length K of the error bound: how many terms a result element adds up at most
 * @param terms Σ|terms| of the error bound for each result element, computed from the inputs on the
 *     reference device; null means the result's own magnitude
 * @param order how many times it can be differentiated: 0, 1, or 2
 */
public record Sample(
    String label,
    List<Input> inputs,
    Function<Variable[], Variable> call,
    int length,
    Function<Variable[], Variable> terms,
    int order) {

  /** Twice differentiable, each element computed by itself. */
  public static Sample of(String label, Function<Variable[], Variable> call, Input... inputs) {
    return new Sample(label, List.of(inputs), call, 0, null, 2);
  }

  /** With the error bound {@code c · (length + 8) · 2⁻²⁴ · terms}. */
  public Sample within(int length, Function<Variable[], Variable> terms) {
    return new Sample(label, inputs, call, length, terms, order);
  }

  /** Without a gradient. */
  public Sample constant() {
    return new Sample(label, inputs, call, length, terms, 0);
  }

  /** The inputs in the current scope: the same values on every device, as exact float32 numbers. */
  public Variable[] make() {
    SplittableRandom random = new SplittableRandom(label.hashCode() * 31L + inputs.size());
    Variable[] made = new Variable[inputs.size()];
    for (int i = 0; i < made.length; i++) {
      made[i] = inputs.get(i).make(random);
    }
    return made;
  }

  /** How values of an input are chosen. */
  public enum Values {
    /** Normal, of both signs. */
    NORMAL,
    /** Between 0.3 and 3. */
    POSITIVE,
    /** Normal, but at least 0.2 away from zero: for functions with a kink there. */
    NO_ZERO,
    /** All different, at least 0.05 apart, in random order: for what chooses one. */
    DISTINCT,
    /** Zeros and ones. */
    MASK,
    /**
     * NaN, infinities, zeros of both signs, denormals, and ordinary numbers; not differentiable.
     */
    SPECIAL,
    /** INT32 from 0 up to a bound. */
    INDEX
  }

  /**
   * One input.
   *
   * @param bound for INDEX: indices are in [0, bound)
   */
  public record Input(Shape shape, Values values, int bound) {
    /** Normal numbers, differentiable. */
    public static Input normal(int... shape) {
      return new Input(Shape.of(shape), Values.NORMAL, 0);
    }

    /** Numbers between 0.3 and 3, differentiable. */
    public static Input positive(int... shape) {
      return new Input(Shape.of(shape), Values.POSITIVE, 0);
    }

    /** Normal numbers away from zero, differentiable. */
    public static Input noZero(int... shape) {
      return new Input(Shape.of(shape), Values.NO_ZERO, 0);
    }

    /** Numbers that are all different, differentiable. */
    public static Input distinct(int... shape) {
      return new Input(Shape.of(shape), Values.DISTINCT, 0);
    }

    /** Zeros and ones. */
    public static Input mask(int... shape) {
      return new Input(Shape.of(shape), Values.MASK, 0);
    }

    /** NaN, infinities, denormals and the like. */
    public static Input special(int... shape) {
      return new Input(Shape.of(shape), Values.SPECIAL, 0);
    }

    /** INT32 from 0 up to {@code bound}. */
    public static Input index(int bound, int... shape) {
      return new Input(Shape.of(shape), Values.INDEX, bound);
    }

    /** Whether gradients with respect to it are checked. */
    public boolean differentiable() {
      return switch (values) {
        case NORMAL, POSITIVE, NO_ZERO, DISTINCT -> true;
        case MASK, SPECIAL, INDEX -> false;
      };
    }

    private Variable make(SplittableRandom random) {
      Scope scope = Scope.current();
      int n = shape.size();
      if (values == Values.INDEX) {
        int[] v = new int[n];
        for (int i = 0; i < n; i++) {
          v[i] = random.nextInt(bound);
        }
        return Variable.constant(scope.of(shape, v));
      }
      float[] v = new float[n];
      for (int i = 0; i < n; i++) {
        v[i] = (float) value(random, i);
      }
      if (values == Values.DISTINCT) {
        for (int i = n - 1; i > 0; i--) {
          int j = random.nextInt(i + 1);
          float t = v[i];
          v[i] = v[j];
          v[j] = t;
        }
      }
      Tensor t = scope.of(shape, v);
      return differentiable() ? Variable.leaf(t) : Variable.constant(t);
    }

    private double value(SplittableRandom random, int i) {
      return switch (values) {
        case NORMAL -> normal(random);
        case POSITIVE -> 0.3 + 2.7 * random.nextDouble();
        case NO_ZERO -> {
          double x = normal(random);
          yield x + Math.copySign(0.2, x);
        }
        case DISTINCT -> (i - shape.size() / 2) * 0.05 + 0.01 * random.nextDouble();
        case MASK -> random.nextInt(2);
        case SPECIAL -> SPECIALS[i % SPECIALS.length];
        case INDEX -> throw new IllegalStateException();
      };
    }

    private static double normal(SplittableRandom random) {
      return Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
          * Math.cos(2 * Math.PI * random.nextDouble());
    }
  }

  private static final double[] SPECIALS = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    0.0,
    -0.0,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    1e-40,
    -1e-40,
    Float.MIN_NORMAL,
    -1e-20,
    1e-20,
    0.5,
    -0.5,
    1,
    -1,
    3,
    -3,
    20,
    -20,
    88,
    -88,
    104,
    -104,
    1e4,
    -1e4,
    1e30,
    -1e30,
    Float.MAX_VALUE,
  };

  /** How many different numbers {@link Values#SPECIAL} has. */
  static final int SPECIAL_COUNT = SPECIALS.length;
}
