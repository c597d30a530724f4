package dev.troupe.autograd.ops;

import static dev.troupe.autograd.ops.Sample.Input.distinct;
import static dev.troupe.autograd.ops.Sample.Input.normal;
import static dev.troupe.autograd.ops.Sample.Input.positive;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Entry.Failure;
import dev.troupe.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The part of the {@link Catalogue} for images [E, N, C, H, W], and what normalises them. */
final class ImageCatalogue {
  private ImageCatalogue() {}

  static void addTo(List<Entry> all) {
    convolutions(all);
    pooling(all);
    normalisation(all);
  }

  private static void convolutions(List<Entry> all) {
    List<Sample> forward = new ArrayList<>();
    List<Sample> transposed = new ArrayList<>();
    // members, batch, in, out, height, width, kernel height and width
    int[][] sizes = {
      {1, 1, 1, 1, 1, 1, 1, 1},
      {2, 2, 1, 2, 3, 4, 2, 3},
      {1, 1, 2, 2, 5, 5, 4, 4},
      {1, 2, 3, 33, 8, 8, 4, 4},
      {2, 3, 5, 4, 9, 7, 3, 3},
      {1, 2, 17, 15, 4, 4, 3, 3},
      {1, 1, 3, 2, 33, 31, 5, 5},
    };
    Slide[] slides = {Slide.by(1), Slide.by(2), Slide.by(1).same(), Slide.by(2).same()};
    for (int[] s : sizes) {
      for (Slide slide : slides) {
        for (boolean bias : new boolean[] {false, true}) {
          forward.add(forward(s, slide, bias));
          transposed.add(transposed(s, slide, bias));
        }
      }
    }
    int[] even = {1, 2, 2, 3, 6, 4, 4, 4};
    forward.add(forward(even, Slide.by(2).padded(1), true));
    transposed.add(transposed(even, Slide.by(2).padded(1), true));
    forward.add(forward(even, Slide.by(1, 3).padded(0, 1, 2, 3), false));
    transposed.add(transposed(even, Slide.by(3, 1).padded(2, 0, 1, 1), false));
    Sample larger =
        Sample.of(
                "to a larger size",
                x -> Ops.convTranspose2d(x[0], x[1], null, Slide.by(2).padded(1), 6, 8),
                normal(1, 2, 2, 3, 4),
                normal(1, 2, 3, 3, 3))
            .within(
                8,
                x ->
                    Ops.convTranspose2d(
                        Ops.abs(x[0]), Ops.abs(x[1]), null, Slide.by(2).padded(1), 6, 8));
    transposed.add(larger);
    Function<Variable[], Variable> call = x -> Ops.conv2d(x[0], x[1], null, Slide.by(1));
    all.add(
        Entry.of(
            "conv2d",
            forward,
            Failure.of(
                "conv2d: expected images [E, N, C, H, W], got [2, 3, 4]",
                call,
                normal(2, 3, 4),
                normal(2, 3, 3, 2, 2)),
            Failure.of(
                "conv2d: weight is [1, 4, 2, 3, 3], expected [1, out, 3, h, w] for images [1, 2, 3,"
                    + " 5, 5]",
                call,
                normal(1, 2, 3, 5, 5),
                normal(1, 4, 2, 3, 3)),
            Failure.of(
                "conv2d: bias is [1, 3], expected [1, 4]",
                x -> Ops.conv2d(x[0], x[1], x[2], Slide.by(1)),
                normal(1, 2, 3, 5, 5),
                normal(1, 4, 3, 3, 3),
                normal(1, 3)),
            Failure.of(
                "conv2d: a window of 3x3 does not fit into an image of 2x5 with padding 0, 0 x 0,"
                    + " 0",
                call,
                normal(1, 2, 3, 2, 5),
                normal(1, 4, 3, 3, 3)),
            Failure.of(
                "conv2d: padding 3, 3 x 3, 3, expected 0 or more and less than the kernel's 3x3",
                x -> Ops.conv2d(x[0], x[1], null, Slide.by(1).padded(3)),
                normal(1, 2, 3, 5, 5),
                normal(1, 4, 3, 3, 3)),
            Failure.of(
                "conv2d: stride is 0x1, expected at least 1",
                x -> Ops.conv2d(x[0], x[1], null, Slide.by(0, 1)),
                normal(1, 2, 3, 5, 5),
                normal(1, 4, 3, 3, 3))));
    all.add(
        Entry.of(
            "convTranspose2d",
            transposed,
            Failure.of(
                "convTranspose2d: weight is [1, 4, 3, 3, 3], expected [1, 3, out, h, w] for images"
                    + " [1, 2, 3, 5, 5]",
                x -> Ops.convTranspose2d(x[0], x[1], null, Slide.by(2)),
                normal(1, 2, 3, 5, 5),
                normal(1, 4, 3, 3, 3)),
            Failure.of(
                "convTranspose2d: 1x1 windows of 2x2 with padding 1, 1 x 1, 1 leave no image",
                x -> Ops.convTranspose2d(x[0], x[1], null, Slide.by(1).padded(1)),
                normal(1, 2, 3, 1, 1),
                normal(1, 3, 3, 2, 2)),
            Failure.of(
                "convTranspose2d: a result of 12x9 comes from 6x5, got [1, 2, 3, 5, 5]",
                x -> Ops.convTranspose2d(x[0], x[1], null, Slide.by(2).padded(1), 12, 9),
                normal(1, 2, 3, 5, 5),
                normal(1, 3, 4, 3, 3))));
  }

