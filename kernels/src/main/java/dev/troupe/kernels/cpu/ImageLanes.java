package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.ConvolutionProduct.share;
import static dev.troupe.kernels.cpu.Tiles.COLUMN_STEP;
import static dev.troupe.kernels.cpu.Tiles.MAX_ROWS;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;
import static dev.troupe.kernels.cpu.Transposition.BLOCK;

import java.util.Arrays;

/**
 * The part of a {@link ConvolutionProduct} whose vectors go over images. A task takes as many
 * images of a member as a tile is wide, and some rows of their results. It transposes row after row
 * of the images to {@code [width, channels, images]}, in which a row of taps is one panel that
 * needs no packing, and taps outside the image are left out. Results of a strip of weights go back
 * by another transposition, whatever the stride at which they lie.
 */
final class ImageLanes {
  /** Floats of transposed rows that a task holds at a time, which should stay in the cache. */
  private static final int ROWS_FLOATS = 392 << 10;

  /** Floats of the sums of all strips that a task computes together. */
  private static final int SUMS_FLOATS = 64 << 10;

  /** Results whose sums a task holds at a time. */
  private static final int MOST_RESULTS = 256;

  private ImageLanes() {}

  /** Number of tasks of a member: about {@code wanted}, if rows suffice. */
  static int parts(ConvolutionProduct product, int wanted) {
    int groups = Math.ceilDiv(product.batch, WIDTH);
    int bands = Math.ceilDiv(product.views[0].toHeight(), bandRows(product));
    return groups * Math.clamp(Math.ceilDiv(wanted, groups), 1, bands);
  }

  /** Rows of results that are computed at a time. */
  private static int bandRows(ConvolutionProduct product) {
    ConvolutionView any = product.views[0];
    int row = any.width() * product.channels * WIDTH;
    int rows = 1;
    while (rows < any.toHeight()
        && (rows + 1) * any.toWidth() <= MOST_RESULTS
        && sourceRows(product, rows + 1) * row <= ROWS_FLOATS) {
      rows++;
    }
    return rows;
  }

  /** Most rows of images that this many rows of results are made of. */
  private static int sourceRows(ConvolutionProduct product, int rows) {
    int first = Integer.MAX_VALUE;
    int last = Integer.MIN_VALUE;
    for (ConvolutionView view : product.views) {
      int steps = Math.ceilDiv(rows, view.stepRow()) - 1;
      first = Math.min(first, view.firstRow());
      last = Math.max(last, view.firstRow() + steps * view.strideRow() + view.tapRows());
    }
    return last - first + (product.views.length > 1 ? 1 : 0);
  }

  static void run(ConvolutionProduct product, int member, int part, int parts) {
    int groups = Math.ceilDiv(product.batch, WIDTH);
    int group = part % groups;
    int chunk = part / groups;
    int chunks = parts / groups;
    ConvolutionView any = product.views[0];
    int from = share(any.toHeight(), chunk, chunks);
    int to = share(any.toHeight(), chunk + 1, chunks);
    int first = group * WIDTH;
    int images = Math.min(WIDTH, product.batch - first);
    int width = Packing.panelWidth(images);
    int band = bandRows(product);
    int capacity = Math.min(any.height(), sourceRows(product, band) + 1);
    int rowFloats = any.width() * product.channels * width;
    int results = band * any.toWidth();
    int sumFloats = results * MAX_ROWS * width; // of a strip
    int together = Math.clamp(SUMS_FLOATS / sumFloats, 1, product.strips);
    float[] room = Scratch.ofThisThread().panels(capacity * rowFloats + together * sumFloats);
    int sums = Tiles.ALIGN + capacity * rowFloats;
    int done = 0; // rows of the images that have been transposed
    for (int row = from; row < to; row += band) {
      int end = Math.min(to, row + band);
      int above = any.height();
      int below = 0;
      for (ConvolutionView view : product.views) {
        int q = firstResult(view, row);
        int last = firstResult(view, end) - 1;
        if (q <= last && view.tapRows() > 0) {
          above = Math.min(above, q * view.strideRow() + view.firstRow());
          below = Math.max(below, last * view.strideRow() + view.firstRow() + view.tapRows());
        }
      }
      done = Math.max(done, above);
      below = Math.min(below, any.height());
      while (done < below) {
        int slot = done % capacity;
        int rows = Math.min(below - done, capacity - slot);
        transposeRows(product, member, first, images, width, done, rows, room, slot * rowFloats);
        done += rows;
      }
      for (int s = 0; s < product.strips; s += together) {
        int some = Math.min(together, product.strips - s);
        for (int i = 0; i < some; i++) {
          int at = sums + i * sumFloats;
          startSums(product, member, s + i, (end - row) * any.toWidth(), width, room, at);
        }
        for (int v = 0; v < product.views.length; v++) {
          strips(
              product, member, v, s, some, row, end, width, capacity, rowFloats, room, sums,
              sumFloats);
        }
        for (int i = 0; i < some; i++) {
          int at = sums + i * sumFloats;
          endSums(product, member, first, images, width, s + i, row, end, room, at);
        }
      }
    }
  }

