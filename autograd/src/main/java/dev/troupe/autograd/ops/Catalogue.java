package dev.troupe.autograd.ops;

import static dev.troupe.autograd.ops.Sample.Input.distinct;
import static dev.troupe.autograd.ops.Sample.Input.index;
import static dev.troupe.autograd.ops.Sample.Input.mask;
import static dev.troupe.autograd.ops.Sample.Input.noZero;
import static dev.troupe.autograd.ops.Sample.Input.normal;
import static dev.troupe.autograd.ops.Sample.Input.positive;
import static dev.troupe.autograd.ops.Sample.Input.special;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Entry.Failure;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Every op, with samples that are awkward on purpose. Tests and the check of a GPU walk through
 * this list, so that no op escapes them; an op that is not in it does not exist.
 */
public final class Catalogue {
  private static final int[] SIZES = {1, 3, 31, 33, 127, 1025};

  private Catalogue() {}

  /** All entries, in the order of {@link Ops}. */
  public static List<Entry> entries() {
    List<Entry> all = new ArrayList<>();
    arithmetic(all);
    functions(all);
    reductions(all);
    layout(all);
    indexing(all);
    products(all);
    layers(all);
    ImageCatalogue.addTo(all);
    random(all);
    return all;
  }

  // ---------------------------------------------------------------- arithmetic

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

  // ---------------------------------------------------------------- functions of one element

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

  // ---------------------------------------------------------------- reductions

  private static void reductions(List<Entry> all) {
    all.add(reduction("sum", (x, axes) -> Ops.sum(x, axes), true));
    all.add(reduction("sumKeep", (x, axes) -> Ops.sumKeep(x, axes), true));
    all.add(reduction("mean", (x, axes) -> Ops.mean(x, axes), true));
    all.add(reduction("variance", (x, axes) -> Ops.variance(x, axes), true));
    all.add(reduction("norm", (x, axes) -> Ops.norm(x, axes), true));
    all.add(reduction("amax", (x, axes) -> Ops.amax(x, axes), false));
    all.add(reduction("amin", (x, axes) -> Ops.amin(x, axes), false));
    all.add(reduction("argmax", (x, axes) -> Ops.argmax(x, axes), false));
  }

  private interface Reduction {
    Variable apply(Variable x, int... axes);
  }

  private static Entry reduction(String name, Reduction op, boolean adds) {
    int[][][] cases = { // shape, axes
      {{1}, {}},
      {{3}, {0}},
      {{31}, {0}},
      {{33}, {}},
      {{127, 3}, {0}},
      {{3, 127}, {1}},
      {{2, 33, 31}, {1}},
      {{2, 3, 5}, {0, 1}},
      {{2, 3, 5}, {0, 2}},
      {{2, 3, 4, 5}, {1, 3}},
      {{2, 3, 5}, {-1}},
      {{1025, 33}, {0}},
      {{33, 1025}, {-1}},
      {{70_001}, {}},
      {{5, 0}, {0}},
    };
    List<Sample> samples = new ArrayList<>();
    for (int[][] c : cases) {
      Shape shape = Shape.of(c[0]);
      Sample.Input input = adds ? normal(c[0]) : distinct(c[0]);
      Sample s =
          Sample.of(
              shape + " over " + java.util.Arrays.toString(c[1]), x -> op.apply(x[0], c[1]), input);
      samples.add(
          switch (name) {
            case "sum", "sumKeep", "mean" ->
                s.within(Reductions.count(name, shape, c[1]), x -> op.apply(Ops.abs(x[0]), c[1]));
            case "variance" ->
                s.within(
                    Reductions.count(name, shape, c[1]),
                    x ->
                        Ops.mean(
                            Ops.square(Ops.add(Ops.abs(x[0]), Ops.meanKeep(Ops.abs(x[0]), c[1]))),
                            c[1]));
            case "norm" -> s.within(Reductions.count(name, shape, c[1]), null);
            case "argmax" -> s.constant();
            default -> s;
          });
    }
    if (!name.equals("sum") && !name.equals("sumKeep") && !name.equals("norm")) {
      // Over nothing there is no mean, variance or extreme, but [5, 0] over axis 0 has results:
      // none.
      samples.removeIf(s -> s.label().startsWith("[5, 0]"));
    }
    if (!name.equals("variance") && !name.equals("norm")) {
      int n = Sample.SPECIAL_COUNT;
      Sample s = Sample.of("special", x -> op.apply(x[0], 0), special(n, 5)).constant();
      samples.add(adds ? s.within(n, x -> op.apply(Ops.abs(x[0]), 0)) : s);
      samples.add(
          Sample.of("special, one by one", x -> op.apply(x[0], 1), special(n, 1)).constant());
    }
    return Entry.of(
        name,
        samples,
        Failure.of(name + ": no axis 2 in [2, 3]", x -> op.apply(x[0], 2), normal(2, 3)),
        Failure.of(name + ": axis -1 twice in [1, -1]", x -> op.apply(x[0], 1, -1), normal(2, 3)));
  }

