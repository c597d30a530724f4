package dev.troupe.experiments.run;

import dev.troupe.experiments.ExitCode;
import java.io.PrintStream;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C and SIGTERM: the first asks the run to write a checkpoint at the next step and end, the
 * second ends the process at once. A shutdown hook would not do: the JVM ignores the second signal
 * once it is shutting down.
 */
public final class StopSignal implements AutoCloseable {
  private volatile boolean requested;
  private SignalHandler previousInt;
  private SignalHandler previousTerm;

  /** Watches for both signals until closed. */
  public static StopSignal install(PrintStream err) {
    StopSignal stop = new StopSignal();
    SignalHandler handler =
        signal -> {
          if (stop.requested) {
            Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
          }
          stop.request();
          err.println();
          err.println("stopping at the next step, with a checkpoint; once more ends at once");
        };
    try {
      stop.previousInt = Signal.handle(new Signal("INT"), handler);
      stop.previousTerm = Signal.handle(new Signal("TERM"), handler);
    } catch (IllegalArgumentException e) {
      err.println("note: this JVM leaves signals alone (-Xrs), so Ctrl-C writes no checkpoint");
    }
    return stop;
  }

  /** Asks the run to end at the next step. */
  public void request() {
    requested = true;
  }

  /** Whether the run is to end. */
  public boolean requested() {
    return requested;
  }

  @Override
  public void close() {
    if (previousInt != null) {
      Signal.handle(new Signal("INT"), previousInt);
    }
    if (previousTerm != null) {
      Signal.handle(new Signal("TERM"), previousTerm);
    }
  }
}
