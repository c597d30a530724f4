package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.StepGuard;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.io.HostArray;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A whole iteration of MIX+GAN, captured once and replayed. */
class MixGanReplayTest {
  private static final int ITERATIONS = 4;

  private record Trained(
      Map<String, HostArray> state, List<MixGanTrainer.Terms> terms, long replays) {}

  private static Trained train(Device device) {
    return train(device, 3, 2);
  }

  private static Trained train(Device device, int generators, int discriminators) {
    try (StepGuard guard = new StepGuard(device);
        Scope scope = Scope.open(guard, "test")) {
      MixGan gan = TestMixtures.plane(scope, generators, discriminators, 2, 5);
      Source data = new AxisGaussians(scope, 2, 2, 0.3);
      MixGanTrainer trainer =
          new MixGanTrainer(gan, TestMixtures.config(7, 3, 10, 1e-3, 1e-3), data, 4);
      try (CapturedStep step = CapturedStep.of(guard, trainer::step)) {
        for (int i = 0; i < ITERATIONS; i++) {
          try (StepGuard.Step open = guard.openStep()) {
            step.run();
          }
        }
      }
      assertThat(trainer.divergence()).isEmpty();
      return new Trained(trainer.save(), trainer.terms(0), guard.replays());
    }
  }

  @Test
  void replayedIterationsAreThoseOfPlainOnesBitForBit() {
    Trained replayed = train(new GpuDevice(new PtxMachine(), Precision.FP32, true));
    compare(train(new GpuDevice(new PtxMachine(), Precision.FP32, false)), replayed);
    // And it is the training that the CPU does.
    MixGanTrainer.Terms cpu = train(new CpuDevice(1)).terms.getLast();
    assertThat(replayed.terms.getLast().gap()).isCloseTo(cpu.gap(), within(1e-4));
    assertThat(replayed.terms.getLast().penalty()).isCloseTo(cpu.penalty(), within(1e-4));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 3, 2", "2, 2, 5", "2, 3, 3", "2, 4, 1", "4, 5, 4"})
  void onTheCpuEachThreadTakesWholePlayers(int threads, int generators, int discriminators) {
    compare(
        train(new CpuDevice(threads, false), generators, discriminators),
        train(new CpuDevice(threads), generators, discriminators));
  }

  private static void compare(Trained plain, Trained replayed) {
    assertThat(plain.replays).isZero();
    assertThat(replayed.replays).isEqualTo(ITERATIONS - 1);
    assertThat(replayed.terms).isEqualTo(plain.terms).hasSize(ITERATIONS);
    assertThat(replayed.state).containsOnlyKeys(plain.state.keySet());
    plain.state.forEach((name, array) -> {
      HostArray other = replayed.state.get(name);
      switch (array.dtype()) {
        case F32 -> assertThat(other.floats()).as(name).isEqualTo(array.floats());
        default -> assertThat(other.ints()).as(name).isEqualTo(array.ints());
      }
    });
  }
}
