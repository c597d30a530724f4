package dev.troupe.kernels.cases;

import static java.lang.Math.abs;

import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import dev.troupe.kernels.cases.Inputs.Real;
import dev.troupe.kernels.cases.PrimitiveCases.Bound;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.cases.PrimitiveCases.Terms;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Samples of convolutions and pooling: windows of all kinds by images of all kinds. */
final class ConvolutionCases extends CaseFamily {
  static List<Case> all() {
    ConvolutionCases cases = new ConvolutionCases();
    cases.convolutions();
    cases.tilesOfGpus();
    cases.pooling();
    return cases.cases();
  }

  static List<Case> small() {
    ConvolutionCases cases = new ConvolutionCases();
    cases.convolutions();
    return cases.cases();
  }

  /** Further ones for devices that compute on the host. */
  static List<Case> ofHosts() {
    ConvolutionCases cases = new ConvolutionCases();
    cases.waysOfCpus();
    return cases.cases();
  }

  /** height, width, kernel height and width, strides, padding, number of windows. */
  private static Window window(int... s) {
    return new Window(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9]);
  }

  /** A square image and kernel with the same padding on all sides. */
  private static Window square(int size, int kernel, int stride, int pad) {
    int windows = (size + 2 * pad - kernel) / stride + 1;
    return window(size, size, kernel, kernel, stride, stride, pad, pad, windows, windows);
  }

  private record Sizes(int members, int batch, int in, int out, Window window) {
    int x() {
      return members * batch * in * window.pixels();
    }

    int weight() {
      return members * out * in * window.taps();
    }

    int y() {
      return members * batch * out * window.windows();
    }

    @Override
    public String toString() {
      return members + " x " + batch + " x " + in + " to " + out + " " + window;
    }
  }

  private void convolutions() {
    Sizes[] all = {
      new Sizes(1, 1, 1, 1, square(1, 1, 1, 0)),
      new Sizes(2, 3, 2, 3, square(5, 3, 1, 1)),
      new Sizes(1, 2, 3, 33, square(8, 4, 2, 1)), // as in DCGAN
      new Sizes(2, 1, 31, 5, square(7, 5, 2, 2)),
      new Sizes(1, 2, 3, 4, window(7, 9, 5, 5, 2, 2, 1, 2, 4, 5)), // SAME, uneven padding
      new Sizes(1, 1, 2, 3, window(6, 5, 2, 3, 3, 1, 0, 1, 2, 5)), // pixels that no window covers
      new Sizes(1, 2, 5, 7, square(4, 4, 1, 0)), // one window
      new Sizes(1, 2, 7, 5, square(1, 4, 1, 3)), // one pixel, as at the head of a generator
      new Sizes(3, 2, 4, 3, square(3, 1, 2, 0)), // a projection
      new Sizes(1, 1, 1, 2, window(1, 33, 1, 3, 1, 2, 0, 1, 1, 17)),
      new Sizes(1, 1, 2, 1, window(33, 1, 7, 1, 3, 1, 3, 0, 11, 1)),
      new Sizes(1, 1, 16, 17, square(32, 3, 1, 1)),
      new Sizes(2, 5, 3, 13, square(16, 3, 1, 1)),
      new Sizes(1, 3, 65, 66, square(4, 3, 1, 1)),
      new Sizes(1, 2, 6, 4, square(13, 3, 3, 2)),
      new Sizes(1, 33, 2, 3, square(6, 3, 1, 1)),
      new Sizes(0, 2, 3, 4, square(4, 3, 1, 1)),
      new Sizes(2, 0, 3, 4, square(4, 3, 1, 1)),
      new Sizes(1, 2, 0, 4, square(4, 3, 1, 1)),
      new Sizes(1, 2, 3, 0, square(4, 3, 1, 1)),
    };
    for (Sizes s : all) {
      for (boolean withBias : new boolean[] {false, true}) {
        forward(s, withBias, "", in -> in.normal(s.x()));
        inputGrad(s, withBias);
      }
      weightGrad(s);
    }
    // A NaN or an infinity reaches what it meets and nothing else.
    Sizes s = new Sizes(2, 3, 5, 7, square(9, 3, 2, 0));
    double[] few = {0, 1, 2, 3, 4, 5, -1, -2, -3, -4, -5, NAN, INF, -INF};
    forward(s, true, " strewn", in -> in.strewn(s.x(), few));
    inputGrad(s, true, " strewn", in -> in.strewn(s.y(), few));
    weightGrad(s, " strewn", in -> in.strewn(s.y(), few));
  }

  /** Sizes that reach each way of the CPU; the interpreter of GPU kernels would take minutes. */
  private void waysOfCpus() {
    Sizes[] all = {
      // Wide rows, on the CPU: vectors over the pixels of a row.
      new Sizes(2, 2, 33, 14, square(32, 3, 1, 1)),
      new Sizes(1, 1, 180, 13, window(5, 64, 2, 3, 1, 1, 1, 2, 5, 64)),
      new Sizes(1, 3, 32, 5, window(4, 34, 3, 3, 1, 1, 0, 0, 2, 32)),
      new Sizes(1, 17, 32, 14, square(18, 3, 2, 1)),
      new Sizes(1, 5, 3, 14, square(32, 4, 2, 1)),
      // Strides by lines: whole vectors of a row, several blocks of channels, parts of an image.
      new Sizes(2, 3, 11, 14, square(32, 1, 2, 0)),
      new Sizes(1, 2, 21, 13, square(32, 3, 2, 1)),
      new Sizes(1, 1, 70, 13, square(32, 4, 2, 1)),
      new Sizes(1, 3, 5, 14, window(17, 32, 3, 3, 2, 2, 1, 1, 9, 16)),
      new Sizes(1, 2, 3, 5, window(9, 64, 5, 7, 2, 2, 2, 3, 5, 32)),
      new Sizes(1, 3, 6, 4, window(20, 48, 4, 4, 3, 3, 1, 1, 7, 16)),
      new Sizes(1, 2, 3, 5, window(8, 33, 3, 3, 1, 2, 0, 1, 6, 17)),
      new Sizes(1, 2, 3, 5, window(9, 16, 3, 3, 2, 1, 1, 1, 5, 16)),
      // Enough images and channels for vectors over images on the CPU.
      new Sizes(2, 17, 33, 14, square(5, 3, 1, 1)),
      new Sizes(1, 33, 32, 33, square(6, 4, 2, 1)),
      new Sizes(1, 16, 34, 32, window(7, 9, 5, 5, 2, 2, 1, 2, 4, 5)),
      new Sizes(1, 18, 32, 35, window(6, 5, 2, 3, 3, 1, 0, 1, 2, 5)),
      new Sizes(1, 48, 35, 32, square(9, 3, 3, 2)),
      new Sizes(3, 16, 32, 32, square(3, 1, 2, 0)),
      new Sizes(1, 40, 32, 3, window(1, 19, 1, 3, 1, 2, 0, 1, 1, 10)),
      new Sizes(1, 65, 180, 32, square(4, 3, 1, 1)), // more than a block of the reduced dimension
      new Sizes(1, 16, 40, 32, square(1, 4, 1, 3)),
      new Sizes(1, 16, 32, 34, square(4, 4, 1, 0)),
    };
    for (Sizes s : all) {
      forward(s, true, "", in -> in.normal(s.x()));
      inputGrad(s, false);
      weightGrad(s);
    }
    Sizes[] large = {
      new Sizes(1, 5, 17, 3, square(32, 3, 1, 1)), // a batch in chunks, images in parts
      new Sizes(1, 15, 1, 14, square(24, 3, 1, 1)), // the same, few channels
      new Sizes(1, 2, 2, 9, window(40, 50, 3, 3, 1, 1, 1, 1, 40, 50)), // images in parts
      new Sizes(1, 1, 1, 3, window(3, 1100, 3, 3, 1, 1, 1, 1, 3, 1100)), // a row too long for them
      new Sizes(1, 3, 15, 9, square(12, 5, 3, 2)),
      new Sizes(2, 21, 19, 14, square(8, 1, 2, 0)), // a projection of several images at a time
      new Sizes(2, 11, 33, 14, square(8, 3, 1, 1)), // several images at a time, and a rest
      new Sizes(1, 9, 34, 15, square(16, 4, 2, 1)), // the same, with a stride
      new Sizes(1, 2, 130, 2, square(16, 3, 1, 1)), // several groups of channels
    };
    for (Sizes s : large) {
      weightGrad(s);
    }
  }

  /** Sizes that reach each kernel of the GPU, with its last tile cut off on all sides. */
  private void tilesOfGpus() {
    // A thread an element, in rows of more than four taps.
    Sizes few = new Sizes(2, 2, 1, 1, window(3, 9, 2, 7, 1, 1, 1, 3, 3, 9));
    forward(few, true, "", in -> in.normal(few.x()));
    inputGrad(few, true);
    Sizes row = new Sizes(2, 2, 1, 1, window(3, 13, 1, 11, 1, 2, 0, 4, 3, 6));
    forward(row, false, "", in -> in.normal(row.x()));
    inputGrad(row, false);
    // The same for the gradient of weights, in rows of 3 and of 7 windows, whose padding two of
    // them meet.
    weightGrad(new Sizes(2, 1, 2, 3, window(3, 3, 3, 4, 1, 1, 1, 2, 3, 3)));
    weightGrad(new Sizes(2, 1, 2, 3, window(3, 8, 2, 3, 1, 1, 1, 2, 2, 7)));
    // Up to 4 channels of the result and more terms than eight warps take at once.
    Sizes head = new Sizes(2, 3, 35, 3, square(3, 3, 1, 1));
    forward(head, true, "", in -> in.normal(head.x()));
    inputGrad(new Sizes(2, 2, 2, 33, square(7, 3, 2, 1)), true);
    inputGrad(new Sizes(2, 3, 6, 20, square(4, 4, 1, 0)), true);
    // Phases that no tap meets.
    inputGrad(new Sizes(1, 2, 3, 17, square(5, 1, 2, 0)), true);
    inputGrad(new Sizes(1, 2, 5, 17, square(5, 1, 2, 0)), true);
    // 64 x 64
    Sizes wide = new Sizes(3, 21, 50, 51, window(12, 12, 1, 2, 1, 1, 0, 0, 12, 11));
    forward(wide, true, "", in -> in.normal(wide.x()));
    inputGrad(wide, false);
    // Phases of one row or one column, and of two.
    inputGrad(new Sizes(3, 120, 35, 7, window(3, 5, 4, 5, 2, 3, 1, 2, 2, 2)), true);
    // More slabs than stages, a last tile of few rows, and no rows of fours.
    Sizes deep = new Sizes(64, 4, 15, 66, square(3, 3, 1, 1));
    forward(deep, true, "", in -> in.normal(deep.x()));
    Sizes fours =
        new Sizes(64, 4, 2, 66, window(4, 3, 3, 3, 1, 1, 1, 1, 4, 3)); // and rows of fours
    forward(fours, true, "", in -> in.normal(fours.x()));
    Sizes column = new Sizes(64, 4, 17, 66, window(12, 1, 1, 1, 1, 1, 0, 0, 12, 1)); // the same
    forward(column, false, "", in -> in.normal(column.x()));
    weightGrad(new Sizes(65, 3, 33, 34, window(3, 3, 1, 2, 1, 1, 0, 0, 3, 2)));
    // 128 x 128
    Sizes large =
        new Sizes(1, 9, 2, 129, window(31, 32, 3, 3, 1, 1, 1, 1, 31, 32)); // rows of fours
    forward(large, true, "", in -> in.normal(large.x()));
    Sizes thin = new Sizes(1, 9, 17, 129, window(992, 1, 1, 1, 1, 1, 0, 0, 992, 1)); // the same
    forward(thin, false, "", in -> in.normal(thin.x()));
    inputGrad(new Sizes(2, 897, 130, 5, square(3, 3, 2, 1)), true); // phases of 4, 2 and 1 pixels
    // A slab more than there are stages, so that results pass through memory last read.
    weightGrad(new Sizes(1, 8, 1026, 130, square(3, 3, 1, 1)));
    // Many terms, in parts.
    weightGrad(new Sizes(2, 2, 3, 5, square(24, 2, 1, 0)));
    weightGrad(new Sizes(1, 7, 4, 9, square(25, 3, 2, 1)));
  }

  private void forward(Sizes s, boolean withBias, String label, Function<Inputs, Real> input) {
    add(
        Primitive.Conv2d.class,
        s + (withBias ? " with bias" : "") + label,
        in -> {
          Real x = input.apply(in);
          Real weight = in.normal(s.weight());
          Real bias = withBias ? in.normal(s.members() * s.out()) : null;
          Terms terms =
              sums(
                  s.y(),
                  to -> {
                    spread(bias, to, s, s.out());
                    walk(s, (i, k, o) -> to[o] += abs(x.at(i) * weight.at(k)));
                  });
          return sample(
              new Primitive.Conv2d(
                  s.members(),
                  s.batch(),
                  s.in(),
                  s.out(),
                  s.window(),
                  x.buffer(),
                  weight.buffer(),
                  bias == null ? null : bias.buffer(),
                  in.out(s.y())),
              new Bound(s.in() * s.window().taps(), terms));
        });
  }

  private void inputGrad(Sizes s, boolean withBias) {
    inputGrad(s, withBias, "", in -> in.normal(s.y()));
  }

  private void inputGrad(Sizes s, boolean withBias, String label, Function<Inputs, Real> slopes) {
    add(
        Primitive.Conv2dInputGrad.class,
        s + (withBias ? " with bias" : "") + label,
        in -> {
          Real weight = in.normal(s.weight());
          Real dy = slopes.apply(in);
          Real bias = withBias ? in.normal(s.members() * s.in()) : null;
          Terms terms =
              sums(
                  s.x(),
                  to -> {
                    spread(bias, to, s, s.in());
                    walk(s, (i, k, o) -> to[i] += abs(dy.at(o) * weight.at(k)));
                  });
          return sample(
              new Primitive.Conv2dInputGrad(
                  s.members(),
                  s.batch(),
                  s.in(),
                  s.out(),
                  s.window(),
                  weight.buffer(),
                  dy.buffer(),
                  bias == null ? null : bias.buffer(),
                  in.out(s.x())),
              new Bound(s.out() * s.window().taps(), terms));
        });
  }

  private void weightGrad(Sizes s) {
    weightGrad(s, "", in -> in.normal(s.y()));
  }

  private void weightGrad(Sizes s, String label, Function<Inputs, Real> slopes) {
    add(
        Primitive.Conv2dWeightGrad.class,
        s + label,
        in -> {
          Real x = in.normal(s.x());
          Real dy = slopes.apply(in);
          Terms terms =
              sums(s.weight(), to -> walk(s, (i, k, o) -> to[k] += abs(x.at(i) * dy.at(o))));
          return sample(
              new Primitive.Conv2dWeightGrad(
                  s.members(),
                  s.batch(),
                  s.in(),
                  s.out(),
                  s.window(),
                  x.buffer(),
                  dy.buffer(),
                  in.out(s.weight())),
              new Bound(s.batch() * s.window().windows(), terms));
        });
  }

  /**
   * What {@code adder} adds up into an array, when it is first asked for: most devices never are.
   */
  private static Terms sums(int size, Consumer<double[]> adder) {
    double[][] sums = new double[1][];
    return (i, y) -> {
      synchronized (sums) {
        if (sums[0] == null) {
          double[] made = new double[size];
          adder.accept(made);
          sums[0] = made;
        }
        return sums[0][i];
      }
    };
  }

  /** The bias [members, channels] in each of its places in [members, batch, channels, ..]. */
  private static void spread(Real bias, double[] terms, Sizes s, int channels) {
    if (bias == null || terms.length == 0) {
      return;
    }
    int size = terms.length / (s.members() * s.batch() * channels);
    for (int i = 0; i < terms.length; i++) {
      int member = i / (s.batch() * channels * size);
      terms[i] = abs(bias.at(member * channels + i / size % channels));
    }
  }

  private interface Meeting {
    void at(int x, int weight, int y);
  }

  /** All triples of elements that meet. */
  private static void walk(Sizes s, Meeting meeting) {
    Window w = s.window();
    for (int y = 0; y < s.y(); y++) {
      int plane = y / w.windows(); // [members, batch, out]
      int image = plane / s.out();
      int filter = image / s.batch() * s.out() + plane % s.out();
      for (int c = 0; c < s.in(); c++) {
        for (int k = 0; k < w.taps(); k++) {
          int pixel = pixel(w, y % w.windows(), k);
          if (pixel >= 0) {
            int from = (image * s.in() + c) * w.pixels() + pixel;
            meeting.at(from, (filter * s.in() + c) * w.taps() + k, y);
          }
        }
      }
    }
  }

  private static int pixel(Window w, int window, int tap) {
    int row = window / w.outWidth() * w.strideHeight() + tap / w.kernelWidth() - w.padTop();
    int column = window % w.outWidth() * w.strideWidth() + tap % w.kernelWidth() - w.padLeft();
    boolean inside = row >= 0 && row < w.height() && column >= 0 && column < w.width();
    return inside ? row * w.width() + column : -1;
  }

  private void pooling() {
    Window[] windows = {
      square(1, 1, 1, 0),
      square(6, 2, 2, 0),
      window(3, 5, 1, 1, 1, 1, 0, 0, 3, 5), // each pixel a window
      square(7, 3, 2, 1),
      square(5, 3, 1, 1),
      window(7, 9, 3, 2, 2, 3, 1, 0, 4, 3),
      window(5, 4, 2, 2, 3, 3, 0, 0, 2, 2), // pixels that no window covers
      square(4, 4, 1, 0),
      square(33, 2, 2, 0),
      square(16, 5, 4, 2),
      square(9, 5, 1, 2), // pixels that up to 25 windows cover
      square(17, 17, 1, 0), // one window of many pixels
      window(6, 6, 2, 2, 2, 2, 0, 0, 2, 3), // rows that no window covers
    };
    for (Window w : windows) {
      for (int planes : new int[] {0, 1, 3, 33}) {
        maxPool(planes, w, false);
        sumPool(planes, w, 1);
        sumPool(planes, w, 1.0 / w.taps());
      }
      maxPool(7, w, true);
    }
  }

  private void maxPool(int planes, Window w, boolean strewn) {
    add(
        Primitive.MaxPool.class,
        planes + " planes " + w + (strewn ? " strewn" : ""),
        in -> {
          int n = planes * w.pixels();
          Real x = strewn ? in.strewn(n, NAN, INF, -INF, 0, -0.0, 1, 1) : in.normal(n);
          int windows = planes * w.windows();
          return sample(
              new Primitive.MaxPool(planes, w, x.buffer(), in.out(windows), in.outInt32(windows)),
              null,
              null);
        });
  }

  private void sumPool(int planes, Window w, double scale) {
    String label = planes + " planes " + w + " times " + scale;
    add(
        Primitive.SumPool.class,
        label,
        in -> {
          Real x = in.normal(planes * w.pixels());
          double[] terms = new double[planes * w.windows()];
          walk(planes, w, (pixel, window) -> terms[window] += scale * abs(x.at(pixel)));
          return sample(
              new Primitive.SumPool(planes, w, scale, x.buffer(), in.out(terms.length)),
              new Bound(w.taps(), (i, y) -> terms[i]));
        });
    add(
        Primitive.SumPoolGrad.class,
        label,
        in -> {
          Real dy = in.normal(planes * w.windows());
          double[] terms = new double[planes * w.pixels()];
          walk(planes, w, (pixel, window) -> terms[pixel] += scale * abs(dy.at(window)));
          return sample(
              new Primitive.SumPoolGrad(planes, w, scale, dy.buffer(), in.out(terms.length)),
              new Bound(w.taps(), (i, y) -> terms[i]));
        });
  }

  private interface Cover {
    void at(int pixel, int window);
  }

  private static void walk(int planes, Window w, Cover cover) {
    for (int i = 0; i < planes * w.windows(); i++) {
      for (int k = 0; k < w.taps(); k++) {
        int pixel = pixel(w, i % w.windows(), k);
        if (pixel >= 0) {
          cover.at(i / w.windows() * w.pixels() + pixel, i);
        }
      }
    }
  }
}
