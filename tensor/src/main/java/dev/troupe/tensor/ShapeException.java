package dev.troupe.tensor;

/** Shapes that do not fit; the message begins with the op and shows them. */
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** With the sentence that the user sees. */
  public ShapeException(String message) {
    super(message);
  }
}
