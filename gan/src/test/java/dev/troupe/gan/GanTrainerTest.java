package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.CountingDevice;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.MemoryMeter;
import dev.troupe.kernels.StepGuard;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import dev.troupe.tensor.io.HostArray;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The promises of the engine, kept by a whole training step. */
class GanTrainerTest {
  private static final int STEPS = 200;

  private static GanTrainer train(Scope scope, int packing, boolean simultaneous, int... members) {
    GanTrainer trainer = TestGans.trainer(scope, packing, simultaneous, members);
    for (int i = 0; i < STEPS; i++) {
      trainer.step();
    }
    return trainer;
  }

  private static Map<String, HostArray> trained(
      int threads, int packing, boolean simultaneous, int... members) {
    try (Device device = new CpuDevice(threads);
        Scope scope = Scope.open(device, "test")) {
      return train(scope, packing, simultaneous, members).gan().state().save();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "1, false"})
  void aMemberHasTheSameBitsAloneAndAmongOthers(int packing, boolean simultaneous) {
    Map<String, HostArray> together = trained(2, packing, simultaneous, 4, 7, 9);
    Map<String, HostArray> alone = trained(1, packing, simultaneous, 7);
    assertThat(alone.keySet()).isEqualTo(together.keySet());
    int compared = 0;
    for (String name : alone.keySet()) {
      HostArray one = alone.get(name);
      HostArray all = together.get(name);
      if (name.startsWith("generator.") || name.startsWith("discriminator.")) {
        int size = one.size();
        assertThat(Arrays.copyOfRange(all.floats(), size, 2 * size))
            .as(name)
            .isEqualTo(one.floats());
        assertThat(Arrays.copyOf(all.floats(), size)).as(name).isNotEqualTo(one.floats());
        compared += size;
      }
    }
    assertThat(compared).isGreaterThan(1000);
  }

  @Test
  void threadsChangeNoBit() {
    String[] hashes = new String[3];
    for (int i = 0; i < hashes.length; i++) {
      try (Device device = new CpuDevice(1 << i);
          Scope scope = Scope.open(device, "test")) {
        hashes[i] = train(scope, 1, true, 0, 1, 2).gan().state().parameterHash();
      }
    }
    assertThat(hashes).containsOnly(hashes[0]);
  }

  @ParameterizedTest
  @CsvSource({"1, true", "1, false", "2, true"})
  void aStepMakesTheSameCallsForAnyNumberOfMembers(int packing, boolean simultaneous) {
    assertThat(calls(packing, simultaneous, 8)).isEqualTo(calls(packing, simultaneous, 1));
  }

  /** On a GPU a step of one member takes as long as its launches: none may come back unseen. */
  @Test
  void aStepMakesFewCalls() {
    assertThat(callsOfStep(GanTrainer.Updates.ALTERNATING)).isLessThanOrEqualTo(55);
    assertThat(callsOfStep(GanTrainer.Updates.SIMULTANEOUS)).isLessThanOrEqualTo(44);
  }

  /** With layers wide enough for the gradients that the papers' widths take. */
  private static int callsOfStep(GanTrainer.Updates updates) {
    CountingDevice device = new CountingDevice(new CpuDevice(1));
    try (device;
        Scope scope = Scope.open(device, "test")) {
      Gan gan = new PointGan(5, 64, 1).create(new State(scope, 5, 0));
      GanTrainer.Config config =
          new GanTrainer.Config(3, 1, updates, Schedule.constant(1e-3), TestGans.ADAM);
      GanTrainer trainer = new GanTrainer(gan, config, TestGans.data(scope, 1), 5);
      trainer.step();
      device.reset();
      trainer.step();
      return device.total();
    }
  }

