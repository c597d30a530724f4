package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device.MemoryUse;
import dev.troupe.kernels.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The caching allocator of a machine's memory: a released buffer is kept by size and handed out
 * again.
 */
final class GpuMemory {
  private final Machine machine;
  private final Map<Integer, GpuBuffer> real = new HashMap<>();
  private final Map<Integer, GpuBuffer> int32 = new HashMap<>();
  private final List<GpuBuffer> all = new ArrayList<>();
  private long live;
  private long pooled;
  private long peakLive;

  GpuMemory(Machine machine) {
    this.machine = machine;
  }

  GpuBuffer allocate(ElementType type, int size) {
    Map<Integer, GpuBuffer> free = type == ElementType.REAL ? real : int32;
    GpuBuffer buffer = free.get(size);
    if (buffer == null) {
      long bytes = Math.max(1, (long) size * Float.BYTES);
      buffer = new GpuBuffer(this, type, machine.allocate(bytes), size);
      all.add(buffer);
    } else {
      free.put(size, buffer.nextFree);
      buffer.nextFree = null;
      pooled -= buffer.bytes();
      machine.handOut(buffer.address(), buffer.bytes());
    }
    buffer.live = true;
    live += buffer.bytes();
    peakLive = Math.max(peakLive, live);
    return buffer;
  }

  void release(Buffer released) {
    GpuBuffer buffer = check(released);
    if (buffer.isSlice()) {
      throw new IllegalArgumentException(
          machine.name()
              + ": release of a slice of "
              + buffer.size()
              + " elements, expected a whole buffer");
    }
    Map<Integer, GpuBuffer> free = buffer.type() == ElementType.REAL ? real : int32;
    buffer.live = false;
    buffer.nextFree = free.put(buffer.size(), buffer);
    live -= buffer.bytes();
    pooled += buffer.bytes();
    machine.takeBack(buffer.address(), buffer.bytes());
  }

  GpuBuffer check(Buffer buffer) {
    if (!(buffer instanceof GpuBuffer gpu) || gpu.owner() != this) {
      throw new IllegalArgumentException(
          machine.name()
              + ": a buffer of "
              + buffer.size()
              + " elements belongs to another device");
    }
    if (!gpu.isLive()) {
      throw new IllegalStateException(
          machine.name()
              + ": a buffer of "
              + buffer.size()
              + " elements has already been released");
    }
    return gpu;
  }

  MemoryUse use() {
    return new MemoryUse(live, pooled, peakLive, all.size());
  }

  void clear() {
    for (GpuBuffer buffer : all) {
      machine.free(buffer.address());
    }
    all.clear();
    real.clear();
    int32.clear();
    pooled = 0;
  }
}
