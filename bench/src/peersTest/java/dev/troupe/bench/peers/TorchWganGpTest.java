package dev.troupe.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.bench.WorkSpec.Artificial;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** On one thread: libtorch with two is a hundred times slower on a machine that is busy. */
class TorchWganGpTest {
  @Test
  void theCriticLearnsAndThePenaltyHolds() {
    torch.manual_seed(3);
    try (TorchWganGp work = new TorchWganGp(new Artificial(1, 1, true), 1)) {
      double first = Double.NaN;
      for (int i = 0; i < 6; i++) {
        work.step();
        first = i == 0 ? work.terms()[0] : first;
      }
      assertThat(work.terms()[0]).isGreaterThan(first + 0.05);
      assertThat(work.terms()[1]).isBetween(0.0, 1.0);
    }
  }

  @Test
  void aMixtureIsStoodForByItsPairs() {
    try (TorchWganGp work = new TorchWganGp(new Artificial(2, 1, false), 1)) {
      work.step();
      assertThat(work.terms()[1]).isZero();
      assertThat(work.flops()).isEqualTo(new Artificial(2, 1, false).flops(1));
    }
  }
}
