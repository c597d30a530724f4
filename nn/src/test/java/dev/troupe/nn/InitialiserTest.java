package dev.troupe.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Moments and bounds of what initialisers draw. */
class InitialiserTest {
  private static final int IN = 300;
  private static final int OUT = 200;

  private final Device device = new CpuDevice(1);
  private final Scope scope = Scope.open(device, "initialisers");

  @AfterEach
  void close() {
    scope.close();
    device.close();
  }

  /** Member 1 of two, of a weight of that shape. */
  private double[] draw(Initialiser initialiser, int... shape) {
    State state = new State(scope, 11, 4, 8);
    double[] both = state.parameter("w", Shape.of(shape), initialiser).tensor().toDoubles();
    int n = both.length / 2;
    return Arrays.copyOfRange(both, n, 2 * n);
  }

  /** Mean 0 and the standard deviation, within five standard errors; |x| at most the bound. */
  private static void check(double[] x, double sd, double bound) {
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    assertThat(mean).isCloseTo(0, within(5 * sd / Math.sqrt(x.length)));
    // The variance of a sample's variance is at most 2 sd⁴ / n, the normal distribution's.
    assertThat(variance).isCloseTo(sd * sd, within(5 * sd * sd * Math.sqrt(2.0 / x.length)));
    double largest = Arrays.stream(x).map(Math::abs).max().orElseThrow();
    assertThat(largest)
        .isLessThanOrEqualTo(bound * (1 + 1e-6))
        .isGreaterThan(0.9 * Math.min(bound, 3.5 * sd));
  }

  @Test
  void constants() {
    assertThat(draw(Initialiser.ZEROS, IN)).containsOnly(0);
    assertThat(draw(Initialiser.ONES, IN)).containsOnly(1);
    assertThat(draw(Initialiser.constant(-2.5), IN)).containsOnly(-2.5);
  }

  @Test
  void fixedSpread() {
    check(draw(Initialiser.normal(0.02), IN, OUT), 0.02, Double.POSITIVE_INFINITY);
    // The standard deviation of a normal number within two of them.
    check(draw(Initialiser.truncatedNormal(0.02), IN, OUT), 0.02 * 0.87962566, 0.04);
    check(draw(Initialiser.uniform(-0.3, 0.3), IN, OUT), 0.3 / Math.sqrt(3), 0.3);
  }

  @Test
  void spreadByTheFan() {
    double glorot = Math.sqrt(2.0 / (IN + OUT));
    double he = Math.sqrt(2.0 / IN);
    check(draw(Initialiser.glorotUniform(), IN, OUT), glorot, glorot * Math.sqrt(3));
    check(draw(Initialiser.glorotNormal(), IN, OUT), glorot, Double.POSITIVE_INFINITY);
    check(draw(Initialiser.heUniform(), IN, OUT), he, he * Math.sqrt(3));
    check(draw(Initialiser.heNormal(), IN, OUT), he, Double.POSITIVE_INFINITY);
  }

  @Test
  void theFanOfAConvolution() { // [out, in, h, w]
    double he = Math.sqrt(2.0 / (16 * 5 * 3));
    double glorot = Math.sqrt(2.0 / ((16 + 40) * 5 * 3));
    check(draw(Initialiser.heNormal(), 40, 16, 5, 3), he, Double.POSITIVE_INFINITY);
    check(draw(Initialiser.glorotUniform(), 40, 16, 5, 3), glorot, glorot * Math.sqrt(3));
  }

  @Test
  void aVectorHasNoFan() {
    assertThatThrownBy(() -> draw(Initialiser.heNormal(), IN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "initialiser: [2, 300] has no fan, expected [E, in, out] or [E, out, in, h, w]");
  }

  @Test
  void valuesDependOnSeedMemberAndNameAlone() {
    State ab = new State(scope, 1, 0, 1);
    State b = new State(scope, 1, 1);
    Initialiser normal = Initialiser.normal(1);
    float[] both = ab.parameter("w", Shape.of(50), normal).tensor().toFloats();
    float[] one = b.parameter("w", Shape.of(50), normal).tensor().toFloats();
    assertThat(Arrays.copyOfRange(both, 50, 100)).isEqualTo(one);
    assertThat(Arrays.copyOf(both, 50)).isNotEqualTo(one);
    assertThat(b.parameter("v", Shape.of(50), normal).tensor().toFloats()).isNotEqualTo(one);
    State other = new State(scope, 2, 1);
    assertThat(other.parameter("w", Shape.of(50), normal).tensor().toFloats()).isNotEqualTo(one);
  }
}
