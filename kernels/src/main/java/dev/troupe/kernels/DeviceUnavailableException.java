package dev.troupe.kernels;

/** A device that this machine does not have; the message says what is missing and what to do. */
public final class DeviceUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the sentence that the user sees. */
  public DeviceUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