  // ---------------------------------------------------------------- layout

  private static void layout(List<Entry> all) {
    all.add(
        Entry.of(
            "reshape",
            List.of(
                Sample.of("flat", x -> Ops.reshape(x[0], Shape.of(12)), normal(3, 4)),
                Sample.of("scalar", x -> Ops.reshape(x[0], Shape.SCALAR), normal(1, 1))),
            Failure.of(
                "reshape: [3, 4] does not hold as many elements as [5]",
                x -> Ops.reshape(x[0], Shape.of(5)),
                normal(3, 4))));
    all.add(
        Entry.of(
            "permute",
            List.of(
                Sample.of("transpose", x -> Ops.permute(x[0], 1, 0), normal(3, 5)),
                Sample.of("middle", x -> Ops.permute(x[0], 0, 2, 1), normal(2, 33, 31)),
                Sample.of("rank 5", x -> Ops.permute(x[0], 4, 0, 3, 1, 2), normal(2, 1, 3, 2, 3)),
                Sample.of("identity", x -> Ops.permute(x[0], 0, 1), normal(127, 1025)),
                Sample.of("empty", x -> Ops.permute(x[0], 1, 0), normal(0, 5))),
            Failure.of(
                "permute: axes [0, 0] for [3, 5], expected each of its 2 once",
                x -> Ops.permute(x[0], 0, 0),
                normal(3, 5)),
            Failure.of(
                "permute: axes [0] for [3, 5], expected each of its 2 once",
                x -> Ops.permute(x[0], 0),
                normal(3, 5))));
    all.add(
        Entry.of(
            "broadcastTo",
            List.of(
                Sample.of("rows", x -> Ops.broadcastTo(x[0], Shape.of(4, 5)), normal(5)),
                Sample.of("columns", x -> Ops.broadcastTo(x[0], Shape.of(4, 33)), normal(4, 1)),
                Sample.of("scalar", x -> Ops.broadcastTo(x[0], Shape.of(2, 3)), normal()),
                Sample.of(
                    "middle", x -> Ops.broadcastTo(x[0], Shape.of(3, 127, 31)), normal(3, 1, 31))),
            Failure.of(
                "broadcastTo: [2, 3] does not repeat to [2, 1]",
                x -> Ops.broadcastTo(x[0], Shape.of(2, 1)),
                normal(2, 3)),
            Failure.of(
                "broadcastTo: shapes do not broadcast, [3] and [2, 4]",
                x -> Ops.broadcastTo(x[0], Shape.of(2, 4)),
                normal(3))));
    all.add(
        Entry.of(
            "concat",
            List.of(
                Sample.of("leading", x -> Ops.concat(0, x), normal(2, 3), normal(1, 3)),
                Sample.of(
                    "middle",
                    x -> Ops.concat(1, x),
                    normal(2, 3, 2),
                    normal(2, 1, 2),
                    normal(2, 4, 2)),
                Sample.of("last", x -> Ops.concat(-1, x), normal(33, 31), normal(33, 127)),
                Sample.of("empty part", x -> Ops.concat(0, x), normal(0, 3), normal(2, 3))),
            Failure.of(
                "concat: [2, 4] does not continue [2, 3] along axis 0",
                x -> Ops.concat(0, x),
                normal(2, 3),
                normal(2, 4)),
            Failure.of("concat: nothing to join", x -> Ops.concat(0))));
    all.add(
        Entry.of(
            "slice",
            List.of(
                Sample.of("leading", x -> Ops.slice(x[0], 0, 1, 3), normal(4, 3)),
                Sample.of("last", x -> Ops.slice(x[0], -1, 2, 3), normal(2, 2, 4)),
                Sample.of("middle", x -> Ops.slice(x[0], 1, 5, 31), normal(3, 33, 127)),
                Sample.of("nothing", x -> Ops.slice(x[0], 1, 2, 2), normal(3, 4))),
            Failure.of(
                "slice: no entries 2 to 5 along axis 0 of [4, 3]",
                x -> Ops.slice(x[0], 0, 2, 5),
                normal(4, 3))));
    all.add(
        Entry.of(
            "pad",
            List.of(
                Sample.of("leading", x -> Ops.pad(x[0], 0, 1, 4), normal(2, 3)),
                Sample.of("last", x -> Ops.pad(x[0], -1, 0, 4), normal(2, 3))),
            Failure.of(
                "pad: [2, 3] at 3 does not fit into 4 along axis 0",
                x -> Ops.pad(x[0], 0, 3, 4),
                normal(2, 3))));
    all.add(
        Entry.of(
            "split",
            List.of(
                Sample.of(
                    "parts",
                    x -> {
                      Variable[] parts = Ops.split(x[0], 1, 2, 1, 3);
                      return Ops.concat(1, parts[2], parts[0]);
                    },
                    normal(3, 6))),
            Failure.of(
                "split: parts add up to 5, expected 6 along axis 1 of [3, 6]",
                x -> Ops.split(x[0], 1, 2, 3)[0],
                normal(3, 6))));
  }

