package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Copies pixels in the order in which the inner loops of {@link Tiles} read them: a column of a
 * panel has, for one result, the pixels under all taps and channels.
 */
final class PixelPacking {
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  /** A row that is in no image. */
  private static final int NOWHERE = Integer.MIN_VALUE / 2;

  /** Of the results in the vector: row, column, and where their pixel of the first tap would be. */
  private final int[] row = new int[LANES];

  private final int[] column = new int[LANES];
  private final int[] place = new int[LANES];
  private final int[] map = new int[LANES];

  /**
   * Packs one vector of results for the steps {@code start .. start + depth} of the reduced
   * dimension, which counts taps and, faster, channels. There is no stride.
   *
   * @param x images
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
    int pixels = view.height() * view.width();
    int p = first % view.results();
    int base = xOff + first / view.results() * channels * pixels;
    boolean linear = view.columns() == view.width() && p + count <= view.results();
    lanes(view, p, count, channels * pixels);
    int k = start;
    while (k < start + depth) {
      int tap = k / channels;
      int c = k - tap * channels;
      int run = Math.min(channels - c, start + depth - k);
      int down = view.firstRow() + tap / view.tapColumns();
      int right = view.firstColumn() + tap % view.tapColumns();
      int shift = down * view.width() + right;
      int from = base + c * pixels;
      int to = at + (k - start) * width;
      if (linear) {
        load(view, down, right, x, from + p + shift, pixels, run, panel, to, width);
      } else {
        gather(view, down, right, x, from, pixels, run, panel, to, width);
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
      place[lane] = lane < count ? image + q * view.width() + r : place[0];
      if (++r == view.columns()) {
        r = 0;
        if (++q == view.rows()) {
          q = 0;
          image += imageStride;
        }
      }
    }
  }

  /**
   * The lanes whose pixel is inside the image. Not kept as bits of a long: with AVX2, C2 of JDK 25
   * makes another mask of such bits.
   */
  private VectorMask<Integer> inside(ConvolutionView view, int down, int right) {
    IntVector i = IntVector.fromArray(INTS, row, 0).add(down);
    IntVector j = IntVector.fromArray(INTS, column, 0).add(right);
    return i.compare(VectorOperators.GE, 0)
        .and(i.compare(VectorOperators.LT, view.height()))
        .and(j.compare(VectorOperators.GE, 0))
        .and(j.compare(VectorOperators.LT, view.width()));
  }

  private void load(
      ConvolutionView view,
      int down,
      int right,
      float[] x,
      int from,
      int stride,
      int count,
      float[] panel,
      int at,
      int width) {
    VectorMask<Float> mask = inside(view, down, right).cast(SPECIES);
    for (int c = 0; c < count; c++) {
      FloatVector.fromArray(SPECIES, x, from + c * stride, mask).intoArray(panel, at + c * width);
    }
  }

  private void gather(
      ConvolutionView view,
      int down,
      int right,
      float[] x,
      int from,
      int stride,
      int count,
      float[] panel,
      int at,
      int width) {
    VectorMask<Integer> inside = inside(view, down, right);
    IntVector places = IntVector.fromArray(INTS, place, 0).add(down * view.width() + right);
    IntVector.zero(INTS).blend(places, inside).intoArray(map, 0);
    VectorMask<Float> mask = inside.cast(SPECIES);
    for (int c = 0; c < count; c++) {
      FloatVector.fromArray(SPECIES, x, from + c * stride, map, 0, mask)
          .intoArray(panel, at + c * width);
    }
  }
}
