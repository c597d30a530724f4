package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.ConvolutionProduct.share;
import static dev.troupe.kernels.cpu.Tiles.ALIGN;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The part of a {@link ConvolutionProduct} whose vectors go over the pixels of one row, for results
 * as wide as some tiles. What a row of taps reads is packed once for each row of an image, {@code
 * [tap columns, channels, WIDTH]}, and serves all rows of results that it meets; rows of taps above
 * and below the image are left out.
 */
final class RowLanes {
  /** Panels of results that are computed at a time, and most floats in what they read. */
  private static final int GROUP = 16;

  private static final int GROUP_FLOATS = 192 << 10;

  /** Channels that are packed together. */
  private static final int CHANNELS = 8;

  private static final float[] ZEROS = new float[WIDTH];

  private RowLanes() {}

  /** Number of tasks of a member; about {@code wanted}, and more where they would be too large. */
  static int parts(ConvolutionProduct product, int wanted) {
    int panels = panels(product);
    int group = Math.clamp(GROUP_FLOATS / (product.segment(0) * WIDTH), 1, GROUP);
    int groups = Math.ceilDiv(panels, group);
    return Math.clamp(wanted, groups, panels);
  }

  private static int panels(ConvolutionProduct product) {
    return product.batch * product.views[0].results() / WIDTH;
  }

  static void run(ConvolutionProduct product, int member, int part, int parts) {
    int panels = panels(product);
    int from = share(panels, part, parts);
    int to = share(panels, part + 1, parts);
    if (from < to) {
      group(product, member, from, to);
    }
  }

  /** Consecutive panels of results. */
  private static void group(ConvolutionProduct product, int member, int from, int to) {
    Scratch scratch = Scratch.ofThisThread();
    ConvolutionView view = product.views[0];
    int perRow = view.columns() / WIDTH;
    int firstSlot = slot(view, perRow, from - from % perRow, firstTap(view, from / perRow));
    int end = to - 1 - (to - 1) % perRow + perRow - 1;
    int slots = slot(view, perRow, end, lastTap(view, end / perRow)) - firstSlot + 1;
    int blockFloats = product.segment(0) * WIDTH;
    float[] room = scratch.panels(slots * blockFloats);
    pack(product, member, scratch, firstSlot, slots, room);
    for (int s = 0; s < product.strips; s++) {
      int rows = product.starts[s + 1] - product.starts[s];
      PixelLanes.startTile(product, member, scratch.start, product.starts[s], rows);
      for (int panel = from; panel < to; panel++) {
        tile(product, member, scratch, s, rows, panel, firstSlot, room);
      }
    }
  }

  /** The first row of taps that meets the image; {@code line} counts rows through the images. */
  private static int firstTap(ConvolutionView view, int line) {
    return Math.max(0, -(line % view.rows() * view.strideRow() + view.firstRow()));
  }

  private static int lastTap(ConvolutionView view, int line) {
    int top = line % view.rows() * view.strideRow() + view.firstRow();
    return Math.min(view.tapRows(), view.height() - top) - 1;
  }

  /** Counts what panels read: rows of images by the panels of a row. */
  private static int slot(ConvolutionView view, int perRow, int panel, int a) {
    int line = panel / perRow;
    int h = line % view.rows() * view.strideRow() + view.firstRow() + a;
    return (line / view.rows() * view.height() + h) * perRow + panel % perRow;
  }

  /**
   * Packs some slots. Rows of a channel follow each other in memory while channels lie far apart,
   * so a few channels at a time are read in order before they are packed.
   */
  private static void pack(
      ConvolutionProduct product,
      int member,
      Scratch scratch,
      int firstSlot,
      int slots,
      float[] room) {
    ConvolutionView view = product.views[0];
    int perRow = view.columns() / WIDTH;
    int perImage = view.height() * perRow;
    int pixels = view.height() * view.width();
    int slotFloats = product.segment(0) * WIDTH;
    float[] lines = scratch.channel(CHANNELS * pixels);
    int slot = firstSlot;
    while (slot < firstSlot + slots) {
      int end = Math.min(firstSlot + slots, (slot / perImage + 1) * perImage);
      int image = product.xOff(member) + slot / perImage * product.channels * pixels;
      int from = image + slot % perImage / perRow * view.width();
      int floats = (end - slot) / perRow * view.width();
      for (int c = 0; c < product.channels; c += CHANNELS) {
        int some = Math.min(CHANNELS, product.channels - c);
        for (int i = 0; i < some; i++) {
          System.arraycopy(product.x, from + (c + i) * pixels, lines, ALIGN + i * floats, floats);
        }
        for (int s = slot; s < end; s++) {
          int row = ALIGN + (s - slot) / perRow * view.width();
          int to = ALIGN + (s - firstSlot) * slotFloats + c * WIDTH;
          for (int b = 0; b < view.tapColumns(); b++) {
            int column = s % perRow * WIDTH + view.firstColumn() + b;
            columns(
                lines,
                row,
                floats,
                some,
                column,
                view.width(),
                room,
                to + b * product.channels * WIDTH);
          }
        }
      }
      slot = end;
    }
  }

  /** Copies some columns of a row of some channels; what is left or right of the row is 0. */
  private static void columns(
      float[] x, int row, int step, int channels, int first, int width, float[] to, int at) {
    for (int lane = 0; lane < WIDTH; lane += LANES) {
      int column = first + lane;
      VectorMask<Float> inside = SPECIES.indexInRange(column, width);
      for (int c = 0; c < channels; c++) {
        FloatVector.fromArray(SPECIES, x, row + c * step + column, inside)
            .intoArray(to, at + c * WIDTH + lane);
      }
    }
  }

  /** A strip of weights by a panel, row of taps after row of taps. */
  private static void tile(
      ConvolutionProduct product,
      int member,
      Scratch scratch,
      int s,
      int rows,
      int panel,
      int firstSlot,
      float[] room) {
    ConvolutionView view = product.views[0];
    int perRow = view.columns() / WIDTH;
    int tileRows = Tiles.tileRows(rows);
    int pixels = view.toPixels();
    int image = panel * WIDTH / view.results();
    int y =
        product.yOff(member)
            + (image * product.out + product.starts[s]) * pixels
            + panel * WIDTH % view.results();
    int length = product.segment(0);
    int depth = product.depth(0);
    int lastTap = lastTap(view, panel / perRow);
    boolean first = true;
    for (int a = firstTap(view, panel / perRow); a <= lastTap; a++) {
      int at = ALIGN + (slot(view, perRow, panel, a) - firstSlot) * length * WIDTH;
      for (int k = 0; k < length; k += depth) {
        boolean direct = a == lastTap && k + depth >= length && rows == tileRows;
        boolean plain = first && product.bias == null;
        ConvolutionProduct.multiply(
            tileRows,
            WIDTH,
            Math.min(depth, length - k),
            product.packed,
            product.packedOff(member, 0, s, a, k / depth),
            room,
            at + k * WIDTH,
            plain ? ZEROS : first ? scratch.start : scratch.tile,
            0,
            plain ? 0 : WIDTH,
            direct ? product.y : scratch.tile,
            direct ? y : 0,
            direct ? pixels : WIDTH);
        first = false;
      }
    }
    if (rows != tileRows) {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(scratch.tile, r * WIDTH, product.y, y + r * pixels, WIDTH);
      }
    }
  }
}
