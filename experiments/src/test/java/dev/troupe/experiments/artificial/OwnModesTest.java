package dev.troupe.experiments.artificial;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OwnModesTest {
  @Test
  void eachGeneratorHasItsFavourite() {
    OwnModes own =
        OwnModes.of(
            List.of(List.of(0.1, 0.9, 0.0), List.of(0.0, 0.2, 0.8), List.of(0.85, 0.1, 0.05)));
    assertThat(own.mode()).containsExactly(1, 2, 0);
    assertThat(own.least()).isEqualTo(0.8);
  }

  @Test
  void twoGeneratorsOnOneModeCannotBothHaveIt() {
    OwnModes own = OwnModes.of(List.of(List.of(0.9, 0.1), List.of(0.95, 0.05)));
    assertThat(own.mode()).containsExactly(1, 0);
    assertThat(own.least()).isEqualTo(0.1);
  }

  @Test
  void theLeastFaithfulGeneratorDecidesNotTheSum() {
    // 0.9 + 0.3 would be more than 0.6 + 0.5.
    OwnModes own = OwnModes.of(List.of(List.of(0.9, 0.5), List.of(0.6, 0.3)));
    assertThat(own.mode()).containsExactly(1, 0);
    assertThat(own.least()).isEqualTo(0.5);
  }
}