  /** The first result of a view at or below a row. */
  private static int firstResult(ConvolutionView view, int row) {
    return Math.clamp(Math.ceilDiv(row - view.startRow(), view.stepRow()), 0, view.rows());
  }

  /**
   * Some strips of weights by all pixels of a band. All of them pass over the pixels of one row of
   * taps before the next, which therefore come from the cache.
   */
  private static void strips(
      ConvolutionProduct product,
      int member,
      int v,
      int first,
      int count,
      int row,
      int end,
      int width,
      int capacity,
      int rowFloats,
      float[] room,
      int sums,
      int sumFloats) {
    ConvolutionView view = product.views[v];
    int depth = product.depth(v);
    int blocks = product.blocks(v);
    for (int a = 0; a < view.tapRows(); a++) {
      for (int block = 0; block < blocks; block++) {
        for (int i = 0; i < count; i++) {
          strip(
              product,
              view,
              first + i,
              product.packedOff(member, v, first + i, a, block),
              a,
              block * depth,
              Math.min((block + 1) * depth, product.segment(v)),
              row,
              end,
              width,
              capacity,
              rowFloats,
              room,
              sums + i * sumFloats);
        }
      }
    }
  }

  /** A block of a strip by the pixels of a band. */
  private static void strip(
      ConvolutionProduct product,
      ConvolutionView view,
      int s,
      int weights,
      int a,
      int from,
      int to,
      int row,
      int end,
      int width,
      int capacity,
      int rowFloats,
      float[] room,
      int sums) {
    int channels = product.channels;
    int tileRows = Tiles.tileRows(product.starts[s + 1] - product.starts[s]);
    int last = firstResult(view, end);
    for (int q = firstResult(view, row); q < last; q++) {
      int h = q * view.strideRow() + view.firstRow() + a;
      if (h < 0 || h >= view.height()) {
        continue;
      }
      int pixels = Tiles.ALIGN + h % capacity * rowFloats;
      int sum = (view.startRow() + q * view.stepRow() - row) * view.toWidth();
      for (int r = 0; r < view.columns(); r++) {
        int w = r * view.strideColumn() + view.firstColumn();
        int k = Math.max(from, -w * channels);
        int depth = Math.min(to, (view.width() - w) * channels) - k;
        if (depth > 0) {
          int result = sum + view.startColumn() + r * view.stepColumn();
          int at = sums + result * MAX_ROWS * width;
          ConvolutionProduct.multiply(
              tileRows,
              width,
              depth,
              product.packed,
              weights + (k - from) * COLUMN_STEP,
              room,
              pixels + (w * channels + k) * width,
              room,
              at,
              width,
              room,
              at,
              width);
        }
      }
    }
  }

  /** Transposes rows of the images to {@code [rows, width, channels, images]}. */
  private static void transposeRows(
      ConvolutionProduct product,
      int member,
      int firstImage,
      int images,
      int width,
      int row,
      int rows,
      float[] room,
      int at) {
    ConvolutionView any = product.views[0];
    int channels = product.channels;
    int plane = any.height() * any.width();
    int imageStep = channels * plane;
    int from = product.xOff(member) + firstImage * imageStep + row * any.width();
    int pixels = rows * any.width();
    // Channel by channel within a block: what is written next lies beside what was written last.
    for (int j = 0; j < pixels; j += BLOCK) {
      for (int c = 0; c < channels; c++) {
        Transposition.transpose(
            product.x,
            from + c * plane + j,
            imageStep,
            images,
            Math.min(BLOCK, pixels - j),
            room,
            Tiles.ALIGN + at + (j * channels + c) * width,
            channels * width);
      }
    }
  }

  /** Lets the sums of a strip, {@code [results, tile rows, images]}, start from the bias. */
  private static void startSums(
      ConvolutionProduct product,
      int member,
      int s,
      int results,
      int width,
      float[] room,
      int sums) {
    int first = product.starts[s];
    int rows = product.starts[s + 1] - first;
    int tile = MAX_ROWS * width;
    Arrays.fill(room, sums, sums + results * tile, 0f);
    if (product.bias != null) {
      for (int r = 0; r < rows; r++) {
        float value = product.bias(member, first + r);
        for (int i = 0; i < results; i++) {
          int at = sums + i * tile + r * width;
          Arrays.fill(room, at, at + width, value);
        }
      }
    }
  }

  /** Transposes sums to the rows of the result. */
  private static void endSums(
      ConvolutionProduct product,
      int member,
      int firstImage,
      int images,
      int width,
      int s,
      int row,
      int end,
      float[] room,
      int sums) {
    ConvolutionView any = product.views[0];
    int imageStep = product.out * any.toPixels();
    for (int i = product.starts[s]; i < product.starts[s + 1]; i++) {
      Transposition.transpose(
          room,
          sums + (i - product.starts[s]) * width,
          MAX_ROWS * width,
          (end - row) * any.toWidth(),
          images,
          product.y,
          product.yOff(member) + firstImage * imageStep + i * any.toPixels() + row * any.toWidth(),
          imageStep);
    }
  }
}
