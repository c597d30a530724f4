package dev.troupe.tensor;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import java.util.Arrays;

/**
 * Owns the memory of the tensors that are made in it, and gives it back to the device's pool when
 * it closes. Scopes nest; the innermost open one of a thread takes what ops produce:
 *
 * <pre>{@code
 * try (Scope model = Scope.open(device, "model")) {
 *   Tensor weights = model.zeros(Shape.of(8, 2, 400)); // lives as long as model
 *   try (Scope step = Scope.open("step")) {
 *     …                                               // temporaries, gone at the end of the step
 *   }
 * }
 * }</pre>
 *
 * A scope belongs to the thread that opened it, and scopes close in the reverse order of opening.
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<Innermost> INNERMOST = ThreadLocal.withInitial(Innermost::new);

  private final Device device;
  private final String name;
  private final Scope parent;
  private final Innermost innermost;
  private Buffer[] owned;
  private int count;
  private boolean open = true;

  /** A thread's innermost open scope, and the list of the one that closed last, to use again. */
  private static final class Innermost {
    Scope scope;
    Buffer[] spare;
  }

  private Scope(Device device, String name, Innermost innermost) {
    this.device = device;
    this.name = name;
    this.innermost = innermost;
    this.parent = innermost.scope;
    this.owned = innermost.spare == null ? new Buffer[16] : innermost.spare;
    innermost.spare = null;
    innermost.scope = this;
  }

  /** Opens a scope on a device, inside the thread's current one if there is any. */
  public static Scope open(Device device, String name) {
    return new Scope(device, name, INNERMOST.get());
  }

  /** Opens a scope on the device of the thread's current scope. */
  public static Scope open(String name) {
    Scope outer = current();
    return open(outer.device, name);
  }

  /**
   * The innermost open scope of this thread.
   *
   * @throws IllegalStateException if there is none
   */
  public static Scope current() {
    Scope scope = INNERMOST.get().scope;
    if (scope == null) {
      throw new IllegalStateException(
          "scope: none is open on this thread, expected try (Scope s = Scope.open(device, name))");
    }
    return scope;
  }

  /** Where the memory is. */
  public Device device() {
    return device;
  }

  /** The name it was opened with. */
  public String name() {
    return name;
  }

  /** Whether it has not been closed yet. */
  public boolean isOpen() {
    return open;
  }

  /**
   * A tensor with undefined contents.
   *
   * @param origin what makes it, named in the error when it is used after this scope closed
   */
  public Tensor empty(ElementType type, Shape shape, String origin) {
    if (!open) {
      throw new IllegalStateException(
          "scope: '" + name + "' is closed, " + origin + " cannot make " + shape + " in it");
    }
    Buffer buffer = device.allocate(type, shape.size());
    if (count == owned.length) {
      owned = Arrays.copyOf(owned, 2 * count);
    }
    owned[count++] = buffer;
    return new Tensor(shape, buffer, this, origin);
  }

  /** A REAL tensor of zeros. */
  public Tensor zeros(Shape shape) {
    return full(shape, 0);
  }

  /** A REAL tensor that holds {@code value} everywhere. */
  public Tensor full(Shape shape, double value) {
    Tensor t = empty(ElementType.REAL, shape, "full");
    t.fill(value);
    return t;
  }

  /** A REAL tensor with these values in row-major order. */
  public Tensor of(Shape shape, double... values) {
    Tensor t = empty(ElementType.REAL, shape, "of");
    t.set(values);
    return t;
  }

  /** A REAL tensor with these values in row-major order. */
  public Tensor of(Shape shape, float[] values) {
    Tensor t = empty(ElementType.REAL, shape, "of");
    t.set(values);
    return t;
  }

  /** An INT32 tensor with these values in row-major order. */
  public Tensor of(Shape shape, int[] values) {
    Tensor t = empty(ElementType.INT32, shape, "of");
    t.set(values);
    return t;
  }

  /** Gives all its memory back; its tensors cannot be used any more. */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    if (INNERMOST.get() != innermost) {
      throw new IllegalStateException(
          "scope: '" + name + "' closes on another thread than the one that opened it");
    }
    if (innermost.scope != this) {
      throw new IllegalStateException(
          "scope: '"
              + name
              + "' closes while '"
              + (innermost.scope == null ? "none" : innermost.scope.name)
              + "' is the innermost open one; scopes close in reverse order");
    }
    open = false;
    innermost.scope = parent;
    for (int i = count - 1; i >= 0; i--) {
      device.release(owned[i]);
      owned[i] = null;
    }
    count = 0;
    innermost.spare = owned;
  }

  @Override
  public String toString() {
    return "scope '" + name + "'";
  }
}
