package dev.troupe.kernels;

import java.util.Objects;

/**
 * A buffer in the Java heap: an array, an offset into it and a size. The array is {@code int[]} for
 * INT32, and for REAL whatever the device computes in ({@code double[]} or {@code float[]}).
 */
public final class HostBuffer implements Buffer {
  private final HostMemory owner;
  private final HostBuffer whole; // the allocated buffer that this was cut from, or this
  private final ElementType type;
  private final Object array;
  private final int offset;
  private final int size;

  // Only of a whole buffer; kept by HostMemory.
  boolean live;
  HostBuffer nextFree;

  HostBuffer(HostMemory owner, ElementType type, Object array, int size) {
    this.owner = owner;
    this.whole = this;
    this.type = type;
    this.array = array;
    this.offset = 0;
    this.size = size;
  }

  private HostBuffer(HostBuffer from, int offset, int size) {
    this.owner = from.owner;
    this.whole = from.whole;
    this.type = from.type;
    this.array = from.array;
    this.offset = from.offset + offset;
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

  @Override
  public HostBuffer slice(int offset, int size) {
    if (offset < 0 || size < 0 || offset > this.size - size) {
      throw new IllegalArgumentException(
          "slice: "
              + size
              + " elements from "
              + offset
              + " on are not inside a buffer of "
              + this.size);
    }
    return new HostBuffer(this, offset, size);
  }

  /** Where in the array element 0 lies. */
  public int offset() {
    return offset;
  }

  /** The array of a REAL buffer of a device that computes in float64. */
  public double[] doubles() {
    return (double[]) array;
  }

  /** The array of a REAL buffer of a device that computes in float32. */
  public float[] floats() {
    return (float[]) array;
  }

  /** The array of an INT32 buffer. */
  public int[] ints() {
    return (int[]) array;
  }

  /** Element {@code i}, whatever the type. */
  public double get(int i) {
    int at = offset + Objects.checkIndex(i, size);
    return switch (array) {
      case double[] a -> a[at];
      case float[] a -> a[at];
      default -> ((int[]) array)[at];
    };
  }

  /** Sets element {@code i}, rounded to the type: to nearest for REAL, towards zero for INT32. */
  public void set(int i, double value) {
    int at = offset + Objects.checkIndex(i, size);
    switch (array) {
      case double[] a -> a[at] = value;
      case float[] a -> a[at] = (float) value;
      default -> ((int[]) array)[at] = (int) value;
    }
  }

  HostMemory owner() {
    return owner;
  }

  boolean isSlice() {
    return whole != this;
  }

  boolean isLive() {
    return whole.live;
  }
}
