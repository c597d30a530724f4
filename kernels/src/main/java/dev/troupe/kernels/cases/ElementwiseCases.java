package dev.troupe.kernels.cases;

import static java.lang.Math.abs;

import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.cases.Inputs.Real;
import dev.troupe.kernels.cases.PrimitiveCases.Bound;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.cases.PrimitiveCases.Sample;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Samples of fills, copies and functions of elements, with broadcasts. */
final class ElementwiseCases extends CaseFamily {
  static List<Case> all() {
    ElementwiseCases family = new ElementwiseCases();
    family.fillsAndCopies();
    family.maps();
    family.zips();
    family.selects();
    return family.cases();
  }

  private void fillsAndCopies() {
    for (int n : SIZES) {
      for (double value : new double[] {0.1, -2.75, NAN, INF}) {
        String label = value + " to " + n;
        add(Primitive.Fill.class, label, in -> sample(new Primitive.Fill(value, in.out(n)), EXACT));
        add(
            Primitive.Fill.class,
            label + " INT32",
            in -> sample(new Primitive.Fill(value, in.outInt32(n)), EXACT));
      }
      add(
          Primitive.Copy.class,
          "" + n,
          in -> sample(new Primitive.Copy(in.strewn(n, SPECIAL).buffer(), in.out(n)), EXACT));
      add(
          Primitive.Copy.class,
          n + " to INT32",
          in -> {
            Real x = in.strewn(n, NAN, INF, -INF, 1e10, -1e10, -1.99, 12345.75);
            return sample(new Primitive.Copy(x.buffer(), in.outInt32(n)), EXACT);
          });
      add(
          Primitive.Copy.class,
          n + " from INT32",
          in -> sample(new Primitive.Copy(in.indices(n, 1 << 30), in.out(n)), EXACT));
      add(
          Primitive.Copy.class,
          n + " INT32",
          in -> sample(new Primitive.Copy(in.indices(n, 1 << 30), in.outInt32(n)), EXACT));
    }
  }

  private static final Set<Unary> EXACT_UNARY =
      EnumSet.of(
          Unary.ABS,
          Unary.SIGN,
          Unary.STEP,
          Unary.SQUARE,
          Unary.RECIPROCAL,
          Unary.SQRT,
          Unary.RELU,
          Unary.LEAKY_RELU,
          Unary.CLAMP,
          Unary.INSIDE);

  private void maps() {
    for (Unary f : Unary.values()) {
      for (int n : SIZES) {
        map(f, 0.25, 1.5, n + " normal", in -> in.normal(n, 0, 3));
        map(f, 0.25, 1.5, n + " strewn", in -> in.strewn(n, special(f)));
      }
      map(f, -0.5, 0.75, "special", in -> in.real(special(f)));
      map(f, 0.25, 1.5, "all magnitudes", in -> in.real(magnitudes(f)));
      add(
          Primitive.Map.class,
          f + " in place",
          in -> {
            Buffer x = in.normal(33).buffer();
            return sample(new Primitive.Map(f, 0.25, 1.5, x, x), bound(f));
          });
    }
    for (double p : new double[] {0, 1, 2, 3, -1, 0.5, -0.5, 2.2f, -7, 1001, INF, NAN}) {
      map(Unary.POW, p, 0, "p = " + p, in -> in.real(special(Unary.POW)));
      map(Unary.POW, p, 0, "p = " + p + " normal", in -> in.normal(127));
    }
  }

  private void map(Unary f, double p, double q, String label, Function<Inputs, Real> x) {
    add(
        Primitive.Map.class,
        f + " " + label,
        in -> {
          Real input = x.apply(in);
          Buffer y = in.out(input.v().length);
          return sample(new Primitive.Map(f, p, q, input.buffer(), y), bound(f));
        });
  }

  private static Bound bound(Unary f) {
    if (EXACT_UNARY.contains(f)) {
      return EXACT;
    }
    // Sine and cosine are as good as their reduced argument.
    return f == Unary.SIN || f == Unary.COS ? new Bound(0, (i, y) -> 1) : RELATIVE;
  }

  private static double[] special(Unary f) {
    return f == Unary.SIN || f == Unary.COS ? MODEST : SPECIAL;
  }

  /** Both signs of 1.37 times every power of two, as far as the function is defined. */
  private static double[] magnitudes(Unary f) {
    int largest = f == Unary.SIN || f == Unary.COS ? 17 : 127;
    double[] x = new double[2 * (largest + 150)];
    for (int e = -149; e <= largest; e++) {
      x[2 * (e + 149)] = Math.scalb(1.37, e);
      x[2 * (e + 149) + 1] = -Math.scalb(1.37, e);
    }
    return x;
  }

