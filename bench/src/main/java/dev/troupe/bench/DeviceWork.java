package dev.troupe.bench;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.tensor.Scope;

/**
 * Work of a device.
 *
 * @param compute what a step asks the device for
 * @param end gives back all but the device
 */
record DeviceWork(WorkSpec spec, int members, Device device, Runnable compute, Runnable end)
    implements Work {
  /** Running one primitive. */
  static Work of(WorkSpec spec, int members, Device device, Primitive primitive) {
    return new DeviceWork(spec, members, device, () -> device.run(primitive), () -> {});
  }

  /**
   * A training step, which the device captures where it can.
   *
   * @param scope owns what is trained; on the device
   * @param prepare is run before each step and not captured
   */
  static Work training(WorkSpec spec, int members, Scope scope, Runnable prepare, Runnable train) {
    CapturedStep step = CapturedStep.of(scope.device(), train);
    return new DeviceWork(
        spec,
        members,
        scope.device(),
        () -> {
          prepare.run();
          step.run();
        },
        () -> {
          step.close();
          scope.close();
        });
  }

  /** The same values for each member. */
  static Buffer filled(Device device, int members, float[] values) {
    Buffer buffer = device.allocate(ElementType.REAL, Math.multiplyExact(members, values.length));
    for (int i = 0; i < members; i++) {
      device.write(values, buffer.slice(i * values.length, values.length));
    }
    return buffer;
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public void step() {
    compute.run();
    device.synchronize();
  }

  @Override
  public double flops() {
    return spec.flops(members);
  }

  @Override
  public void close() {
    end.run();
    device.close();
  }
}
