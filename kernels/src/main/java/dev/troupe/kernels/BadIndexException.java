package dev.troupe.kernels;

/** A value of an index buffer lies outside what it points into. */
public final class BadIndexException extends IndexOutOfBoundsException {
  private static final long serialVersionUID = 1;

  private final String op;
  private final int index;
  private final int position;
  private final int bound;

  /** For {@code index} at {@code position} of the buffer, expected in [0, bound). */
  public BadIndexException(String op, int index, int position, int bound) {
    super(op + ": index " + index + " at position " + position + " is outside [0, " + bound + ")");
    this.op = op;
    this.index = index;
    this.position = position;
    this.bound = bound;
  }

  /** The same seen from a buffer of which this one is the part from {@code offset} on. */
  public BadIndexException inWhole(int offset) {
    BadIndexException whole = new BadIndexException(op, index, position + offset, bound);
    whole.setStackTrace(getStackTrace());
    return whole;
  }
}
