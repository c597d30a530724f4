package dev.troupe.kernels;

import java.util.function.Supplier;

/**
 * The caching allocator of a device. A released buffer is kept, by type and exact size, and handed
 * out again as the same object: a training step asks for the same sizes again and again, so that
 * after the first one neither memory nor buffers are made. What is kept is let go only when the
 * machine is full, or by {@link #clear}.
 *
 * @param <B> the buffers of the device
 */
public abstract class BufferPool<B extends PooledBuffer> {
  private static final int HOLDERS_SHOWN = 5;

  /** The name that messages begin with. */
  protected final String device;

  private final Class<B> kind;
  private final int realBytes;
  private final FreeLists free = new FreeLists();
  private Reservation open;
  private boolean bare;

  private long live;
  private long pooled;
  private long peakLive;
  private long allocations;

  /**
   * An empty pool.
   *
   * @param device the name that messages begin with
   * @param realBytes the bytes of a REAL element
   */
  protected BufferPool(String device, Class<B> kind, int realBytes) {
    this.device = device;
    this.kind = kind;
    this.realBytes = realBytes;
  }

  /**
   * A buffer in new memory.
   *
   * @throws OutOfMemoryError if there is none
   */
  protected abstract B make(ElementType type, int size);

  /** A buffer without memory; see {@link #handOutBare}. */
  protected B makeBare(ElementType type, int size) {
    throw new UnsupportedOperationException(device + ": no buffers without memory");
  }

  /** Whether it has no memory. */
  protected boolean isBare(B buffer) {
    return false;
  }

  /**
   * From now on, or no longer, what is handed out has no memory, and is handed out once only: for a
   * step that is recorded, and given memory when it is known what it needs at which time.
   */
  public final synchronized void handOutBare(boolean yes) {
    bare = yes;
  }

  /** How much memory there is in all, for the message that there is none left. */
  protected abstract String room();

  /** Gives the memory of a buffer of {@link #make} back. */
  protected void drop(B buffer) {}

  /**
   * Tells that a buffer is handed out, with undefined contents.
   *
   * @throws OutOfMemoryError if there is no memory for it any more
   */
  protected void handedOut(B buffer) {}

  /** Tells that a buffer is back. */
  protected void takenBack(B buffer) {}

  /** The bytes of a REAL element. */
  public final int realBytes() {
    return realBytes;
  }

  /**
   * A buffer with undefined contents.
   *
   * @throws OutOfMemoryException if the machine has no room, even with the pool emptied
   */
  public final synchronized B allocate(ElementType type, int size) {
    if (size < 0) {
      throw new IllegalArgumentException(device + ": a buffer of " + size + " elements");
    }
    PooledBuffer pooledOne = open == null || bare ? null : open.free.take(type, size);
    if (pooledOne == null && !bare) {
      pooledOne = free.take(type, size);
    }
    B buffer;
    if (bare) {
      buffer = makeBare(type, size);
    } else if (pooledOne == null) {
      buffer = makeOrEmptyPool(type, size);
      allocations++;
    } else {
      buffer = kind.cast(pooledOne);
      pooled -= bytes(type, size);
    }
    handOutOrEmptyPool(buffer);
    buffer.live = true;
    buffer.reservation = open;
    live += bytes(type, size);
    peakLive = Math.max(peakLive, live);
    free.addLive(buffer, 1);
    return buffer;
  }

  /**
   * Takes a buffer back that {@link #allocate} returned.
   *
   * @throws IllegalArgumentException if it is a slice, or from another pool
   * @throws IllegalStateException if it is already released
   */
  public final synchronized void release(Buffer released) {
    B buffer = check(released);
    if (buffer.isSlice()) {
      throw new IllegalArgumentException(
          device
              + ": release of a slice of "
              + buffer.size()
              + " elements, expected a whole buffer");
    }
    forget(buffer);
    if (isBare(buffer)) {
      return;
    }
    pooled += bytes(buffer);
    takenBack(buffer);
    if (open != null) {
      // Also what was there before: launches that will be repeated may use it.
      buffer.reservation = open;
    }
    if (buffer.reservation == null || buffer.reservation.closed) {
      buffer.reservation = null;
      free.add(buffer);
    } else {
      buffer.reservation.free.add(buffer);
    }
  }

