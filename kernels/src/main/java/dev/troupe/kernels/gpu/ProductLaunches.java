package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;

/**
 * Launches of {@code products.cu}, {@code tensor_cores.cu} and {@code maxout.cu}. What decides on
 * the order in which an element's terms are added up looks at one member's sizes alone; the number
 * of members may choose only among kernels that have the same order.
 */
final class ProductLaunches {
  private static final int THREADS = 256;
  private static final int WARP = 32;

  private final Launcher launcher;
  private final LayoutLaunches layout;
  private final ElementwiseLaunches elementwise;

  ProductLaunches(Launcher launcher, LayoutLaunches layout, ElementwiseLaunches elementwise) {
    this.launcher = launcher;
    this.layout = layout;
    this.elementwise = elementwise;
  }

  // ---------------------------------------------------------------- matrix product

  /** Up to so many terms, a thread for each element does. */
  private static final int SHORT = 16;

  /** Up to so many columns, a warp for each element does. */
  private static final int NARROW = 4;

  static final int SMALL_TILE = 32;
  static final int MEDIUM_TILE = 64;
  static final int LARGE_TILE = 128;

  /** Beyond it, a member's result has enough large tiles for a GPU. */
  static final long LARGE_RESULT = 1 << 20;

  /** How many blocks keep a GPU busy. */
  static final int ENOUGH_BLOCKS = 128;

  /** The fewest terms that make a block of their own worth it. */
  private static final int SPLIT = 512;

  /** Splits begin at multiples of it. */
  private static final int SPLIT_UNIT = 16;

  /** From so many multiplications of a member on, the machine's library serves, if it has one. */
  private static final long BLAS_FROM = 1 << 25;

  private final Entry naive = new Entry("products", "matmul_naive");
  private final Entry dot = new Entry("products", "matmul_dot");
  private final Tiles small = new Tiles(SMALL_TILE);
  private final Tiles medium = new Tiles(MEDIUM_TILE);
  private final Tiles large = new Tiles(LARGE_TILE);
  private final Entry fold = new Entry("products", "matmul_fold");

  /** The kernels with tiles of one size. */
  private static final class Tiles {
    private static final int FLOAT_THREADS = 256;
    private static final int TENSOR_THREADS = 128;

    final int side;
    private final Entry floats;
    private final Entry[] tensors; // by transA + 2 * transB

    Tiles(int side) {
      this.side = side;
      this.floats = new Entry("products", "matmul_" + side);
      this.tensors = new Entry[4];
      for (int i = 0; i < tensors.length; i++) {
        String transposed = (i % 2 == 1 ? "t" : "n") + (i / 2 == 1 ? "t" : "n");
        tensors[i] = new Entry("tensor_cores", "matmul_tf32_" + side + "_" + transposed);
      }
    }

    /** How many there are for one member. */
    int of(Primitive.MatMul op) {
      return Math.ceilDiv(op.m(), side) * Math.ceilDiv(op.n(), side);
    }

    Entry entry(Primitive.MatMul op, boolean tensorCores) {
      return tensorCores ? tensors[(op.transA() ? 1 : 0) + (op.transB() ? 2 : 0)] : floats;
    }

    int threads(boolean tensorCores) {
      return tensorCores ? TENSOR_THREADS : FLOAT_THREADS;
    }
  }

