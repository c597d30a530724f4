package dev.troupe.kernels;

import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * The caching allocator of the devices that compute on the host. A released buffer is kept, by type
 * and exact size, and handed out again as the same object: a training step asks for the same sizes
 * again and again, so that after the first one neither arrays nor buffers are made. What is kept is
 * let go only when the heap is full, or by {@link #clear}.
 */
public final class HostMemory {
  private final String device;
  private final int realBytes;
  private final IntFunction<?> newReals;

  // Free lists by key, in a table with open addressing: a HashMap would box the keys.
  private long[] keys = new long[64]; // 0 is empty
  private HostBuffer[] free = new HostBuffer[64];
  private int used;

  private long live;
  private long pooled;
  private long peakLive;
  private long allocations;

  /**
   * An empty pool.
   *
   * @param device the name that messages begin with
   * @param realBytes the bytes of a REAL element
   * @param newReals makes the array of a REAL buffer from its size
   */
  public HostMemory(String device, int realBytes, IntFunction<?> newReals) {
    this.device = device;
    this.realBytes = realBytes;
    this.newReals = newReals;
  }

  /** The bytes of a REAL element. */
  int realBytes() {
    return realBytes;
  }

  /**
   * A buffer with undefined contents.
   *
   * @throws OutOfMemoryException if the heap has no room, even with the pool emptied
   */
  public synchronized HostBuffer allocate(ElementType type, int size) {
    if (size < 0) {
      throw new IllegalArgumentException(device + ": a buffer of " + size + " elements");
    }
    int slot = slot(key(type, size));
    HostBuffer buffer = free[slot];
    if (buffer == null) {
      buffer = new HostBuffer(this, type, array(type, size), size);
      allocations++;
    } else {
      free[slot] = buffer.nextFree;
      buffer.nextFree = null;
      pooled -= bytes(type, size);
    }
    buffer.live = true;
    live += bytes(type, size);
    peakLive = Math.max(peakLive, live);
    return buffer;
  }

  /**
   * Takes a buffer back that {@link #allocate} returned.
   *
   * @throws IllegalArgumentException if it is a slice, or from another memory
   * @throws IllegalStateException if it is already released
   */
  public synchronized void release(Buffer buffer) {
    HostBuffer host = check(buffer);
    if (host.isSlice()) {
      throw new IllegalArgumentException(
          device + ": release of a slice of " + host.size() + " elements, expected a whole buffer");
    }
    int slot = slot(key(host.type(), host.size()));
    host.live = false;
    host.nextFree = free[slot];
    free[slot] = host;
    live -= bytes(host.type(), host.size());
    pooled += bytes(host.type(), host.size());
  }

  /**
   * The buffer as one of this memory.
   *
   * @throws IllegalArgumentException if it is from another memory
   * @throws IllegalStateException if it (or what it was cut from) has been released
   */
  public HostBuffer check(Buffer buffer) {
    if (!(buffer instanceof HostBuffer host) || host.owner() != this) {
      throw new IllegalArgumentException(
          device + ": a buffer of " + buffer.size() + " elements belongs to another device");
    }
    if (!host.isLive()) {
      throw new IllegalStateException(
          device + ": a buffer of " + buffer.size() + " elements has already been released");
    }
    return host;
  }

  /** What is held now, and was held at most. */
  public synchronized Device.MemoryUse use() {
    return new Device.MemoryUse(live, pooled, peakLive, allocations);
  }

  /** Lets go of all that is pooled. */
  public synchronized void clear() {
    Arrays.fill(keys, 0);
    Arrays.fill(free, null);
    used = 0;
    pooled = 0;
  }

  private Object array(ElementType type, int size) {
    try {
      return newArray(type, size);
    } catch (OutOfMemoryError full) {
      long dropped = pooled;
      clear();
      try {
        return newArray(type, size);
      } catch (OutOfMemoryError stillFull) {
        throw new OutOfMemoryException(
            String.format(
                "%s: no memory for %d bytes; %d are live, %d were pooled, the heap may grow to %d",
                device, bytes(type, size), live, dropped, Runtime.getRuntime().maxMemory()),
            stillFull);
      }
    }
  }

  private Object newArray(ElementType type, int size) {
    return type == ElementType.REAL ? newReals.apply(size) : new int[size];
  }

  private long bytes(ElementType type, int size) {
    return (long) size * (type == ElementType.REAL ? realBytes : Integer.BYTES);
  }

  private static long key(ElementType type, int size) {
    return 1 + (((long) size << 1) | type.ordinal());
  }

  /** Where the free list of {@code key} is, or begins to be. */
  private int slot(long key) {
    int mask = keys.length - 1;
    int at = start(key, mask);
    while (keys[at] != key) {
      if (keys[at] == 0) {
        if (2 * used >= keys.length) {
          grow();
          return slot(key);
        }
        used++;
        keys[at] = key;
        break;
      }
      at = (at + 1) & mask;
    }
    return at;
  }

  private void grow() {
    long[] oldKeys = keys;
    HostBuffer[] oldFree = free;
    keys = new long[2 * oldKeys.length];
    free = new HostBuffer[keys.length];
    used = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        free[slot(oldKeys[i])] = oldFree[i];
      }
    }
  }

  private static int start(long key, int mask) {
    return (int) ((key * 0x9E3779B97F4A7C15L) >>> 40) & mask;
  }
}
