package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;

/**
 * Launches of {@code products.cu} and {@code tensor_cores.cu}. What decides on the order in which
 * an element's terms are added up looks at one member's sizes alone; the number of members may
 * choose only among kernels that have the same order.
 */
final class ProductLaunches {
  private static final int THREADS = 256;
  private static final int WARP = 32;

  private final Launcher launcher;
  private final LayoutLaunches layout;
  private final ElementwiseLaunches elementwise;
  private final ReductionLaunches reductions;

  ProductLaunches(
      Launcher launcher,
      LayoutLaunches layout,
      ElementwiseLaunches elementwise,
      ReductionLaunches reductions) {
    this.launcher = launcher;
    this.layout = layout;
    this.elementwise = elementwise;
    this.reductions = reductions;
  }

  // ---------------------------------------------------------------- matrix product

  /** Up to so many terms, a thread for each element does. */
  static final int SHORT = 16;

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
  private final Tiles small = new Tiles(TensorTile.SMALL, floats(SMALL_TILE));
  private final Tiles medium = new Tiles(TensorTile.MEDIUM, floats(MEDIUM_TILE));
  private final Tiles low = new Tiles(TensorTile.LOW, null);
  private final Tiles large = new Tiles(TensorTile.LARGE, floats(LARGE_TILE));
  private final Tiles wide = new Tiles(TensorTile.WIDE, null);
  private final Entry fold = new Entry("products", "matmul_fold");

  private static Entry floats(int side) {
    return new Entry("products", "matmul_" + side);
  }

  /** The kernels with tiles of one size. */
  private static final class Tiles {
    final TensorTile size;
    final Entry floats; // or null
    private final Entry[] tensors; // by transA + 2 * transB

    Tiles(TensorTile size, Entry floats) {
      this.size = size;
      this.floats = floats;
      this.tensors = new Entry[4];
      for (int i = 0; i < tensors.length; i++) {
        String transposed = (i % 2 == 1 ? "t" : "n") + (i / 2 == 1 ? "t" : "n");
        tensors[i] = new Entry("tensor_cores", "matmul_tf32_" + size.label() + "_" + transposed);
      }
    }

    /** How many there are for one member. */
    int of(Primitive.MatMul op) {
      return Math.ceilDiv(op.m(), size.rows) * Math.ceilDiv(op.n(), size.columns);
    }

    Entry tensors(Primitive.MatMul op) {
      return tensors[(op.transA() ? 1 : 0) + (op.transB() ? 2 : 0)];
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
    if (byBlas((long) m * n * k)) {
      byBlas(op);
    } else if (k <= SHORT) {
      put(naive, op, k, op.bias(), slope, op.c()).launch(Math.ceilDiv(outputs, THREADS), THREADS);
    } else if (isDot(op)) {
      put(dot, op, k, op.bias(), slope, op.c())
          .launch(Math.ceilDiv(outputs, THREADS / WARP), THREADS);
    } else if (isLarge(op)) {
      tiled(launcher.tensorCores() ? largeTensors(op) : large, op, k);
    } else {
      int perSplit = perSplit(small.of(op), k);
      boolean enough = op.batch() * Math.ceilDiv(k, perSplit) * medium.of(op) >= ENOUGH_BLOCKS;
      boolean both = Math.min(m, n) > SMALL_TILE;
      tiled(both && enough ? medium : small, op, perSplit);
    }
  }

  private static boolean isDot(Primitive.MatMul op) {
    return op.n() <= NARROW && !op.transA() || op.m() <= NARROW && op.transB();
  }

  private boolean isLarge(Primitive.MatMul op) {
    return isLarge(Math.min(op.m(), op.n()), (long) op.m() * op.n(), launcher.tensorCores());
  }

  /**
   * Whether a member's result is for large tiles.
   *
   * @param least the smaller one of its sides
   */
  static boolean isLarge(int least, long results, boolean tensorCores) {
    // Small tiles of tensor cores wait for what they read, so theirs begin with 1024 x 1024.
    return least >= LARGE_TILE && (tensorCores ? results >= LARGE_RESULT : results > LARGE_RESULT);
  }

  /**
   * The largest tiles of which there are blocks enough, with no wide one of which half is empty.
   */
  private Tiles largeTensors(Primitive.MatMul op) {
    if (op.batch() * large.of(op) < ENOUGH_BLOCKS) {
      return low;
    }
    boolean full = 2 * wide.of(op) == large.of(op);
    return full && op.batch() * wide.of(op) >= ENOUGH_BLOCKS ? wide : large;
  }

  /** How many of k terms a block takes where a member's result has so many small tiles. */
  static int perSplit(int tiles, int k) {
    int splits = Math.clamp(ENOUGH_BLOCKS / tiles, 1, Math.max(1, k / SPLIT));
    return Math.ceilDiv(Math.ceilDiv(k, splits), SPLIT_UNIT) * SPLIT_UNIT;
  }

  /** Whether the machine's library makes a product of so many multiplications of a member. */
  boolean byBlas(long multiplications) {
    return multiplications >= BLAS_FROM && launcher.blas() != null;
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
    int splits = Math.ceilDiv(op.k(), perSplit);
    if (splits == 1) {
      tiled(tiles, op, perSplit, op.bias(), (float) op.slope(), op.c());
      return;
    }
    int mn = op.m() * op.n();
    int outputs = op.batch() * mn;
    Buffer parts = launcher.borrow(ElementType.REAL, outputs * splits); // [batch, splits, m, n]
    tiled(tiles, op, perSplit, null, 1, parts);
    fold(parts, op.bias(), (float) op.slope(), op.c(), op.n(), mn, splits);
    launcher.giveBack(parts);
  }

