package dev.troupe.tensor.io;

import java.util.Arrays;

/**
 * A primitive Java array with a shape, row-major. The values are shared with the caller, not
 * copied. Rank 0 is a scalar; a dimension may be 0.
 */
public final class HostArray {
  /** NumPy's limit, and ours. */
  static final int MAX_RANK = 64;

  private final DataType dtype;
  private final int[] shape;
  private final Object values;
  private final int size;

  private HostArray(DataType dtype, int[] shape, Object values, int size) {
    this.dtype = dtype;
    this.shape = shape.clone();
    this.values = values;
    this.size = size;
    if (shape.length > MAX_RANK) {
      throw new IllegalArgumentException(
          "HostArray: rank is " + shape.length + ", at most " + MAX_RANK + " expected");
    }
    for (int length : shape) {
      if (length < 0) {
        throw new IllegalArgumentException(
            "HostArray: shape " + Arrays.toString(shape) + " has a negative length");
      }
    }
    if (elements(shape) != size) {
      throw new IllegalArgumentException(
          "HostArray: shape " + Arrays.toString(shape) + " does not fit " + size + " values");
    }
  }

  /** Values of float32 in row-major order. The array is kept, not copied. */
  public static HostArray of(float[] values, int... shape) {
    return new HostArray(DataType.F32, shape, values, values.length);
  }

  /** Values of float64 in row-major order. The array is kept, not copied. */
  public static HostArray of(double[] values, int... shape) {
    return new HostArray(DataType.F64, shape, values, values.length);
  }

  /** Values of int32 in row-major order. The array is kept, not copied. */
  public static HostArray of(int[] values, int... shape) {
    return new HostArray(DataType.I32, shape, values, values.length);
  }

  /** Values of int64 in row-major order. The array is kept, not copied. */
  public static HostArray of(long[] values, int... shape) {
    return new HostArray(DataType.I64, shape, values, values.length);
  }

  /** Unsigned bytes in row-major order. The array is kept, not copied. */
  public static HostArray of(byte[] values, int... shape) {
    return new HostArray(DataType.U8, shape, values, values.length);
  }

  /** Truth values in row-major order. The array is kept, not copied. */
  public static HostArray of(boolean[] values, int... shape) {
    return new HostArray(DataType.BOOL, shape, values, values.length);
  }

  /** The type of the elements. */
  public DataType dtype() {
    return dtype;
  }

  /** The shape; empty for a scalar. */
  public int[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public int size() {
    return size;
  }

  /**
   * The values of an F32 array.
   *
   * @throws IllegalStateException if the array has another type
   */
  public float[] floats() {
    return (float[]) values(DataType.F32);
  }

  /**
   * The values of an F64 array.
   *
   * @throws IllegalStateException if the array has another type
   */
  public double[] doubles() {
    return (double[]) values(DataType.F64);
  }

  /**
   * The values of an I32 array.
   *
   * @throws IllegalStateException if the array has another type
   */
  public int[] ints() {
    return (int[]) values(DataType.I32);
  }

  /**
   * The values of an I64 array.
   *
   * @throws IllegalStateException if the array has another type
   */
  public long[] longs() {
    return (long[]) values(DataType.I64);
  }

  /**
   * The values of a U8 array, to be read as unsigned.
   *
   * @throws IllegalStateException if the array has another type
   */
  public byte[] bytes() {
    return (byte[]) values(DataType.U8);
  }

  /**
   * The values of a BOOL array.
   *
   * @throws IllegalStateException if the array has another type
   */
  public boolean[] booleans() {
    return (boolean[]) values(DataType.BOOL);
  }

  /** Such as {@code F32 [2, 3]}. */
  @Override
  public String toString() {
    return dtype + " " + Arrays.toString(shape);
  }

  private Object values(DataType asked) {
    if (dtype != asked) {
      throw new IllegalStateException("HostArray: is " + this + ", asked for as " + asked);
    }
    return values;
  }

  /** The product of lengths that are not negative, or -1 where a Java array cannot be as long. */
  static int elements(int... shape) {
    long product = 1;
    boolean empty = false;
    for (int length : shape) {
      empty |= length == 0;
      product = Math.min(product * Math.max(length, 1), Integer.MAX_VALUE);
    }
    // Virtual machines refuse arrays of the last few lengths.
    return empty ? 0 : product > Integer.MAX_VALUE - 8 ? -1 : (int) product;
  }
}
