package dev.troupe.kernels.reference;

import static java.lang.Double.MAX_VALUE;
import static java.lang.Double.MIN_VALUE;
import static java.lang.Double.NEGATIVE_INFINITY;
import static java.lang.Double.NaN;
import static java.lang.Double.POSITIVE_INFINITY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.Values;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class ElementwiseTest {
  private static final double INF = POSITIVE_INFINITY;
  private static final double NINF = NEGATIVE_INFINITY;
  private final ReferenceDevice device = new ReferenceDevice();
  private final Values values = new Values(device);

  private final EnumSet<Unary> unaries = EnumSet.noneOf(Unary.class);
  private final EnumSet<Binary> binaries = EnumSet.noneOf(Binary.class);

  private double map(Unary f, double p, double q, double x) {
    unaries.add(f);
    Buffer in = values.real(x);
    Buffer out = values.realOfSize(1);
    device.run(new Primitive.Map(f, p, q, in, out));
    device.run(new Primitive.Map(f, p, q, in, in)); // in place
    assertThat(values.of(in)).isEqualTo(values.of(out));
    return values.of(out)[0];
  }

  private double map(Unary f, double x) {
    return map(f, NaN, NaN, x); // a parameter that f has not must not matter
  }

  private double zip(Binary f, double p, double a, double b) {
    binaries.add(f);
    Buffer out = values.realOfSize(1);
    Broadcast by = Broadcast.contiguous(1, 2);
    device.run(new Primitive.Zip(f, p, by, values.real(a), values.real(b), out));
    return values.of(out)[0];
  }

  private double zip(Binary f, double a, double b) {
    return zip(f, NaN, a, b);
  }

  // Bits, so that -0 is not 0 and NaN is NaN.
  private static void same(double actual, double expected) {
    assertThat(Double.doubleToLongBits(actual))
        .as("%s, expected %s", actual, expected)
        .isEqualTo(Double.doubleToLongBits(expected));
  }

  private static void near(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(4 * Math.ulp(expected)));
  }

  @Test
  void unaryFunctions() {
    same(map(Unary.AFFINE, 2, 3, 5), 13);
    same(map(Unary.AFFINE, 1 + 0x1p-30, -1, 1 + 0x1p-30), 0x1p-29 + 0x1p-60); // fused
    same(map(Unary.ABS, -0.0), 0);
    same(map(Unary.ABS, NINF), INF);
    same(map(Unary.SIGN, -MIN_VALUE), -1);
    same(map(Unary.SIGN, 7), 1);
    same(map(Unary.SIGN, -0.0), -0.0);
    same(map(Unary.SIGN, NaN), NaN);
    same(map(Unary.STEP, 2, NaN, 2), 0);
    same(map(Unary.STEP, 2, NaN, 2.5), 1);
    same(map(Unary.STEP, 2, NaN, NaN), 0);
    same(map(Unary.SQUARE, -3), 9);
    same(map(Unary.RECIPROCAL, 8), 0.125);
    same(map(Unary.RECIPROCAL, -0.0), NINF);
    same(map(Unary.SQRT, 2.25), 1.5);
    same(map(Unary.SQRT, -1), NaN);
    same(map(Unary.SQRT, -0.0), -0.0);
    same(map(Unary.RSQRT, 6.25), 0.4);
    same(map(Unary.RSQRT, 0), INF);
    near(map(Unary.EXP, 1), 2.718281828459045);
    same(map(Unary.EXP, NINF), 0);
    same(map(Unary.EXP, 1000), INF);
    near(map(Unary.LOG, 10), 2.302585092994046);
    same(map(Unary.LOG, 0), NINF);
    same(map(Unary.LOG, -1), NaN);
    near(map(Unary.SIN, 1), 0.8414709848078965);
    near(map(Unary.COS, 1), 0.5403023058681398);
    same(map(Unary.SIN, INF), NaN);
    near(map(Unary.TANH, 0.5), 0.46211715726000975);
    same(map(Unary.TANH, NINF), -1);
    same(map(Unary.TANH, -0.0), -0.0);
    near(map(Unary.SIGMOID, 2), 0.8807970779778823);
    near(map(Unary.SIGMOID, -50), 1.9287498479639178e-22);
    same(map(Unary.SIGMOID, NINF), 0);
    near(map(Unary.SOFTPLUS, 0), 0.6931471805599453);
    near(map(Unary.SOFTPLUS, -40), 4.248354255291589e-18);
    same(map(Unary.SOFTPLUS, 1e300), 1e300);
    same(map(Unary.SOFTPLUS, INF), INF);
    same(map(Unary.SOFTPLUS, NINF), 0);
    same(map(Unary.SOFTPLUS, NaN), NaN);
    same(map(Unary.RELU, -2), 0);
    same(map(Unary.RELU, 2), 2);
    same(map(Unary.RELU, NaN), NaN);
    same(map(Unary.LEAKY_RELU, 0.25, NaN, -2), -0.5);
    same(map(Unary.LEAKY_RELU, 0.25, NaN, 2), 2);
    same(map(Unary.LEAKY_RELU, 0.25, NaN, NaN), NaN);
    same(map(Unary.POW, 3, NaN, -2), -8);
    same(map(Unary.POW, 0, NaN, NaN), 1);
    same(map(Unary.POW, 0.5, NaN, -2), NaN);
    same(map(Unary.POW, -1, NaN, -0.0), NINF);
    same(map(Unary.CLAMP, -1, 2, 3), 2);
    same(map(Unary.CLAMP, -1, 2, NINF), -1);
    same(map(Unary.CLAMP, -1, 2, 0.5), 0.5);
    same(map(Unary.CLAMP, -1, 2, NaN), NaN);
    same(map(Unary.INSIDE, -1, 2, -1), 1);
    same(map(Unary.INSIDE, -1, 2, 2), 1);
    same(map(Unary.INSIDE, -1, 2, 2.1), 0);
    same(map(Unary.INSIDE, -1, 2, NaN), 0);
    assertThat(unaries).isEqualTo(EnumSet.allOf(Unary.class));
  }

  @Test
  void binaryFunctions() {
    same(zip(Binary.ADD, 2, 3), 5);
    same(zip(Binary.ADD, INF, NINF), NaN);
    same(zip(Binary.SUB, 2, 3), -1);
    same(zip(Binary.MUL, MAX_VALUE, 2), INF);
    same(zip(Binary.DIV, 3, 2), 1.5);
    same(zip(Binary.DIV, 0, 0), NaN);
    same(zip(Binary.DIV, -1, 0), NINF);
    same(zip(Binary.MIN, 0, -0.0), -0.0);
    same(zip(Binary.MAX, -0.0, 0), 0);
    same(zip(Binary.MIN, 1, NaN), NaN);
    same(zip(Binary.MAX, NaN, 1), NaN);
    same(zip(Binary.MAX, 2, 3), 3);
    same(zip(Binary.MIN, 2, 3), 2);
    same(zip(Binary.GREATER, 2, 2), 0);
    same(zip(Binary.GREATER, 3, 2), 1);
    same(zip(Binary.GREATER, NaN, 2), 0);
    same(zip(Binary.GREATER_EQUAL, 2, 2), 1);
    same(zip(Binary.GREATER_EQUAL, 1, 2), 0);
    same(zip(Binary.GREATER_EQUAL, NaN, NaN), 0);
    same(zip(Binary.EQUAL, 0, -0.0), 1);
    same(zip(Binary.EQUAL, NaN, NaN), 0);
    same(zip(Binary.ADD_SCALED, 3, 1, 2), 7);
    same(zip(Binary.ADD_SCALED, 1 + 0x1p-30, -1, 1 + 0x1p-30), 0x1p-29 + 0x1p-60); // fused
    same(zip(Binary.LERP, 0.25, 2, 6), 3);
    same(zip(Binary.TANH_GRAD, 2, 0.5), 1.5);
    same(zip(Binary.SIGMOID_GRAD, 2, 0.25), 0.375);
    near(zip(Binary.SOFTPLUS_GRAD, 3, 2), 3 * 0.8807970779778823);
    same(zip(Binary.RELU_GRAD, 3, 0), 0);
    same(zip(Binary.RELU_GRAD, 3, 1), 3);
    same(zip(Binary.LEAKY_RELU_GRAD, 0.25, 4, 0), 1);
    same(zip(Binary.LEAKY_RELU_GRAD, 0.25, 4, 1), 4);
    assertThat(binaries).isEqualTo(EnumSet.allOf(Binary.class));
  }

  @Test
  void gradientsOfUnariesAreDerivatives() {
    for (double x : new double[] {-3, -0.7, 0.2, 1.9}) {
      derivative(Unary.TANH, 0, x, zip(Binary.TANH_GRAD, 1, map(Unary.TANH, x)));
      derivative(Unary.SIGMOID, 0, x, zip(Binary.SIGMOID_GRAD, 1, map(Unary.SIGMOID, x)));
      derivative(Unary.SOFTPLUS, 0, x, zip(Binary.SOFTPLUS_GRAD, 1, x));
      derivative(Unary.RELU, 0, x, zip(Binary.RELU_GRAD, 1, x));
      derivative(Unary.LEAKY_RELU, 0.2, x, zip(Binary.LEAKY_RELU_GRAD, 0.2, 1, x));
    }
  }

  private void derivative(Unary f, double p, double x, double expected) {
    double h = 1e-5;
    double central = (map(f, p, 0, x + h) - map(f, p, 0, x - h)) / (2 * h);
    assertThat(central).as("%s at %s", f, x).isCloseTo(expected, within(1e-9));
  }

  @Test
  void zipsBroadcastInputs() {
    Broadcast by = Broadcast.of(new int[] {2, 3}, new int[] {2, 1}, new int[] {3});
    Buffer y = values.realOfSize(6);
    device.run(new Primitive.Zip(Binary.SUB, 0, by, values.real(10, 20), values.real(1, 2, 3), y));
    assertThat(values.of(y)).containsExactly(9, 8, 7, 19, 18, 17);
  }

  @Test
  void zipsIntoAnInput() {
    Broadcast by = Broadcast.of(new int[] {2, 2}, new int[] {2, 2}, new int[] {1});
    Buffer a = values.real(1, 2, 3, 4);
    device.run(new Primitive.Zip(Binary.MUL, 0, by, a, values.real(10), a));
    assertThat(values.of(a)).containsExactly(10, 20, 30, 40);
  }

  @Test
  void selects() {
    Broadcast by =
        Broadcast.of(new int[] {2, 3}, new int[] {3}, new int[] {2, 1}, new int[] {2, 3});
    Buffer y = values.realOfSize(6);
    device.run(
        new Primitive.Select(
            by,
            values.real(NaN, -0.0, 0.5),
            values.real(NINF, 7),
            values.real(1, NaN, 3, 4, 5, 6),
            y));
    assertThat(values.of(y)).containsExactly(NINF, NaN, NINF, 7, 5, 7);
  }

  @Test
  void fillsAndCopies() {
    Buffer x = values.realOfSize(3);
    device.run(new Primitive.Fill(2.75, x));
    assertThat(values.of(x)).containsExactly(2.75, 2.75, 2.75);
    Buffer i = values.int32OfSize(3);
    device.run(new Primitive.Fill(-2.75, i));
    assertThat(values.intsOf(i)).containsExactly(-2, -2, -2);

    Buffer real = values.real(-1.9, NaN, 1e10);
    device.run(new Primitive.Copy(real, i));
    assertThat(values.intsOf(i)).containsExactly(-1, 0, Integer.MAX_VALUE);
    device.run(new Primitive.Copy(i, x));
    assertThat(values.of(x)).containsExactly(-1, 0, Integer.MAX_VALUE);
    device.run(new Primitive.Copy(real, x));
    assertThat(values.of(x)).containsExactly(-1.9, NaN, 1e10);
    Buffer j = values.int32OfSize(3);
    device.run(new Primitive.Copy(i, j));
    assertThat(values.intsOf(j)).containsExactly(-1, 0, Integer.MAX_VALUE);
  }

  @Test
  void worksOnSlicesAlone() {
    Buffer x = values.real(1, 2, 3, 4, 5);
    device.run(new Primitive.Map(Unary.SQUARE, 0, 0, x.slice(1, 2), x.slice(3, 2)));
    device.run(new Primitive.Fill(0, x.slice(0, 1)));
    assertThat(values.of(x)).containsExactly(0, 2, 3, 4, 9);
  }
}
