package dev.troupe.kernels;

import java.util.List;

/**
 * A place that holds buffers and runs primitives on them, in the order in which they are given. One
 * thread at a time uses a device; what a device does with its own threads inside a primitive never
 * changes a bit of the result.
 */
public interface Device extends AutoCloseable {
  /**
   * The name under which the command line knows it: {@code cpu}, {@code reference}, {@code cuda},
   * {@code ptx}.
   */
  String name();

  /** Bytes of a REAL element: 4 for float32, 8 for float64. */
  int realBytes();

  /**
   * A buffer with undefined contents, taken from the device's pool where one of that size lies
   * there.
   *
   * @throws OutOfMemoryException if neither the pool nor the machine has the memory
   */
  Buffer allocate(ElementType type, int size);

  /** Gives a buffer that {@link #allocate} returned (no slice) back to the pool. */
  void release(Buffer buffer);

  /** Runs one primitive; a device that is asynchronous may return before it has finished. */
  void run(Primitive primitive);

  /**
   * Makes a step that can be run again and again, such as a training step whose counters and
   * indices live on the device. A device that can replays the primitives that {@code step} runs
   * now, without running them now, and calls {@code step} no more; the others call it each time.
   *
   * <p>So {@code step} must do the same each time, and read and write nothing on the host. The
   * buffers that it takes, and those that it releases, belong to the result until that is closed;
   * buffers from outside that it uses must live as long.
   */
  default CapturedStep capture(Runnable step) {
    return CapturedStep.plain(step);
  }

  /**
   * How often steps have been replayed: each time may have moved counters on the device, of which
   * the host sees nothing.
   */
  default long replays() {
    return 0;
  }

  /** Copies host values into a REAL buffer of the same size, converting to its element type. */
  void write(double[] source, Buffer target);

  /** Copies host values into a REAL buffer of the same size, converting to its element type. */
  void write(float[] source, Buffer target);

  /** Copies host values into an INT32 buffer of the same size. */
  void write(int[] source, Buffer target);

  /** Copies a REAL buffer to the host, after all primitives before it have finished. */
  void read(Buffer source, double[] target);

  /** Copies a REAL buffer to the host, after all primitives before it have finished. */
  void read(Buffer source, float[] target);

  /** Copies an INT32 buffer to the host, after all primitives before it have finished. */
  void read(Buffer source, int[] target);

  /**
   * Runs {@code step} once and tells how long each launch of a kernel took, in their order; on
   * {@code ptx} also how it used memory.
   *
   * @throws UnsupportedOperationException if it has no kernels to time
   */
  default List<KernelTime> profile(Runnable step) {
    throw new UnsupportedOperationException(
        name() + ": has no kernels to time, expected cuda or ptx");
  }

  /** Waits until all primitives so far have finished. */
  default void synchronize() {}

  /** What is held now, and was held at most. */
  MemoryUse memory();

  /** How many bytes buffers may take beyond those that are in use: an estimate. */
  long room();

  /** Stops its threads and drops its pool; buffers of the device must not be used any more. */
  @Override
  void close();

  /**
   * The memory of a device in bytes.
   *
   * @param live bytes in buffers that have been allocated and not released
   * @param pooled bytes released and kept for reuse
   * @param peakLive the largest value of {@code live} so far
   * @param allocations how often new memory had to be taken from the machine
   */
  record MemoryUse(long live, long pooled, long peakLive, long allocations) {}
}
