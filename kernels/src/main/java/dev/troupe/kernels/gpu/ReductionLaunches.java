package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;

/**
 * Launches of {@code reductions.cu}. Which kernels reduce a row or column, in which chunks, and so
 * the order of its elements, follows from its length and from whether it is a row or a column.
 */
final class ReductionLaunches {
  private static final int THREADS = 256;
  private static final int PER_THREAD = 32; // elements of a chunk that a thread takes
  private static final int WARP = 32;
  private static final int SHORT_ROW = 8; // up to it, one thread does all
  private static final int SHORT_COLUMN = 32;
  private static final int WARP_ROW = 1024; // up to it, one warp does all

  /** The kernels of one reduction. */
  private record Kernels(Entry each, Entry lanes, Entry chunks, Entry columns) {
    static Kernels of(String name) {
      return new Kernels(
          new Entry("reductions", name + "_each"),
          new Entry("reductions", name + "_lanes"),
          new Entry("reductions", name + "_chunks"),
          new Entry("reductions", name + "_columns"));
    }
  }

  private final Launcher launcher;
  private final Kernels sum = Kernels.of("sum");
  private final Kernels max = Kernels.of("max");
  private final Kernels min = Kernels.of("min");

  ReductionLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void sum(Primitive.Sum op) {
    float scale = (float) op.scale();
    reduce(sum, op.x(), null, op.y(), null, scale, op.outer(), op.size(), op.inner());
  }

  void extreme(Primitive.Extreme op) {
    Kernels kernels = op.largest() ? max : min;
    reduce(kernels, op.x(), null, op.y(), op.index(), 1, op.outer(), op.size(), op.inner());
  }

  /**
   * Reduces x [outer, size, inner] to y [outer, inner].
   *
   * @param from the places that the elements of x had, as x; null for their own
   * @param index gets the place of the extreme; null for sums
   */
  private void reduce(
      Kernels kernels,
      Buffer x,
      Buffer from,
      Buffer y,
      Buffer index,
      float scale,
      int outer,
      int size,
      int inner) {
    int outputs = outer * inner;
    if (outputs == 0) {
      return;
    }
    if (size <= (inner == 1 ? SHORT_ROW : SHORT_COLUMN)) {
      begin(kernels.each, x, from, y, index, scale)
          .put(outputs)
          .put(size)
          .put(inner)
          .launch(Math.ceilDiv(outputs, THREADS), THREADS);
      return;
    }
    if (inner == 1 && (size <= WARP_ROW || from != null)) {
      int lanes = Math.min(WARP, Launcher.powerOfTwo(Math.ceilDiv(size, 4)));
      begin(kernels.lanes, x, from, y, index, scale)
          .put(outer)
          .put(size)
          .put(lanes)
          .launch(Math.ceilDiv(outer, THREADS / lanes), THREADS);
      return;
    }
    int width = Math.min(WARP, Launcher.powerOfTwo(inner)); // columns of a block; 1 for rows
    int chunks = Math.ceilDiv(size, THREADS / width * PER_THREAD);
    if (chunks == 1) {
      chunks(kernels, x, from, y, index, scale, outer, size, inner, width, 1);
      return;
    }
    Buffer ofChunks = launcher.borrow(ElementType.REAL, outputs * chunks); // [outer, chunks, inner]
    Buffer places = index == null ? null : launcher.borrow(ElementType.INT32, outputs * chunks);
    chunks(kernels, x, from, ofChunks, places, 1, outer, size, inner, width, chunks);
    reduce(kernels, ofChunks, places, y, index, scale, outer, chunks, inner);
    launcher.giveBack(ofChunks);
    if (places != null) {
      launcher.giveBack(places);
    }
  }

  /** Reduces each chunk of x [outer, size, inner], to y [outer, chunks, inner]. */
  private void chunks(
      Kernels kernels,
      Buffer x,
      Buffer from,
      Buffer y,
      Buffer index,
      float scale,
      int outer,
      int size,
      int inner,
      int width,
      int chunks) {
    if (inner == 1) {
      put(launcher.begin(kernels.chunks).put(x), y, index, scale)
          .put(size)
          .put(chunks)
          .launch(outer * chunks, THREADS);
    } else {
      begin(kernels.columns, x, from, y, index, scale)
          .put(size)
          .put(inner)
          .put(chunks)
          .put(width)
          .launch(outer * chunks * Math.ceilDiv(inner, width), THREADS);
    }
  }

  private Launcher begin(Entry entry, Buffer x, Buffer from, Buffer y, Buffer index, float scale) {
    launcher.begin(entry).put(x);
    if (index != null) {
      launcher.putOrNull(from);
    }
    return put(launcher, y, index, scale);
  }

  private static Launcher put(Launcher to, Buffer y, Buffer index, float scale) {
    return index == null ? to.put(y).put(scale) : to.put(y).put(index);
  }
}