  private void zips() {
    for (Binary f : Binary.values()) {
      for (int n : SIZES) {
        int[] row = {n};
        zip(f, row, row, row, false);
        zip(f, row, row, row, true);
        zip(f, new int[] {3, n}, new int[] {n}, new int[] {3, 1}, true);
        zip(f, new int[] {3, n}, new int[] {3, n}, new int[] {1}, false);
        zip(f, new int[] {n, 2, 5}, new int[] {n, 1, 5}, new int[] {2, 1}, true);
        zip(f, new int[] {2, 3, 2, n}, new int[] {3, 1, n}, new int[] {2, 1, 2, 1}, false);
      }
      // No two axes merge, and no division is by a power of two or by 3, which needs no shift.
      int[] five = {2, 5, 7, 5, 12};
      int[] most = {2, 1, 7, 1, 12};
      int[] few = {5, 1, 5, 1};
      zip(f, five, most, few, false);
      zip(f, five, few, most, true);
      zip(f, new int[] {2, 5, 7, 5, 7}, new int[] {2, 1, 7, 1, 7}, few, false);
      int[] axes = {2, 3, 5, 3, 5, 3, 5};
      zip(f, axes, new int[] {2, 1, 5, 1, 5, 1, 5}, new int[] {3, 1, 3, 1, 3, 1}, true);
      add(
          Primitive.Zip.class,
          f + " of all pairs of special values",
          in -> {
            double[] as = special(f);
            int[] sizes = {as.length, as.length};
            return zip(
                f,
                in,
                sizes,
                in.real(as),
                new int[] {as.length, 1},
                in.real(as),
                new int[] {as.length});
          });
      add(
          Primitive.Zip.class,
          f + " in place",
          in -> {
            Real a = in.normal(99);
            Real b = in.normal(33);
            Broadcast by = Broadcast.of(new int[] {3, 33}, new int[] {3, 33}, new int[] {33});
            Bound bound = bound(f, 0.25, i -> a.at(i), i -> b.at(i % 33));
            return sample(
                new Primitive.Zip(f, 0.25, by, a.buffer(), b.buffer(), a.buffer()), bound);
          });
    }
  }

  private void zip(Binary f, int[] y, int[] a, int[] b, boolean strewn) {
    String label =
        f
            + " "
            + java.util.Arrays.toString(a)
            + " with "
            + java.util.Arrays.toString(b)
            + (strewn ? " strewn" : "");
    add(
        Primitive.Zip.class,
        label,
        in -> {
          Real left = strewn ? in.strewn(product(a), special(f)) : in.normal(product(a));
          Real right = strewn ? in.strewn(product(b), special(f)) : in.normal(product(b));
          return zip(f, in, y, left, a, right, b);
        });
  }

  private static Sample zip(
      Binary f, Inputs in, int[] y, Real a, int[] aSizes, Real b, int[] bSizes) {
    double p = 0.375;
    Broadcast by = Broadcast.of(y, aSizes, bSizes);
    Bound bound = bound(f, p, i -> a.at(source(by, 0, i)), i -> b.at(source(by, 1, i)));
    return sample(new Primitive.Zip(f, p, by, a.buffer(), b.buffer(), in.out(product(y))), bound);
  }

  private static double[] special(Binary f) {
    return switch (f) {
      case TANH_GRAD, SIGMOID_GRAD, LERP -> MODEST;
      default -> SPECIAL;
    };
  }

  private static Bound bound(
      Binary f,
      double p,
      java.util.function.IntToDoubleFunction a,
      java.util.function.IntToDoubleFunction b) {
    return switch (f) {
      case ADD, SUB, MUL, DIV, MIN, MAX, GREATER, GREATER_EQUAL, EQUAL -> EXACT;
      case RELU_GRAD, LEAKY_RELU_GRAD -> EXACT;
      case ADD_SCALED, SIGMOID_GRAD -> RELATIVE;
      case LERP ->
          new Bound(
              0,
              (i, y) -> {
                double ai = a.applyAsDouble(i);
                return abs(ai) + abs(p) * (abs(ai) + abs(b.applyAsDouble(i)));
              });
      case TANH_GRAD ->
          new Bound(0, (i, y) -> abs(a.applyAsDouble(i)) * (1 + Math.pow(b.applyAsDouble(i), 2)));
      // sigmoid may be a denormal, which is right to so many digits only
      case SOFTPLUS_GRAD ->
          new Bound(0, (i, y) -> abs(y) + abs(a.applyAsDouble(i)) * Float.MIN_NORMAL);
    };
  }

  private static int source(Broadcast by, int k, int i) {
    int at = 0;
    for (int d = by.sizes().length - 1; d >= 0; d--) {
      at += i % by.sizes()[d] * by.strides()[k][d];
      i /= by.sizes()[d];
    }
    return at;
  }

  private void selects() {
    for (int n : SIZES) {
      int[][][] shapes = {
        {{n}, {n}, {n}, {n}},
        {{3, n}, {3, 1}, {n}, {3, n}},
        {{3, n}, {n}, {1}, {3, 1}},
        {{2, n, 3}, {2, 1, 1}, {n, 1}, {2, n, 3}}
      };
      for (int[][] s : shapes) {
        select(s);
      }
    }
    int[] five = {2, 5, 7, 5, 12};
    int[] most = {2, 1, 7, 1, 12};
    int[] few = {5, 1, 5, 1};
    int[] other = {2, 5, 1, 1, 12};
    select(new int[][] {five, most, few, other});
    select(new int[][] {five, few, other, most});
    select(new int[][] {five, other, most, few});
    select(new int[][] {{2, 5, 7, 5, 7}, {2, 1, 7, 1, 7}, few, {7, 5, 1}});
  }

  private void select(int[][] s) {
    add(
        Primitive.Select.class,
        java.util.Arrays.deepToString(s),
        in -> {
          double[] zeros = new double[product(s[1])];
          for (int i = 0; i < zeros.length; i++) {
            zeros[i] = new double[] {0, -0.0, 1, NAN, -INF, Float.MIN_VALUE}[in.random.nextInt(6)];
          }
          return sample(
              new Primitive.Select(
                  Broadcast.of(s[0], s[1], s[2], s[3]),
                  in.real(zeros).buffer(),
                  in.strewn(product(s[2]), SPECIAL).buffer(),
                  in.strewn(product(s[3]), SPECIAL).buffer(),
                  in.out(product(s[0]))),
              EXACT);
        });
  }
}
