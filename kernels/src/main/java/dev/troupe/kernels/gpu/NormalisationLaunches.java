package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;

/**
 * Launches of {@code softmax.cu} and {@code batch_norm.cu}. Which kernels run, and so the order of
 * all sums, follows from the length of a row, or from batch and spatial alone.
 */
final class NormalisationLaunches {
  private static final int THREADS = 256;

  private final Launcher launcher;
  private final Softmax softmax = new Softmax("softmax");
  private final Softmax softmaxGrad = new Softmax("softmax_grad");
  private final BatchNorm columns = new BatchNorm("batch_norm", "columns", 8, "moments");
  private final BatchNorm images = new BatchNorm("batch_norm", "images", 1, "moments");
  private final BatchNorm gradColumns = new BatchNorm("batch_norm_grad", "columns", 8, "sums");
  private final BatchNorm gradImages = new BatchNorm("batch_norm_grad", "images", 1, "sums");

  NormalisationLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  // ---------------------------------------------------------------- softmax

  /** The kernels of one of the two, for short, medium and long rows. */
  private static final class Softmax {
    private static final int WARP = 32;
    private static final int MOST_THREADS = 1024; // of a block for one row
    private static final int HELD = 8; // elements that a thread holds

    final Entry lanes;
    final Entry block;
    final Entry longRows;

    Softmax(String name) {
      lanes = new Entry("softmax", name + "_lanes");
      block = new Entry("softmax", name + "_block");
      longRows = new Entry("softmax", name + "_long");
    }

    void launch(Launcher launcher, Buffer a, Buffer b, Buffer c, boolean log, int rows, int size) {
      if (rows == 0 || size == 0) {
        return;
      }
      int count = Launcher.powerOfTwo(Math.ceilDiv(size, HELD)); // of threads that hold a row
      Entry entry = count <= WARP ? lanes : count <= MOST_THREADS ? block : longRows;
      launcher.begin(entry).put(a).put(b);
      if (c != null) {
        launcher.put(c);
      }
      launcher.put(log ? 1 : 0).put(rows).put(size);
      if (entry == lanes) {
        launcher.put(count).launch(Math.ceilDiv(rows, THREADS / count), THREADS);
      } else {
        launcher.launch(rows, entry == block ? count : THREADS);
      }
    }
  }

  void softmax(Primitive.Softmax op) {
    softmax.launch(launcher, op.x(), op.y(), null, op.log(), op.rows(), op.size());
  }

  void softmaxGrad(Primitive.SoftmaxGrad op) {
    softmaxGrad.launch(launcher, op.y(), op.dy(), op.dx(), op.log(), op.rows(), op.size());
  }

  // ---------------------------------------------------------------- batch norm

  /** The kernels of one layout, columns without spatial axes or images with them, one way. */
  private static final class BatchNorm {
    private static final int LARGE_THREADS = 512;
    private static final int PER_SMALL = 8; // elements that a thread of a block holds
    private static final int PER_LARGE = 16;
    private static final int PER_CHUNK = 64; // elements that a thread of a chunk goes through

    final int width; // channels of a block
    final Entry small;
    final Entry large;
    final Entry chunks; // what a chunk is summed up to
    final Entry finish;
    final Entry apply;

    BatchNorm(String kind, String layout, int width, String ofChunks) {
      this.width = width;
      String name = kind + "_" + layout;
      small = new Entry("batch_norm", name + "_small");
      large = new Entry("batch_norm", name + "_large");
      chunks = new Entry("batch_norm", name + "_" + ofChunks);
      finish = new Entry("batch_norm", kind + "_finish");
      apply = new Entry("batch_norm", name + "_apply");
    }

    boolean isSmall(int count) {
      return count <= THREADS / width * PER_SMALL;
    }

    boolean isLarge(int count) {
      return count <= LARGE_THREADS / width * PER_LARGE;
    }

    /** Elements of a channel that a block goes through. */
    int perChunk() {
      return THREADS / width * PER_CHUNK;
    }
  }

