package dev.troupe.autograd.ops;

import static dev.troupe.autograd.ops.Sample.Input.distinct;
import static dev.troupe.autograd.ops.Sample.Input.index;
import static dev.troupe.autograd.ops.Sample.Input.mask;
import static dev.troupe.autograd.ops.Sample.Input.noZero;
import static dev.troupe.autograd.ops.Sample.Input.normal;
import static dev.troupe.autograd.ops.Sample.Input.special;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Entry.Failure;
import dev.troupe.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Entries of arithmetic and of functions of one element. */
final class ElementwiseCatalogue {
  private static final int[] SIZES = {1, 3, 31, 33, 127, 1025};

  private ElementwiseCatalogue() {}

  static void addTo(List<Entry> all) {
    arithmetic(all);
    functions(all);
  }

  private static void arithmetic(List<Entry> all) {
    Function<Variable[], Variable> sumOfMagnitudes = x -> Ops.add(Ops.abs(x[0]), Ops.abs(x[1]));
    all.add(binary("add", x -> Ops.add(x[0], x[1]), sumOfMagnitudes, false));
    all.add(binary("sub", x -> Ops.sub(x[0], x[1]), sumOfMagnitudes, false));
    all.add(binary("mul", x -> Ops.mul(x[0], x[1]), null, false));
    all.add(binary("div", x -> Ops.div(x[0], x[1]), null, true));
    all.add(
        binary(
            "addScaled",
            x -> Ops.addScaled(x[0], -0.75, x[1]),
            x -> Ops.addScaled(Ops.abs(x[0]), 0.75, Ops.abs(x[1])),
            false));
    all.add(binary("lerp", x -> Ops.lerp(x[0], x[1], 0.3), sumOfMagnitudes, false));
    all.add(choice("min", x -> Ops.min(x[0], x[1]), 2));
    all.add(choice("max", x -> Ops.max(x[0], x[1]), 2));
    all.add(choice("greater", x -> Ops.greater(x[0], x[1]), 0));
    all.add(choice("greaterEqual", x -> Ops.greaterEqual(x[0], x[1]), 0));
    all.add(choice("equal", x -> Ops.equal(x[0], x[1]), 0));
    all.add(
        unary("affine", x -> Ops.affine(x[0], -1.5, 0.25), Sample.Values.NORMAL, 2)
            .within(x -> Ops.add(Ops.mul(Ops.abs(x[0]), 1.5), 0.25))
            .entry());
    Function<Variable[], Variable> where = x -> Ops.where(x[0], x[1], x[2]);
    all.add(
        Entry.of(
            "where",
            List.of(
                Sample.of("same shape", where, mask(7, 5), normal(7, 5), normal(7, 5)),
                Sample.of("large", where, mask(33, 127), normal(33, 127), normal(33, 127)),
                Sample.of("broadcast", where, mask(3, 1), normal(1, 5), normal(2, 1, 1)),
                Sample.of("special", where, mask(29), special(29), special(29)).constant()),
            Failure.of(
                "where: shapes do not broadcast, [2, 3] and [4]",
                where,
                mask(2, 3),
                normal(4),
                normal(1))));
  }

  /** An op of two broadcast inputs. */
  private static Entry binary(
      String name,
      Function<Variable[], Variable> call,
      Function<Variable[], Variable> terms,
      boolean divides) {
    List<Sample> samples = new ArrayList<>();
    int[][][] shapes = {
      {{1}, {1}},
      {{3}, {3}},
      {{31}, {31}},
      {{33}, {33}},
      {{5, 127}, {5, 127}},
      {{1025}, {1025}},
      {{40, 1025}, {40, 1025}},
      {{2, 3, 5}, {3, 5}},
      {{2, 3, 5}, {2, 1, 5}},
      {{2, 1, 5}, {2, 3, 1}},
      {{4, 1}, {1, 7}},
      {{}, {3, 2}},
      {{3, 2}, {}},
      {{2, 33, 127}, {2, 1, 127}},
      {{2, 33, 1025}, {2, 33, 1}},
      {{0, 3}, {3}},
    };
    for (int[][] s : shapes) {
      Sample.Input second = divides ? noZero(s[1]) : normal(s[1]);
      Sample sample = Sample.of(name + Shape.of(s[0]) + Shape.of(s[1]), call, normal(s[0]), second);
      samples.add(terms == null ? sample : sample.within(0, terms));
    }
    samples.add(specialPairs(call, terms));
    return Entry.of(name, samples, unbroadcast(name, call));
  }

  /** An op of two inputs that compares them. */
  private static Entry choice(String name, Function<Variable[], Variable> call, int order) {
    List<Sample> samples = new ArrayList<>();
    int[][][] shapes = {{{1}, {1}}, {{33}, {33}}, {{1025}, {1025}}, {{2, 3, 5}, {3, 1}}};
    for (int[][] s : shapes) {
      Sample sample =
          Sample.of(name + Shape.of(s[0]) + Shape.of(s[1]), call, distinct(s[0]), noZero(s[1]));
      samples.add(order == 0 ? sample.constant() : sample);
    }
    samples.add(specialPairs(call, null));
    return Entry.of(name, samples, unbroadcast(name, call));
  }

