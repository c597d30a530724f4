package dev.troupe.autograd.ops;

import static dev.troupe.autograd.ops.Sample.Input.normal;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Entry.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Entries of matrix products. */
final class ProductCatalogue {
  private ProductCatalogue() {}

  static void addTo(List<Entry> all) {
    products(all);
  }

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
}
