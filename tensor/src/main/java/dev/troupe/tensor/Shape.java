package dev.troupe.tensor;

import java.util.Arrays;

/** The sizes of a tensor's axes, outermost first. Immutable; rank 0 is a scalar. */
public final class Shape {
  /** The shape of a single number. */
  public static final Shape SCALAR = new Shape(new int[0], 1);

  private final int[] dims;
  private final int size;

  private Shape(int[] dims, int size) {
    this.dims = dims;
    this.size = size;
  }

  /**
   * The shape with these axes.
   *
   * @throws ShapeException if an axis is negative or the product of all exceeds 2³¹ - 1
   */
  public static Shape of(int... dims) {
    return dims.length == 0 ? SCALAR : owning(dims.clone());
  }

  /** The shape with these axes, in an array that nobody else will change. */
  private static Shape owning(int[] dims) {
    long size = 1;
    boolean empty = false;
    for (int d : dims) {
      if (d < 0) {
        throw new ShapeException("shape: negative axis in " + Arrays.toString(dims));
      }
      empty |= d == 0;
      size *= Math.max(d, 1);
      if (size > Integer.MAX_VALUE) {
        throw new ShapeException(
            "shape: "
                + Arrays.toString(dims)
                + " has more than "
                + Integer.MAX_VALUE
                + " elements");
      }
    }
    return new Shape(dims, empty ? 0 : (int) size);
  }

  /** How many axes. */
  public int rank() {
    return dims.length;
  }

  /** How many elements. */
  public int size() {
    return size;
  }

  /** The size of one axis; negative ones count from the end, -1 being the last. */
  public int dim(int axis) {
    return dims[axis(axis)];
  }

  /** All axes, as a copy. */
  public int[] dims() {
    return dims.clone();
  }

  /**
   * The axis as a number from 0 on.
   *
   * @throws ShapeException if there is no such axis
   */
  public int axis(int axis) {
    int a = axis < 0 ? axis + dims.length : axis;
    if (a < 0 || a >= dims.length) {
      throw new ShapeException("shape: no axis " + axis + " in " + this);
    }
    return a;
  }

  /** The product of the axes in [from, to). */
  public int product(int from, int to) {
    int n = 1;
    for (int d = from; d < to; d++) {
      n *= dims[d];
    }
    return n;
  }

  /** This shape with one axis of another size. */
  public Shape with(int axis, int size) {
    int a = axis(axis);
    if (dims[a] == size) {
      return this;
    }
    int[] d = dims.clone();
    d[a] = size;
    return owning(d);
  }

  /** This shape with other last two axes: matrices of {@code rows} by {@code columns}. */
  public Shape withMatrix(int rows, int columns) {
    int last = axis(-1);
    if (dims[axis(-2)] == rows && dims[last] == columns) {
      return this;
    }
    int[] d = dims.clone();
    d[last - 1] = rows;
    d[last] = columns;
    return owning(d);
  }

  /** This shape without one axis. */
  public Shape without(int axis) {
    int a = axis(axis);
    int[] d = new int[dims.length - 1];
    System.arraycopy(dims, 0, d, 0, a);
    System.arraycopy(dims, a + 1, d, a, d.length - a);
    return d.length == 0 ? SCALAR : owning(d);
  }

  /** This shape with a new axis in front of {@code axis}; {@code axis == rank()} appends. */
  public Shape insert(int axis, int size) {
    int[] d = new int[dims.length + 1];
    System.arraycopy(dims, 0, d, 0, axis);
    d[axis] = size;
    System.arraycopy(dims, axis, d, axis + 1, dims.length - axis);
    return owning(d);
  }

  /**
   * The shape of an elementwise result, by NumPy's rule: aligned at the last axis, an axis of size
   * 1 repeats.
   *
   * @param op the name that the error begins with
   * @throws ShapeException {@code add: shapes do not broadcast, [2, 3] and [4]}
   */
  public static Shape broadcast(String op, Shape... shapes) {
    Shape result = shapes[0];
    for (int i = 1; i < shapes.length; i++) {
      if (!result.equals(shapes[i])) {
        result = broadcast(op, result, shapes[i]);
      }
    }
    return result;
  }

  private static Shape broadcast(String op, Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] d = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int x = i <= a.rank() ? a.dims[a.rank() - i] : 1;
      int y = i <= b.rank() ? b.dims[b.rank() - i] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new ShapeException(op + ": shapes do not broadcast, " + a + " and " + b);
      }
      d[rank - i] = x == 1 ? y : x;
    }
    return owning(d);
  }

  /** {@code [8, 100, 2]}; a scalar is {@code []}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }

  @Override
  public boolean equals(Object o) {
    return this == o || (o instanceof Shape s && Arrays.equals(dims, s.dims));
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }
}