  /** Each special value with each. */
  private static Sample specialPairs(
      Function<Variable[], Variable> call, Function<Variable[], Variable> terms) {
    int n = Sample.SPECIAL_COUNT;
    Sample sample = Sample.of("special", call, special(n, 1), special(1, n)).constant();
    return terms == null ? sample : sample.within(0, terms);
  }

  private static Failure unbroadcast(String name, Function<Variable[], Variable> call) {
    return Failure.of(
        name + ": shapes do not broadcast, [2, 3] and [4]", call, normal(2, 3), normal(4));
  }

  private static void functions(List<Entry> all) {
    all.add(unary("exp", x -> Ops.exp(x[0]), Sample.Values.NORMAL, 2).entry());
    all.add(unary("log", x -> Ops.log(x[0]), Sample.Values.POSITIVE, 2).entry());
    all.add(unary("sqrt", x -> Ops.sqrt(x[0]), Sample.Values.POSITIVE, 2).entry());
    all.add(unary("rsqrt", x -> Ops.rsqrt(x[0]), Sample.Values.POSITIVE, 2).entry());
    all.add(unary("square", x -> Ops.square(x[0]), Sample.Values.NORMAL, 2).entry());
    all.add(unary("reciprocal", x -> Ops.reciprocal(x[0]), Sample.Values.NO_ZERO, 2).entry());
    for (double p : new double[] {2, 0.5, -1, 3, 2.5, -0.7}) {
      all.add(unary("pow(" + p + ")", x -> Ops.pow(x[0], p), Sample.Values.POSITIVE, 2).entry());
    }
    all.add(unary("abs", x -> Ops.abs(x[0]), Sample.Values.NO_ZERO, 2).entry());
    all.add(unary("sign", x -> Ops.sign(x[0]), Sample.Values.NO_ZERO, 0).entry());
    all.add(unary("step", x -> Ops.step(x[0], 0.1), Sample.Values.NO_ZERO, 0).entry());
    all.add(
        unary("clamp", x -> Ops.clamp(x[0], -0.1, 0.15), Sample.Values.NO_ZERO, 2)
            .failing("clamp: low 2.0 is above high 1.0", x -> Ops.clamp(x[0], 2, 1))
            .entry());
    all.add(unary("sin", x -> Ops.sin(x[0]), Sample.Values.NORMAL, 2).withoutLargest().entry());
    all.add(unary("cos", x -> Ops.cos(x[0]), Sample.Values.NORMAL, 2).withoutLargest().entry());
    all.add(unary("tanh", x -> Ops.tanh(x[0]), Sample.Values.NORMAL, 2).entry());
    all.add(unary("sigmoid", x -> Ops.sigmoid(x[0]), Sample.Values.NORMAL, 2).entry());
    all.add(unary("softplus", x -> Ops.softplus(x[0]), Sample.Values.NORMAL, 2).entry());
    all.add(unary("relu", x -> Ops.relu(x[0]), Sample.Values.NO_ZERO, 2).entry());
    all.add(unary("leakyRelu", x -> Ops.leakyRelu(x[0], 0.2), Sample.Values.NO_ZERO, 2).entry());
  }

  private static UnaryEntry unary(
      String name, Function<Variable[], Variable> call, Sample.Values values, int order) {
    return new UnaryEntry(name, call, values, order);
  }

  /** The entry of an op of one input in the making. */
  private static final class UnaryEntry {
    private final String name;
    private final Function<Variable[], Variable> call;
    private final List<Sample> samples = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();

    UnaryEntry(String name, Function<Variable[], Variable> call, Sample.Values values, int order) {
      this.name = name;
      this.call = call;
      for (int size : SIZES) {
        add(Sample.of("size " + size, call, new Sample.Input(Shape.of(size), values, 0)), order);
      }
      add(Sample.of("rank 3", call, new Sample.Input(Shape.of(2, 3, 4), values, 0)), order);
      add(Sample.of("scalar", call, new Sample.Input(Shape.SCALAR, values, 0)), order);
      add(Sample.of("empty", call, new Sample.Input(Shape.of(0, 3), values, 0)), order);
      add(Sample.of("parallel", call, new Sample.Input(Shape.of(50_001), values, 0)), order);
      add(Sample.of("special", call, special(Sample.SPECIAL_COUNT)), 0);
    }

    private void add(Sample sample, int order) {
      samples.add(order == 0 ? sample.constant() : sample);
    }

    UnaryEntry within(Function<Variable[], Variable> terms) {
      samples.replaceAll(s -> s.within(0, terms));
      return this;
    }

    /** Leaves out the special values beyond the stated domain of sine and cosine. */
    UnaryEntry withoutLargest() {
      samples.removeIf(s -> s.label().equals("special"));
      samples.add(Sample.of("special", call, special(Sample.SPECIAL_COUNT - 3)).constant());
      return this;
    }

    UnaryEntry failing(String message, Function<Variable[], Variable> bad) {
      failures.add(Failure.of(message, bad, normal(3)));
      return this;
    }

    Entry entry() {
      failures.add(
          Failure.of(
              name.replaceAll("\\(.*", "") + ": [3] is INT32, expected REAL", call, index(5, 3)));
      return new Entry(name, List.copyOf(samples), List.copyOf(failures));
    }
  }
}
