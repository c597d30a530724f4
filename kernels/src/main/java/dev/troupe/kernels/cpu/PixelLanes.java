package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.ConvolutionProduct.share;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.MAX_ROWS;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The part of a {@link ConvolutionProduct} whose vectors go over the pixels of results, counted
 * through the images of a member, so that vectors are full however small images are.
 *
 * <p>A task computes some results of one member. It packs panel after panel of pixels, some of them
 * at a time, which then stay in the second-level cache while strip after strip of weights passes.
 */
final class PixelLanes {
  /** Most panels of pixels at a time, and most floats in them. */
  private static final int GROUP = 16;

  private static final int GROUP_FLOATS = 192 << 10;

  private static final float[] ZEROS = new float[WIDTH];

  private PixelLanes() {}

  /** Number of tasks of a member; about {@code wanted}, and more where they would be too large. */
  static int parts(ConvolutionProduct product, int wanted) {
    int groups = 1;
    int most = 1;
    for (int v = 0; v < product.views.length; v++) {
      int panels = panels(product, v);
      groups = Math.max(groups, Math.ceilDiv(panels, group(product, v)));
      most = Math.max(most, panels / unit(product, v));
    }
    return Math.clamp(wanted, groups, Math.max(groups, most));
  }

  private static int panels(ConvolutionProduct product, int v) {
    return Math.ceilDiv(product.batch * product.views[v].results(), WIDTH);
  }

  /**
   * Panels that tasks and groups are made of: those of an image, or of a part of it, if by lines.
   */
  private static int unit(ConvolutionProduct product, int v) {
    int results = product.views[v].results();
    if (results % WIDTH != 0 || results > GROUP * WIDTH || !byLines(product, v)) {
      return 1;
    }
    int unit = results / WIDTH;
    while (unit % 2 == 0 && unit * floats(product, v) > GROUP_FLOATS) {
      unit /= 2;
    }
    return unit;
  }

  /** Whether {@link LinePacking} packs, as a stride needs, and many taps of few channels. */
  private static boolean byLines(ConvolutionProduct product, int v) {
    ConvolutionView view = product.views[v];
    boolean small = view.results() <= GROUP * WIDTH && view.taps() > 1;
    return view.strided() || small && product.channels < ConvolutionProduct.LEAST_CHANNELS;
  }

  /** Floats that a panel needs, with its sums. */
  private static int floats(ConvolutionProduct product, int v) {
    int sums = product.blocks(v) > 1 ? product.strips * MAX_ROWS * WIDTH : 0;
    return packed(product, v) * WIDTH + sums;
  }

  /** Steps of the reduced dimension that are packed at a time: lines serve all of them. */
  private static int packed(ConvolutionProduct product, int v) {
    return byLines(product, v) ? product.segment(v) : product.depth(v);
  }

  /** Panels that are packed at a time. */
  private static int group(ConvolutionProduct product, int v) {
    int most = Math.clamp(GROUP_FLOATS / Math.max(1, floats(product, v)), 1, GROUP);
    int unit = unit(product, v);
    return Math.max(unit, most / unit * unit);
  }

  static void run(ConvolutionProduct product, int member, int part, int parts) {
    for (int v = 0; v < product.views.length; v++) {
      int unit = unit(product, v);
      int units = Math.ceilDiv(panels(product, v), unit);
      int from = share(units, part, parts);
      int count = share(units, part + 1, parts) - from;
      int groups = Math.ceilDiv(count * unit, group(product, v));
      for (int g = 0; g < groups; g++) {
        int first = from + share(count, g, groups);
        int end = from + share(count, g + 1, groups);
        group(product, member, v, first * unit, end * unit);
      }
    }
  }

