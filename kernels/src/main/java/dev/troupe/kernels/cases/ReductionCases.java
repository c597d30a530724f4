package dev.troupe.kernels.cases;

import static java.lang.Math.abs;

import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cases.Inputs.Real;
import dev.troupe.kernels.cases.PrimitiveCases.Bound;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import java.util.List;
import java.util.function.Function;

/** Samples of sums and extremes. */
final class ReductionCases extends CaseFamily {
  static List<Case> all() {
    ReductionCases family = new ReductionCases();
    family.reductions();
    return family.cases();
  }

  /** Lines in which the extremes are at other places each, evenly spread. */
  private static double[] planted(int[] s, boolean largest, int first) {
    double[] values = new double[product(s)];
    int lines = s[0] * s[2];
    for (int line = 0; line < lines; line++) {
      int place = (first + line * s[1] / lines) % s[1];
      values[(line / s[2] * s[1] + place) * s[2] + line % s[2]] = largest ? 1 + line : -1 - line;
    }
    return values;
  }

  private void reductions() {
    List<int[]> sums = lines();
    sums.add(new int[] {3, 0, 4});
    sums.add(new int[] {1, 70_001, 1});
    sums.add(new int[] {2, 5_003, 3});
    for (int[] s : sums) {
      sum(s, 1, "", in -> in.normal(product(s)));
      sum(s, -0.37f, "shifted", in -> in.normal(product(s), 5, 1));
    }
    // Where most is 0, one term missing or taken twice shows in a long sum, too.
    for (int[] s : new int[][] {{2, 9000, 1}, {1, 3000, 3}, {3, 500, 1}, {3, 30, 7}}) {
      sum(s, 1, "sparse", in -> in.real(sparse(in, product(s))));
    }
    for (int n : new int[] {31, 33, 127}) {
      int[] s = {40, n, 1};
      sum(s, 1, "strewn", in -> in.strewn(product(s), 1, 2, 3, -INF, INF, NAN, 1e30, 1e-40));
      int[] t = {2, n, 40};
      sum(t, 1, "strewn", in -> in.strewn(product(t), 1, 2, 3, -INF, INF, NAN, 1e30, 1e-40));
    }
    int[][] spread = {
      {40, 9000, 1},
      {64, 1000, 1},
      {2, 3000, 33},
      {50, 7, 1},
      {3, 31, 20},
      {1, 80_000, 1},
      {1, 9000, 33},
      {1, 125_000, 1}, // so many chunks that a lane has four
      {3, 2000, 33}, // eight chunks, and eleven
      {3, 2800, 33},
      {3, 100, 1},
      {7, 60, 1},
      {5, 29, 3}
    };
    for (int[] s : spread) {
      for (boolean largest : new boolean[] {true, false}) {
        extreme(s, largest, "planted", in -> in.real(planted(s, largest, in.random.nextInt(7))));
      }
    }
    for (int[] s : lines()) {
      for (boolean largest : new boolean[] {true, false}) {
        extreme(s, largest, "normal", in -> in.normal(product(s)));
        extreme(
            s,
            largest,
            "ties",
            in -> {
              double[] ties = new double[product(s)];
              for (int i = 0; i < ties.length; i++) {
                ties[i] = in.random.nextInt(4) - 2;
                ties[i] = ties[i] == 0 && in.random.nextBoolean() ? -0.0 : ties[i];
              }
              return in.real(ties);
            });
        extreme(s, largest, "strewn", in -> in.strewn(product(s), 0, -0.0, INF, -INF, 1e-40));
        extreme(s, largest, "NaN", in -> in.strewn(product(s), NAN, INF, -INF, 0, -0.0, 1, 2));
        extreme(
            s,
            largest,
            "infinite",
            in -> {
              double[] same = new double[product(s)];
              java.util.Arrays.fill(same, largest ? -INF : INF);
              return in.real(same);
            });
      }
    }
  }

  /**
   * Normal numbers at multiples of 64, where rounds of threads begin, and zeros between: a round
   * that takes its neighbours' elements loses just its first one.
   */
  private static double[] sparse(Inputs in, int size) {
    double[] values = new double[size];
    for (int i = 0; i < size; i += 64) {
      values[i] = in.random.nextGaussian();
    }
    return values;
  }

  private void sum(int[] s, double scale, String label, Function<Inputs, Real> input) {
    add(
        Primitive.Sum.class,
        java.util.Arrays.toString(s) + " " + label,
        in -> {
          Real x = input.apply(in);
          int inner = s[2];
          Bound bound =
              new Bound(
                  s[1],
                  (i, y) ->
                      abs(scale)
                          * sum(s[1], r -> abs(x.at((i / inner * s[1] + r) * inner + i % inner))));
          return sample(
              new Primitive.Sum(s[0], s[1], s[2], scale, x.buffer(), in.out(s[0] * s[2])), bound);
        });
  }

  private void extreme(int[] s, boolean largest, String label, Function<Inputs, Real> x) {
    add(
        Primitive.Extreme.class,
        (largest ? "max " : "min ") + java.util.Arrays.toString(s) + " " + label,
        in -> {
          int results = s[0] * s[2];
          return sample(
              new Primitive.Extreme(
                  largest,
                  s[0],
                  s[1],
                  s[2],
                  x.apply(in).buffer(),
                  in.out(results),
                  in.outInt32(results)),
              EXACT,
              EXACT);
        });
  }
}
