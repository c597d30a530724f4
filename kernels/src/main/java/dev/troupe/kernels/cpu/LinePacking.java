package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.ALIGN;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Packs panels, as {@link PixelPacking} does, of images that are read with a stride, or that have
 * few channels and many taps. A few channels of an image at a time are first copied to lines, which
 * stay in the first-level cache: rows with their padding, in which the pixels of neighbouring
 * results are neighbours. One tap alone reads the image itself.
 */
final class LinePacking {
  /** Most floats in lines. */
  private static final int LINES = 9 << 10;

  /** Lines this wide and wider begin at cache lines. */
  private static final int LINE = 16;

  private ConvolutionView view;
  private int channels;
  private float[] x;
  private int xOff;
  private float[] panels;
  private int panelsOff;
  private int panelFloats;

  // A run of results: of one image if a vector has results of one row only.
  private int begin; // of all runs
  private int total; // of all runs
  private int first;
  private int count;
  private int image; // of result first
  private int images;
  private int top; // row of results
  private int lineRows;
  private int lineWidth;
  private int channelFloats; // in the lines
  private int imageFloats;

  private float[] lines = new float[0];

  // Of the run before: where they are the same, so are places, and the padding in the lines.
  private ConvolutionView viewBefore;
  private int firstBefore;
  private int countBefore;

  /** Where results read: from the pixel or line of their first tap, channel 0, in image 0. */
  private int[] places = new int[0];

  /**
   * Packs results for all steps of the reduced dimension, which counts taps and, faster, channels.
   *
   * @param source images, from {@code sourceOff} on
   * @param from number of the first result, counted through the images
   * @param to after the last one
   * @param target receives panel after panel, from {@code targetOff} on
   */
  void pack(
      ConvolutionView geometry,
      int channelsOfImage,
      float[] source,
      int sourceOff,
      int from,
      int to,
      float[] target,
      int targetOff) {
    view = geometry;
    channels = channelsOfImage;
    x = source;
    xOff = sourceOff;
    panels = target;
    panelsOff = targetOff;
    panelFloats = view.taps() * channels * WIDTH;
    begin = from;
    total = to - from;
    for (first = from; first < to; first += count) {
      int left = view.results() - first % view.results();
      count = inRows() ? Math.min(left, to - first) : to - first;
      run();
    }
    x = null;
    panels = null;
  }

  /** Whether the results in a vector are neighbours in a row. */
  private boolean inRows() {
    return view.columns() % LANES == 0;
  }

  private void run() {
    int last = first + count - 1;
    image = first / view.results();
    images = last / view.results() - image + 1;
    top = images > 1 ? 0 : first % view.results() / view.columns();
    int bottom = images > 1 ? view.rows() - 1 : last % view.results() / view.columns();
    lineRows = (bottom - top) * view.strideRow() + view.tapRows();
    lineWidth = width() < LINE ? width() : Math.ceilDiv(width(), LINE) * LINE;
    boolean direct = view.taps() == 1;
    int pixels = view.height() * view.width();
    channelFloats = direct ? pixels : phases() * lineRows * lineWidth;
    int block = Math.clamp(LINES / (images * channelFloats), 1, Math.max(1, channels));
    imageFloats = (direct ? channels : block) * channelFloats;
    int rowStep = view.strideRow() * (direct ? view.width() : lineWidth);
    int p = first % view.results();
    if (view != viewBefore || p != firstBefore || count != countBefore) {
      findPlaces(rowStep, direct ? view.strideColumn() : 1);
      if (!direct) {
        lines = Tiles.grown(lines, images * imageFloats);
        Arrays.fill(lines, ALIGN, ALIGN + images * imageFloats, 0f);
      }
      viewBefore = view;
      firstBefore = p;
      countBefore = count;
    }
    for (int c = 0; c < channels; c += block) {
      int some = Math.min(block, channels - c);
      if (direct) {
        int from = xOff + (image * channels + c) * pixels + top * rowStep;
        columns(x, from, view.strideColumn(), c, some);
        continue;
      }
      for (int n = 0; n < images; n++) {
        for (int i = 0; i < some; i++) {
          int from = xOff + ((image + n) * channels + c + i) * pixels;
          copyToLines(from, ALIGN + n * imageFloats + i * channelFloats);
        }
      }
      for (int a = 0; a < view.tapRows(); a++) {
        for (int b = 0; b < view.tapColumns(); b++) {
          int line = b % view.strideColumn() * lineRows + a;
          int from = ALIGN + line * lineWidth + b / view.strideColumn();
          columns(lines, from, 1, (a * view.tapColumns() + b) * channels + c, some);
        }
      }
    }
  }

  /** Columns of an image that a stride tells apart. */
  private int phases() {
    return Math.min(view.strideColumn(), view.tapColumns());
  }

