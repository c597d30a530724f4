package dev.troupe.kernels;

/**
 * Refuses copies between host and device while a training step is open: a step that needs none can
 * be captured once and replayed.
 */
public final class StepGuard extends ForwardingDevice {
  private boolean open;

  /** In front of {@code inner}, which is closed with this. */
  public StepGuard(Device inner) {
    super(inner);
  }

  /** Until the result is closed, every read and write is an error. */
  public Step openStep() {
    if (open) {
      throw new IllegalStateException("openStep: the last step is still open");
    }
    open = true;
    return () -> open = false;
  }

  /** A step that lasts until it is closed. */
  @FunctionalInterface
  public interface Step extends AutoCloseable {
    @Override
    void close();
  }

  private void refuse(String op, Buffer buffer) {
    if (open) {
      throw new IllegalStateException(
          op
              + ": "
              + buffer.size()
              + " "
              + buffer.type()
              + " elements while a step is open, expected none");
    }
  }

  @Override
  public void write(double[] source, Buffer target) {
    refuse("write", target);
    super.write(source, target);
  }

  @Override
  public void write(float[] source, Buffer target) {
    refuse("write", target);
    super.write(source, target);
  }

  @Override
  public void write(int[] source, Buffer target) {
    refuse("write", target);
    super.write(source, target);
  }

  @Override
  public void read(Buffer source, double[] target) {
    refuse("read", source);
    super.read(source, target);
  }

  @Override
  public void read(Buffer source, float[] target) {
    refuse("read", source);
    super.read(source, target);
  }

  @Override
  public void read(Buffer source, int[] target) {
    refuse("read", source);
    super.read(source, target);
  }
}
