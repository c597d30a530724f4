package dev.troupe.experiments.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.logging.LogManager;

/**
 * Keeps libraries that log from talking to the user. The JDK makes an instance of this class when
 * the first logger is asked for, so that a start without any costs nothing.
 */
public final class QuietLogging {
  private static final String CONFIGURATION =
      """
      handlers = java.util.logging.ConsoleHandler
      .level = SEVERE
      java.util.logging.SimpleFormatter.format = %4$s: %3$s: %5$s%6$s%n
      """;

  /** Called by {@link LogManager}. */
  public QuietLogging() throws IOException {
    LogManager.getLogManager()
        .readConfiguration(new ByteArrayInputStream(CONFIGURATION.getBytes(UTF_8)));
  }

  /** To be called before anything logs. */
  static void install() {
    System.setProperty("java.util.logging.config.class", QuietLogging.class.getName());
  }
}