  /** Pixels of a line. */
  private int width() {
    return view.columns() + (view.tapColumns() - 1) / view.strideColumn();
  }

  private void findPlaces(int rowStep, int columnStep) {
    int vectors = Math.ceilDiv(count, LANES);
    if (places.length < vectors * LANES) {
      places = new int[vectors * LANES];
    }
    int p = first % view.results();
    int q = p / view.columns() - top;
    int r = p % view.columns();
    int from = 0;
    for (int t = 0; t < count; t++) {
      places[t] = from + q * rowStep + r * columnStep;
      if (++r == view.columns()) {
        r = 0;
        if (++q == view.rows()) {
          q = 0;
          from += imageFloats;
        }
      }
    }
    Arrays.fill(places, count, vectors * LANES, places[0]);
  }

  /** Copies a channel to its lines, {@code [phases, lineRows, lineWidth]}; padding is 0 already. */
  private void copyToLines(int from, int toOff) {
    int stride = view.strideColumn();
    int firstRow = view.firstRow() + top * view.strideRow();
    int above = Math.clamp(-firstRow, 0, lineRows);
    int rows = Math.clamp(view.height() - firstRow, above, lineRows) - above;
    int source = from + (firstRow + above) * view.width();
    int target = toOff + above * lineWidth;
    int first = Math.max(0, view.firstColumn()); // of the columns that are read
    int whole = stride == 2 && phases() == 2 ? wholePairs(first) : 0;
    int even = first - view.firstColumn();
    if (whole > 0) {
      Planes.evenAndOdd(
          x,
          source + first,
          view.width(),
          rows,
          whole,
          lines,
          target + inLine(even),
          target + inLine(even + 1),
          lineWidth);
    }
    for (int phase = 0; phase < phases(); phase++) {
      int firstColumn = view.firstColumn() + phase;
      int left = whole + Math.max(0, Math.ceilDiv(-firstColumn, stride));
      int right = Math.min(width(), Math.ceilDiv(view.width() - firstColumn, stride));
      Planes.everyNth(
          stride,
          x,
          source + firstColumn + left * stride,
          view.width(),
          rows,
          right - left,
          lines,
          target + phase * lineRows * lineWidth + left,
          lineWidth);
    }
  }

  /** Where a column, counted from that of the first tap of the first result, lies in line 0. */
  private int inLine(int column) {
    int stride = view.strideColumn();
    return column % stride * lineRows * lineWidth + column / stride;
  }

  /** Columns of each of two phases that whole vectors hold. */
  private int wholePairs(int first) {
    int before = (first + 1 - view.firstColumn()) / 2;
    int pairs = Math.min((view.width() - first) / 2, width() - before);
    return Math.max(0, pairs) / LANES * LANES;
  }

  /** Steps {@code k .. k + some} of all results of the run: the same tap of as many channels. */
  private void columns(float[] from, int at, int step, int k, int some) {
    int result = first - begin;
    int whole = Math.min(count, total / WIDTH * WIDTH - result); // in panels of full width
    int t = 0;
    if (inRows() && step == 1 && whole > 0) {
      copy(
          from,
          at,
          channelFloats,
          some,
          places,
          whole,
          panels,
          panelsOff + k * WIDTH,
          panelFloats,
          result);
      t = whole;
    }
    for (; t < count; t += LANES) {
      int lane = (result + t) % WIDTH;
      int width = Packing.panelWidth(total - (result + t - lane));
      int to = panelsOff + (result + t) / WIDTH * panelFloats + k * width + lane;
      if (inRows()) {
        Planes.everyNth(step, from, at + places[t], channelFloats, some, LANES, panels, to, width);
      } else {
        gather(from, at, t, some, to, width);
      }
    }
  }

  /** Copies vectors of neighbours to panels of full width. */
  private static void copy(
      float[] from,
      int at,
      int channelStep,
      int channels,
      int[] places,
      int count,
      float[] panels,
      int to,
      int panelFloats,
      int result) {
    for (int t = 0; t < count; t += LANES) {
      int source = at + places[t];
      int target = to + (result + t) / WIDTH * panelFloats + (result + t) % WIDTH;
      for (int c = 0; c < channels; c++) {
        FloatVector.fromArray(SPECIES, from, source + c * channelStep)
            .intoArray(panels, target + c * WIDTH);
      }
    }
  }

  private void gather(float[] from, int at, int t, int some, int to, int width) {
    VectorMask<Float> mask = SPECIES.indexInRange(t, count);
    for (int c = 0; c < some; c++) {
      FloatVector.fromArray(SPECIES, from, at + c * channelFloats, places, t, mask)
          .intoArray(panels, to + c * width);
    }
  }
}
