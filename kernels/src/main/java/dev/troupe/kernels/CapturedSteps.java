package dev.troupe.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The captured steps of a device: what they have in common, whoever replays them. Each keeps the
 * buffers that were taken and released while it was captured, and ends with the device.
 */
public final class CapturedSteps {
  private final String device;
  private final BufferPool<?> pool;
  private final List<Step> steps = new ArrayList<>();
  private long replays;
  private boolean closed;

  /** None yet, on the device of that name with that memory. */
  public CapturedSteps(String device, BufferPool<?> pool) {
    this.device = device;
    this.pool = pool;
  }

  /** How often steps have been replayed. */
  public long replays() {
    return replays;
  }

  /**
   * Calls {@code step} while primitives are recorded.
   *
   * @param begin from here on primitives are recorded and not run
   * @param end ends that and gives what replays them, also after an exception of {@code step}
   */
  public CapturedStep capture(Runnable step, Runnable begin, Supplier<CapturedStep> end) {
    BufferPool<?>.Reservation reservation = pool.reserve();
    try {
      begin.run();
      try {
        step.run();
      } catch (Throwable e) {
        try {
          end.get().close();
        } catch (RuntimeException spoilt) {
          e.addSuppressed(spoilt);
        }
        throw e;
      }
      Step captured = new Step(end.get(), reservation);
      reservation.seal();
      steps.add(captured);
      return captured;
    } catch (Throwable e) {
      reservation.close();
      throw e;
    }
  }

  /** Closes all; none can be run any more. */
  public void close() {
    closed = true;
    List.copyOf(steps).forEach(Step::close);
  }

  /** The error for a copy from or to the host while a step is captured. */
  public static IllegalStateException refusedCopy(String op, long bytes) {
    return new IllegalStateException(
        op + ": " + bytes + " bytes while a step is captured, expected none");
  }

  private final class Step implements CapturedStep {
    private final CapturedStep replay;
    private final BufferPool<?>.Reservation reservation;
    private boolean open = true;

    Step(CapturedStep replay, BufferPool<?>.Reservation reservation) {
      this.replay = replay;
      this.reservation = reservation;
    }

    @Override
    public void run() {
      if (closed || !open) {
        throw new IllegalStateException(
            device + (closed ? ": the device is closed" : ": the captured step is closed"));
      }
      replay.run();
      replays++;
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        replay.close();
        reservation.close();
        steps.remove(this);
      }
    }
  }
}
