package dev.troupe.gan.boosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Philox;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WeightedDrawTest {
  private static final int STREAM = 77;

  private static int[] draw(WeightedDraw items, int step, int member, int count) {
    int[] out = new int[count];
    items.draw(new Philox.Key(5, step, STREAM, member), count, out, 0);
    return out;
  }

  /**
   * The probability of an ordered draw (a, b, c) is w_a · w_b/(1 - w_a) · w_c/(1 - w_a - w_b). With
   * weights so unequal, many draws go through a second round.
   */
  @Test
  void followsTheLawOfSuccessiveDraws() {
    double[] w = {0.001, 0.009, 0.09, 0.9};
    WeightedDraw items = new WeightedDraw(Arrays.stream(w).map(x -> 40 * x).toArray());
    int draws = 200_000;
    Map<String, Integer> counts = new HashMap<>();
    for (int step = 0; step < draws; step++) {
      counts.merge(Arrays.toString(draw(items, step, 0, 3)), 1, Integer::sum);
    }
    for (int a = 0; a < 4; a++) {
      for (int b = 0; b < 4; b++) {
        for (int c = 0; c < 4; c++) {
          Integer count = counts.remove(Arrays.toString(new int[] {a, b, c}));
          if (a == b || b == c || a == c) {
            assertThat(count).isNull();
          } else {
            double p = w[a] * w[b] / (1 - w[a]) * w[c] / (1 - w[a] - w[b]);
            double deviation = Math.sqrt(draws * p * (1 - p));
            assertThat((count == null ? 0 : count) - draws * p)
                .as("%d, %d, %d", a, b, c)
                .isBetween(-4 * deviation - 1, 4 * deviation + 1);
          }
        }
      }
    }
    assertThat(counts).isEmpty();
  }

  @Test
  void itemsAreDifferentAndNoneHasTheWeightNothing() {
    double[] w = new double[1000];
    for (int i = 0; i < w.length; i++) {
      w[i] = i % 3 == 0 ? 0 : Math.pow(10, -(i % 50)); // down to 1e-49
    }
    WeightedDraw items = new WeightedDraw(w);
    assertThat(items.size()).isEqualTo(1000);
    assertThat(items.positive()).isEqualTo(666);
    for (int step = 0; step < 20; step++) {
      assertThat(Arrays.stream(draw(items, step, 1, 64)).boxed())
          .doesNotHaveDuplicates()
          .allMatch(i -> w[i] > 0);
    }
    assertThat(Arrays.stream(draw(items, 3, 1, 666)).sorted().boxed())
        .containsExactlyElementsOf(
            IntStream.range(0, 1000).filter(i -> i % 3 != 0).boxed().toList());
  }

  @Test
  void isAFunctionOfItsKey() {
    WeightedDraw items = new WeightedDraw(IntStream.range(1, 500).asDoubleStream().toArray());
    int[] first = draw(items, 8, 2, 50);
    assertThat(draw(items, 9, 2, 50)).isNotEqualTo(first);
    assertThat(draw(items, 8, 3, 50)).isNotEqualTo(first);
    assertThat(draw(items, 8, 2, 50)).isEqualTo(first);
    assertThat(draw(items, 8, 2, 20)).isEqualTo(Arrays.copyOf(first, 20));
    int[] within = new int[52];
    items.draw(new Philox.Key(5, 8, STREAM, 2), 50, within, 1);
    assertThat(Arrays.copyOfRange(within, 1, 51)).isEqualTo(first);
    assertThat(within[0]).isZero();
    assertThat(within[51]).isZero();
  }

  /** Equal weights draw each item equally often. */
  @Test
  void equalWeightsAreUniform() {
    WeightedDraw items = new WeightedDraw(DataWeights.uniform(100).values());
    int[] counts = new int[100];
    for (int step = 0; step < 20_000; step++) {
      for (int i : draw(items, step, 0, 10)) {
        counts[i]++;
      }
    }
    // 2000 each, with a deviation of √(20000 · 0.1 · 0.9) = 42
    assertThat(Arrays.stream(counts)).allMatch(c -> Math.abs(c - 2000) < 4.5 * 42);
  }

  @Test
  void badInput() {
    assertThatThrownBy(() -> new WeightedDraw(new double[] {1, -2}))
        .hasMessage("weightedDraw: weight 1 is -2.0, expected a finite one of 0 or more");
    assertThatThrownBy(() -> new WeightedDraw(new double[] {Double.NaN}))
        .hasMessage("weightedDraw: weight 0 is NaN, expected a finite one of 0 or more");
    assertThatThrownBy(() -> new WeightedDraw(new double[2]))
        .hasMessage("weightedDraw: 2 weights add up to 0.0, expected a finite sum above 0");
    assertThatThrownBy(() -> new WeightedDraw(new double[0]))
        .hasMessage("weightedDraw: 0 weights add up to 0.0, expected a finite sum above 0");
    assertThatThrownBy(() -> draw(new WeightedDraw(new double[] {1, 0, 1}), 0, 0, 3))
        .hasMessage("weightedDraw: 3 of 2 items with a weight above 0");
  }
}
