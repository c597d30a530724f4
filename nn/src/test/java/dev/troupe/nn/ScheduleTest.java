package dev.troupe.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Variable;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Learning rates against plain Java. */
class ScheduleTest {
  private static final double[] STEPS = {0, 1, 2, 9, 10, 11, 49, 50, 99, 100, 101, 250, 100_000};

  @Test
  void constant() {
    check(Schedule.constant(3e-4), s -> 3e-4);
    assertThat(Schedule.constant(1).isConstant()).isTrue();
    assertThat(Schedule.linear(1, 0, 5).isConstant()).isFalse();
  }

  @Test
  void linear() {
    check(Schedule.linear(1e-3, 1e-4, 100), s -> 1e-3 + progress(s) * (1e-4 - 1e-3));
    check(Schedule.linear(2e-4, 0, 100), s -> 2e-4 * (1 - progress(s)));
  }

  @Test
  void cosine() {
    check(
        Schedule.cosine(1e-3, 1e-5, 100),
        s -> 1e-5 + (1e-3 - 1e-5) * (1 + Math.cos(Math.PI * progress(s))) / 2);
  }

  @Test
  void exponential() {
    check(Schedule.exponential(1e-2, 1e-5, 100), s -> 1e-2 * Math.pow(1e-3, progress(s)));
    refused(
        () -> Schedule.exponential(1e-2, 0, 100),
        "schedule: exponential from 0.01 to 0.0, expected both above 0");
  }

  @Test
  void steps() {
    check(
        Schedule.steps(new double[] {0.01, 0.1, 0.001}, 10, 100),
        s -> s < 10 ? 0.01 : s < 100 ? 0.1 : 0.001);
    refused(
        () -> Schedule.steps(new double[] {1, 2}, 10, 20),
        "schedule: 2 rates for 2 boundaries, expected one more");
  }

  @Test
  void warmUp() {
    check(
        Schedule.warmUp(10, Schedule.linear(1e-3, 0, 100)),
        s -> Math.min(1, (s + 1) / 10) * 1e-3 * (1 - progress(s)));
  }

  @Test
  void aTimeOfNoStepsIsRefused() {
    try (Device device = new ReferenceDevice();
        Scope scope = Scope.open(device, "schedule")) {
      Variable step = Variable.constant(scope.zeros(Shape.of(1)));
      refused(
          () -> Schedule.linear(1, 0, 0).at(step), "schedule: over 0 steps, expected 1 or more");
    }
  }

  private static double progress(double step) {
    return Math.min(1, step / 100);
  }

  private static void refused(Runnable body, String message) {
    assertThatThrownBy(body::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }

  private static void check(Schedule schedule, DoubleUnaryOperator expected) {
    for (Device d : List.of(new ReferenceDevice(), new CpuDevice(1))) {
      try (Device device = d;
          Scope scope = Scope.open(device, "schedule")) {
        for (double step : STEPS) {
          Variable at = Variable.constant(scope.of(Shape.of(1), step));
          Variable rate = schedule.at(at);
          assertThat(rate.shape()).isEqualTo(Shape.of(1));
          double error = device.name().equals("cpu") ? 1e-6 : 1e-12;
          double most = expected.applyAsDouble(0) + expected.applyAsDouble(20);
          assertThat(rate.tensor().item())
              .as("step %s on %s", step, device.name())
              .isCloseTo(expected.applyAsDouble(step), within(error * most));
        }
      }
    }
  }
}
