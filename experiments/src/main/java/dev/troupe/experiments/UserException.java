package dev.troupe.experiments;

import java.util.Objects;

/**
 * Something the user can put right: its message is printed as it stands, one line on stderr and
 * without a stack trace, and the process ends with its exit code.
 */
public final class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  public UserException(ExitCode exitCode, String message) {
    this(exitCode, message, null);
  }

  /** The cause is shown with {@code --verbose} only. */
  public UserException(ExitCode exitCode, String message, Throwable cause) {
    super(Objects.requireNonNull(message), cause);
    this.exitCode = Objects.requireNonNull(exitCode);
  }

  /** How the process is to end. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
