package dev.troupe.kernels.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Two pinned pieces of host memory in turn, which the copy engine reads and writes by itself: while
 * one is on its way, the other is filled or emptied.
 */
final class Staging implements AutoCloseable {
  private static final int PIECE = 4 << 20; // bytes
  private static final int EVENT_DISABLE_TIMING = 2;

  private final CUstream stream;
  private final Piece[] pieces = new Piece[2];
  private int next;

  private static final class Piece {
    final Pointer pointer = new Pointer();
    final MemorySegment memory;
    final CUevent event = new CUevent();
    boolean busy;

    Piece() {
      Driver.check(
          JCudaDriver.cuMemHostAlloc(pointer, PIECE, 0), "cuMemHostAlloc", PIECE + " bytes");
      memory = MemorySegment.ofBuffer(pointer.getByteBuffer(0, PIECE));
      Driver.check(
          JCudaDriver.cuEventCreate(event, EVENT_DISABLE_TIMING), "cuEventCreate", "staging");
    }

    void await() {
      if (busy) {
        Driver.check(JCudaDriver.cuEventSynchronize(event), "cuEventSynchronize", "staging");
        busy = false;
      }
    }
  }

  Staging(CUstream stream) {
    this.stream = stream;
  }

  /** A piece that no copy is using any more. */
  private Piece take() {
    next = 1 - next;
    if (pieces[next] == null) {
      pieces[next] = new Piece();
    }
    pieces[next].await();
    return pieces[next];
  }

  private void mark(Piece piece) {
    Driver.check(JCudaDriver.cuEventRecord(piece.event, stream), "cuEventRecord", "staging");
    piece.busy = true;
  }

  /** Copies to the device; returns once the source has been read. */
  void write(MemorySegment source, long target) {
    long size = source.byteSize();
    for (long at = 0; at < size; at += PIECE) {
      long bytes = Math.min(PIECE, size - at);
      Piece piece = take();
      MemorySegment.copy(source, at, piece.memory, 0, bytes);
      Driver.check(
          JCudaDriver.cuMemcpyHtoDAsync(new Address(target + at), piece.pointer, bytes, stream),
          "cuMemcpyHtoDAsync",
          bytes + " bytes");
      mark(piece);
    }
  }

  /** Copies from the device; returns once the target is filled. */
  void read(long source, MemorySegment target) {
    long size = target.byteSize();
    Piece earlier = null;
    long earlierAt = 0;
    for (long at = 0; at < size; at += PIECE) {
      long bytes = Math.min(PIECE, size - at);
      Piece piece = take();
      Driver.check(
          JCudaDriver.cuMemcpyDtoHAsync(piece.pointer, new Address(source + at), bytes, stream),
          "cuMemcpyDtoHAsync",
          bytes + " bytes");
      mark(piece);
      if (earlier != null) {
        finish(earlier, target, earlierAt);
      }
      earlier = piece;
      earlierAt = at;
    }
    if (earlier != null) {
      finish(earlier, target, earlierAt);
    }
  }

  private static void finish(Piece piece, MemorySegment target, long at) {
    piece.await();
    long bytes = Math.min(PIECE, target.byteSize() - at);
    MemorySegment.copy(piece.memory, 0, target, at, bytes);
  }

  /** Gives the memory back, after all copies have finished; errors were reported before. */
  @Override
  public void close() {
    for (Piece piece : pieces) {
      if (piece != null) {
        JCudaDriver.cuEventDestroy(piece.event);
        JCudaDriver.cuMemFreeHost(piece.pointer);
      }
    }
  }
}
