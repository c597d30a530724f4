package dev.troupe.kernels.gpu;

import dev.troupe.kernels.CapturedSteps;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Lets a machine capture that cannot do so by itself: it notes launches and makes them again. */
final class RecordingMachine extends ForwardingMachine {
  private final Machine inner;
  private List<Runnable> recording; // null while nothing is captured
  private int launches;

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
    if (recording == null) {
      inner.launch(kernel, grid, sharedBytes, arguments);
    } else {
      Arguments copy = arguments.copy();
      recording.add(() -> inner.launch(kernel, grid, sharedBytes, copy));
      launches++;
    }
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
