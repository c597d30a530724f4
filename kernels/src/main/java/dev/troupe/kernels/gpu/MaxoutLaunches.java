package dev.troupe.kernels.gpu;

import static dev.troupe.kernels.gpu.ProductLaunches.ENOUGH_BLOCKS;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;

/** Launches of linear maxout in {@code products.cu} and of its gradients in {@code maxout.cu}. */
final class MaxoutLaunches {
  private static final int THREADS = 256;

  private final Launcher launcher;
  private final ProductLaunches products;
  private final ReductionLaunches reductions;

  MaxoutLaunches(Launcher launcher, ProductLaunches products, ReductionLaunches reductions) {
    this.launcher = launcher;
    this.products = products;
    this.reductions = reductions;
  }

  // ---------------------------------------------------------------- forward

  /** With more, too much of a tile would be left empty. */
  private static final int MOST_PIECES = 8;

  private final Entry naive = new Entry("products", "linear_maxout_naive");
  private final Entry small = new Entry("products", "linear_maxout_" + ProductLaunches.SMALL_TILE);
  private final Entry medium =
      new Entry("products", "linear_maxout_" + ProductLaunches.MEDIUM_TILE);

  void linearMaxout(Primitive.LinearMaxout op) {
    int outputs = op.members() * op.batch() * op.units();
    if (outputs == 0) {
      return;
    }
    if (op.in() <= ProductLaunches.SHORT) {
      put(naive, op).launch(Math.ceilDiv(outputs, THREADS), THREADS);
    } else if (isFused(op)) {
      int blocks = blocks(op, ProductLaunches.MEDIUM_TILE);
      boolean enough = blocks >= ENOUGH_BLOCKS;
      put(enough ? medium : small, op)
          .launch(enough ? blocks : blocks(op, ProductLaunches.SMALL_TILE), THREADS);
    } else {
      composed(op);
    }
  }

  /** By one member's sizes, and where nobody has a faster matrix product. */
  private boolean isFused(Primitive.LinearMaxout op) {
    long result = (long) op.batch() * op.pieces() * op.units();
    return op.pieces() <= MOST_PIECES
        && result <= ProductLaunches.LARGE_RESULT
        && !launcher.tensorCores()
        && !products.byBlas(result * op.in());
  }

  private static int blocks(Primitive.LinearMaxout op, int side) {
    return op.members()
        * Math.ceilDiv(op.batch(), side)
        * Math.ceilDiv(op.units(), side / op.pieces());
  }

  private void composed(Primitive.LinearMaxout op) {
    int rows = op.members() * op.batch();
    int n = op.pieces() * op.units();
    Buffer z = launcher.borrow(ElementType.REAL, Math.multiplyExact(rows, n));
    products.matMul(
        new Primitive.MatMul(
            op.members(),
            op.batch(),
            n,
            op.in(),
            false,
            false,
            false,
            false,
            op.x(),
            op.weight(),
            op.bias(),
            z));
    reductions.extreme(
        new Primitive.Extreme(true, rows, op.pieces(), op.units(), z, op.y(), op.index()));
    launcher.giveBack(z);
  }

  /** The struct {@code Product}, and what is the largest of what. */
  private Launcher put(Entry entry, Primitive.LinearMaxout op) {
    return products
        .put(
            entry,
            op.x(),
            op.weight(),
            op.bias(),
            op.y(),
            op.members(),
            op.batch(),
            op.pieces() * op.units(),
            op.in())
        .put(op.index())
        .put(op.pieces());
  }

  // ---------------------------------------------------------------- gradients

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

  private final Entry gradNarrow = new Entry("maxout", "maxout_grad_narrow");
  private final Entry gradWide = new Entry("maxout", "maxout_grad_wide");

  void linearMaxoutInputGrad(Primitive.LinearMaxoutInputGrad op) {
    int outputs = op.members() * op.batch() * op.in();
    if (outputs == 0) {
      return;
    }
    if (op.pieces() > LINES_WIDE) {
      put(inputGradNaive, op).launch(Math.ceilDiv(outputs, THREADS), THREADS);
    } else if (isNarrow(op)) {
      put(inputGradNarrow, op).put(narrowSlab(op.pieces())).launch(narrowBlocks(op), THREADS);
    } else {
      put(inputGradWide, op).put(wideSlab(op.pieces())).launch(wideBlocks(op), THREADS);
    }
  }

  private static boolean isNarrow(Primitive.LinearMaxoutInputGrad op) {
    return wideBlocks(op) < ENOUGH_BLOCKS || op.in() <= COLUMNS_NARROW;
  }

  private static int narrowBlocks(Primitive.LinearMaxoutInputGrad op) {
    return op.members()
        * Math.ceilDiv(op.batch(), ROWS_NARROW)
        * Math.ceilDiv(op.in(), COLUMNS_NARROW);
  }

  private static int wideBlocks(Primitive.LinearMaxoutInputGrad op) {
    return op.members() * Math.ceilDiv(op.batch(), ROWS_WIDE) * Math.ceilDiv(op.in(), COLUMNS_WIDE);
  }

  private static int narrowSlab(int pieces) {
    return Math.min(UNITS_NARROW, LINES_NARROW / pieces);
  }

  private static int wideSlab(int pieces) {
    return Math.min(UNITS_WIDE, LINES_WIDE / pieces);
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
    int blocks = blocks(op);
    if (blocks == 0) {
      return;
    }
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

  private static int blocks(Primitive.LinearMaxoutWeightGrad op) {
    return op.members()
        * Math.ceilDiv(op.pieces(), PIECES)
        * Math.ceilDiv(op.units(), UNITS)
        * Math.max(1, Math.ceilDiv(op.in(), COLUMNS_WIDE));
  }

  void linearMaxoutGrad(Primitive.LinearMaxoutGrad op) {
    Primitive.LinearMaxoutInputGrad input = op.inputGrad();
    Primitive.LinearMaxoutWeightGrad weight = op.weightGrad();
    boolean some = op.members() > 0 && op.batch() > 0 && op.in() > 0 && op.units() > 0;
    if (!some || op.pieces() > LINES_WIDE) {
      linearMaxoutInputGrad(input);
      linearMaxoutWeightGrad(weight);
      return;
    }
    boolean narrow = isNarrow(input);
    int blocks = narrow ? narrowBlocks(input) : wideBlocks(input);
    launcher
        .begin(narrow ? gradNarrow : gradWide)
        .put(op.x())
        .put(op.weight())
        .put(op.index())
        .put(op.dy())
        .put(op.dx())
        .put(op.dweight())
        .put(op.dbias())
        .putFault(Launcher.FaultyOp.LINEAR_MAXOUT_INPUT_GRAD)
        .put(op.members())
        .put(op.batch())
        .put(op.in())
        .put(op.units())
        .put(op.pieces())
        .put(narrow ? narrowSlab(op.pieces()) : wideSlab(op.pieces()))
        .put(blocks)
        .launch(blocks + blocks(weight), THREADS);
  }
}
