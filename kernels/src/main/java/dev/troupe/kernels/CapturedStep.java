package dev.troupe.kernels;

/**
 * A fixed sequence of primitives on fixed buffers that can be run again and again; made by {@link
 * Device#capture}.
 */
public interface CapturedStep extends AutoCloseable {
  /** Runs it once more. */
  void run();

  /** Gives back what the step holds; it cannot be run any more. */
  @Override
  void close();

  /** One that calls {@code step} each time. */
  static CapturedStep plain(Runnable step) {
    return new CapturedStep() {
      @Override
      public void run() {
        step.run();
      }

      @Override
      public void close() {}
    };
  }
}
