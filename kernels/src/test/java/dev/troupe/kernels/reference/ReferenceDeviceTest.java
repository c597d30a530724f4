package dev.troupe.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Values;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferenceDeviceTest {
  private final ReferenceDevice device = new ReferenceDevice();
  private final Values values = new Values(device);

  @Test
  void newBuffersAreFullOfNan() {
    for (int round = 0; round < 2; round++) {
      Buffer x = device.allocate(ElementType.REAL, 2);
      Buffer i = device.allocate(ElementType.INT32, 1);
      assertThat(values.of(x)).containsExactly(Double.NaN, Double.NaN);
      assertThat(values.intsOf(i)).containsExactly(Integer.MIN_VALUE);
      device.run(new Primitive.Fill(1, x));
      device.run(new Primitive.Fill(1, i));
      device.release(x);
      device.release(i);
    }
    assertThat(device.memory()).isEqualTo(new Device.MemoryUse(0, 20, 20, 2));
  }

  @Test
  void writesAndReads() {
    Buffer x = device.allocate(ElementType.REAL, 2);
    device.write(new float[] {1.5f, -2}, x);
    assertThat(values.of(x)).containsExactly(1.5, -2);
    device.write(new double[] {0.1, 1e300}, x);
    assertThat(values.of(x)).containsExactly(0.1, 1e300);
    float[] narrow = new float[1];
    device.read(x.slice(0, 1), narrow);
    assertThat(narrow).containsExactly(0.1f);
    refused("write: the buffer has 2 elements, expected 3", () -> device.write(new double[3], x));
    refused("read: the buffer has 2 elements, expected 1", () -> device.read(x, new float[1]));
    refused("read: the buffer is REAL, expected INT32", () -> device.read(x, new int[2]));
    Buffer i = values.int32(1, 2);
    refused("write: the buffer is INT32, expected REAL", () -> device.write(new double[2], i));
  }

  private static void refused(String message, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesReleasedAndForeignBuffers() {
    Buffer x = values.real(1, 2);
    Buffer foreign = new Values(new ReferenceDevice()).real(1, 2);
    assertThatThrownBy(() -> device.run(new Primitive.Copy(foreign, x)))
        .hasMessage("reference: a buffer of 2 elements belongs to another device");
    Buffer slice = x.slice(0, 1);
    device.release(x);
    assertThatThrownBy(() -> device.run(new Primitive.Fill(0, slice)))
        .hasMessage("reference: a buffer of 1 elements has already been released");
    assertThatThrownBy(() -> values.of(x)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesEverythingOnceClosed() {
    Buffer x = values.real(1, 2);
    device.release(values.real(1));
    device.close();
    assertThat(device.memory().pooled()).isZero();
    String message = "reference: the device is closed";
    assertThatThrownBy(() -> device.run(new Primitive.Fill(0, x))).hasMessage(message);
    assertThatThrownBy(() -> device.allocate(ElementType.REAL, 1)).hasMessage(message);
    assertThatThrownBy(() -> values.of(x)).hasMessage(message);
  }

  /** {@code y = x², floor = ⌊x⌋ as an integer}. */
  private record SquareAndFloor(Buffer x, Buffer y, Buffer floor) implements Primitive.Custom {
    @Override
    public List<Buffer> reads() {
      return List.of(x);
    }

    @Override
    public List<Buffer> writes() {
      return List.of(y, floor);
    }

    @Override
    public void compute(Primitive.HostArrays in, Primitive.HostArrays out) {
      for (int i = 0; i < x.size(); i++) {
        double v = in.get(0, i);
        out.set(0, i, v * v);
        out.set(1, i, Math.floor(v));
      }
    }
  }

  @Test
  void runsTheUsersOwn() {
    Buffer x = values.real(9, 1.5, -0.5);
    Buffer y = values.realOfSize(2);
    Buffer floor = values.int32OfSize(2);
    SquareAndFloor custom = new SquareAndFloor(x.slice(1, 2), y, floor);
    device.run(custom);
    assertThat(custom.name()).isEqualTo("SquareAndFloor");
    assertThat(values.of(y)).containsExactly(2.25, 0.25);
    assertThat(values.intsOf(floor)).containsExactly(1, -1);
  }
}