  void batchNorm(Primitive.BatchNorm op) {
    BatchNorm kernels = op.spatial() == 1 ? columns : images;
    launch(kernels, op, op.members(), op.channels(), op.batch() * op.spatial());
  }

  void batchNormGrad(Primitive.BatchNormGrad op) {
    BatchNorm kernels = op.spatial() == 1 ? gradColumns : gradImages;
    launch(kernels, op, op.members(), op.channels(), op.batch() * op.spatial());
  }

  /** For channels of {@code count} elements. */
  private void launch(BatchNorm kernels, Primitive op, int members, int channels, int count) {
    int tiles = members * Math.ceilDiv(channels, kernels.width); // blocks without regard to chunks
    if (tiles == 0) {
      return;
    }
    if (kernels.isSmall(count)) {
      put(kernels.small, op, null, null, 1, count).launch(tiles, THREADS);
    } else if (kernels.isLarge(count)) {
      put(kernels.large, op, null, null, 1, count).launch(tiles, BatchNorm.LARGE_THREADS);
    } else {
      int perChunk = kernels.perChunk();
      int chunks = Math.ceilDiv(count, perChunk);
      int statistics = members * channels;
      Buffer first = launcher.borrow(ElementType.REAL, statistics * chunks);
      Buffer second = launcher.borrow(ElementType.REAL, statistics * chunks);
      put(kernels.chunks, op, first, second, chunks, perChunk).launch(tiles * chunks, THREADS);
      put(kernels.finish, op, first, second, chunks, perChunk)
          .launch(Math.ceilDiv(statistics, THREADS), THREADS);
      put(kernels.apply, op, first, second, chunks, perChunk).launch(tiles * chunks, THREADS);
      launcher.giveBack(first);
      launcher.giveBack(second);
    }
  }

  private Launcher put(
      Entry entry, Primitive op, Buffer first, Buffer second, int chunks, int perChunk) {
    return switch (op) {
      case Primitive.BatchNorm forward -> put(entry, forward, first, second, chunks, perChunk);
      case Primitive.BatchNormGrad grad -> put(entry, grad, first, second, chunks, perChunk);
      default -> throw new IllegalArgumentException("batchNorm: " + op.name());
    };
  }

  /** The struct {@code Forward}; means and squares [members, chunks, channels]. */
  private Launcher put(
      Entry entry, Primitive.BatchNorm op, Buffer means, Buffer squares, int chunks, int perChunk) {
    return launcher
        .begin(entry)
        .put(op.x())
        .put(op.gamma())
        .put(op.beta())
        .put(op.y())
        .put(op.mean())
        .put(op.variance())
        .putOrNull(means)
        .putOrNull(squares)
        .putOrNull(op.running() == null ? null : op.running().mean())
        .putOrNull(op.running() == null ? null : op.running().variance())
        .put(op.members())
        .put(op.batch())
        .put(op.channels())
        .putDivisor(op.spatial())
        .put(chunks)
        .put(perChunk)
        .put((float) op.epsilon())
        .put((float) op.slope())
        .put(op.running() == null ? 0f : (float) op.running().rate())
        .put(0); // a struct with addresses is a multiple of 8 bytes
  }

  /** The struct {@code Backward}; sums and products [members, chunks, channels]. */
  private Launcher put(
      Entry entry,
      Primitive.BatchNormGrad op,
      Buffer sums,
      Buffer products,
      int chunks,
      int perChunk) {
    return launcher
        .begin(entry)
        .put(op.x())
        .put(op.gamma())
        .put(op.y())
        .put(op.mean())
        .put(op.variance())
        .put(op.dy())
        .put(op.dx())
        .put(op.dgamma())
        .put(op.dbeta())
        .putOrNull(sums)
        .putOrNull(products)
        .put(op.members())
        .put(op.batch())
        .put(op.channels())
        .putDivisor(op.spatial())
        .put(chunks)
        .put(perChunk)
        .put((float) op.epsilon())
        .put((float) op.slope());
  }
}
