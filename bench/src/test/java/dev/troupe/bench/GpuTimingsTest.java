package dev.troupe.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.gan.GanTrainer;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.cases.DryMachine;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.tensor.Scope;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launches that {@code docs/gpu.md} counts, at full width. */
final class GpuTimingsTest {
  @ParameterizedTest
  @CsvSource({"1, FP32, 55", "8, FP32, 55", "25, FP32, 55", "1, TF32, 62", "25, TF32, 62"})
  void aStepOfGrid2dMakesFewLaunches(int members, Precision precision, int launches) {
    DryMachine machine = new DryMachine(90);
    try (GpuDevice device = new GpuDevice(machine, precision, true);
        Scope scope = Scope.open(device, "step")) {
      GanTrainer trainer = GpuTimings.trainer(scope, members, false);
      trainer.step();
      long before = machine.launches();
      trainer.step();
      assertThat(machine.launches() - before).isEqualTo(launches);
    }
  }
}
