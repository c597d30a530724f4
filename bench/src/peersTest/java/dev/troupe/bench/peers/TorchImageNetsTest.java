package dev.troupe.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On one thread: libtorch with two is a hundred times slower on a machine that is busy. */
class TorchImageNetsTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void dcganIsTheSameNetworkAndLearns(boolean channelsLast) {
    torch.manual_seed(3);
    try (TorchDcgan work = new TorchDcgan(1, 1, channelsLast)) {
      work.step();
      assertThat(work.losses()[0]).isEqualTo(2 * Math.log(2), within(0.3));
      double first = work.losses()[1];
      for (int i = 0; i < 3; i++) {
        work.step();
      }
      assertThat(work.losses()[0]).isBetween(0.01, 3.0);
      assertThat(work.losses()[1]).isBetween(0.01, 6.0).isNotEqualTo(first);
      assertThat(work.parameters()).containsExactly(3_448_579, 663_361);
    }
  }

  @Test
  void resNet18HasItsParametersAndLearns() {
    torch.manual_seed(3);
    try (TorchResNet18 work = new TorchResNet18(1, 1, false)) {
      assertThat(work.parameters()).isEqualTo(11_173_962);
      work.step();
      assertThat(work.loss()).isBetween(1.5, 4.0);
    }
  }
}
