package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;

/** Launches of {@code layout.cu}. */
final class LayoutLaunches {
  private static final int SMALL = 32; // the side of a tile
  private static final int SMALL_ROWS = 8; // of threads
  private static final int LARGE = 64;
  private static final int LARGE_ROWS = 4;

  /** So many large tiles keep a whole GPU busy. */
  private static final int MANY = 512;

  /** Axes shorter than this leave most of a tile empty; the plain kernel is as good then. */
  private static final int WORTH_A_TILE = 8;

  /** From so many elements on, each part of a concatenation has a launch that moves it faster. */
  private static final int WORTH_A_LAUNCH = 1 << 18;

  private static final int THREADS = 256;

  private final Launcher launcher;
  private final Entry permute = new Entry("layout", "permute");
  private final Entry transpose = new Entry("layout", "transpose_32");
  private final Entry transposeLarge = new Entry("layout", "transpose_64");
  private final Entry concat = new Entry("layout", "concat");
  private final Parts parts = new Parts();
  private final Entry copyRows = new Entry("layout", "copy_rows");
  private final Walk one = new Walk(1);
  private final Walk two = new Walk(2);
  private final int[][] oneStride = new int[1][];

  // Of copyRows, and of the axes that a transposition leaves as they are: for each input.
  private final int[] rows = new int[2];
  private final int[][] rowStrides = new int[2][2];
  private final int[] others = new int[Walk.RANK];
  private final int[][] otherStrides = new int[2][Walk.RANK];

  LayoutLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void permute(Primitive.Permute op) {
    oneStride[0] = op.strides();
    one.set(op.sizes(), oneStride);
    int across = across();
    for (int piece = 0; piece < one.pieces(); piece++) {
      long x = launcher.address(op.x()) + one.offset(0, piece);
      long y = launcher.address(op.y()) + one.offset(piece);
      if (across > 0) {
        transpose(x, y, across);
      } else {
        launcher.begin(permute).put(x).put(y);
        one.put(launcher, x, y);
        launcher.launchGroups(one.elements());
      }
    }
  }

  /** Which dimension of y is x's innermost one, if both are worth a tile; otherwise 0. */
  private int across() {
    for (int d = 1; d < Math.min(one.rank(), Walk.RANK); d++) {
      if (one.stride(0, d) == 1 && one.size(d) >= WORTH_A_TILE && one.size(0) >= WORTH_A_TILE) {
        return one.stride(0, 0) > 1 ? d : 0;
      }
    }
    return 0;
  }

  private void transpose(long x, long y, int across) {
    int batches = 1;
    int yStride = 1;
    int yAcross = 0;
    for (int d = 0; d < Walk.RANK; d++) {
      boolean other = d != 0 && d != across;
      int at = Walk.RANK - 1 - d; // outermost first
      others[at] = other ? one.size(d) : 1;
      otherStrides[0][at] = one.stride(0, d);
      otherStrides[1][at] = yStride;
      batches *= others[at];
      yAcross = d == across ? yStride : yAcross;
      yStride *= one.size(d);
    }
    two.set(others, otherStrides);
    int inner = one.size(0);
    int size = one.size(across);
    boolean large = batches * tiles(inner, LARGE) * tiles(size, LARGE) >= MANY;
    launcher
        .begin(large ? transposeLarge : transpose)
        .put(x)
        .put(y)
        .put(inner)
        .put(size)
        .put(one.stride(0, 0))
        .put(yAcross);
    two.putScalar(launcher);
    int side = large ? LARGE : SMALL;
    int blocks = batches * tiles(inner, side) * tiles(size, side);
    launcher.launch(blocks, side, large ? LARGE_ROWS : SMALL_ROWS);
  }

  private static int tiles(int size, int side) {
    return (size - 1) / side + 1;
  }

  void concat(Primitive.Concat op) {
    int width = op.y().size() / op.rows();
    int first = 0; // column
    if (op.y().size() > WORTH_A_LAUNCH) {
      for (int i = 0; i < op.xs().size(); i++) { // an iterator would be garbage
        Buffer x = op.xs().get(i);
        int columns = x.size() / op.rows();
        long to = launcher.address(op.y()) + (long) first * Float.BYTES;
        copyRows(op.rows(), columns, columns, width, launcher.address(x), to);
        first += columns;
      }
      return;
    }
    for (int from = 0; from < op.xs().size(); from = parts.next()) {
      launcher.begin(concat);
      int columns = parts.put(launcher, op.xs(), op.rows(), from);
      if (columns > 0) {
        launcher
            .put(op.y())
            .put(op.rows())
            .put(width)
            .put(first)
            .launch((op.rows() * columns - 1) / THREADS + 1, THREADS);
      }
      first += columns;
    }
  }

  void copyRows(Primitive.CopyRows op) {
    copyRows(
        op.rows(),
        op.width(),
        op.xStride(),
        op.yStride(),
        launcher.address(op.x()),
        launcher.address(op.y()));
  }

  private void copyRows(int count, int width, int xStride, int yStride, long x, long y) {
    rows[0] = count;
    rows[1] = width;
    rowStrides[0][0] = xStride;
    rowStrides[0][1] = 1;
    rowStrides[1][0] = yStride;
    rowStrides[1][1] = 1;
    two.set(rows, rowStrides);
    if (two.pieces() > 0) {
      launcher.begin(copyRows).put(x).put(y);
      two.putStrided(launcher, x, y);
      launcher.launchGroups(two.elements());
    }
  }
}
