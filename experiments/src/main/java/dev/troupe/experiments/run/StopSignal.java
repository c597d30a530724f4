package dev.troupe.experiments.run;

import dev.troupe.experiments.ExitCode;
import java.io.PrintStream;
import org.jline.utils.Signals;

/**
 * Ctrl-C and SIGTERM: the first asks the run to write a checkpoint at the next step and end, the
 * second ends the process at once. A shutdown hook would not do: the JVM ignores the second signal
 * once it is shutting down. (JLine registers the handlers, since javac lets nobody name {@code
 * sun.misc.Signal} without a warning.)
 */
public final class StopSignal implements AutoCloseable {
  private static final String INTERRUPT = "INT";
  private static final String TERMINATE = "TERM";

  /** What comes so soon is the first once more: `timeout` signals the process and its group. */
  private static final long SAME_NANOS = 500_000_000L;

  private volatile boolean requested;
  private volatile long requestedNanos;
  private Object previousInterrupt;
  private Object previousTerminate;

  /** Watches for both signals until closed. */
  public static StopSignal install(PrintStream err) {
    StopSignal stop = new StopSignal();
    Runnable handler =
        () -> {
          if (stop.requested) {
            if (System.nanoTime() - stop.requestedNanos > SAME_NANOS) {
              Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
            }
            return;
          }
          stop.request();
          err.println();
          err.println("stopping at the next step, with a checkpoint; once more ends at once");
        };
    stop.previousInterrupt = Signals.register(INTERRUPT, handler);
    stop.previousTerminate = Signals.register(TERMINATE, handler);
    return stop;
  }

  /** Asks the run to end at the next step. */
  public void request() {
    requestedNanos = System.nanoTime();
    requested = true;
  }

  /** Whether the run is to end. */
  public boolean requested() {
    return requested;
  }

  @Override
  public void close() {
    Signals.unregister(INTERRUPT, previousInterrupt);
    Signals.unregister(TERMINATE, previousTerminate);
  }
}
