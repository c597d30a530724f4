package dev.troupe.gan.boosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.gan.boosting.Reweighting.TheoryDagger;
import dev.troupe.gan.boosting.Reweighting.TheoryStar;
import dev.troupe.gan.boosting.Reweighting.TopK;
import dev.troupe.gan.boosting.Reweighting.Uniform;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReweightingTest {
  /**
   * By hand, N = 4 and β = 1/2, so that λ_i = 2 (1 + Σ/4) / i. Sorted: r = 0.2, 0.6, 2, 6.
   *
   * <pre>
   * i  Σ    λ_i             r_i/2 ≤ λ_i ≤ r_(i+1)/2
   * 1  0.2  2 · 1.05  = 2.1       2.1 ≤ 0.3   no
   * 2  0.8  2 · 1.2/2 = 1.2       1.2 ≤ 1     no
   * 3  2.8  2 · 1.7/3 = 1.1333    1 ≤ 1.1333 ≤ 3
   * </pre>
   *
   * Weights (λ - r/2) / 2: 0.51667, 0.41667, 0.06667 and, for r = 6, nothing. Sum 1.
   */
  @Test
  void theoryStarByHand() {
    DataWeights w = new TheoryStar().weights(new double[] {2, 0.2, 6, 0.6}, 0.5);
    assertThat(w.lambda()).isCloseTo(3.4 / 3, within(1e-15));
    assertThat(w.values())
        .containsExactly(new double[] {0.2 / 3, 3.1 / 6, 0, 2.5 / 6}, within(1e-15));
    assertThat(w.warning()).isEmpty();
    assertThat(w.positive()).isEqualTo(3);
    assertThat(w.effective()).isCloseTo(36 / (0.16 + 9.61 + 6.25), within(1e-14));
  }

  /**
   * By hand, N = 4 and β = 1/4, r as before: λ_i = (i/4 - 1/4) / (3/4) · 4 / Σ = 4 (i - 1) / (3 Σ).
   *
   * <pre>{@code
   * i  Σ    λ_i               λ_i < 4/(3 r_i), and ≥ 4/(3 r_(i+1))
   * 1  0.2  0                 0 < 6.67, but not ≥ 2.22
   * 2  0.8  4/2.4  = 1.6667   1.6667 < 2.22, and ≥ 0.667
   * }</pre>
   *
   * Weights 1 - λ · 3/4 · r = 1 - 1.25 r: 0.75 and 0.25; then 1 - 2.5 and 1 - 7.5, so nothing. (But
   * for 1e-7 in two denominators.)
   */
  @Test
  void theoryDaggerByHand() {
    DataWeights w = new TheoryDagger().weights(new double[] {2, 0.2, 6, 0.6}, 0.25);
    assertThat(w.lambda()).isCloseTo(5.0 / 3, within(1e-6));
    assertThat(w.values()).containsExactly(new double[] {0, 0.75, 0, 0.25}, within(1e-6));
    assertThat(w.warning()).isEmpty();
  }

  /** λ* as the root of Σ max(0, λ - (1 - β) r_i) = β N, which bisection finds. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 10, 1000})
  void theoryStarMatchesBisection(int n) {
    SplittableRandom random = new SplittableRandom(n);
    for (int repeat = 0; repeat < 50; repeat++) {
      double beta = repeat < 10 ? 1.0 / (repeat + 2) : 0.001 + 0.998 * random.nextDouble();
      double[] ratios = ratios(random, n);
      double low = 0;
      double high = n + Arrays.stream(ratios).max().getAsDouble();
      for (int i = 0; i < 200; i++) {
        double middle = (low + high) / 2;
        double sum = 0;
        for (double r : ratios) {
          sum += Math.max(0, middle - (1 - beta) * r);
        }
        low = sum < beta * n ? middle : low;
        high = sum < beta * n ? high : middle;
      }
      DataWeights w = new TheoryStar().weights(ratios, beta);
      assertThat(w.warning()).isEmpty();
      assertThat(w.lambda()).isCloseTo(high, within(1e-9 * high));
      for (int i = 0; i < n; i++) {
        double expected = Math.max(0, high - (1 - beta) * ratios[i]) / (beta * n);
        assertThat(w.values()[i]).isCloseTo(expected, within(1e-8));
      }
    }
  }

  /** Some easy points, some that the mixture lacks, and some equal ones. */
  private static double[] ratios(SplittableRandom random, int n) {
    float[] d = new float[n];
    for (int i = 0; i < n; i++) {
      d[i] = i % 5 == 4 ? d[i - 1] : (float) (1 / (1 + Math.exp(-4 * random.nextGaussian())));
    }
    return Reweighting.ratios(d);
  }

  @Test
  void weightsAddUpAndGrowWithTheCertaintyThatAPointIsReal() {
    SplittableRandom random = new SplittableRandom(7);
    for (Reweighting rule :
        List.of(new TheoryStar(), new TheoryDagger(), new TopK(0.5), new Uniform())) {
      for (double beta : new double[] {0.5, 1.0 / 3, 0.25, 0.1}) {
        double[] ratios = ratios(random, 500);
        DataWeights w = rule.weights(ratios, beta);
        assertThat(w.warning()).as("%s, %s", rule, beta).isEmpty();
        assertThat(Arrays.stream(w.values()).sum()).isCloseTo(1, within(1e-12));
        assertThat(w.positive()).isGreaterThanOrEqualTo(rule instanceof Uniform ? 500 : 25);
        for (int i = 0; i < 500; i++) {
          for (int j = 0; j < 500; j++) {
            if (ratios[i] <= ratios[j]) {
              assertThat(w.values()[i]).isGreaterThanOrEqualTo(w.values()[j]);
            }
          }
        }
      }
    }
  }

  /** Where the mixture is right everywhere, r = 1, the next member gets all of the data. */
  @Test
  void aPerfectMixtureLeavesTheWeightsEqual() {
    double[] ones = {1, 1, 1, 1, 1};
    DataWeights w = new TheoryStar().weights(ones, 0.25);
    assertThat(w.values()).containsExactly(new double[] {0.2, 0.2, 0.2, 0.2, 0.2}, within(1e-15));
    assertThat(w.lambda()).isCloseTo(1, within(1e-15));
    assertThat(new TheoryStar().weights(new double[] {3, 0, 1}, 1).values())
        .containsExactly(1.0 / 3, 1.0 / 3, 1.0 / 3);
    assertThat(new Uniform().weights(new double[] {3, 0}, 0.5).values()).containsExactly(0.5, 0.5);
  }

  @Test
  void topKTakesWhatIsAtMostTheQuantile() {
    double[] ratios = {5, 1, 4, 2, 3};
    assertThat(new TopK(0.5).weights(ratios, 0.5).values())
        .containsExactly(0, 1.0 / 3, 0, 1.0 / 3, 1.0 / 3);
    // A quantile between 2 and 3
    assertThat(new TopK(0.4).weights(ratios, 0.5).values()).containsExactly(0, 0.5, 0, 0.5, 0);
    assertThat(new TopK(0).weights(ratios, 0.5).values()).containsExactly(0, 1, 0, 0, 0);
    assertThat(new TopK(1).weights(ratios, 0.5).positive()).isEqualTo(5);
    assertThat(new TopK(0.5).weights(new double[] {7}, 0.5).values()).containsExactly(1);
  }

  @Test
  void aRuleThatFindsNothingSaysSo() {
    // Nothing but zeros: λ_i = (i/10 - 0.5) · 2e8 would have to be below 2e7 and not below it.
    DataWeights w = new TheoryDagger().weights(new double[10], 0.5);
    assertThat(w.values()).containsOnly(0.1);
    assertThat(w.lambda()).isNaN();
    assertThat(w.warning())
        .contains(
            "reweighting: theory_dagger found no lambda for 10 points and beta 0.5, all points are"
                + " weighted equally");
    // λ - r/2 is lost in rounding
    assertThat(new TheoryStar().weights(new double[] {1e300, 1e300}, 0.5).warning())
        .contains(
            "reweighting: the weights of theory_star add up to 0.0, all points are weighted"
                + " equally");
  }

  @Test
  void ratiosOfProbabilities() {
    assertThat(Reweighting.ratios(new float[] {0.5f, 1, 0, 0.25f}))
        .containsExactly(new double[] {1, 0, 1e8, 3}, within(1e-6));
  }

  @Test
  void shares() {
    assertThat(new NextShare.Uniform().after(0)).isEqualTo(1);
    assertThat(new NextShare.Uniform().after(3)).isEqualTo(0.25);
    assertThat(new NextShare.Constant(0.5).after(0)).isEqualTo(1);
    assertThat(new NextShare.Constant(0.5).after(3)).isEqualTo(0.5);
  }

  @Test
  void badInput() {
    assertThatThrownBy(() -> Reweighting.ratios(new float[] {0.5f, Float.NaN}))
        .hasMessage("reweighting: probability 1 is NaN, expected 0 to 1");
    assertThatThrownBy(() -> Reweighting.ratios(new float[] {1.5f}))
        .hasMessage("reweighting: probability 0 is 1.5, expected 0 to 1");
    assertThatThrownBy(() -> new TheoryStar().weights(new double[] {1, -1}, 0.5))
        .hasMessage("reweighting: ratio 1 is -1.0, expected a finite one of 0 or more");
    assertThatThrownBy(() -> new TheoryStar().weights(new double[] {Double.NaN}, 0.5))
        .hasMessage("reweighting: ratio 0 is NaN, expected a finite one of 0 or more");
    assertThatThrownBy(() -> new Uniform().weights(new double[0], 0.5))
        .hasMessage("reweighting: no ratios, expected 1 or more");
    assertThatThrownBy(() -> new TheoryStar().weights(new double[] {1}, 0))
        .hasMessage("reweighting: beta is 0.0, expected above 0 and at most 1");
    assertThatThrownBy(() -> new NextShare.Constant(1.5))
        .hasMessage("boosting: beta is 1.5, expected above 0 and at most 1");
    assertThatThrownBy(() -> new NextShare.Uniform().after(-1))
        .hasMessage("boosting: a share after -1 members, expected 0 or more");
    assertThatThrownBy(() -> new TopK(50))
        .hasMessage("reweighting: the quantile is 50.0, expected 0 to 1");
  }
}
