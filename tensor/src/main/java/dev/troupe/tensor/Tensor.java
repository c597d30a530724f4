package dev.troupe.tensor;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;

/**
 * A shape over a device's buffer, contiguous and row-major. Reshapes and slices along the leading
 * axis share the buffer and cost nothing. The memory belongs to a {@link Scope}.
 */
public final class Tensor {
  private final Shape shape;
  private final Buffer buffer;
  private final Scope scope;
  private final String origin;

  Tensor(Shape shape, Buffer buffer, Scope scope, String origin) {
    this.shape = shape;
    this.buffer = buffer;
    this.scope = scope;
    this.origin = origin;
  }

  /** An uninitialised tensor in the current scope: what ops write their results into. */
  public static Tensor empty(ElementType type, Shape shape, String origin) {
    return Scope.current().empty(type, shape, origin);
  }

  /** The sizes of its axes. */
  public Shape shape() {
    return shape;
  }

  /** REAL or INT32. */
  public ElementType type() {
    return buffer.type();
  }

  /** How many elements. */
  public int size() {
    return shape.size();
  }

  /** The device that holds it. */
  public Device device() {
    return scope.device();
  }

  /** The op that made it. */
  public String origin() {
    return origin;
  }

  /**
   * The memory.
   *
   * @throws IllegalStateException if the scope has closed; the message names the op that made the
   *     tensor
   */
  public Buffer buffer() {
    if (!scope.isOpen()) {
      throw new IllegalStateException(
          "tensor: " + shape + " made by " + origin + " is used after its " + scope + " closed");
    }
    return buffer;
  }

  /** The same elements under another shape of the same size; free. */
  public Tensor reshape(Shape to) {
    if (to.size() != shape.size()) {
      throw new ShapeException("reshape: " + shape + " does not hold as many elements as " + to);
    }
    return new Tensor(to, buffer, scope, origin);
  }

  /** Entries {@code from} to {@code to} (exclusive) of the leading axis; shares the memory. */
  public Tensor slice(int from, int to) {
    if (shape.rank() == 0 || from < 0 || to > shape.dim(0) || from > to) {
      throw new ShapeException("slice: no entries " + from + " to " + to + " in " + shape);
    }
    int width = shape.product(1, shape.rank());
    return new Tensor(
        shape.with(0, to - from), buffer.slice(from * width, (to - from) * width), scope, origin);
  }

  /** Overwrites every element. */
  public void fill(double value) {
    device().run(new Primitive.Fill(value, buffer()));
  }

  /**
   * Overwrites all elements with those of another tensor of the same size, converting the type if
   * it differs.
   */
  public void copyFrom(Tensor source) {
    if (source.size() != size()) {
      throw new ShapeException("copy: " + source.shape + " into " + shape);
    }
    device().run(new Primitive.Copy(source.buffer(), buffer()));
  }

  /** Overwrites all elements from the host. */
  public void set(double... values) {
    checkLength(values.length);
    device().write(values, buffer());
  }

  /** Overwrites all elements from the host. */
  public void set(float[] values) {
    checkLength(values.length);
    device().write(values, buffer());
  }

  /** Overwrites all elements from the host. */
  public void set(int[] values) {
    checkLength(values.length);
    device().write(values, buffer());
  }

  private void checkLength(int length) {
    if (length != size()) {
      throw new ShapeException("set: " + length + " values for " + shape);
    }
  }

  /** All elements, on the host, as float32. */
  public float[] toFloats() {
    float[] out = new float[size()];
    device().read(buffer(), out);
    return out;
  }

  /** All elements, on the host, as float64. */
  public double[] toDoubles() {
    double[] out = new double[size()];
    device().read(buffer(), out);
    return out;
  }

  /** All elements of an INT32 tensor, on the host. */
  public int[] toInts() {
    int[] out = new int[size()];
    device().read(buffer(), out);
    return out;
  }

  /** The only element of a tensor of size 1. */
  public double item() {
    if (size() != 1) {
      throw new ShapeException("item: " + shape + " has " + size() + " elements, expected 1");
    }
    return type() == ElementType.REAL ? toDoubles()[0] : toInts()[0];
  }

  @Override
  public String toString() {
    return origin + shape + " " + type() + " on " + device().name();
  }
}
