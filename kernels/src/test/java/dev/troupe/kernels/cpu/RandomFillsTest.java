package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.Distributions;
import dev.troupe.kernels.Philox;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RandomFillsTest {
  private static final Philox.Key KEY = new Philox.Key(0x123456789abcdef0L, 17, 3, 2);
  private static final int MANY = 1_000_000;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 5, 31, 32, 33, 127, 1025, 5000})
  void fillsHaveTheBitsOfTheScalarFormulas(int n) {
    int first = 3996;
    float[] uniform = new float[n + 2];
    float[] normal = new float[n + 2];
    float[] truncated = new float[n + 2];
    float[] coins = new float[n + 2];
    int[] integers = new int[n + 2];
    RandomFills.uniform(uniform, 1, first, n, KEY, -2f, 3f);
    RandomFills.normal(normal, 1, first, n, KEY, 0.5f, 2f);
    RandomFills.truncatedNormal(truncated, 1, first, n, KEY, 0.5f, 2f);
    RandomFills.bernoulli(coins, 1, first, n, KEY, 0.3);
    RandomFills.below(integers, 1, first, n, KEY, 25);
    int[] w = new int[4];
    for (int i = 0; i < n; i++) {
      int element = first + i;
      Philox.block(KEY, element / 4, w, 0);
      int word = w[element % 4];
      int even = w[element % 4 / 2 * 2];
      int odd = w[element % 4 / 2 * 2 + 1];
      float u = (float) Distributions.uniform(word);
      float z =
          element % 2 == 0
              ? RandomFills.normalCosine(even, odd)
              : RandomFills.normalSine(even, odd);
      assertThat(uniform[i + 1]).isEqualTo(Math.fma(u, 5f, -2f));
      assertThat(normal[i + 1]).isEqualTo(Math.fma(z, 2f, 0.5f));
      assertThat(truncated[i + 1]).isEqualTo(Math.fma(RandomFills.truncatedNormal(word), 2f, 0.5f));
      assertThat(coins[i + 1]).isEqualTo(u < 0.3 ? 1f : 0f);
      assertThat(integers[i + 1]).isEqualTo(Distributions.below(word, 25)).isBetween(0, 24);

      double exact =
          element % 2 == 0
              ? Distributions.normalCosine(even, odd)
              : Distributions.normalSine(even, odd);
      assertThat((double) z).isCloseTo(exact, within(1e-6));
      assertThat((double) RandomFills.truncatedNormal(word))
          .isCloseTo(Distributions.truncatedNormal(word), within(7e-7));
    }
    assertThat(new float[] {uniform[0], normal[0], truncated[0], coins[0]}).containsOnly(0f);
    assertThat(new float[] {uniform[n + 1], normal[n + 1], truncated[n + 1], coins[n + 1]})
        .containsOnly(0f);
  }

  @Test
  void piecesMakeTheWhole() {
    float[] whole = new float[4000];
    float[] pieces = new float[4000];
    RandomFills.normal(whole, 0, 0, 4000, KEY, 0f, 1f);
    RandomFills.normal(pieces, 0, 0, 1044, KEY, 0f, 1f);
    RandomFills.normal(pieces, 1044, 1044, 2956, KEY, 0f, 1f);
    assertThat(pieces).isEqualTo(whole);
  }

  @Test
  void uniformStaysBelowItsUpperEnd() {
    float[] x = new float[MANY];
    float low = 16777215f;
    RandomFills.uniform(x, 0, 0, MANY, KEY, low, low + 1);
    for (float v : x) {
      assertThat(v).isEqualTo(low);
    }
  }

  @Test
  void uniformIsUniform() {
    float[] x = new float[MANY];
    RandomFills.uniform(x, 0, 0, MANY, KEY, 0f, 1f);
    assertMoments(x, 0.5, 1 / 12.0, 0, 1.8);
    assertFollows(x, u -> u);
  }

  @Test
  void normalIsNormal() {
    float[] x = new float[MANY];
    RandomFills.normal(x, 0, 0, MANY, KEY, 0f, 1f);
    assertMoments(x, 0, 1, 0, 3);
    assertFollows(x, RandomFillsTest::normalDistribution);
    double products = 0;
    for (int i = 1; i < MANY; i++) {
      products += x[i] * x[i - 1];
    }
    assertThat(products / MANY).isCloseTo(0, within(4e-3));
  }

  @Test
  void truncatedNormalIsNormalWithinTwoDeviations() {
    float[] x = new float[MANY];
    RandomFills.truncatedNormal(x, 0, 0, MANY, KEY, 0f, 1f);
    double tail = normalDistribution(-2);
    assertFollows(x, z -> (normalDistribution(z) - tail) / Distributions.WITHIN_TWO);
    double density = Math.exp(-2) / Math.sqrt(2 * Math.PI);
    double variance = 1 - 4 * density / Distributions.WITHIN_TWO;
    assertMoments(x, 0, variance, 0, Double.NaN);
  }

  /** All 2^24 values there are. */
  @Test
  void truncatedNormalIsAccurateAndBounded() {
    double largest = 0;
    float previous = -3;
    for (int i = 0; i < 1 << 24; i++) {
      float z = RandomFills.truncatedNormal(i << 8);
      largest = Math.max(largest, Math.abs(z - Distributions.truncatedNormal(i << 8)));
      if (Math.abs(z) > 2 || z < previous - 2e-6f) {
        assertThat(z).as("at %s, after %s", i, previous).isBetween(-2f, 2f);
        assertThat(z).as("at %s", i).isGreaterThan(previous - 2e-6f);
      }
      previous = z;
    }
    System.out.printf("truncatedNormal: at most %.2e from double%n", largest);
    assertThat(largest).isLessThan(7e-7);
    double z = Distributions.truncatedNormal(-1);
    assertThat(normalDistribution(z))
        .isCloseTo((1 + 0x1.fffffep-1 * Distributions.WITHIN_TWO) / 2, within(1e-12));
  }

  @Test
  void integersAreUniform() {
    int[] x = new int[MANY];
    RandomFills.below(x, 0, 0, MANY, KEY, 25);
    int[] counts = new int[25];
    for (int v : x) {
      counts[v]++;
    }
    double chi = Arrays.stream(counts).mapToDouble(c -> (c - 4e4) * (c - 4e4) / 4e4).sum();
    assertThat(chi).isLessThan(24 + 4 * Math.sqrt(48));
  }

  @Test
  void coinsHaveTheirProbability() {
    float[] x = new float[MANY];
    for (double p : new double[] {0, 0.1, 0.5, 1}) {
      RandomFills.bernoulli(x, 0, 0, MANY, KEY, p);
      double heads = 0;
      for (float v : x) {
        heads += v;
      }
      assertThat(heads / MANY).isCloseTo(p, within(4 * Math.sqrt(p * (1 - p) / MANY) + 1e-12));
    }
  }

  @Test
  void badArguments() {
    assertThatThrownBy(() -> RandomFills.normal(new float[8], 0, 2, 4, KEY, 0f, 1f))
        .hasMessage("random: first is 2, expected a multiple of 4, 0 or more");
    assertThatThrownBy(() -> RandomFills.below(new int[8], 0, 0, 4, KEY, 0))
        .hasMessage("random: bound is 0, expected 1 or more");
  }

  /**
   * Mean, variance, skewness and kurtosis, each within about four of its own standard deviations.
   */
  private static void assertMoments(
      float[] x, double mean, double variance, double skewness, double kurtosis) {
    double sd = Math.sqrt(variance);
    double[] moments = new double[5];
    for (float v : x) {
      double z = (v - mean) / sd;
      for (int k = 1; k <= 4; k++) {
        moments[k] += Math.pow(z, k) / x.length;
      }
    }
    assertThat(moments[1]).isCloseTo(0, within(4e-3));
    assertThat(moments[2]).isCloseTo(1, within(6e-3));
    assertThat(moments[3]).isCloseTo(skewness, within(16e-3));
    if (!Double.isNaN(kurtosis)) {
      assertThat(moments[4]).isCloseTo(kurtosis, within(40e-3));
    }
  }

  /** Kolmogorov and Smirnov's distance below its 0.1 % point. */
  private static void assertFollows(float[] x, DoubleUnaryOperator distribution) {
    float[] sorted = x.clone();
    Arrays.sort(sorted);
    double distance = 0;
    for (int i = 0; i < sorted.length; i++) {
      double f = distribution.applyAsDouble(sorted[i]);
      distance = Math.max(distance, Math.max(f - (double) i / x.length, (i + 1.0) / x.length - f));
    }
    assertThat(distance * Math.sqrt(x.length)).isLessThan(1.95);
  }

  /** Φ(z) by its power series around 0 (Marsaglia 2004). */
  private static double normalDistribution(double z) {
    double sum = z;
    double term = z;
    for (int k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
      term *= z * z / k;
      sum += term;
    }
    return 0.5 + sum * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  }
}