  void matMul(Primitive.MatMul op) {
    int m = op.m();
    int n = op.n();
    int k = op.k();
    float slope = (float) op.slope();
    int outputs = op.batch() * m * n;
    if (outputs == 0) {
      return;
    }
    if ((long) m * n * k >= BLAS_FROM && launcher.blas() != null) {
      byBlas(op);
    } else if (k <= SHORT) {
      put(naive, op, k, op.bias(), slope, op.c()).launch(Math.ceilDiv(outputs, THREADS), THREADS);
    } else if (n <= NARROW && !op.transA() || m <= NARROW && op.transB()) {
      put(dot, op, k, op.bias(), slope, op.c())
          .launch(Math.ceilDiv(outputs, THREADS / WARP), THREADS);
    } else if (Math.min(m, n) >= LARGE_TILE && (long) m * n > LARGE_RESULT) {
      tiled(large, op, k);
    } else {
      int perSplit = perSplit(small.of(op), k);
      boolean enough = op.batch() * Math.ceilDiv(k, perSplit) * medium.of(op) >= ENOUGH_BLOCKS;
      boolean wide = Math.min(m, n) > SMALL_TILE;
      tiled(wide && enough ? medium : small, op, perSplit);
    }
  }

  /** How many of k terms a block takes where a member's result has so many small tiles. */
  static int perSplit(int tiles, int k) {
    int splits = Math.clamp(ENOUGH_BLOCKS / tiles, 1, Math.max(1, k / SPLIT));
    return Math.ceilDiv(Math.ceilDiv(k, splits), SPLIT_UNIT) * SPLIT_UNIT;
  }

  /** By the machine's library; see {@link Blas} for what that means for bits. */
  private void byBlas(Primitive.MatMul op) {
    if (op.bias() != null) {
      // c = bias, for each row
      int[] sizes = {op.batch(), op.m(), op.n()};
      layout.permute(new Primitive.Permute(sizes, new int[] {op.n(), 0, 1}, op.bias(), op.c()));
    }
    launcher
        .blas()
        .multiply(
            launcher.precision(),
            op.batch(),
            op.m(),
            op.n(),
            op.k(),
            op.transA(),
            op.transB(),
            op.sharedA(),
            op.sharedB(),
            launcher.address(op.a()),
            launcher.address(op.b()),
            op.bias() == null ? 0 : 1,
            launcher.address(op.c()));
    if (op.slope() != 1) {
      elementwise.map(new Primitive.Map(Unary.LEAKY_RELU, op.slope(), 0, op.c(), op.c()));
    }
  }

  private void tiled(Tiles tiles, Primitive.MatMul op, int perSplit) {
    boolean tensorCores = launcher.tensorCores();
    Entry entry = tiles.entry(op, tensorCores);
    int threads = tiles.threads(tensorCores);
    int splits = Math.ceilDiv(op.k(), perSplit);
    int blocks = op.batch() * splits * tiles.of(op);
    if (splits == 1) {
      put(entry, op, perSplit, op.bias(), (float) op.slope(), op.c()).launch(blocks, threads);
      return;
    }
    int mn = op.m() * op.n();
    int outputs = op.batch() * mn;
    Buffer parts = launcher.borrow(ElementType.REAL, outputs * splits); // [batch, splits, m, n]
    put(entry, op, perSplit, null, 1, parts).launch(blocks, threads);
    fold(parts, op.bias(), (float) op.slope(), op.c(), op.n(), mn, splits);
    launcher.giveBack(parts);
  }

  /** Adds up parts [batch, splits, mn] and the bias [batch, n] or null, and activates. */
  void fold(Buffer parts, Buffer bias, float slope, Buffer c, int n, int mn, int splits) {
    int outputs = c.size();
    launcher
        .begin(fold)
        .put(parts)
        .putOrNull(bias)
        .put(c)
        .put(outputs)
        .put(n)
        .put(mn)
        .put(splits)
        .put(slope)
        .launch(Math.ceilDiv(outputs, THREADS), THREADS);
  }

  /** The struct {@code Product} of {@code products.cuh}. */
  private Launcher put(
      Entry entry, Primitive.MatMul op, int perSplit, Buffer bias, float slope, Buffer c) {
    return launcher
        .begin(entry)
        .put(op.a())
        .put(op.b())
        .putOrNull(bias)
        .put(c)
        .put(op.sharedA() ? 0L : (long) op.m() * op.k())
        .put(op.sharedB() ? 0L : (long) op.k() * op.n())
        .put(op.batch())
        .put(op.m())
        .put(op.n())
        .put(op.k())
        .put(op.transA() ? 1 : 0)
        .put(op.transB() ? 1 : 0)
        .put(Math.max(1, Math.ceilDiv(op.k(), Math.max(1, perSplit))))
        .put(perSplit)
        .put(slope)
        .put(0); // a struct with addresses is a multiple of 8 bytes
  }

