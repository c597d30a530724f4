package dev.troupe.kernels.gpu;

import dev.troupe.kernels.CapturedSteps;
import dev.troupe.kernels.KernelTime;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets a machine capture and profile that cannot do so by itself: it notes the launches and makes
 * them again, and times them by the clock of the host.
 */
final class RecordingMachine extends ForwardingMachine {
  private final Machine inner;
  private List<Runnable> recording; // null while nothing is captured
  private int launches;
  private List<KernelTime> profile; // null while nothing is timed

  RecordingMachine(Machine inner) {
    super(inner);
    this.inner = inner;
  }

  @Override
  public boolean canCapture() {
    return true;
  }

  @Override
  public void beginCapture() {
    if (recording != null) {
      throw new IllegalStateException(name() + ": the last capture has not ended");
    }
    recording = new ArrayList<>();
    launches = 0;
  }

  @Override
  public Graph endCapture() {
    List<Runnable> recorded = List.copyOf(recording);
    int count = launches;
    recording = null;
    return new Graph() {
      @Override
      public void launch() {
        recorded.forEach(Runnable::run);
      }

      @Override
      public int launches() {
        return count;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void launch(Kernel kernel, Grid grid, int sharedBytes, Arguments arguments) {
    if (profile != null) {
      double seconds = inner.seconds(() -> inner.launch(kernel, grid, sharedBytes, arguments));
      profile.add(new KernelTime(kernel.entry(), grid.toString(), seconds));
    } else if (recording == null) {
      inner.launch(kernel, grid, sharedBytes, arguments);
    } else {
      Arguments copy = arguments.copy();
      recording.add(() -> inner.launch(kernel, grid, sharedBytes, copy));
      launches++;
    }
  }

  @Override
  public void beginProfile() {
    profile = new ArrayList<>();
  }

  @Override
  public List<KernelTime> endProfile() {
    List<KernelTime> times = profile;
    profile = null;
    return times;
  }

  // The memory of a captured step is handed out and taken back anew each time, for the checks of
  // the interpreter.

  @Override
  public void handOut(long address, long bytes) {
    if (recording == null) {
      inner.handOut(address, bytes);
    } else {
      recording.add(() -> inner.handOut(address, bytes));
    }
  }

  @Override
  public void takeBack(long address, long bytes) {
    if (recording == null) {
      inner.takeBack(address, bytes);
    } else {
      recording.add(() -> inner.takeBack(address, bytes));
    }
  }

  @Override
  public void write(MemorySegment source, long target) {
    refuse("write", source.byteSize());
    inner.write(source, target);
  }

  @Override
  public void read(long source, MemorySegment target) {
    refuse("read", target.byteSize());
    inner.read(source, target);
  }

  @Override
  public void copy(long source, long target, long bytes) {
    refuse("copy", bytes);
    inner.copy(source, target, bytes);
  }

  private void refuse(String op, long bytes) {
    if (recording != null) {
      throw CapturedSteps.refusedCopy(op, bytes);
    }
  }

  @Override
  public Blas blas() {
    return null; // its products could not be recorded
  }

  @Override
  public Dnn dnn() {
    return null; // nor its convolutions
  }
}
