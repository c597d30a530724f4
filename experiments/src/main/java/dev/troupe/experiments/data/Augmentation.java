package dev.troupe.experiments.data;

import dev.troupe.kernels.Distributions;
import dev.troupe.tensor.Rng;

/**
 * A random change of an image. Each kind draws from a stream of its own, so adding or leaving out
 * one does not change the others.
 */
public sealed interface Augmentation {
  /**
   * Writes the changed image.
   *
   * @param x [C, H, W] in [0, 1]
   * @param y another array of the same size
   */
  void apply(float[] x, float[] y, Frame frame, Draw draw);

  /** The number of the stream that it draws from. */
  int stream();

  private static void require(boolean holds, String what, Object found, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(what + " is " + found + ", expected " + expected);
    }
  }

  /** Mirrors left and right with probability 1/2. */
  record FlipHorizontal() implements Augmentation {
    private static final int STREAM = Rng.id("augment.flip.horizontal");

    @Override
    public int stream() {
      return STREAM;
    }

    @Override
    public void apply(float[] x, float[] y, Frame frame, Draw draw) {
      if (Distributions.bernoulli(draw.words(STREAM, 1)[0], 0.5) == 1) {
        Transforms.flipHorizontal(x, y, frame);
      } else {
        System.arraycopy(x, 0, y, 0, frame.size());
      }
    }
  }

  /** Mirrors top and bottom with probability 1/2. */
  record FlipVertical() implements Augmentation {
    private static final int STREAM = Rng.id("augment.flip.vertical");

    @Override
    public int stream() {
      return STREAM;
    }

    @Override
    public void apply(float[] x, float[] y, Frame frame, Draw draw) {
      if (Distributions.bernoulli(draw.words(STREAM, 1)[0], 0.5) == 1) {
        Transforms.flipVertical(x, y, frame);
      } else {
        System.arraycopy(x, 0, y, 0, frame.size());
      }
    }
  }

  /**
   * Pads on all sides and crops to the old size at a random place.
   *
   * @param pixels width of the padding; 4 is usual for 32 x 32
   */
  record PadCrop(int pixels, Border border) implements Augmentation {
    private static final int STREAM = Rng.id("augment.pad-crop");

    /** Checks the width. */
    public PadCrop {
      require(pixels >= 0 && pixels <= 1 << 14, "pad-crop: padding", pixels, "0 to " + (1 << 14));
    }

    @Override
    public int stream() {
      return STREAM;
    }

    @Override
    public void apply(float[] x, float[] y, Frame frame, Draw draw) {
      int[] words = draw.words(STREAM, 2);
      int down = Distributions.below(words[0], 2 * pixels + 1) - pixels;
      int right = Distributions.below(words[1], 2 * pixels + 1) - pixels;
      Transforms.shift(x, y, frame, down, right, border);
    }
  }

  /**
   * Turns, scales, shears and moves.
   *
   * @param degrees largest turn to either side
   * @param minScale smallest factor of the size
   * @param maxScale largest factor of the size
   * @param shear largest shear to either side, in degrees
   * @param shift largest move in either direction, as a share of the height or width
   */
  record Affine(
      double degrees, double minScale, double maxScale, double shear, double shift, Border border)
      implements Augmentation {
    private static final int STREAM = Rng.id("augment.affine");

    /** Checks the ranges. */
    public Affine {
      require(degrees >= 0 && degrees <= 180, "affine: turn", degrees, "0 to 180");
      require(minScale > 0, "affine: smallest scale", minScale, "more than 0");
      require(
          maxScale >= minScale && maxScale <= 100,
          "affine: largest scale",
          maxScale,
          minScale + " to 100");
      require(shear >= 0 && shear <= 80, "affine: shear", shear, "0 to 80");
      require(shift >= 0 && shift <= 1, "affine: shift", shift, "0 to 1");
    }

    @Override
    public int stream() {
      return STREAM;
    }

    @Override
    public void apply(float[] x, float[] y, Frame frame, Draw draw) {
      int[] words = draw.words(STREAM, 5);
      Transforms.affine(
          x,
          y,
          frame,
          Draw.between(words[0], -degrees, degrees),
          Draw.between(words[1], minScale, maxScale),
          Draw.between(words[2], -shear, shear),
          frame.height() * Draw.between(words[3], -shift, shift),
          frame.width() * Draw.between(words[4], -shift, shift),
          border);
    }
  }

  /**
   * Multiplies by a factor.
   *
   * @param range the factor is 1 - range to 1 + range
   */
  record Brightness(double range) implements Augmentation {
    private static final int STREAM = Rng.id("augment.brightness");

    /** Checks the range. */
    public Brightness {
      require(range >= 0 && range <= 1, "brightness: range", range, "0 to 1");
    }

    @Override
    public int stream() {
      return STREAM;
    }

    @Override
    public void apply(float[] x, float[] y, Frame frame, Draw draw) {
      Transforms.brightness(x, y, factor(draw, STREAM, range));
    }
  }

  /**
   * Changes the contrast about the mean luminance.
   *
   * @param range the factor is 1 - range to 1 + range
   */
  record Contrast(double range) implements Augmentation {
    private static final int STREAM = Rng.id("augment.contrast");

    /** Checks the range. */
    public Contrast {
      require(range >= 0 && range <= 1, "contrast: range", range, "0 to 1");
    }

    @Override
    public int stream() {
      return STREAM;
    }

    @Override
    public void apply(float[] x, float[] y, Frame frame, Draw draw) {
      Transforms.contrast(x, y, frame, factor(draw, STREAM, range));
    }
  }

  /**
   * Turns all hues. Of colour images only.
   *
   * @param range the turn is -range to range of the circle, at most 1/2
   */
  record Hue(double range) implements Augmentation {
    private static final int STREAM = Rng.id("augment.hue");

    /** Checks the range. */
    public Hue {
      require(range >= 0 && range <= 0.5, "hue: range", range, "0 to 0.5");
    }

    @Override
    public int stream() {
      return STREAM;
    }

    @Override
    public void apply(float[] x, float[] y, Frame frame, Draw draw) {
      int word = draw.words(STREAM, 1)[0];
      Transforms.hue(x, y, frame, (float) Draw.between(word, -range, range));
    }
  }

  /**
   * Changes the saturation. Of colour images only.
   *
   * @param range the factor is 1 - range to 1 + range
   */
  record Saturation(double range) implements Augmentation {
    private static final int STREAM = Rng.id("augment.saturation");

    /** Checks the range. */
    public Saturation {
      require(range >= 0 && range <= 1, "saturation: range", range, "0 to 1");
    }

    @Override
    public int stream() {
      return STREAM;
    }

    @Override
    public void apply(float[] x, float[] y, Frame frame, Draw draw) {
      Transforms.saturation(x, y, frame, factor(draw, STREAM, range));
    }
  }

  private static float factor(Draw draw, int stream, double range) {
    return (float) Draw.between(draw.words(stream, 1)[0], 1 - range, 1 + range);
  }
}
