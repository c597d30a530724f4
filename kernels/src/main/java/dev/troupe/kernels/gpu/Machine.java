package dev.troupe.kernels.gpu;

import java.lang.foreign.MemorySegment;

/**
 * What kernels of PTX run on: a GPU behind its driver, or the interpreter. It knows addresses and
 * kernels, no buffers and no primitives. All work is in one order: a launch sees what copies and
 * launches before it have written. One thread at a time uses a machine.
 */
public interface Machine extends AutoCloseable {
  /** The name that messages begin with, which is the device's: {@code cuda} or {@code ptx}. */
  String name();

  /**
   * New memory with undefined contents.
   *
   * @param bytes more than 0
   * @return its address, a multiple of 256
   * @throws dev.troupe.kernels.OutOfMemoryException if there is none; the message tells what was
   *     asked for and what was free
   */
  long allocate(long bytes);

  /** Gives memory back that {@link #allocate} returned, once all work before has finished. */
  void free(long address);

  /** Copies from the host; may return before the copy, but not before {@code source} is read. */
  void write(MemorySegment source, long target);

  /** Copies to the host, after all work before has finished. */
  void read(long source, MemorySegment target);

  /**
   * A kernel, ready to be launched.
   *
   * @param module the file's name, for messages
   * @param ptx the file's text
   * @param entry the name of an {@code .entry} in it
   * @throws IllegalArgumentException if the text is not PTX that this machine can run, or has no
   *     such entry
   */
  Kernel load(String module, String ptx, String entry);

  /**
   * Launches a kernel; may return before it has finished.
   *
   * @param sharedBytes dynamic shared memory, beyond what the kernel declares
   * @param arguments in the order of the kernel's parameters; free for reuse afterwards
   * @throws IllegalArgumentException if shape or arguments are not what the kernel takes
   */
  void launch(Kernel kernel, Grid grid, int sharedBytes, Arguments arguments);

  /** Waits until all work has finished; errors of launches appear here at the latest. */
  void synchronize();

  /**
   * Tells that memory is handed out anew: its contents are undefined until written. The interpreter
   * reports reads of them.
   */
  default void handOut(long address, long bytes) {}

  /** Tells that memory is back in a pool: the interpreter reports any use of it. */
  default void takeBack(long address, long bytes) {}

  @Override
  void close();
}
