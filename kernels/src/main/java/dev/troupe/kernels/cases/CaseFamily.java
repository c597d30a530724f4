package dev.troupe.kernels.cases;

import static java.lang.Math.abs;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cases.Inputs.Real;
import dev.troupe.kernels.cases.PrimitiveCases.Bound;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.cases.PrimitiveCases.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What the samples of a family of primitives are put together with. */
abstract class CaseFamily {
  static final double NAN = Double.NaN;
  static final double INF = Double.POSITIVE_INFINITY;

  /** The last three end in each other quarter of the 1024 elements that a GPU's block may take. */
  static final int[] SIZES = {0, 1, 3, 31, 33, 127, 1025, 300, 700, 900};

  static final double[] SPECIAL = {
    NAN,
    INF,
    -INF,
    0,
    -0.0,
    1,
    -1,
    0.5,
    -2,
    3.75,
    100,
    -100,
    1e30,
    -1e30,
    1e-40,
    -1e-40,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    -Float.MIN_NORMAL
  };
  // Squares and products of these stay within float32, so that only the result can overflow.
  static final double[] MODEST = {
    NAN, INF, -INF, 0, -0.0, 1, -1, 0.5, -2, 100, -100, 1e-40, -1e-40, Float.MIN_VALUE
  };

  static final Bound EXACT = null;

  /** A few roundings, each of the size of the result. */
  static final Bound RELATIVE = new Bound(0, (i, y) -> abs(y));

  private final List<Case> cases = new ArrayList<>();

  /** All samples so far. */
  final List<Case> cases() {
    return cases;
  }

  final void add(Class<?> kind, String label, Function<Inputs, Sample> build) {
    cases.add(new Case(kind, label, build));
  }

  static Sample sample(Primitive primitive, Bound... bounds) {
    return new Sample(primitive, java.util.Arrays.asList(bounds));
  }

  static double sum(int n, java.util.function.IntToDoubleFunction f) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += f.applyAsDouble(i);
    }
    return sum;
  }

  static int product(int[] sizes) {
    int product = 1;
    for (int size : sizes) {
      product *= size;
    }
    return product;
  }

  static List<int[]> lines() {
    List<int[]> lines = new ArrayList<>(List.of(new int[] {3, 4, 0}, new int[] {0, 4, 3}));
    for (int n : SIZES) {
      if (n > 0) {
        lines.add(new int[] {1, n, 1});
        lines.add(new int[] {5, n, 1});
        lines.add(new int[] {1, n, 33});
        lines.add(new int[] {3, n, 7});
        lines.add(new int[] {n, 3, 2});
        lines.add(new int[] {2, 5, n});
        lines.add(new int[] {n, 4, 1});
      }
    }
    return lines;
  }

  static List<Buffer> buffers(List<Real> reals) {
    return reals.stream().map(Real::buffer).toList();
  }
}
