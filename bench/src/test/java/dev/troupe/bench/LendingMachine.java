package dev.troupe.bench;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.gpu.Dnn;
import dev.troupe.kernels.gpu.ForwardingMachine;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The interpreter with a library of convolutions, which is the reference on its memory. */
final class LendingMachine extends ForwardingMachine implements Dnn {
  private final double factor;
  private List<KernelTime> times = new ArrayList<>();

  /**
   * @param factor by which the library's results are multiplied
   */
  LendingMachine(double factor) {
    super(new PtxMachine());
    this.factor = factor;
  }

  @Override
  public Dnn dnn() {
    return this;
  }

  /** Otherwise the device would put a recorder between, which lends no library. */
  @Override
  public boolean canCapture() {
    return true;
  }

  @Override
  public void beginProfile() {
    times = new ArrayList<>();
  }

  @Override
  public List<KernelTime> endProfile() {
    return times;
  }

  @Override
  public void open() {}

  @Override
  public boolean takes(int members, Convolution convolution) {
    return true;
  }

  @Override
  public long workspace(Convolution convolution) {
    return 0;
  }

  @Override
  public void run(
      int members, Convolution c, long x, long weight, long y, boolean add, long workspace) {
    times.add(new KernelTime("cudnnConvolution", c.toString(), 1, null));
    try (Device reference = new ReferenceDevice()) {
      Buffer xs = buffer(reference, x, members * c.x(), add || c.pass() != Pass.INPUT_GRAD);
      Buffer ws = buffer(reference, weight, members * c.weight(), c.pass() != Pass.WEIGHT_GRAD);
      Buffer ys = buffer(reference, y, members * c.y(), add || c.pass() != Pass.FORWARD);
      Primitive primitive = c.primitive(members, xs, ws, ys);
      Buffer result = primitive.writes().getFirst();
      float[] values = new float[result.size()];
      reference.read(result, values);
      float[] there = values.clone();
      reference.run(primitive);
      reference.read(result, values);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (factor * values[i] + (add ? there[i] : 0));
      }
      long to = result == xs ? x : result == ys ? y : weight;
      write(MemorySegment.ofArray(values), to);
    }
  }

  /** Zeros where nothing is there yet. */
  private Buffer buffer(Device reference, long address, long size, boolean there) {
    float[] values = new float[Math.toIntExact(size)];
    if (there) {
      read(address, MemorySegment.ofArray(values));
    }
    Buffer buffer = reference.allocate(ElementType.REAL, values.length);
    reference.write(values, buffer);
    return buffer;
  }
}
