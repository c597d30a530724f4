package dev.troupe.kernels.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Captured steps, on the interpreter and on the CPU; what CUDA adds is in {@code CudaMachineTest}.
 */
class CaptureTest {
  private static final int STEPS = 50;

  private enum Kind {
    PTX,
    CPU,
    CPU_2_THREADS;

    Device open() {
      return switch (this) {
        case PTX -> new GpuDevice(new PtxMachine());
        case CPU -> new CpuDevice(1);
        case CPU_2_THREADS -> new CpuDevice(2);
      };
    }
  }

  /** Draws numbers keyed by its counter, keeps their roots in a ring, and counts on. */
  private static final class Model {
    final Device device;
    final Buffer step;
    final Buffer member;
    final Buffer ring;

    Model(Device device) {
      this.device = device;
      this.step = device.allocate(ElementType.INT32, 1);
      this.member = device.allocate(ElementType.INT32, 2);
      this.ring = device.allocate(ElementType.REAL, 64 * 10);
      device.write(new int[1], step);
      device.write(new int[] {3, 8}, member);
      device.run(new Primitive.Fill(0, ring));
    }

    void step() {
      Buffer x = device.allocate(ElementType.REAL, 10);
      device.run(new Primitive.Random(Distribution.UNIFORM, 0, 1, 5, 1, step, member, 5, x));
      Buffer y = device.allocate(ElementType.REAL, 10);
      device.run(new Primitive.Map(Unary.SQRT, 0, 0, x, y));
      device.release(x);
      device.run(new Primitive.RingPut(64, step, List.of(y), ring));
      device.release(y);
      device.run(new Primitive.Increment(step));
    }

    float[] ring() {
      float[] values = new float[64 * 10];
      device.read(ring, values);
      return values;
    }
  }

  private static float[] plain(Device device) {
    try (device) {
      Model model = new Model(device);
      for (int i = 0; i < STEPS; i++) {
        model.step();
      }
      return model.ring();
    }
  }

  @ParameterizedTest
  @EnumSource
  void replayedStepsAreThoseOfPlainOnesBitForBit(Kind kind) {
    float[] expected = plain(kind.open());
    assertThat(expected).isEqualTo(plain(new CpuDevice(1)));
    try (Device device = kind.open()) {
      Model model = new Model(device);
      try (CapturedStep step = CapturedStep.of(device, model::step)) {
        step.run();
        assertThat(device.replays()).isZero();
        step.run();
        Device.MemoryUse before = device.memory();
        for (int i = 2; i < STEPS; i++) {
          step.run();
        }
        assertThat(device.memory()).isEqualTo(before);
        assertThat(device.replays()).isEqualTo(STEPS - 1);
      }
      assertThat(model.ring()).isEqualTo(expected);
    }
  }

  @Test
  void aDeviceWithoutGraphsCallsTheStepEachTime() {
    try (Device device = new CpuDevice(1, false)) {
      int[] calls = new int[1];
      try (CapturedStep step = device.capture(() -> calls[0]++)) {
        step.run();
        step.run();
      }
      assertThat(calls[0]).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void othersDoNotGetTheMemoryOfACapturedStepBeforeItIsClosed(Kind kind) {
    try (Device device = kind.open()) {
      Model model = new Model(device);
      CapturedStep step = device.capture(model::step);
      Buffer other = device.allocate(ElementType.REAL, 10);
      device.run(new Primitive.Fill(7, other));
      step.run();
      step.run();
      float[] values = new float[10];
      device.read(other, values);
      assertThat(values).containsOnly(7);
      long allocations = device.memory().allocations();
      step.close();
      if (kind == Kind.PTX) { // the CPU's has other sizes
        device.allocate(ElementType.REAL, 10);
        device.allocate(ElementType.REAL, 10);
        assertThat(device.memory().allocations()).isEqualTo(allocations);
      }
      assertThatThrownBy(step::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(device.name() + ": the captured step is closed");
      step.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsComputedWhileAStepIsCaptured(Kind kind) {
    try (Device device = kind.open()) {
      Buffer counter = device.allocate(ElementType.INT32, 1);
      device.write(new int[] {4}, counter);
      CapturedStep step = device.capture(() -> device.run(new Primitive.Increment(counter)));
      int[] value = new int[1];
      device.read(counter, value);
      assertThat(value).containsExactly(4);
      step.run();
      device.read(counter, value);
      assertThat(value).containsExactly(5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStepThatTouchesTheHostIsRefused(Kind kind) {
    try (Device device = kind.open()) {
      Buffer counter = device.allocate(ElementType.INT32, 1);
      device.write(new int[] {4}, counter);
      assertThatThrownBy(() -> device.capture(() -> device.write(new int[1], counter)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("write: 4 bytes while a step is captured, expected none");
      assertThatThrownBy(() -> device.capture(() -> device.read(counter, new int[1])))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(" bytes while a step is captured, expected none");
      // What was begun is undone.
      device.run(new Primitive.Increment(counter));
      int[] value = new int[1];
      device.read(counter, value);
      assertThat(value).containsExactly(5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBufferThatAStepKeepsStays(Kind kind) {
    try (Device device = kind.open()) {
      Buffer[] kept = new Buffer[2];
      Buffer x = device.allocate(ElementType.REAL, 5);
      device.write(new float[] {1, 2, 3, 4, 5}, x);
      CapturedStep step =
          device.capture(() -> {
            Buffer doubled = device.allocate(ElementType.REAL, 5);
            device.run(new Primitive.Map(Unary.AFFINE, 2, 0, x, doubled));
            kept[0] = device.allocate(ElementType.REAL, 5);
            device.run(new Primitive.Map(Unary.AFFINE, 1, 1, doubled, kept[0].slice(0, 5)));
            device.release(doubled);
            kept[1] = device.allocate(ElementType.INT32, 2);
          });
      step.run();
      device.write(new int[] {6, 7}, kept[1]);
      Buffer other = device.allocate(ElementType.REAL, 5);
      device.run(new Primitive.Fill(7, other));
      float[] values = new float[5];
      device.read(kept[0], values);
      assertThat(values).containsExactly(3, 5, 7, 9, 11);
      step.close();
      device.read(kept[0], values);
      assertThat(values).containsExactly(3, 5, 7, 9, 11);
      int[] ints = new int[2];
      device.read(kept[1], ints);
      assertThat(ints).containsExactly(6, 7);
      long live = device.memory().live();
      device.release(kept[0]);
      assertThat(device.memory().live()).isEqualTo(live - 20);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CPU", "CPU_2_THREADS"})
  void aBufferFromOutsideThatIsReleasedIsMissed(Kind kind) {
    try (Device device = kind.open()) {
      Buffer counter = device.allocate(ElementType.INT32, 3);
      CapturedStep step = device.capture(() -> device.run(new Primitive.Increment(counter)));
      device.release(counter);
      assertThatThrownBy(step::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("cpu: a buffer of 3 elements has already been released");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDeviceClosesItsCapturedSteps(Kind kind) {
    Device device = kind.open();
    Model model = new Model(device);
    CapturedStep step = device.capture(model::step);
    device.close();
    assertThatThrownBy(step::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(device.name() + ": the device is closed");
  }
}
