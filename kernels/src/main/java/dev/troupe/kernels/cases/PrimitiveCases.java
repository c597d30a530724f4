package dev.troupe.kernels.cases;

import static java.lang.Math.abs;

import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.cases.Inputs.Real;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Sample primitives of every kind at awkward sizes and values, and how much of an error each may
 * have.
 */
public final class PrimitiveCases {
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;

  /** The last three end in each other quarter of the 1024 elements that a GPU's block may take. */
  private static final int[] SIZES = {0, 1, 3, 31, 33, 127, 1025, 300, 700, 900};

  private static final double[] SPECIAL = {
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
  private static final double[] MODEST = {
    NAN, INF, -INF, 0, -0.0, 1, -1, 0.5, -2, 100, -100, 1e-40, -1e-40, Float.MIN_VALUE
  };

  /**
   * A sample.
   *
   * @param kind which of the permitted classes of {@link Primitive} it is of
   * @param label what distinguishes it from the others of its kind
   * @param build makes it, with its inputs, on a device
   */
  public record Case(Class<?> kind, String label, Function<Inputs, Sample> build) {}

  /** A primitive and the bounds of its results, in the order of {@link Primitive#writes()}. */
  public record Sample(Primitive primitive, List<Bound> bounds) {}

  /** How far a result may be off: (K + 8) · 2⁻²⁴ · terms. Null means not at all, once rounded. */
  public record Bound(int k, Terms terms) {}

  /**
   * The sum of the absolute values that element i, {@code y} by the reference, is put together
   * from.
   */
  @FunctionalInterface
  public interface Terms {
    /** Of element i. */
    double of(int i, double y);
  }

  private static final Bound EXACT = null;

  /** A few roundings, each of the size of the result. */
  private static final Bound RELATIVE = new Bound(0, (i, y) -> abs(y));

  private final List<Case> cases = new ArrayList<>();

  /** All kinds of primitives. */
  public static List<Case> all() {
    PrimitiveCases cases = new PrimitiveCases();
    cases.fillsAndCopies();
    cases.maps();
    cases.zips();
    cases.selects();
    cases.reductions();
    cases.indexing();
    cases.layout();
    cases.matMul();
    cases.linearGrad();
    cases.linearMaxout();
    cases.softmax();
    cases.batchNorm();
    cases.losses();
    cases.random();
    cases.optimisers();
    cases.custom();
    cases.cases.addAll(ConvolutionCases.all());
    return cases.cases;
  }

  /** Convolutions and their gradients alone, of few multiplications. */
  public static List<Case> convolutions() {
    return ConvolutionCases.small();
  }

  /** Matrix products that are large enough for a machine's library of them. */
  public static List<Case> ofLibraries() {
    PrimitiveCases cases = new PrimitiveCases();
    for (int flags : new int[] {0, 17, 2, 19, 20, 8, 31}) {
      cases.matMul(2, 330, 325, 327, flags, false);
    }
    return cases.cases;
  }

  /** All, and those that are too large for the interpreter of GPU kernels. */
  public static List<Case> ofHosts() {
    List<Case> cases = all();
    cases.addAll(ConvolutionCases.ofHosts());
    return cases;
  }

  private void add(Class<?> kind, String label, Function<Inputs, Sample> build) {
    cases.add(new Case(kind, label, build));
  }

  static Sample sample(Primitive primitive, Bound... bounds) {
    return new Sample(primitive, java.util.Arrays.asList(bounds));
  }

  private static double sum(int n, java.util.function.IntToDoubleFunction f) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += f.applyAsDouble(i);
    }
    return sum;
  }

  // ---------------------------------------------------------------- elementwise

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

  private static int product(int[] sizes) {
    int product = 1;
    for (int size : sizes) {
      product *= size;
    }
    return product;
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

  // ---------------------------------------------------------------- reductions

  private static List<int[]> lines() {
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

  // ---------------------------------------------------------------- indexing and layout

  private void indexing() {
    for (int[] s : lines()) {
      int results = s[0] * s[2];
      String label = java.util.Arrays.toString(s);
      add(
          Primitive.TakeAlong.class,
          label,
          in ->
              sample(
                  new Primitive.TakeAlong(
                      s[0],
                      s[1],
                      s[2],
                      in.strewn(product(s), SPECIAL).buffer(),
                      in.indices(results, s[1]),
                      in.out(results)),
                  EXACT));
      add(
          Primitive.PutAlong.class,
          label,
          in ->
              sample(
                  new Primitive.PutAlong(
                      s[0],
                      s[1],
                      s[2],
                      in.strewn(results, SPECIAL).buffer(),
                      in.indices(results, s[1]),
                      in.out(product(s))),
                  EXACT));
    }
    for (int n : SIZES) {
      for (int tables : new int[] {1, 4}) {
        for (int[] s : new int[][] {{5, n, 3}, {n, 2, 33}, {33, 17, n}}) { // rows, width, count
          if (s[0] > 0) {
            gather(4, tables, s[0], s[1], s[2]);
          }
        }
      }
    }
    gather(1, 1, 100, 2, 1025);
    gather(4, 4, 33, 8, 5); // rows of fours
    gather(2, 1, 7, 12, 131);
    for (int n : SIZES) {
      for (int step : new int[] {0, 4, 5, 1_000_003}) {
        ringPut(step, n);
        ringPut(step, 2, n, 0, 3);
      }
    }
    ringPut(7, 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5); // more than one launch has room for
  }

  private void ringPut(int step, int... widths) {
    add(
        Primitive.RingPut.class,
        java.util.Arrays.toString(widths) + " at " + step,
        in -> {
          List<Real> xs = new ArrayList<>();
          for (int width : widths) {
            xs.add(in.strewn(width, SPECIAL));
          }
          int row = java.util.Arrays.stream(widths).sum();
          Buffer ring = in.normal(5 * row).buffer();
          return sample(new Primitive.RingPut(5, in.int32(step), buffers(xs), ring), EXACT);
        });
  }

  private void gather(int batch, int tables, int rows, int width, int count) {
    String label = batch + " x " + count + " of " + tables + " x " + rows + " x " + width;
    add(
        Primitive.Gather.class,
        label,
        in ->
            sample(
                new Primitive.Gather(
                    batch,
                    tables,
                    rows,
                    width,
                    count,
                    in.strewn(tables * rows * width, SPECIAL).buffer(),
                    in.indices(batch * count, rows),
                    in.out(batch * count * width)),
                EXACT));
    add(
        Primitive.ScatterAdd.class,
        label,
        in -> {
          Real x = in.normal(batch * count * width);
          int[] index = in.random.ints((long) batch * count, 0, rows).toArray();
          double[] terms = new double[tables * rows * width];
          for (int j = 0; j < index.length; j++) {
            int row = (tables == 1 ? 0 : j / count) * rows + index[j];
            for (int w = 0; w < width; w++) {
              terms[row * width + w] += abs(x.at(j * width + w));
            }
          }
          // The order is prescribed; what is left is the rounding of each addition.
          Bound bound = new Bound(tables == 1 ? batch * count : count, (i, y) -> terms[i]);
          return sample(
              new Primitive.ScatterAdd(
                  batch,
                  tables,
                  rows,
                  width,
                  count,
                  x.buffer(),
                  in.int32(index),
                  in.out(tables * rows * width)),
              bound);
        });
  }

  private void layout() {
    for (int n : SIZES) {
      permute(new int[] {n}, new int[] {1});
      permute(new int[] {n, 3}, new int[] {1, n});
      permute(new int[] {3, n}, new int[] {1, 3});
      permute(new int[] {n, 33}, new int[] {1, n});
      permute(new int[] {2, n, 5}, new int[] {5 * n, 1, n});
      permute(new int[] {5, 2, n}, new int[] {n, 5 * n, 1});
      permute(new int[] {2, n, 3, 4}, new int[] {4, 24, 8, 1});
      permute(new int[] {2, 3, n}, new int[] {0, 1, 0});
    }
    permute(new int[] {65, 70}, new int[] {1, 65});
    permute(new int[] {44, 53}, new int[] {1, 44}); // tiles that are cut off in each quarter
    permute(new int[] {62, 44}, new int[] {1, 62});
    permute(new int[] {3, 7, 5, 33, 35}, new int[] {1155, 3 * 1155, 21 * 1155, 1, 33});
    permute(new int[] {128, 65, 68}, new int[] {65 * 68, 1, 65}); // many large tiles
    permute(new int[] {2, 7, 5, 7, 12}, new int[] {12, 24, 7 * 168, 168, 1});
    for (int n : SIZES) {
      if (n > 0) {
        concat(n, 2, 1);
        concat(n, 3, 0, 5, 4);
      }
      concat(3, n, 2 * n);
    }
    concat(2, 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5); // more than one launch has room for
    concat(300, 500, 400); // so large that each part has a launch
    for (int n : SIZES) {
      for (int[] s : new int[][] {{n, 3, 3, 5}, {3, n, n + 2, n}, {n, 33, 40, 33}, {5, n, n, n}}) {
        String label = java.util.Arrays.toString(s);
        int x = s[0] == 0 ? 0 : (s[0] - 1) * s[2] + s[1];
        int y = s[0] == 0 ? 0 : (s[0] - 1) * s[3] + s[1];
        add(
            Primitive.CopyRows.class,
            label,
            in ->
                sample(
                    new Primitive.CopyRows(
                        s[0],
                        s[1],
                        s[2],
                        s[3],
                        in.strewn(x, SPECIAL).buffer(),
                        in.normal(y + 3).buffer()),
                    EXACT));
        add(
            Primitive.CopyRows.class,
            label + " INT32",
            in ->
                sample(
                    new Primitive.CopyRows(
                        s[0], s[1], s[2], s[3], in.indices(x, 1 << 30), in.indices(y + 3, 9)),
                    EXACT));
      }
    }
  }

  private void concat(int rows, int... widths) {
    String label = rows + " x " + java.util.Arrays.toString(widths);
    int total = rows * java.util.Arrays.stream(widths).sum();
    add(
        Primitive.Concat.class,
        label,
        in -> {
          List<Real> xs = new ArrayList<>();
          for (int width : widths) {
            xs.add(in.strewn(rows * width, SPECIAL));
          }
          return sample(new Primitive.Concat(rows, buffers(xs), in.out(total)), EXACT);
        });
    add(
        Primitive.Concat.class,
        label + " INT32",
        in -> {
          List<Buffer> xs = new ArrayList<>();
          for (int width : widths) {
            xs.add(in.indices(rows * width, 1 << 30));
          }
          return sample(new Primitive.Concat(rows, xs, in.indices(total, 9)), EXACT);
        });
  }

  private void permute(int[] sizes, int[] strides) {
    String label = java.util.Arrays.toString(sizes) + java.util.Arrays.toString(strides);
    int x = new Broadcast(sizes, new int[][] {strides}).extent(0);
    add(
        Primitive.Permute.class,
        label,
        in ->
            sample(
                new Primitive.Permute(
                    sizes, strides, in.strewn(x, SPECIAL).buffer(), in.out(product(sizes))),
                EXACT));
    add(
        Primitive.Permute.class,
        label + " INT32",
        in ->
            sample(
                new Primitive.Permute(
                    sizes, strides, in.indices(x, 1 << 30), in.outInt32(product(sizes))),
                EXACT));
  }

  // ---------------------------------------------------------------- products

  private void matMul() {
    int[][] sizes = {
      {1, 1, 1},
      {1, 1, 0},
      {3, 2, 0},
      {0, 3, 4},
      {3, 0, 4},
      {1, 3, 33},
      {3, 1, 31},
      {31, 33, 3},
      {33, 31, 1},
      {7, 127, 65},
      {127, 5, 31},
      {3, 33, 1025},
      {1025, 3, 5},
      {5, 6, 4},
      {5, 1025, 2},
      {65, 66, 67}
    };
    for (int[] s : sizes) {
      for (int flags = 0; flags < 32; flags++) {
        int slope = Integer.bitCount(flags / 4) % 2 * 32; // both for each transposition
        matMul(flags % 3 + 1, s[0], s[1], s[2], flags + slope, false);
      }
    }
    // Many members, and a large result further down: kernels for GPUs have tiles of other sizes for
    // them.
    matMul(64, 33, 65, 20, 16, false);
    matMul(64, 33, 87, 20, 49, false);
    matMul(64, 40, 68, 20, 18, false);
    matMul(64, 37, 109, 20, 51, false);
    matMul(0, 3, 4, 20, 16, false);
    // Whole tiles, and parts of k.
    for (int flags = 0; flags < 4; flags++) {
      matMul(32, 128, 128, 17, flags + 48, false);
      matMul(33, 70, 66, 33, flags + 32, false);
      matMul(1, 1152, 1024, flags == 0 ? 41 : 17, flags, false); // more slabs of k than stages
      matMul(2, 1030 + flags, 1025, 19, flags + 48, false);
      // Several columns at once, and a bias; tiles that are cut off in another place.
      matMul(1, 1053 + 37 * flags, 1020 - 28 * flags, 17, flags + 48, false);
      matMul(1, 33, 40, 2600, flags + 32, false);
    }
    matMul(1, 1030, 1091, 17, 48, false); // three of the last four columns, in a tile's second half
    matMul(2, 20, 7, 3600, 48, false);
    // Padding inside a kernel must not meet an infinity.
    for (int flags = 0; flags < 4; flags++) {
      matMul(2, 5, 7, 33, flags, true);
      matMul(2, 33, 3, 5, flags, true);
    }
  }

  private void matMul(int batch, int m, int n, int k, int flags, boolean strewn) {
    boolean transA = (flags & 1) != 0;
    boolean transB = (flags & 2) != 0;
    boolean sharedA = (flags & 4) != 0;
    boolean sharedB = (flags & 8) != 0;
    boolean withBias = (flags & 16) != 0;
    double slope = (flags & 32) != 0 ? 0.2 : 1;
    add(
        Primitive.MatMul.class,
        batch + " x " + m + " x " + n + " x " + k + " flags " + flags + (strewn ? " strewn" : ""),
        in -> {
          int sizeA = (sharedA ? 1 : batch) * m * k;
          int sizeB = (sharedB ? 1 : batch) * k * n;
          Real a = strewn ? in.strewn(sizeA, 0, 1, 2, 3, 4, -1, -INF, NAN) : in.normal(sizeA);
          Real b = factors(in, sizeB, strewn);
          Real bias = withBias ? in.normal(batch * n) : null;
          Bound bound =
              new Bound(
                  k,
                  (at, y) -> {
                    int e = at / (m * n);
                    int i = at / n % m;
                    int j = at % n;
                    int aAt = sharedA ? 0 : e * m * k;
                    int bAt = sharedB ? 0 : e * k * n;
                    return (bias == null ? 0 : abs(bias.at(e * n + j)))
                        + sum(
                            k,
                            l ->
                                abs(
                                    a.at(aAt + (transA ? l * m + i : i * k + l))
                                        * b.at(bAt + (transB ? j * k + l : l * n + j))));
                  });
          return sample(
              new Primitive.MatMul(
                  batch,
                  m,
                  n,
                  k,
                  transA,
                  transB,
                  sharedA,
                  sharedB,
                  slope,
                  a.buffer(),
                  b.buffer(),
                  bias == null ? null : bias.buffer(),
                  in.out(batch * m * n)),
              bound);
        });
  }

  private void linearGrad() {
    int[][] sizes = { // members, batch, in, out
      {1, 1, 1, 1},
      {2, 3, 5, 2}, // few columns
      {3, 33, 31, 1},
      {1, 32, 5, 1}, // as many rows as the kernel takes at once
      {1, 127, 65, 4},
      {2, 1025, 3, 3}, // a batch too long for the kernel of few columns
      {2, 17, 5, 17}, // tiles
      {3, 33, 40, 31},
      {4, 70, 65, 66}, // larger tiles
      {24, 33, 65, 66},
      {1, 600, 20, 40}, // the weight's gradient in parts
      {2, 3, 33, 40}, // the weight's gradient has few terms
      {1, 33, 3, 127},
      {2, 0, 3, 4},
      {2, 3, 0, 4},
      {0, 3, 4, 2},
      {2, 3, 4, 0}
    };
    for (int[] s : sizes) {
      for (int wanted = 0; wanted < 4; wanted++) {
        linearGrad(s[0], s[1], s[2], s[3], (wanted & 1) == 0, (wanted & 2) == 0, false);
      }
    }
    // Rows of fours in the larger tiles; and padding inside a kernel must not meet an infinity.
    linearGrad(32, 33, 68, 36, true, false, false);
    linearGrad(32, 33, 68, 36, true, false, true);
    linearGrad(3, 33, 40, 31, true, true, true);
    linearGrad(2, 33, 31, 3, true, true, true);
  }

  /** Normal numbers; where {@code strewn}, a few are infinite, so that most sums are finite. */
  private static Real factors(Inputs made, int size, boolean strewn) {
    return strewn ? made.strewn(size, 0, 1, 2, 3, 4, -1, -2, INF) : made.normal(size);
  }

  private void linearGrad(
      int members, int batch, int in, int out, boolean ofX, boolean ofBias, boolean strewn) {
    add(
        Primitive.LinearGrad.class,
        String.format(
            "%d x %d x %d to %d%s%s%s",
            members,
            batch,
            in,
            out,
            ofX ? " dx" : "",
            ofBias ? " dbias" : "",
            strewn ? " strewn" : ""),
        made -> {
          Real x = factors(made, members * batch * in, strewn);
          Real weight = factors(made, members * in * out, strewn);
          Real dy = factors(made, members * batch * out, strewn);
          Terms ofDx =
              (at, y) ->
                  sum(
                      out,
                      j ->
                          abs(
                              dy.at(at / in * out + j)
                                  * weight.at((at / in / batch * in + at % in) * out + j)));
          Terms ofDweight =
              (at, y) -> {
                int e = at / out / in;
                int i = at / out % in;
                return sum(
                    batch,
                    r ->
                        abs(
                            x.at((e * batch + r) * in + i)
                                * dy.at((e * batch + r) * out + at % out)));
              };
          Terms ofDbias =
              (at, y) -> sum(batch, r -> abs(dy.at((at / out * batch + r) * out + at % out)));
          List<Bound> bounds = new ArrayList<>();
          if (ofX) {
            bounds.add(new Bound(out, ofDx));
          }
          bounds.add(new Bound(batch, ofDweight));
          if (ofBias) {
            bounds.add(new Bound(batch, ofDbias));
          }
          return new Sample(
              new Primitive.LinearGrad(
                  members,
                  batch,
                  in,
                  out,
                  x.buffer(),
                  weight.buffer(),
                  dy.buffer(),
                  ofX ? made.out(members * batch * in) : null,
                  made.out(members * in * out),
                  ofBias ? made.out(members * out) : null),
              bounds);
        });
  }

  private void linearMaxout() {
    int[][] sizes = { // members, batch, in, units, pieces
      {1, 1, 1, 1, 1},
      {2, 3, 2, 5, 3},
      {2, 37, 33, 35, 1}, // a single piece
      {2, 5, 33, 12, 7},
      {3, 31, 33, 17, 5},
      {1, 33, 31, 127, 2},
      {2, 5, 64, 16, 4},
      {1, 7, 113, 33, 5},
      {2, 127, 200, 40, 5},
      {1, 1025, 65, 3, 4},
      {1, 3, 1025, 31, 5},
      {128, 3, 40, 7, 3},
      {1, 2, 3, 5, 70},
      {1, 5, 3, 8, 70}, // a thread for each element: units in fours, and fewer than four
      {2, 3, 2, 3, 66},
      {32, 67, 136, 37, 5}, // many members: wide tiles, more than one slab of units
      {128, 20, 33, 33, 3},
      {2, 70, 5, 37, 11},
      {2, 37, 40, 9, 8},
      {1, 33, 19, 9, 9}, // forward by a product and its maxima
      {2, 0, 3, 4, 5},
      {2, 3, 0, 4, 5},
      {2, 3, 0, 40, 3}, // the largest bias
      {1, 3, 0, 40, 9},
      {0, 3, 4, 5, 2},
      {2, 3, 4, 0, 2}
    };
    for (int[] s : sizes) {
      linearMaxout(s[0], s[1], s[2], s[3], s[4], false);
      linearMaxout(s[0], s[1], s[2], s[3], s[4], true);
    }
    linearMaxoutForward(32, 67, 17, 65, 1, false, "larger tiles of a single piece");
    linearMaxoutForward(64, 3, 17, 20, 4, true, "larger tiles of four pieces");
    add(
        Primitive.LinearMaxoutGrad.class,
        "wide tiles of a single piece",
        made -> linearMaxoutGrad(made, 128, 3, 33, 9, 1, false));
  }

  /**
   * Of whole numbers, so that all sums are exact and the largest has ties; strewn with numbers that
   * are not finite.
   */
  private void linearMaxoutForward(
      int members, int batch, int in, int units, int pieces, boolean strewn, String label) {
    add(
        Primitive.LinearMaxout.class,
        label,
        made -> {
          Real x =
              strewn
                  ? made.whole(members * batch * in, 3, 0, 1, 2, 3, -1, -2, -3, INF)
                  : made.whole(members * batch * in, 3);
          Real weight = made.whole(members * in * pieces * units, 2);
          Real bias =
              strewn
                  ? made.whole(members * pieces * units, 2, INF, -INF, NAN)
                  : made.whole(members * pieces * units, 2);
          return sample(
              new Primitive.LinearMaxout(
                  members,
                  batch,
                  in,
                  units,
                  pieces,
                  x.buffer(),
                  weight.buffer(),
                  bias.buffer(),
                  made.out(members * batch * units),
                  made.outInt32(members * batch * units)),
              EXACT,
              EXACT);
        });
  }

  private void linearMaxout(int members, int batch, int in, int units, int pieces, boolean strewn) {
    String label =
        members
            + " x "
            + batch
            + " x "
            + in
            + " to "
            + pieces
            + " x "
            + units
            + (strewn ? "!" : "");
    linearMaxoutForward(members, batch, in, units, pieces, strewn, label);
    Function<Inputs, Sample> grad =
        made -> linearMaxoutGrad(made, members, batch, in, units, pieces, strewn);
    add(Primitive.LinearMaxoutGrad.class, label, grad);
    add(
        Primitive.LinearMaxoutInputGrad.class,
        label,
        made -> {
          Sample all = grad.apply(made);
          Primitive.LinearMaxoutGrad op = (Primitive.LinearMaxoutGrad) all.primitive();
          return new Sample(op.inputGrad(), all.bounds().subList(0, 1));
        });
    add(
        Primitive.LinearMaxoutWeightGrad.class,
        label,
        made -> {
          Sample all = grad.apply(made);
          Primitive.LinearMaxoutGrad op = (Primitive.LinearMaxoutGrad) all.primitive();
          return new Sample(op.weightGrad(), all.bounds().subList(1, 3));
        });
  }

  private static Sample linearMaxoutGrad(
      Inputs made, int members, int batch, int in, int units, int pieces, boolean strewn) {
    int weights = members * in * pieces * units;
    int inputs = members * batch * in;
    double[] special = {1, INF, -INF, NAN, 0, 1e-40};
    Real x = strewn ? made.strewn(inputs, special) : made.normal(inputs);
    Real weight = strewn ? made.strewn(weights, special) : made.normal(weights);
    Real dy = made.normal(members * batch * units);
    int[] won = made.random.ints((long) members * batch * units, 0, pieces).toArray();
    Terms ofInput =
        (at, dx) -> {
          int row = at / in;
          int column = (row / batch * in + at % in) * pieces;
          return sum(
              units,
              u ->
                  abs(
                      dy.at(row * units + u)
                          * weight.at((column + won[row * units + u]) * units + u)));
        };
    double[] ofWeight = new double[weights];
    double[] ofBias = new double[members * pieces * units];
    for (int at = 0; at < won.length; at++) {
      int row = at / units;
      int e = row / batch;
      ofBias[(e * pieces + won[at]) * units + at % units] += abs(dy.at(at));
      for (int i = 0; i < in; i++) {
        ofWeight[((e * in + i) * pieces + won[at]) * units + at % units] +=
            abs(dy.at(at) * x.at(row * in + i));
      }
    }
    return sample(
        new Primitive.LinearMaxoutGrad(
            members,
            batch,
            in,
            units,
            pieces,
            x.buffer(),
            weight.buffer(),
            made.int32(won),
            dy.buffer(),
            made.out(inputs),
            made.out(weights),
            made.out(ofBias.length)),
        new Bound(units, ofInput),
        new Bound(batch, (i, y) -> ofWeight[i]),
        new Bound(batch, (i, y) -> ofBias[i]));
  }

  // ---------------------------------------------------------------- normalisation

  private void softmax() {
    int[][] sizes = {
      {1, 1},
      {3, 33},
      {33, 3},
      {5, 1025},
      {3, 2500},
      {127, 1},
      {31, 10},
      {1025, 4},
      {7, 250},
      {3, 2040},
      {2, 5000},
      {0, 5},
      {5, 0},
      // Rows that end in each of the eight elements that a thread holds.
      {9, 2},
      {9, 7},
      {9, 13},
      {5, 60},
      {3, 140},
      {2, 300},
      {1, 600},
      {1, 800},
      {1, 1300},
      {1, 1600}
    };
    for (boolean log : new boolean[] {false, true}) {
      for (int[] s : sizes) {
        int n = s[0] * s[1];
        softmax(log, s[0], s[1], "normal", in -> in.normal(n, 0, 3));
        softmax(log, s[0], s[1], "far", in -> in.normal(n, 1000, 30));
        softmax(log, s[0], s[1], "strewn", in -> in.strewn(n, -INF, -200, 50));
        softmax(log, s[0], s[1], "broken", in -> in.strewn(n, -INF, INF, NAN));
        softmaxGrad(log, s[0], s[1], false);
      }
      // All of one sign, and exponents far from 0: what an exponential is off by adds up.
      softmaxGrad(log, 2, 257, true);
      softmaxGrad(log, 2, 2049, true);
    }
  }

  private void softmaxGrad(boolean log, int rows, int size, boolean positive) {
    int n = rows * size;
    add(
        Primitive.SoftmaxGrad.class,
        (log ? "log " : "") + rows + " x " + size + (positive ? " positive" : ""),
        in -> {
          double[] ys = new double[n];
          for (int r = 0; r < rows; r++) {
            double[] x = new double[size];
            double total = 0;
            for (int i = 0; i < size; i++) {
              x[i] = 2 * in.random.nextGaussian();
              total += Math.exp(x[i]);
            }
            for (int i = 0; i < size; i++) {
              ys[r * size + i] = log ? x[i] - Math.log(total) : Math.exp(x[i]) / total;
            }
          }
          for (int i = 0; positive && i < n; i += 7) {
            ys[i] = -0.34 - i % 3 * Math.log(2);
          }
          Real y = in.real(ys);
          Real dy = positive ? in.positive(n) : in.normal(n);
          Bound bound =
              new Bound(
                  size,
                  (at, dx) -> {
                    int row = at / size * size;
                    if (log) {
                      double weight = Math.exp(y.at(at)) * (1 + abs(y.at(at)));
                      return abs(dy.at(at)) + weight * sum(size, i -> abs(dy.at(row + i)));
                    }
                    double inner = sum(size, i -> abs(y.at(row + i) * dy.at(row + i)));
                    return abs(y.at(at)) * (abs(dy.at(at)) + inner);
                  });
          return sample(
              new Primitive.SoftmaxGrad(log, rows, size, y.buffer(), dy.buffer(), in.out(n)),
              bound);
        });
  }

  private void softmax(
      boolean log, int rows, int size, String label, Function<Inputs, Real> input) {
    add(
        Primitive.Softmax.class,
        (log ? "log " : "") + rows + " x " + size + " " + label,
        in -> {
          Real x = input.apply(in);
          Bound bound =
              new Bound(
                  size,
                  (at, y) -> {
                    double max = -INF;
                    for (int i = 0; i < size; i++) {
                      max = Math.max(max, x.at(at / size * size + i));
                    }
                    double shift = abs(x.at(at) - max);
                    if (log) {
                      return shift + abs(y - (x.at(at) - max)) + 1;
                    }
                    return y == 0 ? 0 : y * (1 + shift);
                  });
          return sample(
              new Primitive.Softmax(log, rows, size, x.buffer(), in.out(rows * size)), bound);
        });
  }

  private void batchNorm() {
    int[][] sizes = { // members, batch, channels, spatial
      {1, 1, 1, 1},
      {1, 3, 1, 1},
      {2, 3, 5, 1},
      {1, 100, 33, 1},
      {3, 31, 7, 9},
      {2, 4, 3, 33},
      {1, 127, 17, 1},
      {1, 3, 2, 1025},
      {1, 150, 2, 81},
      {1, 2, 1, 5001},
      {1, 7, 2, 1003},
      {8, 25, 40, 1},
      {2, 300, 9, 1},
      {1, 2100, 9, 1},
      {1, 7, 2, 2401},
      {2, 61, 5, 1}, // these and the next: all that threads of a GPU's block can hold
      {1, 250, 3, 1},
      {1, 1000, 3, 1},
      {1, 20_000, 2, 1},
      {1, 2, 2, 1000},
      {1, 8, 1, 1000},
      {0, 3, 5, 1},
      {2, 3, 0, 4},
      {1, 7000, 1, 1} // four chunks
    };
    // What a thread of a GPU's block takes in turn lies so far apart: channels that end in each of
    // its elements.
    for (int i = 0; i < 8; i++) {
      batchNormOf(32 * i + 5, false);
      batchNormOf(256 * i + 5, true);
      batchNormOf(1024 + 32 * i + 5, false); // in chunks, like the next
      batchNormOf(8192 + 256 * i + 5, true);
    }
    for (int i = 4; i < 16; i++) {
      batchNormOf(64 * i + 5, false);
      batchNormOf(512 * i + 5, true);
    }
    for (int[] s : sizes) {
      for (double slope : new double[] {1, 0, 0.2f}) {
        batchNorm(s, slope, "", in -> in.normal(product(s)));
        batchNorm(s, slope, " shifted", in -> in.normal(product(s), 100, 2));
        batchNormGrad(s, slope);
      }
      batchNorm(s, 0, " NaN", in -> in.strewn(product(s), NAN, 1, 2, 3, 4, 5));
      batchNorm(s, 0, 0.05f, " running", in -> in.normal(product(s), 3, 2));
    }
  }

  /** Channels of {@code count} elements, or up to two more where there is space. */
  private void batchNormOf(int count, boolean space) {
    int[] s = space ? new int[] {1, 3, 1, count / 3 + 1} : new int[] {1, count, 3, 1};
    batchNorm(s, 0, "", in -> in.normal(product(s)));
    batchNormGrad(s, 0);
  }

  private void batchNorm(int[] s, double slope, String label, Function<Inputs, Real> input) {
    batchNorm(s, slope, 0, label, input);
  }

  /** With running statistics where {@code rate} is not 0. */
  private void batchNorm(
      int[] s, double slope, double rate, String label, Function<Inputs, Real> input) {
    int channels = s[0] * s[2];
    int n = s[1] * s[3];
    double epsilon = 0x1p-10;
    add(
        Primitive.BatchNorm.class,
        java.util.Arrays.toString(s) + " slope " + slope + label,
        in -> {
          Real x = input.apply(in);
          Real gamma = in.normal(channels);
          Real beta = in.normal(channels);
          double[] mean = new double[channels];
          double[] size = new double[channels]; // mean |x|
          double[] variance = new double[channels];
          double[] terms = new double[channels]; // of the variance
          for (int i = 0; i < x.v().length; i++) {
            mean[channel(s, i)] += x.at(i) / n;
            size[channel(s, i)] += abs(x.at(i)) / n;
          }
          for (int i = 0; i < x.v().length; i++) {
            int c = channel(s, i);
            double d = abs(x.at(i) - mean[c]);
            variance[c] += d * d / n;
            terms[c] += 2 * d * (abs(x.at(i)) + size[c]) / n;
          }
          Bound ofY =
              new Bound(
                  n,
                  (i, y) -> {
                    int c = channel(s, i);
                    double spread = variance[c] + epsilon;
                    double scale = abs(gamma.at(c)) / Math.sqrt(spread);
                    return scale * (abs(x.at(i)) + size[c])
                        + scale * abs(x.at(i) - mean[c]) * terms[c] / (2 * spread)
                        + abs(beta.at(c));
                  });
          List<Bound> bounds = new ArrayList<>();
          bounds.add(ofY);
          bounds.add(new Bound(n, (c, y) -> size[c]));
          bounds.add(new Bound(n, (c, y) -> terms[c]));
          Primitive.BatchNorm.Running running = null;
          if (rate != 0) {
            Real means = in.normal(channels);
            Real variances = in.positive(channels);
            running = new Primitive.BatchNorm.Running(rate, means.buffer(), variances.buffer());
            bounds.add(new Bound(n, (c, y) -> abs(means.at(c)) + rate * size[c]));
            bounds.add(new Bound(n, (c, y) -> abs(variances.at(c)) + rate * terms[c]));
          }
          return new Sample(
              new Primitive.BatchNorm(
                  s[0],
                  s[1],
                  s[2],
                  s[3],
                  epsilon,
                  slope,
                  x.buffer(),
                  gamma.buffer(),
                  beta.buffer(),
                  in.out(x.v().length),
                  in.out(channels),
                  in.out(channels),
                  running),
              bounds);
        });
  }

  private static int channel(int[] s, int i) {
    return i / (s[3] * s[2] * s[1]) * s[2] + i / s[3] % s[2];
  }

  private void batchNormGrad(int[] s, double slope) {
    int channels = s[0] * s[2];
    int n = s[1] * s[3];
    double epsilon = 0x1p-10;
    add(
        Primitive.BatchNormGrad.class,
        java.util.Arrays.toString(s) + " slope " + slope,
        in -> {
          Real x = in.normal(product(s), 0.5, 1);
          Real gamma = in.normal(channels);
          Real y = in.normal(product(s));
          Real mean = in.normal(channels, 0.5, 0.1);
          Real variance = in.positive(channels);
          Real dy = in.normal(product(s));
          double[] sums = new double[channels]; // Σ |dz|
          double[] weighted = new double[channels]; // Σ |dz|·(|x| + |mean|)·scale
          Terms size =
              (i, c) ->
                  (abs(x.at(i)) + abs(mean.at((int) c)))
                      / Math.sqrt(variance.at((int) c) + epsilon);
          for (int i = 0; i < x.v().length; i++) {
            int c = channel(s, i);
            double dz = abs(dy.at(i)) * (y.at(i) > 0 ? 1 : slope);
            sums[c] += dz;
            weighted[c] += dz * size.of(i, c);
          }
          Bound ofDx =
              new Bound(
                  n,
                  (i, dx) -> {
                    int c = channel(s, i);
                    double dz = abs(dy.at(i)) * (y.at(i) > 0 ? 1 : slope);
                    double scale = abs(gamma.at(c)) / Math.sqrt(variance.at(c) + epsilon);
                    return scale * (dz + sums[c] / n + size.of(i, c) * weighted[c] / n);
                  });
          return sample(
              new Primitive.BatchNormGrad(
                  s[0],
                  s[1],
                  s[2],
                  s[3],
                  epsilon,
                  slope,
                  x.buffer(),
                  gamma.buffer(),
                  y.buffer(),
                  mean.buffer(),
                  variance.buffer(),
                  dy.buffer(),
                  in.out(x.v().length),
                  in.out(channels),
                  in.out(channels)),
              ofDx,
              new Bound(n, (c, g) -> weighted[c]),
              new Bound(n, (c, g) -> sums[c]));
        });
  }

  // ---------------------------------------------------------------- losses

  private void losses() {
    int[][] sizes = {
      {1, 1, 1}, {3, 2, 1}, {2, 2, 31}, {1, 1, 255}, {2, 1, 257}, {3, 4, 100}, {2, 3, 1025}
    };
    List<List<Double>> targets =
        List.of(List.of(1.0, 0.0, 0.25, 0.0), List.of(0.0, 0.75, 1.0, 0.5));
    for (int[] s : sizes) {
      for (List<Double> all : targets) {
        List<Double> some = all.subList(0, s[1]);
        logisticLoss(s, some, "", in -> in.normal(product(s), 0, 3));
        logisticLoss(s, some, " far", in -> in.normal(product(s), 0, 60));
        logisticLoss(s, some, " strewn", in -> in.strewn(product(s), INF, -INF, 1e30, -0.0, 1e-40));
      }
      logisticLoss(s, targets.get(0).subList(0, s[1]), " NaN", in -> in.strewn(product(s), NAN));
    }
    logisticLoss(new int[] {0, 2, 3}, List.of(1.0, 0.0), "", in -> in.normal(0));
  }

  private void logisticLoss(
      int[] s, List<Double> targets, String label, Function<Inputs, Real> input) {
    int size = s[2];
    int each = s[1] * size;
    add(
        Primitive.LogisticLoss.class,
        java.util.Arrays.toString(s) + " targets " + targets + label,
        in -> {
          Real x = input.apply(in);
          return sample(
              new Primitive.LogisticLoss(
                  s[0], size, targets, x.buffer(), in.out(s[0]), in.out(s[0] * each)),
              new Bound(each, (e, y) -> y), // no term is negative
              new Bound(
                  0,
                  (i, y) -> {
                    double t = targets.get(i / size % s[1]);
                    double up = (1 - t) / (1 + Math.exp(-x.at(i)));
                    double down = t / (1 + Math.exp(x.at(i)));
                    return (up + down + Float.MIN_NORMAL) / size;
                  }));
        });
  }

  // ---------------------------------------------------------------- random numbers

  private void random() {
    for (int n : SIZES) {
      random(Distribution.UNIFORM, 0, 1, n, EXACT);
      random(Distribution.UNIFORM, -3, 0.7f, n, new Bound(0, (i, y) -> 3));
      random(Distribution.NORMAL, 0, 1, n, new Bound(0, (i, y) -> 1 + abs(y)));
      random(Distribution.NORMAL, 3, 0.1f, n, new Bound(0, (i, y) -> 3));
      random(Distribution.TRUNCATED_NORMAL, 0, 0.02f, n, new Bound(0, (i, y) -> 0.02 + abs(y)));
      random(Distribution.BERNOULLI, 0.3, 0, n, EXACT);
      random(Distribution.BERNOULLI, 0, 0, n, EXACT);
      random(Distribution.BERNOULLI, 1, 0, n, EXACT);
      random(Distribution.INTEGER, 10, 0, n, EXACT);
      random(Distribution.INTEGER, Integer.MAX_VALUE, 0, n, EXACT);
    }
    random(Distribution.NORMAL, 0, 1, 20_001, new Bound(0, (i, y) -> 1 + abs(y)));
    for (int[] s : new int[][] {{1, 1}, {10, 3}, {10, 10}, {1025, 33}, {100_000, 100}}) {
      for (int step : new int[] {0, 1, 2, 3, 1000, 2_000_000_000}) {
        add(
            Primitive.ShuffledBatch.class,
            s[1] + " of " + s[0] + " at " + step,
            in ->
                sample(
                    new Primitive.ShuffledBatch(
                        0x1234_5678_9ABCL,
                        5,
                        in.int32(step),
                        in.int32(0, 7, 2),
                        s[0],
                        s[1],
                        in.outInt32(3 * s[1])),
                    EXACT));
      }
    }
  }

  private void random(Distribution distribution, double p, double q, int n, Bound bound) {
    add(
        Primitive.Random.class,
        distribution + " " + p + " " + q + " to " + n,
        in -> {
          Buffer step = in.int32(1_000_007);
          Buffer member = in.int32(4, 0, 1 << 20);
          boolean integers = distribution == Distribution.INTEGER;
          Buffer y = integers ? in.outInt32(3 * n) : in.out(3 * n);
          return sample(
              new Primitive.Random(distribution, p, q, -0x1234_5678_9ABCL, 3, step, member, n, y),
              bound);
        });
  }

  // ---------------------------------------------------------------- training

  private static final int[][] PARAMETERS = {
    {}, {1}, {3, 31, 33}, {127, 0, 1025, 1}, {300, 900}, {20_003, 7}, new int[130]
  };

  static {
    java.util.Arrays.setAll(PARAMETERS[PARAMETERS.length - 1], i -> i % 4);
  }

  private static List<Buffer> buffers(List<Real> reals) {
    return reals.stream().map(Real::buffer).toList();
  }

  private void optimisers() {
    for (int n : SIZES) {
      add(
          Primitive.Increment.class,
          "" + n,
          in -> sample(new Primitive.Increment(in.indices(n, Integer.MAX_VALUE)), EXACT));
    }
    for (int[] sizes : PARAMETERS) {
      for (boolean folded : new boolean[] {true, false}) {
        for (int t : new int[] {1, 2, 1000, 2_000_000}) {
          adam(sizes, folded, t, 0.9, 0);
          adam(sizes, folded, t, 0.5, 0.01);
        }
      }
      for (double momentum : new double[] {0, 0.9}) {
        for (double decay : new double[] {0, 0.01}) {
          sgd(sizes, momentum, false, decay);
          sgd(sizes, momentum, true, decay);
        }
      }
    }
  }

  private void adam(int[] sizes, boolean folded, int t, double beta1, double decay) {
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double rate = 0.001f;
    add(
        Primitive.Adam.class,
        java.util.Arrays.toString(sizes)
            + (folded ? " folded" : "")
            + " t = "
            + t
            + " decay "
            + decay,
        in -> {
          List<Real> w = new ArrayList<>();
          List<Real> g = new ArrayList<>();
          List<Real> m = new ArrayList<>();
          List<Real> v = new ArrayList<>();
          List<Bound> ofW = new ArrayList<>();
          List<Bound> ofM = new ArrayList<>();
          List<Bound> ofV = new ArrayList<>();
          for (int size : sizes) {
            Real wi = in.normal(size);
            Real gi = in.strewn(size, 0, 1e-4, 1e-12, 100);
            Real mi = t == 1 ? in.real(new double[size]) : in.normal(size);
            Real vi = t == 1 ? in.real(new double[size]) : in.positive(size);
            w.add(wi);
            g.add(gi);
            m.add(mi);
            v.add(vi);
            Terms mTerms = (i, y) -> abs(mi.at(i)) + (1 - beta1) * abs(gi.at(i));
            ofM.add(new Bound(0, mTerms));
            ofV.add(RELATIVE);
            ofW.add(
                new Bound(
                    0,
                    (i, y) -> {
                      double root = Math.sqrt(beta2 * vi.at(i) + (1 - beta2) * gi.at(i) * gi.at(i));
                      double unbias = Math.sqrt(1 - Math.pow(beta2, t)) / (1 - Math.pow(beta1, t));
                      double direction = unbias * mTerms.of(i, 0) / (root + epsilon);
                      return abs(wi.at(i)) + 3 * rate * direction;
                    }));
          }
          List<Bound> bounds = new ArrayList<>(ofW);
          bounds.addAll(ofM);
          bounds.addAll(ofV);
          return new Sample(
              new Primitive.Adam(
                  beta1,
                  beta2,
                  epsilon,
                  folded,
                  decay,
                  in.real(rate).buffer(),
                  in.int32(t - 1),
                  buffers(w),
                  buffers(g),
                  buffers(m),
                  buffers(v)),
              bounds);
        });
  }

  private void sgd(int[] sizes, double momentum, boolean nesterov, double decay) {
    double rate = 0.1f;
    add(
        Primitive.Sgd.class,
        java.util.Arrays.toString(sizes)
            + " "
            + momentum
            + (nesterov ? " nesterov" : "")
            + " decay "
            + decay,
        in -> {
          List<Real> w = new ArrayList<>();
          List<Real> g = new ArrayList<>();
          List<Real> u = new ArrayList<>();
          List<Bound> ofW = new ArrayList<>();
          List<Bound> ofU = new ArrayList<>();
          for (int size : sizes) {
            Real wi = in.normal(size);
            Real gi = in.normal(size);
            Real ui = in.normal(momentum == 0 ? 0 : size);
            w.add(wi);
            g.add(gi);
            Terms terms =
                (i, y) ->
                    abs(gi.at(i))
                        + decay * abs(wi.at(i))
                        + (momentum == 0 ? 0 : momentum * abs(ui.at(i)));
            ofW.add(new Bound(0, (i, y) -> abs(wi.at(i)) + 2 * rate * terms.of(i, 0)));
            if (momentum != 0) {
              u.add(ui);
              ofU.add(new Bound(0, terms));
            }
          }
          List<Bound> bounds = new ArrayList<>(ofW);
          bounds.addAll(ofU);
          return new Sample(
              new Primitive.Sgd(
                  momentum,
                  nesterov,
                  decay,
                  in.real(rate).buffer(),
                  buffers(w),
                  buffers(g),
                  buffers(u)),
              bounds);
        });
  }

  // ---------------------------------------------------------------- the user's own

  /** {@code y = x / 2, rounded = (int) x}. */
  private record Halve(Buffer x, Buffer y, Buffer rounded) implements Primitive.Custom {
    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y, rounded);
    }

    @Override
    public void compute(Primitive.HostArrays in, Primitive.HostArrays out) {
      for (int i = 0; i < x.size(); i++) {
        out.set(0, i, in.get(0, i) / 2);
        out.set(1, i, in.get(0, i));
      }
    }
  }

  private void custom() {
    for (int n : SIZES) {
      add(
          Primitive.Custom.class,
          "" + n,
          in ->
              sample(
                  new Halve(in.strewn(n, SPECIAL).buffer(), in.out(n), in.outInt32(n)),
                  EXACT,
                  EXACT));
    }
  }
}
