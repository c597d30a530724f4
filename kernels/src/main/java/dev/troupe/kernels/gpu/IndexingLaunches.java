package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.gpu.Launcher.FaultyOp;

/** Launches of {@code indexing.cu}. */
final class IndexingLaunches {
  private static final int WARP = 32;
  private static final int WARPS = 4; // of a block of scatterAdd

  private final Launcher launcher;
  private final Entry takeAlong = new Entry("indexing", "take_along");
  private final Entry putAlong = new Entry("indexing", "put_along");
  private final Entry gather = new Entry("indexing", "gather_rows");
  private final Entry gatherByFour = new Entry("indexing", "gather_rows_by_four");
  private final Entry scatterAdd = new Entry("indexing", "scatter_add");
  private final Entry check = new Entry("indexing", "check_indices");
  private final Walk walk = new Walk(2);
  private final int[] sizes = new int[3];
  private final int[][] strides = new int[2][3];

  IndexingLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void takeAlong(Primitive.TakeAlong op) {
    int n = op.y().size();
    if (n > 0) {
      launcher
          .begin(takeAlong)
          .put(op.x())
          .put(op.index())
          .put(op.y())
          .put(n)
          .put(op.size())
          .put(op.inner())
          .putFault(FaultyOp.TAKE_ALONG)
          .launchGroups(n);
    }
  }

  void putAlong(Primitive.PutAlong op) {
    sizes[0] = op.outer();
    sizes[1] = op.size();
    sizes[2] = op.inner();
    strides[0][0] = op.inner();
    strides[0][1] = 0;
    strides[0][2] = 1;
    strides[1][0] = 0;
    strides[1][1] = 1;
    strides[1][2] = 0;
    walk.set(sizes, strides);
    if (walk.pieces() == 0) {
      checkOnly(op.index(), op.size(), FaultyOp.PUT_ALONG);
      return;
    }
    launcher
        .begin(putAlong)
        .put(op.x())
        .put(op.index())
        .put(op.y())
        .put(op.size())
        .putFault(FaultyOp.PUT_ALONG);
    walk.putScalar(launcher);
    launcher.launchGroups(walk.elements());
  }

  void gather(Primitive.Gather op) {
    int n = op.y().size();
    if (n == 0) {
      checkOnly(op.index(), op.rows(), FaultyOp.GATHER);
      return;
    }
    long table = launcher.address(op.table());
    long y = launcher.address(op.y());
    int width = op.width();
    boolean byFour = width % 4 == 0 && Walk.isAligned(table) && Walk.isAligned(y);
    int unit = byFour ? 4 : 1;
    launcher
        .begin(byFour ? gatherByFour : gather)
        .put(table)
        .put(op.index())
        .put(y)
        .put(n / unit)
        .put(op.rows())
        .put(width / unit)
        .put(op.batch() / op.tables() * op.count())
        .putFault(FaultyOp.GATHER)
        .launchGroups(n / unit);
  }

  void scatterAdd(Primitive.ScatterAdd op) {
    if (op.table().size() == 0) {
      checkOnly(op.index(), op.rows(), FaultyOp.SCATTER_ADD);
      return;
    }
    int pieces = (op.width() - 1) / WARP + 1; // of a row: a warp each
    launcher
        .begin(scatterAdd)
        .put(op.x())
        .put(op.index())
        .put(op.table())
        .put(op.tables())
        .put(op.rows())
        .put(op.width())
        .put(op.batch() / op.tables() * op.count())
        .putFault(FaultyOp.SCATTER_ADD)
        .launch((op.tables() * op.rows() * pieces - 1) / WARPS + 1, WARPS * WARP);
  }

  /** An empty result leaves the indices to be checked. */
  private void checkOnly(Buffer index, int bound, FaultyOp op) {
    int n = index.size();
    if (n > 0) {
      launcher.begin(check).put(index).put(n).put(bound).putFault(op).launchGroups(n);
    }
  }
}
