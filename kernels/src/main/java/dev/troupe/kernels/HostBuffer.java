package dev.troupe.kernels;

import java.util.Objects;

/**
 * A buffer in the Java heap: an array, an offset into it and a size. The array is {@code int[]} for
 * INT32, and for REAL whatever the device computes in ({@code double[]} or {@code float[]}).
 */
public final class HostBuffer extends PooledBuffer {
  private final Object array;
  private final int offset;

  HostBuffer(HostMemory owner, ElementType type, Object array, int size) {
    super(owner, type, size);
    this.array = array;
    this.offset = 0;
  }

  private HostBuffer(HostBuffer from, int offset, int size) {
    super(from, offset, size);
    this.array = from.array;
    this.offset = from.offset + offset;
  }

  @Override
  public HostBuffer slice(int offset, int size) {
    return new HostBuffer(this, offset, size);
  }

  /** What holds the elements, and those of all buffers that share them. */
  public Object array() {
    return array;
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
    int at = offset + Objects.checkIndex(i, size());
    return switch (array) {
      case double[] a -> a[at];
      case float[] a -> a[at];
      default -> ((int[]) array)[at];
    };
  }

  /** Sets element {@code i}, rounded to the type: to nearest for REAL, towards zero for INT32. */
  public void set(int i, double value) {
    int at = offset + Objects.checkIndex(i, size());
    switch (array) {
      case double[] a -> a[at] = value;
      case float[] a -> a[at] = (float) value;
      default -> ((int[]) array)[at] = (int) value;
    }
  }
}
