package dev.troupe.tensor.io;

import java.io.IOException;

/**
 * A file of arrays that is not what it should be: truncated, corrupted, of another format, or of a
 * kind that is not supported. The message is one sentence that begins with the file.
 */
public final class ArrayFileException extends IOException {
  private static final long serialVersionUID = 1;

  public ArrayFileException(String message) {
    super(message);
  }
}
