package dev.troupe.kernels;

import java.util.List;

/** A device that passes everything on to another; subclasses watch what goes by. */
public class ForwardingDevice implements Device {
  /** The device that does the work. */
  protected final Device inner;

  /** In front of {@code inner}, which is closed with this. */
  public ForwardingDevice(Device inner) {
    this.inner = inner;
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public int realBytes() {
    return inner.realBytes();
  }

  @Override
  public Buffer allocate(ElementType type, int size) {
    return inner.allocate(type, size);
  }

  @Override
  public void release(Buffer buffer) {
    inner.release(buffer);
  }

  @Override
  public void run(Primitive primitive) {
    inner.run(primitive);
  }

  @Override
  public CapturedStep capture(Runnable step) {
    return inner.capture(step);
  }

  @Override
  public long replays() {
    return inner.replays();
  }

  @Override
  public void write(double[] source, Buffer target) {
    inner.write(source, target);
  }

  @Override
  public void write(float[] source, Buffer target) {
    inner.write(source, target);
  }

  @Override
  public void write(int[] source, Buffer target) {
    inner.write(source, target);
  }

  @Override
  public void read(Buffer source, double[] target) {
    inner.read(source, target);
  }

  @Override
  public void read(Buffer source, float[] target) {
    inner.read(source, target);
  }

  @Override
  public void read(Buffer source, int[] target) {
    inner.read(source, target);
  }

  @Override
  public List<KernelTime> profile(Runnable step) {
    return inner.profile(step);
  }

  @Override
  public void synchronize() {
    inner.synchronize();
  }

  @Override
  public MemoryUse memory() {
    return inner.memory();
  }

  @Override
  public long room() {
    return inner.room();
  }

  @Override
  public void close() {
    inner.close();
  }
}
