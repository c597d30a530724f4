package dev.troupe.kernels;

import java.util.function.IntFunction;

/** The pool of the devices that compute on the host: arrays in the Java heap. */
public final class HostMemory extends BufferPool<HostBuffer> {
  /** Elements from which an array is large: half of a region of G1, or more, in small heaps. */
  private static final int LARGE = 1 << 17;

  /**
   * Bytes before the first element of a large array. G1 places it at the start of a region, behind
   * a header of 16 bytes, so that element then lies at the start of a cache line. Vectors that lie
   * across two are loaded and stored in two parts; elsewhere the room does no harm.
   */
  private static final int MARGIN = 48;

  private final IntFunction<?> newReals;

  /**
   * An empty pool.
   *
   * @param device the name that messages begin with
   * @param realBytes the bytes of a REAL element
   * @param newReals makes the array of a REAL buffer from its size
   */
  public HostMemory(String device, int realBytes, IntFunction<?> newReals) {
    super(device, HostBuffer.class, realBytes);
    this.newReals = newReals;
  }

  @Override
  protected HostBuffer make(ElementType type, int size) {
    int elementBytes = type == ElementType.REAL ? realBytes() : Integer.BYTES;
    int margin = size < LARGE || size > Integer.MAX_VALUE - 2 * MARGIN ? 0 : MARGIN / elementBytes;
    Object array =
        type == ElementType.REAL ? newReals.apply(margin + size) : new int[margin + size];
    return new HostBuffer(this, type, array, margin, size);
  }

  @Override
  protected HostBuffer makeBare(ElementType type, int size) {
    return new HostBuffer(this, type, null, 0, size);
  }

  @Override
  protected boolean isBare(HostBuffer buffer) {
    return !buffer.hasMemory();
  }

  /** Gives a buffer that was handed out without memory some of its own. */
  public void back(HostBuffer bare) {
    HostBuffer made = allocate(bare.type(), bare.size());
    bare.takeMemory(made);
    forget(made);
  }

  @Override
  protected String room() {
    return "the heap may grow to " + Runtime.getRuntime().maxMemory();
  }
}
