package dev.troupe.kernels;

/**
 * A buffer that does not fit into the device's memory; the message says what was asked, live and
 * pooled.
 */
public final class OutOfMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the sentence that the user sees. */
  public OutOfMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