  private void tiled(
      Tiles tiles, Primitive.MatMul op, int perSplit, Buffer bias, float slope, Buffer to) {
    int blocks = op.batch() * Math.ceilDiv(op.k(), perSplit) * tiles.of(op);
    if (launcher.tensorCores()) {
      put(tiles.tensors(op), op, perSplit, bias, slope, to).launch(blocks, tiles.size);
    } else {
      put(tiles.floats, op, perSplit, bias, slope, to).launch(blocks, THREADS);
    }
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

  // ---------------------------------------------------------------- gradients of a linear layer

  /** Up to so many rows, a block goes through all of a batch. */
  private static final int NARROW_BATCH = 1024;

  private final Entry linearGradNarrow = new Entry("products", "linear_grad_narrow");
  private final Entry linearGradSmall = new Entry("products", "linear_grad_" + SMALL_TILE);
  private final Entry linearGradMedium = new Entry("products", "linear_grad_" + MEDIUM_TILE);

  void linearGrad(Primitive.LinearGrad op) {
    Primitive.MatMul dx = op.inputGrad();
    Primitive.MatMul dweight = op.weightGrad();
    boolean some = op.members() > 0 && op.batch() > 0 && op.in() > 0 && op.out() > 0;
    if (some && op.out() <= NARROW && op.batch() <= NARROW_BATCH) {
      narrow(op);
      return;
    }
    if (some && dx != null && isOneLaunchOfTiles(dx) && isOneLaunchOfTiles(dweight)) {
      pair(dx, dweight);
    } else {
      if (dx != null) {
        matMul(dx);
      }
      matMul(dweight);
    }
    if (op.dbias() != null) {
      reductions.sum(op.biasGrad());
    }
  }

  private void narrow(Primitive.LinearGrad op) {
    int blocks = op.dx() == null ? 0 : Math.ceilDiv(op.members() * op.batch() * op.in(), THREADS);
    int rows = op.dbias() == null ? op.in() : op.in() + 1;
    launcher
        .begin(linearGradNarrow)
        .put(op.x())
        .put(op.weight())
        .put(op.dy())
        .putOrNull(op.dx())
        .put(op.dweight())
        .putOrNull(op.dbias())
        .put(op.members())
        .put(op.batch())
        .put(op.in())
        .put(op.out())
        .put(blocks)
        .put(0) // a struct with addresses is a multiple of 8 bytes
        .launch(blocks + op.members() * Math.ceilDiv(rows, WARP), THREADS);
  }

  /** Whether {@link #matMul} would take small or medium tiles, with all of k for each. */
  private boolean isOneLaunchOfTiles(Primitive.MatMul op) {
    return op.k() > SHORT
        && !isDot(op)
        && !isLarge(op)
        && !launcher.tensorCores()
        && !byBlas((long) op.m() * op.n() * op.k())
        && perSplit(small.of(op), op.k()) >= op.k();
  }

  private void pair(Primitive.MatMul first, Primitive.MatMul second) {
    boolean wide = Math.min(Math.min(first.m(), first.n()), second.n()) > SMALL_TILE;
    boolean enough = first.batch() * (medium.of(first) + medium.of(second)) >= ENOUGH_BLOCKS;
    Tiles tiles = wide && enough ? medium : small;
    int ofFirst = first.batch() * tiles.of(first);
    int ofSecond = first.batch() * tiles.of(second);
    launcher.begin(tiles == medium ? linearGradMedium : linearGradSmall);
    put(first, first.k(), null, 1, first.c());
    put(second, second.k(), null, 1, second.c())
        .put(ofFirst)
        .put(ofSecond)
        .launch(ofFirst + ofSecond, THREADS);
  }

  // ---------------------------------------------------------------- arguments

  private Launcher put(
      Entry entry, Primitive.MatMul op, int perSplit, Buffer bias, float slope, Buffer c) {
    launcher.begin(entry);
    return put(op, perSplit, bias, slope, c);
  }

  /** The struct {@code Product} of {@code products.cuh}. */
  private Launcher put(Primitive.MatMul op, int perSplit, Buffer bias, float slope, Buffer c) {
    return put(
        op.a(),
        op.b(),
        bias,
        c,
        op.sharedA() ? 0L : (long) op.m() * op.k(),
        op.sharedB() ? 0L : (long) op.k() * op.n(),
        op.batch(),
        op.m(),
        op.n(),
        op.k(),
        op.transA(),
        op.transB(),
        perSplit,
        slope);
  }

  /** The same, of a product that is no result itself: nothing transposed, shared, or in parts. */
  Launcher put(
      Entry entry, Buffer a, Buffer b, Buffer bias, Buffer c, int batch, int m, int n, int k) {
    launcher.begin(entry);
    return put(a, b, bias, c, (long) m * k, (long) k * n, batch, m, n, k, false, false, k, 1);
  }

  private Launcher put(
      Buffer a,
      Buffer b,
      Buffer bias,
      Buffer c,
      long aStep,
      long bStep,
      int batch,
      int m,
      int n,
      int k,
      boolean transA,
      boolean transB,
      int perSplit,
      float slope) {
    return launcher
        .put(a)
        .put(b)
        .putOrNull(bias)
        .put(c)
        .put(aStep)
        .put(bStep)
        .put(batch)
        .put(m)
        .put(n)
        .put(k)
        .put(transA ? 1 : 0)
        .put(transB ? 1 : 0)
        .put(Math.max(1, Math.ceilDiv(k, Math.max(1, perSplit))))
        .put(perSplit)
        .put(slope)
        .put(0); // a struct with addresses is a multiple of 8 bytes
  }
}