  private static Sample forward(int[] s, Slide slide, boolean bias) {
    Function<Variable[], Variable> call = x -> Ops.conv2d(x[0], x[1], bias ? x[2] : null, slide);
    return sample(
        s,
        slide,
        bias,
        call,
        normal(s[0], s[3], s[2], s[6], s[7]),
        normal(s[0], s[3]),
        s[2] * s[6] * s[7]);
  }

  private static Sample transposed(int[] s, Slide slide, boolean bias) {
    Function<Variable[], Variable> call =
        x -> Ops.convTranspose2d(x[0], x[1], bias ? x[2] : null, slide);
    return sample(
        s,
        slide,
        bias,
        call,
        normal(s[0], s[2], s[3], s[6], s[7]),
        normal(s[0], s[3]),
        s[2] * s[6] * s[7]);
  }

  private static Sample sample(
      int[] s,
      Slide slide,
      boolean bias,
      Function<Variable[], Variable> call,
      Sample.Input weight,
      Sample.Input shift,
      int length) {
    Sample.Input x = normal(s[0], s[1], s[2], grown(s[4], s[6]), grown(s[5], s[7]));
    String label = x.shape() + " with " + weight.shape() + " " + slide;
    Sample sample =
        bias ? Sample.of(label, call, x, weight, shift) : Sample.of(label, call, x, weight);
    return sample.within(
        length,
        v -> {
          Variable[] magnitudes = new Variable[v.length];
          for (int i = 0; i < v.length; i++) {
            magnitudes[i] = Ops.abs(v[i]);
          }
          return call.apply(magnitudes);
        });
  }

  /** A size into which the kernel fits. */
  private static int grown(int size, int kernel) {
    return Math.max(size, kernel);
  }

  private static void pooling(List<Entry> all) {
    Slide[] slides = {Slide.by(2), Slide.by(1).same(), Slide.by(2).padded(1), Slide.by(3, 1)};
    List<Sample> max = new ArrayList<>();
    List<Sample> sum = new ArrayList<>();
    List<Sample> average = new ArrayList<>();
    for (Slide slide : slides) {
      for (int[] s : new int[][] {{1, 1, 2, 5, 4}, {2, 2, 1, 3, 5}, {2, 3, 5, 33, 31}}) {
        String label = Shape.of(s) + " " + slide;
        max.add(Sample.of(label, x -> Ops.maxPool2d(x[0], 3, 2, slide), distinct(s)));
        sum.add(
            Sample.of(label, x -> Ops.sumPool2d(x[0], 3, 2, slide), normal(s))
                .within(6, x -> Ops.sumPool2d(Ops.abs(x[0]), 3, 2, slide)));
        average.add(
            Sample.of(label, x -> Ops.avgPool2d(x[0], 3, 2, slide), normal(s))
                .within(6, x -> Ops.avgPool2d(Ops.abs(x[0]), 3, 2, slide)));
      }
    }
    all.add(
        Entry.of(
            "maxPool2d",
            max,
            Failure.of(
                "maxPool2d: expected images [E, N, C, H, W], got [2, 3]",
                x -> Ops.maxPool2d(x[0], 2, 2, Slide.by(2)),
                normal(2, 3)),
            Failure.of(
                "maxPool2d: the window is 0x2, expected at least 1x1",
                x -> Ops.maxPool2d(x[0], 0, 2, Slide.by(2)),
                normal(1, 1, 1, 4, 4))));
    all.add(
        Entry.of(
            "sumPool2d",
            sum,
            Failure.of(
                "sumPool2d: a window of 3x3 does not fit into an image of 2x2 with padding 0, 0 x"
                    + " 0, 0",
                x -> Ops.sumPool2d(x[0], 3, 3, Slide.by(2)),
                normal(1, 1, 1, 2, 2))));
    all.add(
        Entry.of(
            "avgPool2d",
            average,
            Failure.of(
                "avgPool2d: expected images [E, N, C, H, W], got [3]",
                x -> Ops.avgPool2d(x[0], 3, 3, Slide.by(2)),
                normal(3))));
    all.add(
        Entry.of(
            "globalAvgPool2d",
            List.of(
                Sample.of("small", x -> Ops.globalAvgPool2d(x[0]), normal(2, 2, 3, 2, 3))
                    .within(6, x -> Ops.globalAvgPool2d(Ops.abs(x[0]))),
                Sample.of("large", x -> Ops.globalAvgPool2d(x[0]), normal(1, 3, 31, 33, 7))
                    .within(231, x -> Ops.globalAvgPool2d(Ops.abs(x[0])))),
            Failure.of(
                "globalAvgPool2d: expected images [E, N, C, H, W], got [2, 3]",
                x -> Ops.globalAvgPool2d(x[0]),
                normal(2, 3))));
    all.add(
        Entry.of(
            "resizeNearest",
            List.of(
                Sample.of("twice", x -> Ops.resizeNearest(x[0], 6, 4), normal(2, 1, 2, 3, 2)),
                Sample.of("stretched", x -> Ops.resizeNearest(x[0], 3, 93), normal(2, 3, 5, 3, 31)),
                Sample.of("a third", x -> Ops.resizeNearest(x[0], 2, 4), normal(1, 2, 2, 6, 4)),
                Sample.of("as it is", x -> Ops.resizeNearest(x[0], 3, 3), normal(1, 2, 2, 3, 3))),
            Failure.of(
                "resizeNearest: [1, 2, 3, 4, 4] to 6x8, expected whole multiples or parts of the"
                    + " image's sides",
                x -> Ops.resizeNearest(x[0], 6, 8),
                normal(1, 2, 3, 4, 4))));
  }