  // ---------------------------------------------------------------- indexing

  private static void indexing(List<Entry> all) {
    Function<Variable[], Variable> take = x -> Ops.takeAlong(x[0], x[1], 1);
    all.add(
        Entry.of(
            "takeAlong",
            List.of(
                Sample.of("last", take, normal(5, 4), index(4, 5)),
                Sample.of("middle", take, normal(2, 3, 4), index(3, 2, 4)),
                Sample.of("large", take, normal(33, 127, 31), index(127, 33, 31))),
            Failure.of(
                "takeAlong: index is [4], expected [5] for axis 1 of [5, 4]",
                take,
                normal(5, 4),
                index(4, 4)),
            Failure.of("takeAlong: [5] is REAL, expected INT32", take, normal(5, 4), normal(5))));
    Function<Variable[], Variable> put = x -> Ops.putAlong(x[0], x[1], 1, 3);
    all.add(
        Entry.of(
            "putAlong",
            List.of(
                Sample.of("last", put, normal(5), index(3, 5)),
                Sample.of("middle", put, normal(2, 4), index(3, 2, 4)),
                Sample.of("large", put, normal(33, 1025), index(3, 33, 1025))),
            Failure.of("putAlong: index is [4], expected [5]", put, normal(5), index(3, 4))));
    Function<Variable[], Variable> gather = x -> Ops.gather(x[0], x[1]);
    Function<Variable[], Variable> shared = x -> Ops.gatherShared(x[0], x[1]);
    all.add(
        Entry.of(
            "gather",
            List.of(
                Sample.of("each", gather, normal(2, 5, 3), index(5, 2, 4)),
                Sample.of("scalars", gather, normal(2, 5), index(5, 2, 4)),
                Sample.of("images", gather, normal(3, 33, 2, 5, 5), index(33, 3, 31))),
            Failure.of(
                "gather: table is [3, 5] for index [2, 4]", gather, normal(3, 5), index(5, 2, 4)),
            Failure.of(
                "gather: index is [4], expected [E, N]", gather, normal(2, 5), index(5, 4))));
    all.add(
        Entry.of(
            "gatherShared",
            List.of(
                Sample.of("shared", shared, normal(5, 3), index(5, 2, 4)),
                Sample.of("points", shared, normal(1025, 2), index(1025, 3, 127)))));
    all.add(
        Entry.of(
            "scatterAdd",
            List.of(
                Sample.of(
                        "each",
                        x -> Ops.scatterAdd(x[0], x[1], Shape.of(2, 5, 3)),
                        normal(2, 4, 3),
                        index(5, 2, 4))
                    .within(4, x -> Ops.scatterAdd(Ops.abs(x[0]), x[1], Shape.of(2, 5, 3))),
                Sample.of(
                        "shared",
                        x -> Ops.scatterAdd(x[0], x[1], Shape.of(7, 31)),
                        normal(3, 33, 31),
                        index(7, 3, 33))
                    .within(99, x -> Ops.scatterAdd(Ops.abs(x[0]), x[1], Shape.of(7, 31)))),
            Failure.of(
                "scatterAdd: rows are [2, 4, 3] at index [2, 4] for a table [2, 5, 2]",
                x -> Ops.scatterAdd(x[0], x[1], Shape.of(2, 5, 2)),
                normal(2, 4, 3),
                index(5, 2, 4))));
    all.add(
        Entry.of(
            "oneHot",
            List.of(Sample.of("labels", x -> Ops.oneHot(x[0], 10), index(10, 3, 7)).constant()),
            Failure.of(
                "oneHot: 0 classes, expected 1 or more", x -> Ops.oneHot(x[0], 0), index(10, 3)),
            Failure.of(
                "oneHot: [3] is REAL, expected INT32", x -> Ops.oneHot(x[0], 10), normal(3))));
  }

