package dev.troupe.kernels.gpu;

import dev.troupe.kernels.BufferPool;
import dev.troupe.kernels.ElementType;

/** The pool of a machine's memory. */
final class GpuMemory extends BufferPool<GpuBuffer> {
  private final Machine machine;

  GpuMemory(Machine machine) {
    super(machine.name(), GpuBuffer.class, Float.BYTES);
    this.machine = machine;
  }

  @Override
  protected GpuBuffer make(ElementType type, int size) {
    long bytes = Math.max(1, (long) size * Float.BYTES);
    return new GpuBuffer(this, type, machine.allocate(bytes), size);
  }

  @Override
  protected void drop(GpuBuffer buffer) {
    machine.free(buffer.address());
  }

  @Override
  protected void handedOut(GpuBuffer buffer) {
    machine.handOut(buffer.address(), buffer.bytes());
  }

  @Override
  protected void takenBack(GpuBuffer buffer) {
    machine.takeBack(buffer.address(), buffer.bytes());
  }

  @Override
  protected String room() {
    return machine.room();
  }
}
