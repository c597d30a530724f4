package dev.troupe.kernels.gpu;

import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.PooledBuffer;

/** A buffer in a machine's memory: 4 bytes an element, float32 or int32. */
public final class GpuBuffer extends PooledBuffer {
  private final long address;

  GpuBuffer(GpuMemory owner, ElementType type, long address, int size) {
    super(owner, type, size);
    this.address = address;
  }

  private GpuBuffer(GpuBuffer from, int offset, int size) {
    super(from, offset, size);
    this.address = from.address + (long) offset * Float.BYTES;
  }

  /** Where element 0 lies. */
  public long address() {
    return address;
  }

  /** How many bytes the elements take. */
  public long bytes() {
    return (long) size() * Float.BYTES;
  }

  @Override
  public GpuBuffer slice(int offset, int size) {
    return new GpuBuffer(this, offset, size);
  }
}
