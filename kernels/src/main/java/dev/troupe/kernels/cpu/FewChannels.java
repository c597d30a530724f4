package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.ALIGN;

import dev.troupe.kernels.Window;
import java.util.Arrays;

/**
 * What a few images contribute to a weight gradient of few input channels: {@link Dots} of rows of
 * dy with lines of pixels, one for each (channel, kh, kw). Images are first copied to planes: one
 * for each channel, phase of the stride over the height, and column of taps, as wide as the
 * windows, so that the line of a tap is a run of its plane.
 */
final class FewChannels {
  private static final ThreadLocal<FewChannels> OF_THREAD =
      ThreadLocal.withInitial(FewChannels::new);

  private float[] planes = new float[0];
  private float[] strip = new float[0];
  private float[] tails = new float[0];
  private float[] sums = new float[0];
  private int[] lines = new int[0]; // where they begin in the planes of an image, plane by plane
  private int[] places = new int[0]; // of (channel, kh, kw) among the lines
  private int[] ends = new int[0]; // the same in tails

  private Window window;
  private int in;
  private int out;
  private int down; // phases
  private int height; // of a plane
  private int imageFloats; // of all planes of an image
  private int columns; // lines
  private int groups; // of lines

  private FewChannels() {}

  static boolean suits(int in) {
    return in < 16;
  }

  /** This thread's, for a weight gradient [out, in · taps] that is 0 as yet. */
  static FewChannels start(int in, int out, Window s) {
    FewChannels f = OF_THREAD.get();
    f.start(s, in, out);
    return f;
  }

  private void start(Window s, int inChannels, int outChannels) {
    window = s;
    in = inChannels;
    out = outChannels;
    down = Math.min(s.strideHeight(), s.kernelHeight());
    height = s.outHeight() + (s.kernelHeight() - 1) / s.strideHeight();
    imageFloats = in * down * s.kernelWidth() * height * s.outWidth();
    columns = in * s.taps();
    groups = Math.ceilDiv(columns, Dots.COLUMNS);
    if (lines.length < groups * Dots.COLUMNS) {
      lines = new int[groups * Dots.COLUMNS];
      places = new int[groups * Dots.COLUMNS];
      ends = new int[groups * Dots.COLUMNS];
    }
    Arrays.fill(lines, columns, groups * Dots.COLUMNS, 0); // any; nobody asks for the result
    int place = 0;
    for (int plane = 0; plane < in * down * s.kernelWidth(); plane++) {
      int kw = plane % s.kernelWidth();
      int c = plane / s.kernelWidth() / down;
      for (int kh = plane / s.kernelWidth() % down; kh < s.kernelHeight(); kh += down) {
        lines[place] = (plane * height + kh / s.strideHeight()) * s.outWidth();
        places[c * s.taps() + kh * s.kernelWidth() + kw] = place++;
      }
    }
    strip = Tiles.grown(strip, Dots.ROWS * Dots.LINE);
    int floats = Math.ceilDiv(out, Dots.ROWS) * groups * Dots.SUMS;
    sums = Tiles.grown(sums, floats);
    Arrays.fill(sums, ALIGN, ALIGN + floats, 0f);
  }

  /**
   * Adds what some images contribute.
   *
   * @param x holds them from {@code at} on
   * @param count number of images; several have at most {@link Dots#DEPTH} windows together
   * @param dy [count, out, windows] from {@code dyAt} on
   */
  void add(float[] x, int at, int count, float[] dy, int dyAt) {
    planes = Tiles.grown(planes, count * imageFloats);
    Window s = window;
    for (int c = 0; c < count * in; c++) {
      Planes.copy(
          x,
          at + c * s.pixels(),
          s.height(),
          s.width(),
          -s.padTop(),
          -s.padLeft(),
          s.strideHeight(),
          s.strideWidth(),
          down,
          s.kernelWidth(),
          height,
          s.outWidth(),
          planes,
          ALIGN + c * (imageFloats / in));
    }
    int windows = window.windows();
    int vectors = windows / Dots.LANES;
    int parts = Math.ceilDiv(vectors * Dots.LANES, Dots.DEPTH);
    for (int part = 0; part < parts; part++) {
      int from = vectors * part / parts * Dots.LANES;
      int run = vectors * (part + 1) / parts * Dots.LANES - from;
      multiply(dy, dyAt + from, count, run, run, planes, lines, from, imageFloats);
    }
    int from = vectors * Dots.LANES;
    if (from < windows) {
      int run = windows - from;
      tails = Tiles.grown(tails, groups * Dots.COLUMNS * count * Dots.LANES);
      for (int q = 0; q < groups * Dots.COLUMNS; q++) {
        ends[q] = q * count * Dots.LANES;
        int source = ALIGN + lines[q] + from;
        copyRuns(planes, source, imageFloats, run, count, tails, ALIGN + ends[q], Dots.LANES);
      }
      multiply(dy, dyAt + from, count, run, Dots.LANES, tails, ends, 0, Dots.LANES);
    }
  }

  /** Runs of dy by lines, both filled up to {@code rounded}. */
  private void multiply(
      float[] dy,
      int at,
      int count,
      int run,
      int rounded,
      float[] b,
      int[] rows,
      int from,
      int step) {
    int to = ALIGN;
    for (int o = 0; o < out; o += Dots.ROWS) {
      for (int r = 0; r < Dots.ROWS; r++) {
        int source = at + Math.min(o + r, out - 1) * window.windows();
        copyRuns(
            dy, source, out * window.windows(), run, count, strip, ALIGN + r * Dots.LINE, rounded);
      }
      for (int q = 0; q < groups * Dots.COLUMNS; q += Dots.COLUMNS, to += Dots.SUMS) {
        Dots.add(count, rounded, strip, ALIGN, b, ALIGN + from, rows, q, step, sums, to);
      }
    }
  }

  private static void copyRuns(
      float[] from, int at, int step, int run, int count, float[] to, int toAt, int rounded) {
    for (int n = 0; n < count; n++) {
      int target = toAt + n * rounded;
      System.arraycopy(from, at + n * step, to, target, run);
      Arrays.fill(to, target + run, target + rounded, 0f);
    }
  }

  /** The sum for output channel {@code o} and line {@code q}. */
  float result(int o, int q) {
    int line = places[q];
    int group = o / Dots.ROWS * groups + line / Dots.COLUMNS;
    int place = o % Dots.ROWS * Dots.COLUMNS + line % Dots.COLUMNS;
    return Dots.fold(sums, ALIGN + group * Dots.SUMS + place * Dots.LANES);
  }
}
