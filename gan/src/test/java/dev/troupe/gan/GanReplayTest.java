package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.StepGuard;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.io.HostArray;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A whole training step, captured once and replayed. */
class GanReplayTest {
  private static final int STEPS = 50;

  private static Device ptx(boolean graphs) {
    return new GpuDevice(new PtxMachine(), Precision.FP32, graphs);
  }

  private record Trained(Map<String, HostArray> state, double[][] losses, long replays) {}

  private static Trained train(Device device) {
    return train(device, 1, true, 6);
  }

  private static Trained train(Device device, int packing, boolean simultaneous, int... members) {
    try (StepGuard guard = new StepGuard(device);
        Scope scope = Scope.open(guard, "test")) {
      GanTrainer trainer = TestGans.trainer(scope, packing, simultaneous, members);
      try (CapturedStep step = CapturedStep.of(guard, trainer::step)) {
        Device.MemoryUse steady = null;
        for (int i = 0; i < STEPS; i++) {
          try (StepGuard.Step open = guard.openStep()) {
            step.run();
          }
          steady = i == 2 ? guard.memory() : steady;
        }
        assertThat(guard.memory()).isEqualTo(steady);
      }
      return new Trained(trainer.gan().state().save(), trainer.losses(STEPS), guard.replays());
    }
  }

  @Test
  void replayedStepsAreThoseOfPlainOnesBitForBit() {
    Trained replayed = train(ptx(true));
    compare(train(ptx(false)), replayed);
    // And it is the training that the CPU does.
    double[][] cpu = train(new CpuDevice(1)).losses;
    for (int loss = 0; loss < 2; loss++) {
      assertThat(replayed.losses[loss][0]).isCloseTo(cpu[loss][0], within(1e-3));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, true",
    "1, 2, 1, false",
    "1, 8, 1, false",
    "2, 2, 2, true",
    "2, 3, 1, true",
    "2, 8, 1, false",
    "4, 3, 1, true",
    "4, 8, 1, true",
    "4, 11, 2, false"
  })
  void onTheCpuEachThreadTakesWholeMembers(
      int threads, int members, int packing, boolean simultaneous) {
    int[] ids = Rng.firstMembers(members);
    compare(
        train(new CpuDevice(threads, false), packing, simultaneous, ids),
        train(new CpuDevice(threads), packing, simultaneous, ids));
  }

  private static void compare(Trained plain, Trained replayed) {
    assertThat(plain.replays).isZero();
    assertThat(replayed.replays).isEqualTo(STEPS - 1);
    assertThat(replayed.losses).isDeepEqualTo(plain.losses);
    assertThat(replayed.state.keySet()).isEqualTo(plain.state.keySet()).isNotEmpty();
    plain.state.forEach((name, array) -> {
      HostArray other = replayed.state.get(name);
      switch (array.dtype()) {
        case F32 -> assertThat(other.floats()).as(name).isEqualTo(array.floats());
        default -> assertThat(other.ints()).as(name).isEqualTo(array.ints());
      }
    });
  }

  @Test
  void aStepCanBeProfiled() {
    try (Device device = ptx(true);
        Scope scope = Scope.open(device, "test")) {
      GanTrainer trainer = TestGans.trainer(scope, 1, true, 0, 1);
      trainer.step();
      List<KernelTime> times = device.profile(trainer::step);
      assertThat(times).hasSizeGreaterThan(20);
      assertThat(times).allSatisfy(time -> assertThat(time.seconds()).isPositive());
      assertThat(times).extracting(KernelTime::kernel).contains("increment", "ring_put");
      assertThat(times.getLast().kernel()).isEqualTo("increment");
    }
  }
}
