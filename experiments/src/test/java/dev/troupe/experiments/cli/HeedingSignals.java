package dev.troupe.experiments.cli;

import java.io.IOException;
import java.util.List;

/**
 * What to put in front of a command that is to be sent signals. A process inherits which signals
 * are ignored, and a shell ignores SIGINT for what it starts in the background: tests that run
 * there would wait for a Ctrl-C that Java never hears.
 */
public final class HeedingSignals {
  private static final List<String> RESET = List.of("env", "--default-signal=INT,TERM");

  /** Resets what is ignored, where {@code env} can; the process keeps its number. */
  public static final List<String> PREFIX = works() ? RESET : List.of();

  private HeedingSignals() {}

  private static boolean works() {
    try {
      Process probe =
          new ProcessBuilder(RESET.get(0), RESET.get(1), "true")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return probe.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while probing env", e);
    }
  }
}
