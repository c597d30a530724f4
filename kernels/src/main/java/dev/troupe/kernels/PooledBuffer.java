package dev.troupe.kernels;

/** A buffer of a {@link BufferPool}, or a slice of one. */
public abstract class PooledBuffer implements Buffer {
  private final BufferPool<?> owner;
  private final PooledBuffer whole; // the allocated buffer that this was cut from, or this
  private final ElementType type;
  private final int size;

  // Only of a whole buffer; kept by its pool.
  boolean live;
  PooledBuffer nextFree;
  BufferPool<?>.Reservation reservation; // what it belongs to, or null

  /** A whole buffer. */
  protected PooledBuffer(BufferPool<?> owner, ElementType type, int size) {
    this.owner = owner;
    this.whole = this;
    this.type = type;
    this.size = size;
  }

  /**
   * A slice.
   *
   * @throws IllegalArgumentException if it is not inside {@code from}
   */
  protected PooledBuffer(PooledBuffer from, int offset, int size) {
    if (offset < 0 || size < 0 || offset > from.size - size) {
      throw new IllegalArgumentException(
          "slice: "
              + size
              + " elements from "
              + offset
              + " on are not inside a buffer of "
              + from.size);
    }
    this.owner = from.owner;
    this.whole = from.whole;
    this.type = from.type;
    this.size = size;
  }

  @Override
  public final ElementType type() {
    return type;
  }

  @Override
  public final int size() {
    return size;
  }

  final BufferPool<?> owner() {
    return owner;
  }

  final boolean isSlice() {
    return whole != this;
  }

  /** Whether it (or what it was cut from) has not been released. */
  public final boolean isLive() {
    return whole.live;
  }
}
