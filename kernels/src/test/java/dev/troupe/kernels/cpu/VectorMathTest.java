package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class VectorMathTest {
  /** A prime, so that all mantissas come up: 13 million floats over all signs and exponents. */
  private static final int STRIDE = 331;

  private static final float INF = Float.POSITIVE_INFINITY;
  private static final float NAN = Float.NaN;

  private interface Scalar {
    float of(float x);
  }

  private interface Loop {
    void run(float[] x, int xo, float[] y, int yo, int n);
  }

  /** A function, its array loop, its double version, and the error allowed where |x| ≤ limit. */
  private record Function(
      String name, Scalar scalar, Loop loop, DoubleUnaryOperator exact, float limit, double ulps) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Stream<Function> functions() {
    float trigonometric = VectorMath.TRIGONOMETRIC_LIMIT;
    return Stream.of(
        new Function("exp", VectorMath::exp, MathLoops::exp, Math::exp, INF, 1.05),
        new Function("log", VectorMath::log, MathLoops::log, Math::log, INF, 0.8),
        new Function(
            "softplus",
            VectorMath::softplus,
            MathLoops::softplus,
            x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
            INF,
            1.9),
        new Function(
            "sigmoid",
            VectorMath::sigmoid,
            MathLoops::sigmoid,
            x -> x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)),
            INF,
            2.4),
        new Function("tanh", VectorMath::tanh, MathLoops::tanh, Math::tanh, INF, 2.6),
        new Function("sin", VectorMath::sin, MathLoops::sin, Math::sin, trigonometric, 1.55),
        new Function("cos", VectorMath::cos, MathLoops::cos, Math::cos, trigonometric, 1.55),
        new Function("sqrt", VectorMath::sqrt, MathLoops::sqrt, Math::sqrt, INF, 0.5),
        new Function(
            "rsqrt", VectorMath::rsqrt, MathLoops::rsqrt, x -> 1 / Math.sqrt(x), INF, 1.5));
  }

  @ParameterizedTest
  @MethodSource("functions")
  void isAccurate(Function f) {
    double largest = 0;
    float worst = 0;
    for (long bits = 0; bits < 1L << 32; bits += STRIDE) {
      float x = Float.intBitsToFloat((int) bits);
      if (Math.abs(x) <= f.limit) {
        double error = ulps(f.exact.applyAsDouble(x), f.scalar.of(x));
        if (error > largest) {
          largest = error;
          worst = x;
        }
      }
    }
    System.out.printf("%s: at most %.3f ulp, at %s%n", f.name, largest, worst);
    assertThat(largest).as("%s at %s", f.name, worst).isLessThanOrEqualTo(f.ulps);
  }

  @ParameterizedTest
  @MethodSource("functions")
  void vectorAndScalarHaveTheSameBits(Function f) {
    float[] x = awkward(100_003);
    float[] y = new float[x.length + 5];
    f.loop.run(x, 0, y, 5, x.length);
    for (int i = 0; i < x.length; i++) {
      assertSameBits(y[i + 5], f.scalar.of(x[i]), f.name + " of " + x[i]);
    }
    f.loop.run(x, 3, x, 3, 37);
    for (int i = 3; i < 40; i++) {
      assertSameBits(x[i], y[i + 5], f.name + " in place");
    }
  }

  @Test
  void turnsAreAccurate() {
    double largest = 0;
    for (int i = -(1 << 22); i < 1 << 22; i++) {
      float u = i * 0x1.8p-22f;
      double r = (u - Math.rint(u)) * 2 * Math.PI;
      largest = Math.max(largest, ulpsOrTiny(Math.sin(r), VectorMath.sinTurns(u)));
      largest = Math.max(largest, ulpsOrTiny(Math.cos(r), VectorMath.cosTurns(u)));
    }
    assertThat(largest).isLessThan(1.55);
    assertThat(VectorMath.sinTurns(0.5f)).isZero();
    assertThat(VectorMath.cosTurns(0.25f)).isZero();
    assertThat(VectorMath.cosTurns(-3.5f)).isEqualTo(-1f);
    assertThat(VectorMath.sinTurns(0x1p21f)).isNaN();
  }

  @Test
  void specialValues() {
    check(VectorMath::exp, INF, INF, -INF, 0f, 0f, 1f, -0f, 1f, 89f, INF, -104f, 0f, NAN, NAN);
    check(VectorMath::exp, -103.9f, Float.MIN_VALUE, 88.72284f, (float) Math.exp(88.72284f));
    check(VectorMath::log, INF, INF, 0f, -INF, -0f, -INF, -1f, NAN, -INF, NAN, 1f, 0f, NAN, NAN);
    check(VectorMath::log, Float.MIN_VALUE, (float) Math.log(Float.MIN_VALUE));
    check(VectorMath::softplus, INF, INF, -INF, 0f, -200f, 0f, 200f, 200f, NAN, NAN);
    check(VectorMath::sigmoid, INF, 1f, -INF, 0f, 0f, 0.5f, -0f, 0.5f, NAN, NAN);
    check(VectorMath::tanh, INF, 1f, -INF, -1f, 0f, 0f, -0f, -0f, NAN, NAN, 1e-40f, 1e-40f);
    check(VectorMath::sin, INF, NAN, -INF, NAN, 0f, 0f, -0f, -0f, NAN, NAN, 1e-40f, 1e-40f);
    check(VectorMath::cos, INF, NAN, -INF, NAN, 0f, 1f, -0f, 1f, NAN, NAN);
    check(VectorMath::sqrt, INF, INF, -1f, NAN, 0f, 0f, -0f, -0f, NAN, NAN);
    check(VectorMath::rsqrt, INF, 0f, -1f, NAN, 0f, INF, -0f, -INF, NAN, NAN);
  }

  private static void check(Scalar f, float... pairs) {
    for (int i = 0; i < pairs.length; i += 2) {
      assertSameBits(f.of(pairs[i]), pairs[i + 1], "f(" + pairs[i] + ")");
    }
  }

  @Test
  void powIsAccurate() {
    SplittableRandom random = new SplittableRandom(11);
    double largest = 0;
    for (int i = 0; i < 5_000_000; i++) {
      float x =
          i % 2 == 0
              ? Float.intBitsToFloat(random.nextInt(1, 0x7f800000))
              : (float) random.nextDouble(0.5, 2);
      double scale = i % 4 < 2 ? 1 : Math.pow(10, -3 * random.nextDouble());
      float p = (float) (random.nextDouble(-155, 130) * scale * Math.log(2) / Math.log(x));
      if (!Float.isNaN(p)) {
        largest = Math.max(largest, ulps(Math.pow(x, p), Power.pow(x, p)));
      }
    }
    System.out.printf("pow: at most %.3f ulp%n", largest);
    assertThat(largest).isLessThan(1.25);
  }

  @Test
  void powHasTheSpecialCasesOfJava() {
    float[] values = {
      0f,
      1f,
      2f,
      3f,
      4f,
      0.5f,
      1.5f,
      0.1f,
      7f,
      1e-40f,
      1e38f,
      0x1p23f,
      0x1.000002p23f,
      0x1p24f,
      0x1.fffffep23f,
      33554432f,
      INF,
      NAN,
      Math.nextDown(1f),
      Math.nextUp(1f),
      Float.MIN_VALUE
    };
    float[] x = new float[70];
    float[] y = new float[x.length];
    for (float a : values) {
      for (float b : values) {
        for (int signs = 0; signs < 4; signs++) {
          float base = (signs & 1) == 0 ? a : -a;
          float p = (signs & 2) == 0 ? b : -b;
          float got = Power.pow(base, p);
          double want = Math.pow(base, p);
          String what = base + " ^ " + p;
          if (Double.isNaN(want)) {
            assertSameBits(got, NAN, what);
          } else if (Float.isInfinite((float) want) || (float) want == 0f) {
            assertSameBits(got, (float) want, what);
          } else {
            assertThat(ulps(want, got)).as(what).isLessThan(1.25);
          }
          java.util.Arrays.fill(x, base);
          Power.pow(x, 0, p, y, 0, x.length);
          assertSameBits(y[0], got, what);
          assertSameBits(y[69], got, what);
        }
      }
    }
  }

  @Test
  void powOfVectorsAndScalarsHasTheSameBits() {
    float[] x = awkward(20_000);
    float[] y = new float[x.length];
    for (float p : new float[] {-3f, -1f, -0.5f, 0f, 0.25f, 1f, 1.7f, 2f, 5f, 40.3f, NAN, INF}) {
      Power.pow(x, 0, p, y, 0, x.length);
      for (int i = 0; i < x.length; i++) {
        assertSameBits(y[i], Power.pow(x[i], p), x[i] + " ^ " + p);
      }
    }
  }

  /** Random bits (all exponents, NaNs with payloads) beside ordinary numbers and the edges. */
  static float[] awkward(int n) {
    float[] edges = {
      0f,
      -0f,
      1f,
      -1f,
      INF,
      -INF,
      NAN,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MIN_NORMAL,
      89f,
      -104f,
      -103.5f,
      88.8f,
      0.5f,
      2f,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      0x1p18f,
      0x1.000002p18f
    };
    SplittableRandom random = new SplittableRandom(7);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] =
          switch (i % 3) {
            case 0 -> Float.intBitsToFloat(random.nextInt());
            case 1 -> (float) random.nextGaussian() * 10;
            default -> edges[i % edges.length];
          };
    }
    return x;
  }

  private static void assertSameBits(float got, float want, String what) {
    if (Float.floatToRawIntBits(got) != Float.floatToRawIntBits(want)) {
      assertThat(Integer.toHexString(Float.floatToRawIntBits(got)))
          .as("%s: %s, expected %s", what, got, want)
          .isEqualTo(Integer.toHexString(Float.floatToRawIntBits(want)));
    }
  }

  /**
   * Distance in units of the exact result's last place; a result beyond the range may be infinite
   * or the largest float.
   */
  private static double ulps(double want, float got) {
    float nearest = (float) want;
    if (Float.isNaN(nearest) || Float.isNaN(got)) {
      return Float.isNaN(nearest) && Float.isNaN(got) ? 0 : INF;
    }
    if (Float.isInfinite(nearest) || Float.isInfinite(got)) {
      boolean edge = Math.abs(want) > 0x1.fffffcp127 && Math.abs(got) > 0x1.fffffcp127f;
      return nearest == got ? 0 : edge ? 1 : INF;
    }
    return Math.abs(got - want) / Math.ulp(nearest);
  }

  /**
   * {@link #ulps}, but where the double itself is only a rounding error, that error is forgiven.
   */
  private static double ulpsOrTiny(double want, float got) {
    return Math.abs(got - want) < 1e-14 ? 0 : ulps(want, got);
  }
}
