package dev.troupe.kernels;

import java.util.function.IntFunction;

/** The pool of the devices that compute on the host: arrays in the Java heap. */
public final class HostMemory extends BufferPool<HostBuffer> {
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
    Object array = type == ElementType.REAL ? newReals.apply(size) : new int[size];
    return new HostBuffer(this, type, array, size);
  }

  @Override
  protected HostBuffer makeBare(ElementType type, int size) {
    return new HostBuffer(this, type, null, size);
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