  // ---------------------------------------------------------------- linear maxout

  private static final int ROWS_NARROW = 16; // of a block
  private static final int COLUMNS_NARROW = 32;
  private static final int LINES_NARROW = 160; // pieces times units of a slab
  private static final int UNITS_NARROW = 32; // of a slab
  private static final int ROWS_WIDE = 64;
  private static final int COLUMNS_WIDE = 128;
  private static final int LINES_WIDE = 64;
  private static final int UNITS_WIDE = 16;
  private static final int PIECES = 5; // of a block of the weight's gradient
  private static final int UNITS = 8;

  private final Entry inputGradNaive = new Entry("maxout", "maxout_input_grad_naive");
  private final Entry inputGradNarrow = new Entry("maxout", "maxout_input_grad_narrow");
  private final Entry inputGradWide = new Entry("maxout", "maxout_input_grad_wide");
  private final Entry weightGrad = new Entry("maxout", "maxout_weight_grad");

  void linearMaxoutInputGrad(Primitive.LinearMaxoutInputGrad op) {
    int outputs = op.members() * op.batch() * op.in();
    if (outputs == 0) {
      return;
    }
    int wideBlocks =
        op.members() * Math.ceilDiv(op.batch(), ROWS_WIDE) * Math.ceilDiv(op.in(), COLUMNS_WIDE);
    if (op.pieces() > LINES_WIDE) {
      put(inputGradNaive, op).launch(Math.ceilDiv(outputs, THREADS), THREADS);
    } else if (wideBlocks < ENOUGH_BLOCKS || op.in() <= COLUMNS_NARROW) {
      int blocks =
          op.members()
              * Math.ceilDiv(op.batch(), ROWS_NARROW)
              * Math.ceilDiv(op.in(), COLUMNS_NARROW);
      put(inputGradNarrow, op)
          .put(Math.min(UNITS_NARROW, LINES_NARROW / op.pieces()))
          .launch(blocks, THREADS);
    } else {
      put(inputGradWide, op)
          .put(Math.min(UNITS_WIDE, LINES_WIDE / op.pieces()))
          .launch(wideBlocks, THREADS);
    }
  }

  private Launcher put(Entry entry, Primitive.LinearMaxoutInputGrad op) {
    return launcher
        .begin(entry)
        .put(op.weight())
        .put(op.index())
        .put(op.dy())
        .put(op.dx())
        .putFault(Launcher.FaultyOp.LINEAR_MAXOUT_INPUT_GRAD)
        .put(op.members())
        .put(op.batch())
        .put(op.in())
        .put(op.units())
        .put(op.pieces());
  }

  void linearMaxoutWeightGrad(Primitive.LinearMaxoutWeightGrad op) {
    if (op.members() * op.units() * op.pieces() == 0) {
      return;
    }
    int blocks =
        op.members()
            * Math.ceilDiv(op.pieces(), PIECES)
            * Math.ceilDiv(op.units(), UNITS)
            * Math.max(1, Math.ceilDiv(op.in(), COLUMNS_WIDE));
    launcher
        .begin(weightGrad)
        .put(op.x())
        .put(op.index())
        .put(op.dy())
        .put(op.dweight())
        .put(op.dbias())
        .putFault(Launcher.FaultyOp.LINEAR_MAXOUT_WEIGHT_GRAD)
        .put(op.members())
        .put(op.batch())
        .put(op.in())
        .put(op.units())
        .put(op.pieces())
        .launch(blocks, THREADS);
  }
}
