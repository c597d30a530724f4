package dev.troupe.bench;

/**
 * A piece of work that can be repeated and timed: everything it needs is allocated and filled, and
 * {@link #step()} does the work once. Not thread-safe; opened, stepped and closed by one thread.
 */
public interface Work extends AutoCloseable {
  /** The name on the command line, such as {@code sgemm:100,400,400}. */
  String name();

  /** Does the work once, and returns when it is done. */
  void step();

  /** Floating-point operations of one step; for elementwise work the number of elements. */
  double flops();

  /** Gives back all memory. */
  @Override
  void close();
}
