package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;

/**
 * Launches of {@code convolution.cu}, {@code tensor_cores_convolution.cu} and {@code pooling.cu}.
 * As with matrix products, what decides on the order in which an element's terms are added up looks
 * at one member's sizes alone, save where the machine's library computes: see {@link Dnn}.
 */
final class ConvolutionLaunches {
  private static final int THREADS = 256;

  /** Up to so many terms, a thread for each element does. */
  private static final int SHORT = 16;

  /** Up to so many channels, a lane takes them all. */
  private static final int NARROW = 4;

  private static final int WARP = 32;

  /** The fewest elements of working memory that a library gets. */
  private static final int LEAST_WORKING = 1 << 18;

  private final Launcher launcher;
  private final ProductLaunches products;
  private final LayoutLaunches layout;
  private final ImplicitProduct product = new ImplicitProduct();
  private final Entry conv2d = new Entry("convolution", "conv2d_plain");
  private final Entry inputGrad = new Entry("convolution", "conv2d_input_grad_plain");
  private final Entry weightGrad = new Entry("convolution", "conv2d_weight_grad_plain");
  private final Entry narrow = new Entry("convolution", "conv_narrow");
  private final Tiles small = new Tiles(TensorTile.SMALL);
  private final Tiles medium = new Tiles(TensorTile.MEDIUM);
  private final Tiles large = new Tiles(TensorTile.LARGE);
  private final Entry maxPool = new Entry("pooling", "max_pool");
  private final Entry sumPool = new Entry("pooling", "sum_pool");
  private final Entry sumPoolGrad = new Entry("pooling", "sum_pool_grad");
  private final Entry sumPoolGradApart = new Entry("pooling", "sum_pool_grad_apart");

  /** The kernels with tiles of one size. */
  private static final class Tiles {
    final TensorTile size;
    final int side;
    final Entry floats;
    final Entry tensors;

    Tiles(TensorTile size) {
      this.size = size;
      this.side = size.rows;
      this.floats = new Entry("convolution", "conv_" + side);
      this.tensors = new Entry("tensor_cores_convolution", "conv_tf32_" + side);
    }
  }

  ConvolutionLaunches(Launcher launcher, ProductLaunches products, LayoutLaunches layout) {
    this.launcher = launcher;
    this.products = products;
    this.layout = layout;
  }

  void conv2d(Primitive.Conv2d op) {
    if (op.y().size() == 0) {
      return;
    }
    Dnn.Convolution one = one(Dnn.Pass.FORWARD, op.batch(), op.in(), op.out(), op.window());
    if (one != null && byLibrary(one, op.members(), op.x(), op.weight(), op.y(), op.bias())) {
      return;
    }
    product.set(op);
    if (product.phaseK() > SHORT) {
      implicit();
    } else {
      launcher.begin(conv2d).put(op.x()).put(op.weight()).putOrNull(op.bias()).put(op.y());
      sizes(op.members(), op.batch(), op.in(), op.out(), op.window());
      launch(op.y().size());
    }
  }

  void inputGrad(Primitive.Conv2dInputGrad op) {
    if (op.dx().size() == 0) {
      return;
    }
    Dnn.Convolution one = one(Dnn.Pass.INPUT_GRAD, op.batch(), op.in(), op.out(), op.window());
    if (one != null && byLibrary(one, op.members(), op.dx(), op.weight(), op.dy(), op.bias())) {
      return;
    }
    product.set(op);
    if (product.phaseK() > SHORT) {
      implicit();
    } else {
      launcher.begin(inputGrad).put(op.weight()).put(op.dy()).putOrNull(op.bias()).put(op.dx());
      sizes(op.members(), op.batch(), op.in(), op.out(), op.window());
      launch(op.dx().size());
    }
  }

  void weightGrad(Primitive.Conv2dWeightGrad op) {
    if (op.dweight().size() == 0) {
      return;
    }
    Dnn.Convolution one = one(Dnn.Pass.WEIGHT_GRAD, op.batch(), op.in(), op.out(), op.window());
    if (one != null && byLibrary(one, op.members(), op.x(), op.dweight(), op.dy(), null)) {
      return;
    }
    product.set(op);
    if (product.phaseK() > SHORT) {
      tiled(true);
    } else {
      launcher.begin(weightGrad).put(op.x()).put(op.dy()).put(op.dweight());
      sizes(op.members(), op.batch(), op.in(), op.out(), op.window());
      launch(op.dweight().size());
    }
  }

  /** What a member computes, for the machine's library; null where it has none. */
  private Dnn.Convolution one(Dnn.Pass pass, int batch, int in, int out, Window window) {
    return launcher.dnn() == null
        ? null
        : new Dnn.Convolution(pass, launcher.precision(), batch, in, out, window);
  }

  /**
   * Whether the machine's library has computed it.
   *
   * @param bias of each channel of the result, or null
   */
  private boolean byLibrary(
      Dnn.Convolution one, int members, Buffer x, Buffer weight, Buffer y, Buffer bias) {
    Dnn dnn = launcher.dnn();
    if (one.multiplications() == 0
        || !isAligned(members, x)
        || !isAligned(members, weight)
        || !isAligned(members, y)
        || !dnn.takes(members, one)) {
      return false;
    }
    if (bias != null) {
      // The result begins as its bias: y or dx[e, n, c, h, w] = bias[e, c]
      Buffer result = one.pass() == Dnn.Pass.FORWARD ? y : x;
      int channels = one.pass() == Dnn.Pass.FORWARD ? one.out() : one.in();
      int[] sizes = {
        members, one.batch(), channels, result.size() / (members * one.batch() * channels)
      };
      layout.permute(new Primitive.Permute(sizes, new int[] {channels, 0, 1, 0}, bias, result));
    }
    long bytes = dnn.workspace(one);
    Buffer working = bytes == 0 ? null : launcher.borrow(ElementType.REAL, workingSize(bytes));
    dnn.run(
        members,
        one,
        launcher.address(x),
        launcher.address(weight),
        launcher.address(y),
        bias != null,
        working == null ? 0 : launcher.address(working));
    if (working != null) {
      launcher.giveBack(working);
    }
    return true;
  }