  // ---------------------------------------------------------------- products

  private static void products(List<Entry> all) {
    List<Sample> samples = new ArrayList<>();
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        int[][] cases = { // batch, m, n, k
          {2, 3, 4, 5},
          {1, 1, 1, 1},
          {2, 1, 3, 2},
          {3, 31, 33, 127},
          {1, 33, 1, 31},
          {2, 100, 2, 40},
          {1, 127, 129, 1025},
          {2, 3, 4, 0},
        };
        for (int[] c : cases) {
          int[] a = ta ? new int[] {c[0], c[3], c[1]} : new int[] {c[0], c[1], c[3]};
          int[] b = tb ? new int[] {c[0], c[2], c[3]} : new int[] {c[0], c[3], c[2]};
          samples.add(product(ta, tb, c[3], normal(a), normal(b)));
        }
        samples.add(product(ta, tb, 3, normal(3, 3), normal(2, 3, 3)));
        samples.add(product(ta, tb, 3, normal(2, 3, 3), normal(3, 3)));
        samples.add(product(ta, tb, 4, normal(4, 4), normal(4, 4)));
        samples.add(product(ta, tb, 2, normal(2, 3, 2, 2), normal(2, 3, 2, 2)));
      }
    }
    Function<Variable[], Variable> matmul = x -> Ops.matmul(x[0], x[1]);
    all.add(
        Entry.of(
            "matmul",
            samples,
            Failure.of(
                "matmul: inner sizes differ, [8, 100, 2] x [8, 3, 400]",
                matmul,
                normal(8, 100, 2),
                normal(8, 3, 400)),
            Failure.of(
                "matmul: inner sizes differ, [2, 3]ᵀ x [3, 2]",
                x -> Ops.matmul(x[0], x[1], true, false),
                normal(2, 3),
                normal(3, 2)),
            Failure.of(
                "matmul: batch axes differ, [2, 3, 4] x [3, 4, 5]",
                matmul,
                normal(2, 3, 4),
                normal(3, 4, 5)),
            Failure.of(
                "matmul: expected matrices, got [3] x [3, 4]", matmul, normal(3), normal(3, 4))));
    Function<Variable[], Variable> linear = x -> Ops.linear(x[0], x[1], x[2]);
    Function<Variable[], Variable> terms =
        x -> Ops.linear(Ops.abs(x[0]), Ops.abs(x[1]), Ops.abs(x[2]));
    all.add(
        Entry.of(
            "linear",
            List.of(
                Sample.of("small", linear, normal(2, 3, 4), normal(2, 4, 5), normal(2, 5))
                    .within(4, terms),
                Sample.of("layer", linear, normal(3, 33, 31), normal(3, 31, 127), normal(3, 127))
                    .within(31, terms),
                Sample.of(
                        "without bias",
                        x -> Ops.linear(x[0], x[1], null),
                        normal(2, 3, 4),
                        normal(2, 4, 1))
                    .within(4, x -> Ops.matmul(Ops.abs(x[0]), Ops.abs(x[1]))),
                activated(0.2, normal(2, 3, 4), normal(2, 4, 5), normal(2, 5)),
                activated(0.2, normal(2, 1, 9), normal(2, 9, 3), normal(2, 3)),
                activated(0, normal(3, 33, 31), normal(3, 31, 127), normal(3, 127)),
                activated(0.5, normal(2, 9, 4), normal(2, 4, 2))),
            Failure.of(
                "linear: inner sizes differ, [2, 3, 4] x [2, 5, 4]",
                linear,
                normal(2, 3, 4),
                normal(2, 5, 4),
                normal(2, 4)),
            Failure.of(
                "linear: bias is [2, 4], expected [2, 5]",
                linear,
                normal(2, 3, 4),
                normal(2, 4, 5),
                normal(2, 4))));
  }

  /** A dense layer with an activation; x, weight and perhaps a bias. */
  private static Sample activated(double slope, Sample.Input... in) {
    String label = "slope " + slope + in[0].shape() + in[1].shape();
    return Sample.of(label, x -> Ops.linear(x[0], x[1], x.length == 3 ? x[2] : null, slope), in)
        .within(
            in[0].shape().dim(-1),
            x -> Ops.linear(Ops.abs(x[0]), Ops.abs(x[1]), x.length == 3 ? Ops.abs(x[2]) : null));
  }

  private static Sample product(boolean ta, boolean tb, int k, Sample.Input a, Sample.Input b) {
    String label = (ta ? "t" : "n") + (tb ? "t" : "n") + a.shape() + b.shape();
    return Sample.of(label, x -> Ops.matmul(x[0], x[1], ta, tb), a, b)
        .within(k, x -> Ops.matmul(Ops.abs(x[0]), Ops.abs(x[1]), ta, tb));
  }

  // ---------------------------------------------------------------- layers and losses

  private static void layers(List<Entry> all) {
    all.add(
        Entry.of(
            "maxout",
            List.of(
                Sample.of("small", x -> Ops.maxout(x[0], 3), distinct(2, 2, 6)),
                Sample.of("layer", x -> Ops.maxout(x[0], 5), distinct(2, 33, 155))),
            Failure.of(
                "maxout: [2, 7] does not divide into 5 pieces",
                x -> Ops.maxout(x[0], 5),
                normal(2, 7))));
    all.add(
        Entry.of(
            "linearMaxout",
            List.of(
                linearMaxout(2, 2, 3, 2, 3),
                linearMaxout(1, 5, 70, 3, 4),
                linearMaxout(2, 33, 127, 19, 5),
                linearMaxout(1, 3, 113, 2, 4)),
            Failure.of(
                "linearMaxout: weight [2, 4, 7] does not divide into 5 pieces",
                x -> Ops.linearMaxout(x[0], x[1], x[2], 5),
                normal(2, 3, 4),
                normal(2, 4, 7),
                normal(2, 7)),
            Failure.of(
                "linearMaxout: expected x [E, N, in] and weight [E, in, pieces · units], got [3, 4]"
                    + " and [4, 6]",
                x -> Ops.linearMaxout(x[0], x[1], x[2], 3),
                normal(3, 4),
                normal(4, 6),
                normal(6)),
            Failure.of(
                "linearMaxout: weight is [2, 5, 6] and bias [2, 4], expected [2, 4, 6] and [2, 6]"
                    + " for x [2, 3, 4]",
                x -> Ops.linearMaxout(x[0], x[1], x[2], 3),
                normal(2, 3, 4),
                normal(2, 5, 6),
                normal(2, 4))));
    Function<Variable[], Variable> softmax = x -> Ops.softmax(x[0]);
    Function<Variable[], Variable> logSoftmax = x -> Ops.logSoftmax(x[0]);
    Function<Variable[], Variable> logTerms =
        x -> Ops.add(Ops.abs(Ops.logSoftmax(x[0])), Ops.add(Ops.abs(x[0]), 1));
    // e^x turns an absolute error of x into a relative one.
    Function<Variable[], Variable> expTerms =
        x -> Ops.mul(Ops.softmax(x[0]), Ops.add(Ops.abs(x[0]), 1));
    List<Sample> soft = new ArrayList<>();
    List<Sample> logs = new ArrayList<>();
    for (int[] s : new int[][] {{1}, {3}, {2, 5}, {33, 10}, {3, 1025}, {127, 31}}) {
      int k = s[s.length - 1];
      soft.add(Sample.of("softmax", softmax, normal(s)).within(k, expTerms));
      logs.add(Sample.of("logSoftmax", logSoftmax, normal(s)).within(k, logTerms));
    }
    soft.add(
        Sample.of("far apart", x -> Ops.softmax(Ops.mul(x[0], 100)), normal(4, 5))
            .within(5, x -> Ops.add(Ops.mul(Ops.softmax(Ops.mul(x[0], 100)), 1000), 1e-30)));
    all.add(
        Entry.of(
            "softmax",
            soft,
            Failure.of("softmax: expected at least one axis, got []", softmax, normal())));
    all.add(Entry.of("logSoftmax", logs));
    for (double slope : new double[] {1, 0, 0.2}) {
      Function<Variable[], Variable> call = x -> Ops.batchNorm(x[0], x[1], x[2], 1e-4, slope);
      List<Sample> samples = new ArrayList<>();
      for (int[] s :
          new int[][] {{1, 4, 3}, {2, 5, 2}, {2, 100, 33}, {2, 3, 2, 2, 2}, {1, 31, 3, 5, 7}}) {
        Sample.Input stats = positive(s[0], s[2]);
        int n = s[1] * (s.length == 5 ? s[3] * s[4] : 1);
        samples.add(
            Sample.of("slope " + slope + Shape.of(s), call, normal(s), stats, noZero(s[0], s[2]))
                .within(n, Catalogue::batchNormTerms));
      }
      samples.add(
          Sample.of(
                  "running, slope " + slope,
                  x -> Ops.batchNorm(x[0], x[1], x[2], 1e-4, slope, running(2, 3)),
                  normal(2, 31, 3),
                  positive(2, 3),
                  noZero(2, 3))
              .within(31, Catalogue::batchNormTerms));
      all.add(
          Entry.of(
              "batchNorm(slope " + slope + ")",
              samples,
              Failure.of(
                  "batchNorm: gamma is [2, 3] and beta [2, 2], expected [2, 2] for [2, 5, 2]",
                  call,
                  normal(2, 5, 2),
                  normal(2, 3),
                  normal(2, 2)),
              Failure.of(
                  "batchNorm: expected [E, N, C, …], got [5, 2]",
                  call,
                  normal(5, 2),
                  normal(2),
                  normal(2)),
              Failure.of(
                  "batchNorm: running statistics are [2, 3] and [2, 3], expected [2, 2] for [2, 5,"
                      + " 2]",
                  x -> Ops.batchNorm(x[0], x[1], x[2], 1e-4, slope, running(2, 3)),
                  normal(2, 5, 2),
                  normal(2, 2),
                  normal(2, 2))));
    }
    all.add(
        Entry.of(
            "batchNormWith",
            List.of(
                Sample.of(
                        "evaluation",
                        x -> Ops.batchNormWith(x[0], x[1], x[2], x[3], x[4], 1e-4, 0.2),
                        normal(2, 5, 3),
                        normal(2, 3),
                        noZero(2, 3),
                        normal(2, 3),
                        positive(2, 3))
                    .within(
                        4,
                        x ->
                            Ops.batchNormWith(
                                Ops.abs(x[0]),
                                Ops.abs(x[1]),
                                Ops.abs(x[2]),
                                Ops.neg(Ops.abs(x[3])),
                                x[4],
                                1e-4,
                                1)))));
    Function<Variable[], Variable> ce = x -> Ops.crossEntropy(x[0], x[1]);
    all.add(
        Entry.of(
            "crossEntropy",
            List.of(
                Sample.of("rows", ce, normal(3, 4), index(4, 3))
                    .within(4, x -> Ops.add(Ops.amax(Ops.abs(x[0]), -1), 2)),
                Sample.of("batch", ce, normal(2, 33, 10), index(10, 2, 33))
                    .within(10, x -> Ops.add(Ops.amax(Ops.abs(x[0]), -1), 3))),
            Failure.of(
                "crossEntropy: labels are [4], expected one for each row of logits [3, 4]",
                ce,
                normal(3, 4),
                index(4, 4)),
            Failure.of("crossEntropy: [3] is REAL, expected INT32", ce, normal(3, 4), normal(3))));
    all.add(
        Entry.of(
            "logisticLoss",
            List.of(
                logisticLoss(new double[] {1}, 3, 7, 1),
                logisticLoss(new double[] {1, 0}, 2, 200, 1),
                logisticLoss(new double[] {0, 0.9, 0.1}, 1, 33, 3),
                logisticLoss(new double[] {0, 1, 0.5, 1}, 2, 4)),
            Failure.of(
                "logisticLoss: 5 targets, expected 1 to 4",
                x -> Ops.logisticLoss(x[0], 1, 1, 1, 1, 1),
                normal(2, 5)),
            Failure.of(
                "logisticLoss: [2, 5, 1] does not divide into 2 parts along axis 1",
                x -> Ops.logisticLoss(x[0], 1, 0),
                normal(2, 5, 1)),
            Failure.of(
                "logisticLoss: nothing to take the mean of in [2, 5, 0]",
                x -> Ops.logisticLoss(x[0], 1),
                normal(2, 5, 0))));
    Function<Variable[], Variable> bce = x -> Ops.binaryCrossEntropyWithLogits(x[0], x[1]);
    all.add(
        Entry.of(
            "binaryCrossEntropyWithLogits",
            List.of(
                Sample.of("targets", bce, normal(2, 7), mask(2, 7))
                    .within(0, x -> Ops.add(Ops.abs(x[0]), 1)),
                Sample.of("one target", bce, normal(33, 127), mask())
                    .within(0, x -> Ops.add(Ops.abs(x[0]), 1))),
            Failure.of(
                "binaryCrossEntropyWithLogits: shapes do not broadcast, [2, 7] and [2, 6]",
                bce,
                normal(2, 7),
                mask(2, 6))));
    all.add(
        Entry.of(
            "dropout",
            List.of(
                Sample.of(
                    "rate 0.5", x -> Ops.dropout(x[0], 0.5, rng(2), "dropout"), normal(2, 13))),
            Failure.of(
                "dropout: rate is 1.0, expected 0 up to 1",
                x -> Ops.dropout(x[0], 1, rng(2), "dropout"),
                normal(2, 3))));
  }

  private static RunningStatistics running(int... shape) {
    Scope scope = Scope.current();
    return new RunningStatistics(scope.zeros(Shape.of(shape)), scope.zeros(Shape.of(shape)), 0.1);
  }

  private static Sample logisticLoss(double[] targets, int... shape) {
    return Sample.of(
            "targets " + java.util.Arrays.toString(targets) + " for " + Shape.of(shape),
            x -> Ops.logisticLoss(x[0], targets),
            normal(shape))
        .within(Shape.of(shape).product(1, shape.length), null);
  }

  /** A layer of linear maxout, far enough from ties for central differences. */
  private static Sample linearMaxout(int members, int batch, int in, int units, int pieces) {
    return Sample.of(
            "layer " + Shape.of(members, batch, in) + " to " + pieces + " x " + units,
            x -> Ops.linearMaxout(x[0], x[1], x[2], pieces),
            normal(members, batch, in),
            normal(members, in, pieces * units),
            distinct(members, pieces * units))
        .within(
            in, x -> Ops.maxout(Ops.linear(Ops.abs(x[0]), Ops.abs(x[1]), Ops.abs(x[2])), pieces));
  }

  /** Σ|terms| of batch normalisation: the parts that subtract are added instead. */
  private static Variable batchNormTerms(Variable[] x) {
    Shape s = x[0].shape();
    int[] axes = s.rank() == 3 ? new int[] {1} : new int[] {1, 3, 4};
    Variable mean = Ops.meanKeep(x[0], axes);
    Variable variance = Ops.meanKeep(Ops.square(Ops.sub(x[0], mean)), axes);
    Variable magnitude = Ops.add(Ops.abs(x[0]), Ops.meanKeep(Ops.abs(x[0]), axes));
    Variable z = Ops.mul(magnitude, Ops.rsqrt(Ops.add(variance, 1e-4)));
    return Ops.add(
        Ops.mul(z, Normalisation.perChannel(Ops.abs(x[1]), s)),
        Normalisation.perChannel(Ops.abs(x[2]), s));
  }

  // ---------------------------------------------------------------- random numbers

  private static void random(List<Entry> all) {
    all.add(drawn("uniform", r -> r.uniform("s", Shape.of(3, 31, 5), -2, 3), 3));
    all.add(drawn("normal", r -> r.normal("s", Shape.of(3, 1025), 1, 2), 3));
    all.add(drawn("truncatedNormal", r -> r.truncatedNormal("s", Shape.of(3, 127), 0, 0.02), 0.04));
    all.add(drawn("bernoulli", r -> r.bernoulli("s", Shape.of(3, 33), 0.3), 1));
    all.add(drawn("integers", r -> r.integers("s", Shape.of(3, 33), 1000), 1));
    all.add(drawn("permutation", r -> r.permutation("s", 1025), 1));
    all.add(drawn("shuffledBatch", r -> r.shuffledBatch("s", 1000, 33), 1));
  }

  private static Rng rng(int members) {
    return new Rng(Scope.current(), 0x5eed_1234_5678L, Rng.firstMembers(members));
  }

  private static Entry drawn(String name, Function<Rng, Tensor> draw, double scale) {
    Function<Variable[], Variable> call =
        x -> {
          Rng rng = new Rng(Scope.current(), 0x5eed_1234_5678L, 0, 7, 2);
          for (int i = 0; i < 40; i++) {
            rng.nextStep();
          }
          return Variable.constant(draw.apply(rng));
        };
    // Box–Muller amplifies the rounding of its logarithm: the bound is on the scale of the
    // distribution.
    Sample sample =
        Sample.of("step 40", call)
            .constant()
            .within(
                8,
                x -> {
                  Variable y = call.apply(x);
                  return y.tensor().type() == dev.troupe.kernels.ElementType.INT32
                      ? y
                      : Ops.add(Ops.abs(y), scale);
                });
    return Entry.of(name, List.of(sample));
  }
}
