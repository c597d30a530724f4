package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.ALIGN;

import dev.troupe.kernels.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * What a few images contribute to a weight gradient of few input channels: {@link Dots} of rows of
 * dy with lines of pixels, one for each (channel, kh, kw). Images are first copied with their
 * padding, pixels of each phase of the strides together, so that a line is a run of each row.
 */
final class FewChannels {
  private static final ThreadLocal<FewChannels> OF_THREAD =
      ThreadLocal.withInitial(FewChannels::new);

  private float[] planes = new float[0];
  private float[] lines = new float[0];
  private float[] strip = new float[0];
  private float[] sums = new float[0];

  private Window window;
  private int in;
  private int out;

  // the copy of an image: [in, phases down, phases across, height, width]
  private int down;
  private int across;
  private int height;
  private int width;

  private int columns; // lines
  private int groups; // of lines

  private FewChannels() {}

  static boolean suits(int in, Window window) {
    return in < 16 && window.outWidth() <= Dots.DEPTH;
  }

  /** This thread's, for a weight gradient [out, in · taps] that is 0 as yet. */
  static FewChannels start(int in, int out, Window s) {
    FewChannels f = OF_THREAD.get();
    f.window = s;
    f.in = in;
    f.out = out;
    f.down = Math.min(s.strideHeight(), s.kernelHeight());
    f.across = Math.min(s.strideWidth(), s.kernelWidth());
    f.height = s.outHeight() + (s.kernelHeight() - 1) / s.strideHeight();
    f.width = s.outWidth() + (s.kernelWidth() - 1) / s.strideWidth();
    f.columns = in * s.taps();
    f.groups = Math.ceilDiv(f.columns, Dots.COLUMNS);
    f.strip = Tiles.grown(f.strip, Dots.ROWS * Dots.LINE);
    f.lines = Tiles.grown(f.lines, f.groups * Dots.COLUMNS * Dots.LINE);
    int floats = Math.ceilDiv(out, Dots.ROWS) * f.groups * Dots.SUMS;
    f.sums = Tiles.grown(f.sums, floats);
    Arrays.fill(f.sums, ALIGN, ALIGN + floats, 0f);
    return f;
  }

  /**
   * Adds what some images contribute.
   *
   * @param x holds them from {@code at} on
   * @param count number of images; several have at most {@link Dots#DEPTH} windows together
   * @param dy [count, out, windows] from {@code dyAt} on
   */
  void add(float[] x, int at, int count, float[] dy, int dyAt) {
    planes = Tiles.grown(planes, count * in * down * across * height * width);
    for (int plane = 0; plane < count * in; plane++) {
      copy(x, at + plane * window.pixels(), plane);
    }
    int w = window.outWidth();
    int parts = Math.ceilDiv(window.outHeight(), Math.max(1, Dots.DEPTH / w));
    for (int part = 0; part < parts; part++) {
      int from = window.outHeight() * part / parts;
      int to = window.outHeight() * (part + 1) / parts;
      int depth = count * (to - from) * w;
      int rounded = Math.ceilDiv(depth, Dots.LANES) * Dots.LANES;
      for (int q = 0; q < columns; q++) {
        int line = ALIGN + q * Dots.LINE;
        line(q, from, to, count, line);
        Arrays.fill(lines, line + depth, line + rounded, 0f);
      }
      for (int q = columns; q < groups * Dots.COLUMNS; q++) {
        Arrays.fill(lines, ALIGN + q * Dots.LINE, ALIGN + q * Dots.LINE + rounded, 0f);
      }
      multiply(dy, dyAt + from * w, count, (to - from) * w, rounded);
    }
  }

  private void multiply(float[] dy, int at, int count, int run, int rounded) {
    int to = ALIGN;
    for (int o = 0; o < out; o += Dots.ROWS) {
      for (int r = 0; r < Dots.ROWS; r++) {
        int row = ALIGN + r * Dots.LINE;
        int have = o + r < out ? count : 0;
        for (int n = 0; n < have; n++) {
          int source = at + (n * out + o + r) * window.windows();
          System.arraycopy(dy, source, strip, row + n * run, run);
        }
        Arrays.fill(strip, row + have * run, row + rounded, 0f);
      }
      for (int group = 0; group < groups; group++, to += Dots.SUMS) {
        int b = ALIGN + group * Dots.COLUMNS * Dots.LINE;
        Dots.add(rounded, strip, ALIGN, lines, b, sums, to);
      }
    }
  }

  /** The sum for output channel {@code o} and line {@code q}. */
  float result(int o, int q) {
    int group = o / Dots.ROWS * groups + q / Dots.COLUMNS;
    int place = o % Dots.ROWS * Dots.COLUMNS + q % Dots.COLUMNS;
    return Dots.fold(sums, ALIGN + group * Dots.SUMS + place * Dots.LANES);
  }

  /** One channel of an image, as phases. */
  private void copy(float[] x, int at, int plane) {
    Window s = window;
    int to = ALIGN + plane * down * across * height * width;
    for (int phase = 0; phase < down * across; phase++) {
      int top = phase / across - s.padTop();
      int left = phase % across - s.padLeft();
      int begin = Math.min(width, Math.ceilDiv(Math.max(0, -left), s.strideWidth()));
      int end = Math.ceilDiv(Math.max(0, s.width() - left), s.strideWidth());
      end = Math.max(begin, Math.min(width, end));
      for (int r = 0; r < height; r++, to += width) {
        int h = r * s.strideHeight() + top;
        if (h < 0 || h >= s.height()) {
          Arrays.fill(planes, to, to + width, 0f);
          continue;
        }
        Arrays.fill(planes, to, to + begin, 0f);
        Arrays.fill(planes, to + end, to + width, 0f);
        int from = at + h * s.width() + left + begin * s.strideWidth();
        Packing.everyNth(s.strideWidth(), x, from, end - begin, planes, to + begin);
      }
    }
  }

  /** What one tap of one channel sees under the rows {@code from} to {@code to} of windows. */
  private void line(int q, int from, int to, int count, int at) {
    Window s = window;
    int c = q / s.taps();
    int kh = q % s.taps() / s.kernelWidth();
    int kw = q % s.kernelWidth();
    int phase = kh % s.strideHeight() * across + kw % s.strideWidth();
    int size = height * width;
    for (int n = 0; n < count; n++) {
      int plane = ALIGN + ((n * in + c) * down * across + phase) * size;
      int source = plane + (from + kh / s.strideHeight()) * width + kw / s.strideWidth();
      rows(
          planes,
          source,
          width,
          to - from,
          s.outWidth(),
          lines,
          at + n * (to - from) * s.outWidth());
    }
  }

  private static void rows(float[] from, int at, int step, int rows, int n, float[] to, int toAt) {
    int vectors = Lanes.F.loopBound(n);
    for (int r = 0; r < rows; r++) {
      int source = at + r * step;
      int target = toAt + r * n;
      for (int i = 0; i < vectors; i += Lanes.COUNT) {
        FloatVector.fromArray(Lanes.F, from, source + i).intoArray(to, target + i);
      }
      for (int i = vectors; i < n; i++) {
        to[target + i] = from[source + i];
      }
    }
  }
}
