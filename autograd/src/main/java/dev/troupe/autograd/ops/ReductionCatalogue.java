package dev.troupe.autograd.ops;

import static dev.troupe.autograd.ops.Sample.Input.distinct;
import static dev.troupe.autograd.ops.Sample.Input.normal;
import static dev.troupe.autograd.ops.Sample.Input.special;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Entry.Failure;
import dev.troupe.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Entries of reductions. */
final class ReductionCatalogue {
  private ReductionCatalogue() {}

  static void addTo(List<Entry> all) {
    reductions(all);
  }

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
}