  private static Map<String, Integer> calls(int packing, boolean simultaneous, int members) {
    CountingDevice device = new CountingDevice(new CpuDevice(1));
    try (device;
        Scope scope = Scope.open(device, "test")) {
      GanTrainer trainer =
          TestGans.trainer(scope, packing, simultaneous, Rng.firstMembers(members));
      trainer.step();
      device.reset();
      trainer.step();
      assertThat(device.total()).isPositive();
      return Map.copyOf(device.byName());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStepReadsAndWritesNothingOnTheHost(boolean simultaneous) {
    StepGuard device = new StepGuard(new CpuDevice(1));
    try (device;
        Scope scope = Scope.open(device, "test")) {
      GanTrainer trainer = TestGans.trainer(scope, 2, simultaneous, 0, 1);
      for (int i = 0; i < 3; i++) {
        try (StepGuard.Step step = device.openStep()) {
          trainer.step();
        }
      }
      try (StepGuard.Step step = device.openStep()) {
        assertThatThrownBy(() -> trainer.losses(3)).hasMessageStartingWith("read: ");
      }
    }
  }

  @Test
  void aStepKeepsNoMemory() {
    try (Device device = new CpuDevice(2);
        Scope scope = Scope.open(device, "test")) {
      GanTrainer trainer = TestGans.trainer(scope, 2, true, 0, 1);
      trainer.step();
      Device.MemoryUse before = device.memory();
      for (int i = 0; i < STEPS; i++) {
        trainer.step();
      }
      assertThat(device.memory()).isEqualTo(before);
    }
  }

  /** What a dry run counts is what the pool of a device comes to. */
  @Test
  void aMeterCountsTheMemoryOfAStep() {
    MemoryMeter meter = new MemoryMeter(Float.BYTES);
    try (Device device = new CpuDevice(2)) {
      for (Device one : List.of(device, meter)) {
        try (Scope scope = Scope.open(one, "test")) {
          GanTrainer trainer = TestGans.trainer(scope, 2, true, 0, 1);
          trainer.step();
          trainer.losses(1);
        }
      }
      Device.MemoryUse used = device.memory();
      assertThat(used.live()).isZero();
      assertThat(meter.memory()).isEqualTo(used);
      assertThat(meter.held()).isEqualTo(used.pooled());
      assertThat(device.room()).isEqualTo(Runtime.getRuntime().maxMemory());
    }
  }

  @ParameterizedTest
  @CsvSource({"1, true", "1, false", "3, true", "3, false"})
  void bothKindsOfUpdateTrainBothNetworks(int packing, boolean simultaneous) {
    try (Device device = new CpuDevice(2);
        Scope scope = Scope.open(device, "test")) {
      GanTrainer trainer = TestGans.trainer(scope, packing, simultaneous, 0, 1);
      Map<String, HostArray> before = trainer.gan().state().save();
      trainer.step();
      double[][] first = trainer.losses(1);
      for (int i = 1; i < STEPS; i++) {
        trainer.step();
      }
      double[][] last = trainer.losses(STEPS);
      for (int e = 0; e < 2; e++) {
        assertThat(first[0][e]).isCloseTo(2 * Math.log(2), within(0.3)); // undecided
        assertThat(first[1][e]).isCloseTo(Math.log(2), within(0.3));
        for (int loss = 0; loss < 2; loss++) {
          assertThat(last[loss][e]).isBetween(0.1, 3.0);
          assertThat(Math.abs(last[loss][e] - first[loss][e])).isGreaterThan(1e-3);
        }
      }
      Map<String, HostArray> after = trainer.gan().state().save();
      trainer
          .gan()
          .state()
          .parameterTensors()
          .keySet()
          .forEach(name ->
              assertThat(after.get(name).floats())
                  .as(name)
                  .isNotEqualTo(before.get(name).floats())
                  .doesNotContain(Float.NaN));
    }
  }

  @Test
  void aLoadedStateGoesOnBitForBit() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "test")) {
      GanTrainer whole = TestGans.trainer(scope, 2, true, 0, 1);
      Map<String, HostArray> half = Map.of();
      for (int i = 0; i < 130; i++) {
        half = i == 71 ? whole.gan().state().save() : half;
        whole.step();
      }
      GanTrainer resumed = TestGans.trainer(scope, 2, true, 0, 1);
      resumed.gan().state().load(half);
      for (int i = 71; i < 130; i++) {
        resumed.step();
      }
      assertThat(resumed.losses(130)).isDeepEqualTo(whole.losses(130));
      assertThat(resumed.gan().state().parameterHash())
          .isEqualTo(whole.gan().state().parameterHash());
    }
  }

  @Test
  void dataThatDoNotFitAreRefused() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "test")) {
      Gan gan = new PointGan(4, 4, 1).create(new State(scope, 1, 0));
      Tensor few = scope.zeros(Shape.of(TestGans.BATCH - 1, 2));
      assertThatThrownBy(() -> new GanTrainer(gan, TestGans.config(1, true), few, 1))
          .hasMessage(
              "ganTrainer: data is [18, 2], expected [points, width] with at least 19 points, one"
                  + " batch");
    }
  }
}