  /** A group of panels. */
  private static void group(
      ConvolutionProduct product, int member, int v, int fromPanel, int toPanel) {
    Scratch scratch = Scratch.ofThisThread();
    ConvolutionView view = product.views[v];
    int channels = product.channels;
    int blocks = product.blocks(v);
    int depth = product.depth(v);
    int total = product.batch * view.results();
    int count = toPanel - fromPanel;
    int panelFloats = packed(product, v) * WIDTH;
    int sumFloats = blocks > 1 ? count * product.strips * MAX_ROWS * WIDTH : 0;
    boolean byLines = byLines(product, v);
    float[] room = scratch.panels(count * panelFloats + sumFloats);
    int sums = Tiles.ALIGN + count * panelFloats;
    if (byLines) {
      scratch.lines.pack(
          view,
          channels,
          product.x,
          product.xOff(member),
          fromPanel * WIDTH,
          Math.min(toPanel * WIDTH, total),
          room,
          Tiles.ALIGN);
    }
    int[] offsets = null; // of results that are not neighbours
    for (int block = 0; block < Math.max(1, blocks); block++) {
      int start = block * depth;
      int length = Math.min(depth, product.segment(v) - start);
      for (int panel = fromPanel; panel < toPanel && !byLines; panel++) {
        int columns = Math.min(WIDTH, total - panel * WIDTH);
        int width = Packing.panelWidth(columns);
        int at = Tiles.ALIGN + (panel - fromPanel) * panelFloats;
        for (int lane = 0; lane < width; lane += LANES) {
          scratch.pixels.vector(
              view,
              channels,
              product.x,
              product.xOff(member),
              panel * WIDTH + lane,
              Math.min(LANES, columns - lane),
              start,
              length,
              room,
              at + lane,
              width);
        }
      }
      boolean last = block >= blocks - 1;
      for (int s = 0; s < product.strips; s++) {
        int i = product.starts[s];
        int rows = product.starts[s + 1] - i;
        int tileRows = Tiles.tileRows(rows);
        if (block == 0) {
          startTile(product, member, scratch.start, i, rows);
        }
        int strip = product.packedOff(member, v, s, 0, block);
        int to = product.yOff(member) + i * view.toPixels();
        for (int panel = fromPanel; panel < toPanel; panel++) {
          int columns = Math.min(WIDTH, total - panel * WIDTH);
          int width = Packing.panelWidth(columns);
          int j = panel - fromPanel;
          int sum = sums + (s * count + j) * MAX_ROWS * WIDTH;
          int image = panel * WIDTH / view.results();
          int p = panel * WIDTH % view.results();
          boolean direct =
              last
                  && view.dense()
                  && rows == tileRows
                  && columns == width
                  && p + columns <= view.results();
          ConvolutionProduct.multiply(
              tileRows,
              width,
              length,
              product.packed,
              strip,
              room,
              Tiles.ALIGN + j * panelFloats + (byLines ? start * width : 0),
              block > 0 ? room : product.bias == null ? ZEROS : scratch.start,
              block > 0 ? sum : 0,
              block > 0 || product.bias != null ? WIDTH : 0,
              direct ? product.y : last ? scratch.tile : room,
              direct ? to + image * product.out * view.toPixels() + p : last ? 0 : sum,
              direct ? view.toPixels() : WIDTH);
          if (last && !direct) {
            if (offsets == null) {
              int end = Math.min(toPanel * WIDTH, total);
              offsets = offsets(view, product.out, fromPanel * WIDTH, end, scratch);
            }
            endTile(product.y, to, view.toPixels(), scratch.tile, rows, columns, offsets, j);
          }
        }
      }
    }
  }

  /** Where results lie, seen from channel 0 of image 0. */
  private static int[] offsets(ConvolutionView view, int out, int from, int to, Scratch scratch) {
    int[] offsets = scratch.ints(to - from);
    int image = from / view.results();
    int q = from % view.results() / view.columns();
    int r = from % view.results() % view.columns();
    for (int t = from; t < to; t++) {
      offsets[t - from] =
          image * out * view.toPixels()
              + (view.startRow() + q * view.stepRow()) * view.toWidth()
              + view.startColumn()
              + r * view.stepColumn();
      if (++r == view.columns()) {
        r = 0;
        if (++q == view.rows()) {
          q = 0;
          image++;
        }
      }
    }
    return offsets;
  }

  /** Fills a scratch tile with the bias. */
  static void startTile(ConvolutionProduct product, int member, float[] tile, int i, int rows) {
    if (product.bias != null) {
      for (int r = 0; r < rows; r++) {
        FloatVector value = FloatVector.broadcast(SPECIES, product.bias(member, i + r));
        value.intoArray(tile, r * WIDTH);
        value.intoArray(tile, r * WIDTH + LANES);
      }
      Arrays.fill(tile, rows * WIDTH, tile.length, 0f);
    }
  }

  /** Copies a scratch tile to the places of its results. */
  private static void endTile(
      float[] y,
      int to,
      int rowStep,
      float[] tile,
      int rows,
      int columns,
      int[] offsets,
      int panel) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < columns; j++) {
        y[to + r * rowStep + offsets[panel * WIDTH + j]] = tile[r * WIDTH + j];
      }
    }
  }
}
