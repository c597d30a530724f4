package dev.troupe.kernels;

import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/** What the devices that compute in the Java heap share: everything but {@link #run}. */
public abstract class HostDevice implements Device {
  private final String name;
  private final HostMemory memory;
  private boolean closed;

  /**
   * A device with an empty pool.
   *
   * @param name its name on the command line and in messages
   * @param realBytes the bytes of a REAL element
   * @param newReals makes the array of a REAL buffer from its size
   */
  protected HostDevice(String name, int realBytes, IntFunction<?> newReals) {
    this.name = name;
    this.memory = new HostMemory(name, realBytes, newReals);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int realBytes() {
    return memory.realBytes();
  }

  @Override
  public HostBuffer allocate(ElementType type, int size) {
    checkOpen();
    return memory.allocate(type, size);
  }

  @Override
  public void release(Buffer buffer) {
    memory.release(buffer);
  }

  /** The buffer as one of this device; one of another device, or already released, is an error. */
  protected final HostBuffer host(Buffer buffer) {
    return memory.check(buffer);
  }

  /** Refuses to go on once the device is closed. */
  protected final void checkOpen() {
    if (closed) {
      throw new IllegalStateException(name + ": the device is closed");
    }
  }

  /** Refuses a copy from or to the host where there must be none; here it never does. */
  protected void checkCopy(String op, long bytes) {}

  /** Where its buffers come from. */
  protected final HostMemory pool() {
    return memory;
  }

  /** Runs a user's own primitive on the arrays of its buffers. */
  protected final void runCustom(Primitive.Custom custom) {
    compute(custom, this::host);
  }

  /** Runs a user's own primitive on arrays that {@code memory} gives for its buffers. */
  public static void compute(Primitive.Custom custom, Function<Buffer, HostBuffer> memory) {
    custom.compute(views(custom.reads(), memory), views(custom.writes(), memory));
  }

  private static Views views(List<Buffer> buffers, Function<Buffer, HostBuffer> memory) {
    return new Views(buffers.stream().map(memory).toArray(HostBuffer[]::new));
  }

  private record Views(HostBuffer[] buffers) implements Primitive.HostArrays {
    @Override
    public double get(int k, int i) {
      return buffers[k].get(i);
    }

    @Override
    public void set(int k, int i, double value) {
      buffers[k].set(i, value);
    }
  }

  @Override
  public void write(double[] source, Buffer target) {
    HostBuffer to = operand("write", target, ElementType.REAL, source.length);
    for (int i = 0; i < source.length; i++) {
      to.set(i, source[i]);
    }
  }

  @Override
  public void write(float[] source, Buffer target) {
    HostBuffer to = operand("write", target, ElementType.REAL, source.length);
    for (int i = 0; i < source.length; i++) {
      to.set(i, source[i]);
    }
  }

  @Override
  public void write(int[] source, Buffer target) {
    HostBuffer to = operand("write", target, ElementType.INT32, source.length);
    System.arraycopy(source, 0, to.ints(), to.offset(), source.length);
  }

  @Override
  public void read(Buffer source, double[] target) {
    HostBuffer from = operand("read", source, ElementType.REAL, target.length);
    for (int i = 0; i < target.length; i++) {
      target[i] = from.get(i);
    }
  }

  @Override
  public void read(Buffer source, float[] target) {
    HostBuffer from = operand("read", source, ElementType.REAL, target.length);
    for (int i = 0; i < target.length; i++) {
      target[i] = (float) from.get(i);
    }
  }

  @Override
  public void read(Buffer source, int[] target) {
    HostBuffer from = operand("read", source, ElementType.INT32, target.length);
    System.arraycopy(from.ints(), from.offset(), target, 0, target.length);
  }

  private HostBuffer operand(String op, Buffer buffer, ElementType type, int size) {
    checkOpen();
    checkCopy(op, (long) size * (type == ElementType.REAL ? realBytes() : Integer.BYTES));
    Check.type(op, "the buffer", buffer, type);
    Check.size(op, "the buffer", buffer, size);
    return host(buffer);
  }

  @Override
  public MemoryUse memory() {
    return memory.use();
  }

  /** What the heap may grow to, less what is in use; others share it. */
  @Override
  public long room() {
    return Math.max(0, Runtime.getRuntime().maxMemory() - memory.use().live());
  }

  @Override
  public void close() {
    closed = true;
    memory.clear();
  }
}
