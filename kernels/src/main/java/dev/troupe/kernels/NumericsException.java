package dev.troupe.kernels;

/**
 * A primitive has written a NaN or an infinity; the message says where, and what it was computed
 * from.
 */
public final class NumericsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String primitive;
  private final int output;
  private final int element;
  private final int member;
  private final long step;

  NumericsException(
      String message, String primitive, int output, int element, int member, long step) {
    super(message);
    this.primitive = primitive;
    this.output = output;
    this.element = element;
    this.member = member;
    this.step = step;
  }

  /** The same, with what the primitive was run for at the end of the message. */
  public NumericsException in(String what) {
    NumericsException e =
        new NumericsException(
            getMessage() + "; in " + what, primitive, output, element, member, step);
    e.setStackTrace(getStackTrace());
    return e;
  }

  /** The name of the primitive. */
  public String primitive() {
    return primitive;
  }

  /** Which of {@link Primitive#writes()} it is. */
  public int output() {
    return output;
  }

  /** The first element of that output that is not finite. */
  public int element() {
    return element;
  }

  /** The member of the ensemble that the element belongs to; -1 where that is not known. */
  public int member() {
    return member;
  }

  /** The training step; -1 where that is not known. */
  public long step() {
    return step;
  }
}