  /** One of a few sizes, so that convolutions of all shapes share buffers. */
  private static int workingSize(long bytes) {
    int elements = Math.toIntExact(Math.ceilDiv(bytes, Float.BYTES));
    return Math.max(LEAST_WORKING, Launcher.powerOfTwo(elements));
  }

  /** Whether each member begins at a multiple of 16 bytes, as libraries want it. */
  private boolean isAligned(int members, Buffer buffer) {
    return Walk.isAligned(launcher.address(buffer))
        && (members == 1 || buffer.size() / members % 4 == 0);
  }

  /** Launches the product that is set without splits. */
  private void implicit() {
    if (product.m() > NARROW) {
      tiled(false);
    } else {
      launcher.begin(narrow);
      product.put(launcher, 1, product.phaseK(), product.c());
      launcher.launch(product.members() * product.tiles(NARROW, WARP), THREADS);
    }
  }

  /**
   * Launches tiles for the product that is set; as many blocks as keep a GPU busy where its terms
   * may be split.
   */
  private void tiled(boolean maySplit) {
    int k = product.phaseK();
    int least = Math.min(product.m(), product.phaseN());
    if (ProductLaunches.isLarge(least, product.results(), launcher.tensorCores())) {
      tiled(large, k);
      return;
    }
    int perSplit =
        maySplit ? ProductLaunches.perSplit(product.tiles(small.side, small.side), k) : k;
    int blocks =
        product.members() * Math.ceilDiv(k, perSplit) * product.tiles(medium.side, medium.side);
    boolean wide = least > small.side;
    tiled(wide && blocks >= ProductLaunches.ENOUGH_BLOCKS ? medium : small, perSplit);
  }

  private void tiled(Tiles tiles, int perSplit) {
    int splits = Math.ceilDiv(product.phaseK(), perSplit);
    if (splits == 1) {
      tiled(tiles, 1, perSplit, product.c());
      return;
    }
    int results = product.c().size();
    Buffer parts = launcher.borrow(ElementType.REAL, results * splits); // [members, splits, m, n]
    tiled(tiles, splits, perSplit, parts);
    products.fold(parts, null, 1, product.c(), 1, results / product.members(), splits);
    launcher.giveBack(parts);
  }

  private void tiled(Tiles tiles, int splits, int perSplit, Buffer to) {
    int blocks = product.members() * splits * product.tiles(tiles.side, tiles.side);
    boolean tensorCores = launcher.tensorCores();
    launcher.begin(tensorCores ? tiles.tensors : tiles.floats);
    product.put(launcher, splits, perSplit, to);
    if (tensorCores) {
      launcher.launch(blocks, tiles.size);
    } else {
      launcher.launch(blocks, THREADS);
    }
  }

  void maxPool(Primitive.MaxPool op) {
    if (op.y().size() > 0) {
      launcher.begin(maxPool).put(op.x()).put(op.y()).put(op.index());
      pooling(op.window());
      launch(op.y().size());
    }
  }

  void sumPool(Primitive.SumPool op) {
    if (op.y().size() > 0) {
      launcher.begin(sumPool).put(op.x()).put(op.y()).put((float) op.scale());
      pooling(op.window());
      launch(op.y().size());
    }
  }

  /** How many pixels of a column a thread of {@code sum_pool_grad_apart} has. */
  private static final int ROWS = 4;

  void sumPoolGrad(Primitive.SumPoolGrad op) {
    if (op.dx().size() > 0) {
      Window w = op.window();
      // A single window may be as far from the next one, which is not there, as it is large.
      int strideHeight = w.outHeight() == 1 ? w.kernelHeight() : w.strideHeight();
      int strideWidth = w.outWidth() == 1 ? w.kernelWidth() : w.strideWidth();
      boolean apart = w.kernelHeight() <= strideHeight && w.kernelWidth() <= strideWidth;
      int rows = apart ? ROWS : 1;
      int down = Math.ceilDiv(w.height(), rows);
      launcher
          .begin(apart ? sumPoolGradApart : sumPoolGrad)
          .put(op.dy())
          .put(op.dx())
          .put((float) op.scale());
      window(w);
      launcher
          .putDivisor(down)
          .putDivisor(w.width())
          .putDivisor(strideHeight)
          .putDivisor(strideWidth);
      launch(op.dx().size() / w.height() * down);
    }
  }

  /** The struct {@code Convolution}. */
  private void sizes(int members, int batch, int in, int out, Window window) {
    launcher.put(members).put(batch).put(in).put(out);
    window(window);
  }

  /** The struct {@code Pooling}, and the sizes of its result. */
  private void pooling(Window s) {
    window(s);
    launcher.putDivisor(s.outHeight()).putDivisor(s.outWidth());
  }

  /** The struct {@code Pooling} alone. */
  private void window(Window s) {
    launcher
        .put(s.height())
        .put(s.width())
        .put(s.kernelHeight())
        .put(s.kernelWidth())
        .put(s.strideHeight())
        .put(s.strideWidth())
        .put(s.padTop())
        .put(s.padLeft())
        .put(s.outHeight())
        .put(s.outWidth());
  }

  private void launch(int elements) {
    launcher.put(elements).launch(Math.ceilDiv(elements, THREADS), THREADS);
  }
}
