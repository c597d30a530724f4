package dev.troupe.experiments.data;

import java.io.IOException;

/**
 * A file of a data set that is not what it should be: truncated, damaged, mislabelled, of another
 * size or kind. The message is one sentence that begins with the file, gives the place where there
 * is one, and says what was found and what was expected. A command ends with code 3.
 */
public final class DataFileException extends IOException {
  private static final long serialVersionUID = 1;

  /** See the class for what the message holds. */
  public DataFileException(String message) {
    super(message);
  }

  /** The cause is what a library said of the file. */
  public DataFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
