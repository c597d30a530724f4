package dev.troupe.kernels.gpu;

import dev.troupe.kernels.KernelTime;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/**
 * What kernels of PTX run on: a GPU behind its driver, or the interpreter. It knows addresses and
 * kernels, no buffers and no primitives. All work is in one order: a launch sees what copies and
 * launches before it have written. One thread at a time uses a machine.
 */
public interface Machine extends AutoCloseable {
  /** The name that messages begin with, which is the device's: {@code cuda} or {@code ptx}. */
  String name();

  /**
   * Which PTX it runs: ten times the major number of its compute capability, plus the minor one. A
   * file {@code name.sm_80.ptx} is taken instead of {@code name.ptx} from 80 on.
   */
  default int capability() {
    return 75;
  }

  /** What it is, in words. */
  default String description() {
    return name();
  }

  /** What else is known of it, such as its clocks, by name. */
  default Map<String, String> properties() {
    return Map.of();
  }

  /** How much memory there is, for the message that there is too little. */
  default String room() {
    return "the heap may grow to " + Runtime.getRuntime().maxMemory();
  }

  /** How many bytes {@link #allocate} can still give: an estimate. */
  default long freeBytes() {
    Runtime java = Runtime.getRuntime();
    return java.maxMemory() - java.totalMemory() + java.freeMemory();
  }

  /**
   * New memory with undefined contents.
   *
   * @param bytes more than 0
   * @return its address, a multiple of 256
   * @throws OutOfMemoryError if there is none; the caller tells what was asked for
   */
  long allocate(long bytes);

  /** Gives memory back that {@link #allocate} returned, once all work before has finished. */
  void free(long address);

  /** Copies from the host; may return before the copy, but not before {@code source} is read. */
  void write(MemorySegment source, long target);

  /** Copies within the machine's memory; may return before it has finished. */
  default void copy(long source, long target, long bytes) {
    byte[] values = new byte[Math.toIntExact(bytes)];
    read(source, MemorySegment.ofArray(values));
    write(MemorySegment.ofArray(values), target);
  }

  /** Copies to the host, after all work before has finished. */
  void read(long source, MemorySegment target);

  /**
   * A kernel, ready to be launched.
   *
   * @param module the file's name without {@code .ptx}, for messages
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

  /**
   * From now on launches are recorded instead of made; copies are errors. {@link GpuDevice} lends
   * these two methods to a machine that does not have them.
   */
  default void beginCapture() {
    throw new UnsupportedOperationException(name() + ": cannot capture");
  }

  /** Ends what {@link #beginCapture} began. */
  default Graph endCapture() {
    throw new UnsupportedOperationException(name() + ": cannot capture");
  }

  /** Whether it has {@link #beginCapture} and {@link #endCapture}. */
  default boolean canCapture() {
    return false;
  }

  /** Launches that were recorded. */
  interface Graph extends AutoCloseable {
    /** Makes them all, in their order; may return before they have finished. */
    void launch();

    /** How many there are. */
    int launches();

    /** Gives back what the machine holds for it, once all work before has finished. */
    @Override
    void close();
  }

  /** A library of matrix products on this machine, or null; launched in order like kernels. */
  default Blas blas() {
    return null;
  }

  /** A library of convolutions on this machine, or null; launched in order like kernels. */
  default Dnn dnn() {
    return null;
  }

  /** Who is told which launches belong together, or null. */
  default Ranges ranges() {
    return null;
  }

  /** Seconds from where all work before has finished until what {@code work} launches has. */
  default double seconds(Runnable work) {
    synchronize();
    long start = System.nanoTime();
    work.run();
    synchronize();
    return (System.nanoTime() - start) * 1e-9;
  }

  /** From now on each launch is timed; not while a step is captured. */
  default void beginProfile() {
    throw new UnsupportedOperationException(name() + ": cannot time launches");
  }

  /** Ends what {@link #beginProfile} began: the launches since then, in their order. */
  default List<KernelTime> endProfile() {
    throw new UnsupportedOperationException(name() + ": cannot time launches");
  }

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