  private static void normalisation(List<Entry> all) {
    Function<Variable[], Variable> layerNorm = x -> Ops.layerNorm(x[0], x[1], x[2], 1e-4);
    List<Sample> samples = new ArrayList<>();
    for (int[] s : new int[][] {{2, 2, 5}, {1, 2, 3, 2, 3}, {2, 3, 127}, {1, 5, 7, 5, 3}}) {
      int n = Shape.of(s).product(2, s.length);
      samples.add(
          Sample.of(
                  "over " + Shape.of(s),
                  layerNorm,
                  normal(s),
                  normal(s[0], s[2]),
                  normal(s[0], s[2]))
              .within(n, ImageCatalogue::layerNormTerms));
    }
    all.add(
        Entry.of(
            "layerNorm",
            samples,
            Failure.of(
                "layerNorm: gamma is [2, 3] and beta [2, 2], expected [2, 2] for [2, 5, 2]",
                layerNorm,
                normal(2, 5, 2),
                normal(2, 3),
                normal(2, 2)),
            Failure.of(
                "layerNorm: expected [E, N, C, …], got [5, 2]",
                layerNorm,
                normal(5, 2),
                normal(2),
                normal(2))));
    Function<Variable[], Variable> spectral = x -> Ops.spectralNorm(x[0], x[1], x[2]);
    all.add(
        Entry.of(
            "spectralNorm",
            List.of(
                spectral(positive(2, 3, 4), positive(2, 3), positive(2, 4)),
                spectral(positive(1, 5, 2, 3, 3), positive(1, 5), positive(1, 18)),
                spectral(positive(2, 33, 127), positive(2, 33), positive(2, 127))),
            Failure.of(
                "spectralNorm: u is [2, 4] and v [2, 4], expected [2, 3] and [2, 4] for [2, 3, 4]",
                spectral,
                normal(2, 3, 4),
                normal(2, 4),
                normal(2, 4)),
            Failure.of(
                "spectralNorm: expected a weight [E, A, …], got [5]",
                spectral,
                normal(5),
                normal(5),
                normal(5))));
  }

  private static Sample spectral(Sample.Input... inputs) {
    int length = inputs[1].shape().dim(1) + inputs[2].shape().dim(1);
    return Sample.of("weight " + inputs[0].shape(), x -> Ops.spectralNorm(x[0], x[1], x[2]), inputs)
        .within(length, x -> Ops.spectralNorm(x[0], x[1], x[2]));
  }

  /** Σ|terms| of layer normalisation. */
  private static Variable layerNormTerms(Variable[] x) {
    int[] axes = java.util.stream.IntStream.range(2, x[0].shape().rank()).toArray();
    return LayerCatalogue.normalisedTerms(x, axes);
  }
}
