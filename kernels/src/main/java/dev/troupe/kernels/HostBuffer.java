package dev.troupe.kernels;

import java.util.Objects;

/**
 * A buffer in the Java heap: an array, an offset into it and a size. The array is {@code int[]} for
 * INT32, and for REAL whatever the device computes in ({@code double[]} or {@code float[]}).
 */
public final class HostBuffer extends PooledBuffer {
  private final HostBuffer whole; // the allocated buffer that this was cut from, or this
  private final int start; // in the whole

  // Only of a whole buffer.
  private Object array; // null while it has no memory
  private int first; // where in the array it begins

  /** A whole buffer from element {@code first} on; without memory yet if {@code array} is null. */
  HostBuffer(HostMemory owner, ElementType type, Object array, int first, int size) {
    super(owner, type, size);
    this.whole = this;
    this.start = 0;
    this.array = array;
    this.first = first;
  }

  private HostBuffer(HostBuffer from, int offset, int size) {
    super(from, offset, size);
    this.whole = from.whole;
    this.start = from.start + offset;
  }

  /** The buffer that was allocated, of which this is a slice; or this. */
  public HostBuffer whole() {
    return whole;
  }

  /** Where in {@link #whole} element 0 lies. */
  public int start() {
    return start;
  }

  /**
   * Whether there is memory for it: false for what a captured step takes, until that is planned.
   */
  public boolean hasMemory() {
    return whole.array != null;
  }

  /** Gives a whole buffer that has no memory that of another one. */
  public void takeMemory(HostBuffer of) {
    if (hasMemory() || whole != this || of.size() != size()) {
      throw new IllegalArgumentException("takeMemory: " + size() + " elements from " + of.size());
    }
    array = of.whole.array;
    first = of.offset();
  }

  @Override
  public HostBuffer slice(int offset, int size) {
    return new HostBuffer(this, offset, size);
  }

  /** Where in the array element 0 lies. */
  public int offset() {
    return whole.first + start;
  }

  /** The array of a REAL buffer of a device that computes in float64. */
  public double[] doubles() {
    return (double[]) whole.array;
  }

  /** The array of a REAL buffer of a device that computes in float32. */
  public float[] floats() {
    return (float[]) whole.array;
  }

  /** The array of an INT32 buffer. */
  public int[] ints() {
    return (int[]) whole.array;
  }

  /** Element {@code i}, whatever the type. */
  public double get(int i) {
    int at = offset() + Objects.checkIndex(i, size());
    return switch (whole.array) {
      case double[] a -> a[at];
      case float[] a -> a[at];
      default -> ((int[]) whole.array)[at];
    };
  }

  /** Sets element {@code i}, rounded to the type: to nearest for REAL, towards zero for INT32. */
  public void set(int i, double value) {
    int at = offset() + Objects.checkIndex(i, size());
    switch (whole.array) {
      case double[] a -> a[at] = value;
      case float[] a -> a[at] = (float) value;
      default -> ((int[]) whole.array)[at] = (int) value;
    }
  }
}
