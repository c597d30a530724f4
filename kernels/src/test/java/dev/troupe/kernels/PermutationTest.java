package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PermutationTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 10, 16, 17, 100, 1000, 1024, 1025, 100_000})
  void isABijection(int n) {
    for (int epoch = 0; epoch < 3; epoch++) {
      int[] items = new int[n];
      new Permutation(n, new Philox.Key(9, epoch, 4, 1)).fill(0, n, items, 0);
      Arrays.sort(items);
      assertThat(items).isEqualTo(IntStream.range(0, n).toArray());
    }
  }

  @Test
  void worksAtTheLargestSize() {
    Permutation p = new Permutation(Integer.MAX_VALUE, new Philox.Key(9, 0, 4, 1));
    assertThat(IntStream.range(0, 10_000).map(p::index).distinct().count()).isEqualTo(10_000);
    assertThat(p.index(Integer.MAX_VALUE - 1)).isBetween(0, Integer.MAX_VALUE - 1);
  }

  @Test
  void dependsOnEveryPartOfTheKey() {
    int[] base = items(new Philox.Key(1, 2, 3, 4));
    assertThat(items(new Philox.Key(1, 2, 3, 4))).isEqualTo(base);
    assertThat(items(new Philox.Key(2, 2, 3, 4))).isNotEqualTo(base);
    assertThat(items(new Philox.Key(1L | 1L << 32, 2, 3, 4))).isNotEqualTo(base);
    assertThat(items(new Philox.Key(1, 3, 3, 4))).isNotEqualTo(base);
    assertThat(items(new Philox.Key(1, 2, 4, 4))).isNotEqualTo(base);
    assertThat(items(new Philox.Key(1, 2, 3, 5))).isNotEqualTo(base);
    assertThat(Permutation.permute(5, 1000, new Philox.Key(1, 2, 3, 4))).isEqualTo(base[5]);
  }

  private static int[] items(Philox.Key key) {
    int[] items = new int[1000];
    new Permutation(1000, key).fill(0, 1000, items, 0);
    return items;
  }

  /** Every order of n items is equally likely over the epochs. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5})
  void allOrdersAreEquallyLikely(int n) {
    Map<String, Integer> counts = new HashMap<>();
    int trials = 120_000;
    int[] items = new int[n];
    for (int epoch = 0; epoch < trials; epoch++) {
      new Permutation(n, new Philox.Key(7, epoch, 3, 1)).fill(0, n, items, 0);
      counts.merge(Arrays.toString(items), 1, Integer::sum);
    }
    int orders = IntStream.rangeClosed(1, n).reduce(1, (a, b) -> a * b);
    assertThat(counts).hasSize(orders);
    assertUniform(counts.values().stream().mapToInt(Integer::intValue).toArray());
  }

  /** The first item, and two neighbours, are uniform over the epochs. */
  @ParameterizedTest
  @ValueSource(ints = {10, 16, 17, 64})
  void firstItemsAndNeighboursAreUniform(int n) {
    int[] first = new int[n];
    int[] pairs = new int[n * (n - 1)];
    for (int epoch = 0; epoch < 200_000; epoch++) {
      Permutation p = new Permutation(n, new Philox.Key(7, epoch, 3, 1));
      first[p.index(0)]++;
      int a = p.index(n / 2);
      int b = p.index(n / 2 + 1);
      pairs[a * (n - 1) + (b < a ? b : b - 1)]++;
    }
    assertUniform(first);
    assertUniform(pairs);
  }

  /** Within one epoch of many items, the step from one item to the next is uniform too. */
  @Test
  void stepsWithinAnEpochAreUniform() {
    int n = 100_000;
    int[] items = new int[n];
    new Permutation(n, new Philox.Key(3, 0, 3, 0)).fill(0, n, items, 0);
    int[] steps = new int[50];
    for (int i = 1; i < n; i++) {
      steps[(int) (Math.floorMod(items[i] - items[i - 1], n) * 50L / n)]++;
    }
    assertUniform(steps);
  }

  @Test
  void badArguments() {
    Philox.Key key = new Philox.Key(0, 0, 0, 0);
    assertThatThrownBy(() -> new Permutation(0, key))
        .hasMessage("permutation: size is 0, expected 1 or more");
    assertThatThrownBy(() -> new Permutation(5, key).index(5))
        .hasMessage("permutation: position is 5, expected 0 to 4");
  }

  /**
   * Chi-square within four standard deviations of its mean; the keys are fixed, so the outcome is
   * too.
   */
  private static void assertUniform(int[] counts) {
    double expected = Arrays.stream(counts).sum() / (double) counts.length;
    double chi = Arrays.stream(counts).mapToDouble(c -> (c - expected) * (c - expected)).sum();
    int freedom = counts.length - 1;
    assertThat(chi / expected).isLessThan(freedom + 4 * Math.sqrt(2.0 * freedom) + 4);
  }
}
