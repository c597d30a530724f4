package dev.troupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.cpu.CpuDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorTest {
  private final Device device = new CpuDevice(1);
  private final Scope scope = Scope.open(device, "tensors");

  @AfterEach
  void close() {
    scope.close();
    assertThat(device.memory().live()).isZero();
    device.close();
  }

  @Test
  void values() {
    assertThat(scope.zeros(Shape.of(2, 2)).toDoubles()).containsExactly(0, 0, 0, 0);
    assertThat(scope.full(Shape.of(2), 0.1).toDoubles()).containsExactly(0.1f, 0.1f);
    assertThat(scope.of(Shape.of(2), 1, 0.1).toFloats()).containsExactly(1, 0.1f);
    Tensor ints = scope.of(Shape.of(3), new int[] {1, -2, Integer.MAX_VALUE});
    assertThat(ints.toInts()).containsExactly(1, -2, Integer.MAX_VALUE);
    assertThat(ints.type()).isEqualTo(ElementType.INT32);
    assertThat(ints).hasToString("of[3] INT32 on cpu");
    assertThat(scope.of(Shape.SCALAR, 2.5).item()).isEqualTo(2.5);
    assertThat(scope.of(Shape.of(1, 1), new int[] {7}).item()).isEqualTo(7);
  }

  @Test
  void reshapesAndSlicesShareTheMemory() {
    Tensor t = scope.of(Shape.of(3, 2), 0, 1, 2, 3, 4, 5);
    Tensor middle = t.slice(1, 3).slice(0, 1).reshape(Shape.of(2));
    assertThat(middle.toDoubles()).containsExactly(2, 3);
    middle.fill(9);
    assertThat(t.reshape(Shape.of(6)).toDoubles()).containsExactly(0, 1, 9, 9, 4, 5);
    assertThat(t.slice(3, 3).shape()).isEqualTo(Shape.of(0, 2));
    middle.set(7, 8);
    assertThat(t.toDoubles()).containsExactly(0, 1, 7, 8, 4, 5);
  }

  @Test
  void copiesConvert() {
    Tensor real = scope.of(Shape.of(4), 1.9, -1.9, 0, 1e10);
    Tensor ints = scope.empty(ElementType.INT32, Shape.of(4), "ints");
    ints.copyFrom(real);
    assertThat(ints.toInts()).containsExactly(1, -1, 0, Integer.MAX_VALUE);
    Tensor back = scope.zeros(Shape.of(2, 2));
    back.copyFrom(ints.reshape(Shape.of(2, 2)));
    assertThat(back.toDoubles()).containsExactly(1, -1, 0, 0x1p31);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Tensor t = scope.zeros(Shape.of(3, 2));
    refused(() -> t.reshape(Shape.of(7)), "reshape: [3, 2] does not hold as many elements as [7]");
    refused(() -> t.slice(-1, 2), "slice: no entries -1 to 2 in [3, 2]");
    refused(() -> t.slice(1, 4), "slice: no entries 1 to 4 in [3, 2]");
    refused(() -> t.slice(2, 1), "slice: no entries 2 to 1 in [3, 2]");
    refused(() -> scope.of(Shape.SCALAR, 1).slice(0, 1), "slice: no entries 0 to 1 in []");
    refused(() -> t.set(1, 2), "set: 2 values for [3, 2]");
    refused(() -> t.set(new float[7]), "set: 7 values for [3, 2]");
    refused(() -> t.copyFrom(scope.zeros(Shape.of(5))), "copy: [5] into [3, 2]");
    refused(t::item, "item: [3, 2] has 6 elements, expected 1");
    assertThatThrownBy(() -> t.set(new int[6]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("write: the buffer is REAL, expected INT32");
    assertThatThrownBy(t::toInts)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("read: the buffer is REAL, expected INT32");
  }

  private static void refused(Runnable body, String message) {
    assertThatThrownBy(body::run).isInstanceOf(ShapeException.class).hasMessage(message);
  }
}
