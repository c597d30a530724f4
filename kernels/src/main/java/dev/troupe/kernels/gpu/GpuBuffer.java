package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;

/** A buffer in a machine's memory: 4 bytes an element, float32 or int32. */
public final class GpuBuffer implements Buffer {
  private final GpuMemory owner;
  private final GpuBuffer whole; // the allocated buffer that this was cut from, or this
  private final ElementType type;
  private final long address;
  private final int size;

  // Only of a whole buffer; kept by GpuMemory.
  boolean live;
  GpuBuffer nextFree;

  GpuBuffer(GpuMemory owner, ElementType type, long address, int size) {
    this.owner = owner;
    this.whole = this;
    this.type = type;
    this.address = address;
    this.size = size;
  }

  private GpuBuffer(GpuBuffer from, int offset, int size) {
    this.owner = from.owner;
    this.whole = from.whole;
    this.type = from.type;
    this.address = from.address + (long) offset * Float.BYTES;
    this.size = size;
  }

  @Override
  public ElementType type() {
    return type;
  }

  @Override
  public int size() {
    return size;
  }

  /** Where element 0 lies. */
  public long address() {
    return address;
  }

  /** How many bytes the elements take. */
  public long bytes() {
    return (long) size * Float.BYTES;
  }

  @Override
  public GpuBuffer slice(int offset, int size) {
    if (offset < 0 || size < 0 || offset > this.size - size) {
      throw new IllegalArgumentException(
          "slice: "
              + size
              + " elements from "
              + offset
              + " on are not inside a buffer of "
              + this.size);
    }
    return new GpuBuffer(this, offset, size);
  }

  GpuMemory owner() {
    return owner;
  }

  boolean isSlice() {
    return whole != this;
  }

  boolean isLive() {
    return whole.live;
  }
}
