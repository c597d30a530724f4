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

  /**
   * One whose first run calls {@code step}, and which is captured at the second: what a step does
   * only once, such as loading kernels, is done by then.
   */
  static CapturedStep of(Device device, Runnable step) {
    return new CapturedStep() {
      private boolean warm;
      private CapturedStep captured;

      @Override
      public void run() {
        if (!warm) {
          warm = true;
          step.run();
          return;
        }
        if (captured == null) {
          captured = device.capture(step);
        }
        captured.run();
      }

      @Override
      public void close() {
        if (captured != null) {
          captured.close();
        }
      }
    };
  }
}
