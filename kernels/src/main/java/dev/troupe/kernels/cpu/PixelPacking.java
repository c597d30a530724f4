package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Copies pixels in the order in which the inner loops of {@link Tiles} read them: a column of a
 * panel has, for one result, the pixels under all taps and channels.
 */
final class PixelPacking {
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  /** Every second lane, in either half. */
  private static final VectorShuffle<Float> EVEN =
      VectorShuffle.fromOp(SPECIES, i -> 2 * i & (LANES - 1));

  private static final VectorMask<Float> UPPER =
      VectorMask.fromLong(SPECIES, -1L << (LANES / 2) & ((1L << LANES) - 1));

  /** A row that is in no image. */
  private static final int NOWHERE = Integer.MIN_VALUE / 2;

  /** Of the results in the vector: row, column, and where their pixel of the first tap would be. */
  private final int[] row = new int[LANES];

  private final int[] column = new int[LANES];
  private final int[] place = new int[LANES];
  private final int[] map = new int[LANES];

  /**
   * Splits an image into {@link ConvolutionView#planes} for each channel, of which those are
   * written that a tap needs.
   */
  static void split(
      ConvolutionView view, int channels, float[] x, int xOff, float[] to, int toOff) {
    int sr = view.strideRow();
    int sc = view.strideColumn();
    int width = view.planeWidth();
    for (int c = 0; c < channels; c++) {
      int from = xOff + c * view.height() * view.width();
      int at = toOff + c * view.planes() * view.planePixels();
      for (int a = 0; a < Math.min(sr, view.tapRows()); a++) {
        int i = Math.floorMod(view.firstRow() + a, sr);
        for (int b = 0; b < Math.min(sc, view.tapColumns()); b++) {
          int j = Math.floorMod(view.firstColumn() + b, sc);
          int plane = at + (i * sc + j) * view.planePixels();
          int columns = Math.ceilDiv(view.width() - j, sc);
          for (int r = 0; i + r * sr < view.height(); r++) {
            every(sc, columns, x, from + (i + r * sr) * view.width() + j, to, plane + r * width);
          }
        }
      }
    }
  }

  private static void every(int step, int count, float[] x, int from, float[] to, int at) {
    int i = 0;
    if (step == 2) {
      for (; i + LANES <= count && from + 2 * (i + LANES) <= x.length; i += LANES) {
        FloatVector left = FloatVector.fromArray(SPECIES, x, from + 2 * i);
        FloatVector right = FloatVector.fromArray(SPECIES, x, from + 2 * i + LANES);
        left.rearrange(EVEN).blend(right.rearrange(EVEN), UPPER).intoArray(to, at + i);
      }
    }
    for (; i < count; i++) {
      to[at + i] = x[from + i * step];
    }
  }

  /**
   * Packs one vector of results for the steps {@code start .. start + depth} of the reduced
   * dimension, which counts taps and, faster, channels.
   *
   * @param x images, split into planes
   * @param xOff where image 0 begins
   * @param first number of the first result, counted through the images
   * @param count results, at most {@link Tiles#LANES}
   * @param panel receives them
   * @param at where the first step goes
   * @param width from step to step in the panel
   */
  void vector(
      ConvolutionView view,
      int channels,
      float[] x,
      int xOff,
      int first,
      int count,
      int start,
      int depth,
      float[] panel,
      int at,
      int width) {
    int planeWidth = view.planeWidth();
    int channelStride = view.planes() * view.planePixels();
    int image = first / view.results();
    int p = first % view.results();
    int base = xOff + image * channels * channelStride;
    boolean linear = view.columns() == planeWidth && p + count <= view.results();
    lanes(view, p, count, channels * channelStride);
    int k = start;
    while (k < start + depth) {
      int tap = k / channels;
      int c = k - tap * channels;
      int run = Math.min(channels - c, start + depth - k);
      int i = view.firstRow() + tap / view.tapColumns();
      int j = view.firstColumn() + tap % view.tapColumns();
      int planeRow = Math.floorMod(i, view.strideRow());
      int planeColumn = Math.floorMod(j, view.strideColumn());
      int down = Math.floorDiv(i, view.strideRow());
      int right = Math.floorDiv(j, view.strideColumn());
      int plane = (planeRow * view.strideColumn() + planeColumn) * view.planePixels();
      int from = base + c * channelStride + plane;
      int shift = down * planeWidth + right;
      long inside =
          inside(
              down,
              Math.ceilDiv(view.height() - planeRow, view.strideRow()),
              right,
              Math.ceilDiv(view.width() - planeColumn, view.strideColumn()),
              shift);
      int to = at + (k - start) * width;
      if (linear) {
        load(x, from + p + shift, channelStride, inside, run, panel, to, width);
      } else {
        gather(x, from, channelStride, inside, run, panel, to, width);
      }
      k += run;
    }
  }

  /** Finds row, column and place of each result. */
  private void lanes(ConvolutionView view, int p, int count, int imageStride) {
    int q = p / view.columns();
    int r = p % view.columns();
    int image = 0;
    for (int lane = 0; lane < LANES; lane++) {
      row[lane] = lane < count ? q : NOWHERE;
      column[lane] = r;
      place[lane] = image + q * view.planeWidth() + r;
      if (++r == view.columns()) {
        r = 0;
        if (++q == view.rows()) {
          q = 0;
          image += imageStride;
        }
      }
    }
  }

  /** The lanes whose pixel is inside the image, and (for gathering) the places of their pixels. */
  private long inside(int down, int rows, int right, int columns, int shift) {
    IntVector i = IntVector.fromArray(INTS, row, 0).add(down);
    IntVector j = IntVector.fromArray(INTS, column, 0).add(right);
    VectorMask<Integer> mask =
        i.compare(VectorOperators.GE, 0)
            .and(i.compare(VectorOperators.LT, rows))
            .and(j.compare(VectorOperators.GE, 0))
            .and(j.compare(VectorOperators.LT, columns));
    IntVector at = IntVector.fromArray(INTS, place, 0).add(shift);
    IntVector.zero(INTS).blend(at, mask).intoArray(map, 0);
    return mask.toLong();
  }

  private static void load(
      float[] x, int from, int stride, long lanes, int count, float[] panel, int at, int width) {
    VectorMask<Float> mask = VectorMask.fromLong(SPECIES, lanes);
    for (int c = 0; c < count; c++) {
      FloatVector.fromArray(SPECIES, x, from + c * stride, mask).intoArray(panel, at + c * width);
    }
  }

  private void gather(
      float[] x, int from, int stride, long lanes, int count, float[] panel, int at, int width) {
    VectorMask<Float> mask = VectorMask.fromLong(SPECIES, lanes);
    for (int c = 0; c < count; c++) {
      FloatVector.fromArray(SPECIES, x, from + c * stride, map, 0, mask)
          .intoArray(panel, at + c * width);
    }
  }
}