  /** Takes a buffer out of the count of those that are in use, without keeping it. */
  protected final synchronized void forget(B buffer) {
    buffer.live = false;
    live -= bytes(buffer);
    free.addLive(buffer, -1);
  }

  /**
   * The buffer as one of this pool.
   *
   * @throws IllegalArgumentException if it is from another pool
   * @throws IllegalStateException if it (or what it was cut from) has been released
   */
  public final B check(Buffer buffer) {
    if (!(buffer instanceof PooledBuffer one) || one.owner() != this) {
      throw new IllegalArgumentException(
          device + ": a buffer of " + buffer.size() + " elements belongs to another device");
    }
    if (!one.isLive()) {
      throw new IllegalStateException(
          device + ": a buffer of " + buffer.size() + " elements has already been released");
    }
    return kind.cast(one);
  }

  /**
   * From now on, until it is sealed, what is handed out or taken back belongs to the result, and
   * goes to nobody else before that is closed: the addresses of a step that is recorded and will be
   * repeated. One at a time.
   */
  public final synchronized Reservation reserve() {
    if (open != null) {
      throw new IllegalStateException(device + ": the last reservation is not sealed yet");
    }
    open = new Reservation();
    return open;
  }

  /** Buffers that are kept from everybody else; see {@link #reserve}. */
  public final class Reservation implements AutoCloseable {
    private final FreeLists free = new FreeLists();
    private boolean closed;

    private Reservation() {}

    /** Ends its growth. */
    public void seal() {
      synchronized (BufferPool.this) {
        if (open == this) {
          open = null;
        }
      }
    }

    /** Seals it and gives its buffers to the pool, those still in use when they are released. */
    @Override
    public void close() {
      synchronized (BufferPool.this) {
        seal();
        closed = true;
        PooledBuffer buffer = free.takeAny();
        while (buffer != null) {
          buffer.reservation = null;
          BufferPool.this.free.add(buffer);
          buffer = free.takeAny();
        }
      }
    }
  }

  /** What is held now, and was held at most. Reserved memory that nobody uses counts as pooled. */
  public final synchronized Device.MemoryUse use() {
    return new Device.MemoryUse(live, pooled, peakLive, allocations);
  }

  /** Lets go of all that is pooled and not reserved. */
  public final synchronized void clear() {
    PooledBuffer buffer = free.takeAny();
    while (buffer != null) {
      pooled -= bytes(buffer);
      drop(kind.cast(buffer));
      buffer = free.takeAny();
    }
  }

  private B makeOrEmptyPool(ElementType type, int size) {
    try {
      return make(type, size);
    } catch (OutOfMemoryError full) {
      return again(bytes(type, size) + " bytes", () -> make(type, size));
    }
  }

  private void handOutOrEmptyPool(B buffer) {
    try {
      handedOut(buffer);
    } catch (OutOfMemoryError full) {
      again(
          bytes(buffer) + " bytes",
          () -> {
            handedOut(buffer);
            return buffer;
          });
    }
  }

  /**
   * What {@code make} gives; where it finds no memory, once more with the pool emptied.
   *
   * @param what it needs memory for, for the message
   * @throws OutOfMemoryException if there is no room even so
   */
  public final synchronized <T> T withRoom(String what, Supplier<T> make) {
    try {
      return make.get();
    } catch (OutOfMemoryError full) {
      return again(what, make);
    }
  }

  private <T> T again(String what, Supplier<T> make) {
    long dropped = pooled;
    clear();
    try {
      return make.get();
    } catch (OutOfMemoryError stillFull) {
      throw new OutOfMemoryException(
          String.format(
              "%s: no memory for %s; %d are live, %d were pooled, %s; in use are %s",
              device,
              what,
              live,
              dropped,
              room(),
              live == 0 ? "none" : free.largestLive(HOLDERS_SHOWN, realBytes)),
          stillFull);
    }
  }

  private long bytes(PooledBuffer buffer) {
    return bytes(buffer.type(), buffer.size());
  }

  private long bytes(ElementType type, int size) {
    return (long) size * (type == ElementType.REAL ? realBytes : Integer.BYTES);
  }
}
