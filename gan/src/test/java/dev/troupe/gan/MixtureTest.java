package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MixtureTest {
  @Test
  void equalMembersDifferByOneAtMostAndTheFirstHaveMore() {
    assertThat(Mixture.uniform(3).shares(2500)).containsExactly(834, 833, 833);
    assertThat(Mixture.uniform(4).shares(2500)).containsExactly(625, 625, 625, 625);
    assertThat(Mixture.uniform(3).shares(2)).containsExactly(1, 1, 0);
    assertThat(Mixture.uniform(2).shares(0)).containsExactly(0, 0);
    for (int members = 1; members <= 200; members++) {
      for (int total : new int[] {1, 7, 100, 2500, 99_999, 1_000_000}) {
        int[] expected = new int[members];
        for (int t = 0; t < members; t++) {
          expected[t] = total / members + (t < total % members ? 1 : 0);
        }
        assertThat(Mixture.uniform(members).shares(total)).isEqualTo(expected);
      }
    }
  }

  @Test
  void aFurtherMemberTakesItsShareFromAll() {
    Mixture two = Mixture.uniform(1).extended(0.5);
    assertThat(two.weights()).containsExactly(0.5, 0.5);
    assertThat(two.extended(0.2).weights()).containsExactly(0.4, 0.4, 0.2);
    Mixture mixture = Mixture.uniform(1);
    for (int t = 1; t < 7; t++) {
      mixture = mixture.extended(1.0 / (t + 1));
    }
    for (double w : mixture.weights()) {
      assertThat(w).isCloseTo(1.0 / 7, within(1e-15));
    }
    assertThatThrownBy(() -> two.extended(1.5))
        .hasMessage("mixture: the next member's share is 1.5, expected 0 to 1");
  }

  @Test
  void whatRemainsGoesToTheLargestRemainders() {
    assertThat(new Mixture(0.5, 0.25, 0.25).shares(1000)).containsExactly(500, 250, 250);
    assertThat(new Mixture(0.1, 0.2, 0.7).shares(7)).containsExactly(1, 1, 5);
    assertThat(new Mixture(0, 1).shares(9)).containsExactly(0, 9);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 1000; i++) {
      double[] weights = random.doubles(1 + random.nextInt(9)).toArray();
      double sum = Arrays.stream(weights).sum();
      Mixture mixture = new Mixture(Arrays.stream(weights).map(w -> w / sum).toArray());
      int total = random.nextInt(5000);
      int[] shares = mixture.shares(total);
      assertThat(Arrays.stream(shares).sum()).isEqualTo(total);
      for (int t = 0; t < shares.length; t++) {
        assertThat(Math.abs(shares[t] - mixture.weights()[t] * total)).isLessThan(1);
      }
    }
  }

  @Test
  void weightsMustBeADistribution() {
    assertThatThrownBy(() -> new Mixture(0.5, 0.6))
        .hasMessage("mixture: weights [0.5, 0.6] add up to 1.1, expected 1");
    assertThatThrownBy(() -> new Mixture(1.5, -0.5))
        .hasMessage("mixture: weight -0.5 in [1.5, -0.5], expected 0 or more");
    assertThatThrownBy(() -> new Mixture(Double.NaN, 1))
        .hasMessage("mixture: weight NaN in [NaN, 1.0], expected 0 or more");
    assertThatThrownBy(Mixture::new).hasMessage("mixture: weights [] add up to 0.0, expected 1");
  }

  @Test
  void itIsAValue() {
    double[] weights = {0.25, 0.75};
    Mixture mixture = new Mixture(weights);
    weights[0] = 9;
    mixture.weights()[1] = 9;
    assertThat(mixture).isEqualTo(new Mixture(0.25, 0.75)).isNotEqualTo(Mixture.uniform(2));
    assertThat(mixture).hasSameHashCodeAs(new Mixture(0.25, 0.75));
  }
}
