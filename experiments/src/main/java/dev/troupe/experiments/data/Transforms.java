package dev.troupe.experiments.data;

/**
 * Changes of one image of floats in [0, 1], [C, H, W]. Each is a pure function of its arguments: it
 * reads {@code x} and writes all of {@code y}, another array. With the parameters that change
 * nothing, {@code y} has the bits of {@code x}.
 */
public final class Transforms {
  /** Weights of red, green and blue in the luminance of ITU-R BT.601. */
  private static final float[] LUMA = {0.299f, 0.587f, 0.114f};

  /** Sampling places are rounded to this, so that a quarter turn moves pixels and mixes none. */
  private static final double GRID = 0x1p-20;

  private Transforms() {}

  /** Mirrors left and right. */
  public static void flipHorizontal(float[] x, float[] y, Frame f) {
    for (int row = 0; row < f.channels() * f.height(); row++) {
      int at = row * f.width();
      for (int w = 0; w < f.width(); w++) {
        y[at + w] = x[at + f.width() - 1 - w];
      }
    }
  }

  /** Mirrors top and bottom. */
  public static void flipVertical(float[] x, float[] y, Frame f) {
    for (int c = 0; c < f.channels(); c++) {
      for (int h = 0; h < f.height(); h++) {
        int from = c * f.plane() + (f.height() - 1 - h) * f.width();
        System.arraycopy(x, from, y, c * f.plane() + h * f.width(), f.width());
      }
    }
  }

  /**
   * Moves the image, which is what padding and then cropping does.
   *
   * @param down rows that it moves down, or up if negative
   * @param right columns that it moves to the right, or to the left if negative
   */
  public static void shift(float[] x, float[] y, Frame f, int down, int right, Border border) {
    for (int c = 0; c < f.channels(); c++) {
      for (int h = 0; h < f.height(); h++) {
        int fromRow = border.index(h - down, f.height());
        for (int w = 0; w < f.width(); w++) {
          int fromColumn = border.index(w - right, f.width());
          y[c * f.plane() + h * f.width() + w] =
              fromRow < 0 || fromColumn < 0
                  ? 0
                  : x[c * f.plane() + fromRow * f.width() + fromColumn];
        }
      }
    }
  }

  /**
   * An affine map about the centre of the image: what is seen is sheared, scaled, turned and moved,
   * in this order. Between pixels it interpolates bilinearly.
   *
   * @param degrees turn, clockwise
   * @param scale above 1 the image grows
   * @param shear degrees by which upright lines lean to the left
   * @param down pixels that the image moves down
   * @param right pixels that the image moves to the right
   */
  public static void affine(
      float[] x,
      float[] y,
      Frame f,
      double degrees,
      double scale,
      double shear,
      double down,
      double right,
      Border border) {
    double turn = StrictMath.toRadians(degrees);
    double cos = StrictMath.cos(turn) / scale;
    double sin = StrictMath.sin(turn) / scale;
    double lean = StrictMath.tan(StrictMath.toRadians(shear));
    double centreH = (f.height() - 1) / 2.0;
    double centreW = (f.width() - 1) / 2.0;
    for (int h = 0; h < f.height(); h++) {
      for (int w = 0; w < f.width(); w++) {
        // Back from the result: move, turn and scale, then undo the shear.
        double dh = h - centreH - down;
        double dw = w - centreW - right;
        double uh = cos * dh - sin * dw;
        double uw = sin * dh + cos * dw - lean * uh;
        sample(x, y, f, h * f.width() + w, uh + centreH, uw + centreW, border);
      }
    }
  }

  private static void sample(
      float[] x, float[] y, Frame f, int to, double h, double w, Border border) {
    double fromH = Math.rint(h / GRID) * GRID;
    double fromW = Math.rint(w / GRID) * GRID;
    int h0 = (int) Math.floor(fromH);
    int w0 = (int) Math.floor(fromW);
    float partH = (float) (fromH - h0);
    float partW = (float) (fromW - w0);
    for (int c = 0; c < f.channels(); c++) {
      float top = mix(at(x, f, c, h0, w0, border), at(x, f, c, h0, w0 + 1, border), partW);
      float bottom =
          mix(at(x, f, c, h0 + 1, w0, border), at(x, f, c, h0 + 1, w0 + 1, border), partW);
      y[c * f.plane() + to] = mix(top, bottom, partH);
    }
  }

  private static float at(float[] x, Frame f, int c, int h, int w, Border border) {
    int row = border.index(h, f.height());
    int column = border.index(w, f.width());
    return row < 0 || column < 0 ? 0 : x[c * f.plane() + row * f.width() + column];
  }

  /** {@code a} where part is 0, {@code b} where it is 1. */
  private static float mix(float a, float b, float part) {
    return (1 - part) * a + part * b;
  }

  private static float clip(float v) {
    return Math.min(Math.max(v, 0), 1);
  }

  /** Multiplies by a factor; 0 is black. */
  public static void brightness(float[] x, float[] y, float factor) {
    for (int i = 0; i < y.length; i++) {
      y[i] = clip(factor * x[i]);
    }
  }

  /** Draws all values away from the mean luminance of the image; 0 is flat grey. */
  public static void contrast(float[] x, float[] y, Frame f, float factor) {
    double sum = 0;
    for (int p = 0; p < f.plane(); p++) {
      sum += luma(x, f, p);
    }
    float mean = (float) (sum / f.plane());
    for (int i = 0; i < y.length; i++) {
      y[i] = clip(mix(mean, x[i], factor));
    }
  }

  /** Draws the colours of each pixel away from its luminance; 0 is black and white. */
  public static void saturation(float[] x, float[] y, Frame f, float factor) {
    requireColour("saturation", f);
    for (int p = 0; p < f.plane(); p++) {
      float grey = luma(x, f, p);
      for (int i = p; i < f.size(); i += f.plane()) {
        y[i] = clip(mix(grey, x[i], factor));
      }
    }
  }

  private static float luma(float[] x, Frame f, int p) {
    return f.channels() == 3
        ? LUMA[0] * x[p] + LUMA[1] * x[p + f.plane()] + LUMA[2] * x[p + 2 * f.plane()]
        : x[p];
  }

  /**
   * Moves every hue around the circle of HSV, keeping saturation and value.
   *
   * @param turns 1/3 makes red green, 1 changes nothing
   */
  public static void hue(float[] x, float[] y, Frame f, float turns) {
    requireColour("hue", f);
    if (turns == Math.rint(turns)) {
      System.arraycopy(x, 0, y, 0, f.size());
      return;
    }
    int plane = f.plane();
    for (int p = 0; p < plane; p++) {
      float r = x[p];
      float g = x[p + plane];
      float b = x[p + 2 * plane];
      float max = Math.max(r, Math.max(g, b));
      float range = max - Math.min(r, Math.min(g, b));
      float sixths; // hue, 0 to 6 from red over green and blue to red
      if (range == 0) {
        sixths = 0;
      } else if (max == r) {
        sixths = (g - b) / range;
      } else if (max == g) {
        sixths = 2 + (b - r) / range;
      } else {
        sixths = 4 + (r - g) / range;
      }
      sixths += 6 * turns;
      y[p] = channel(sixths + 5, max, range);
      y[p + plane] = channel(sixths + 3, max, range);
      y[p + 2 * plane] = channel(sixths + 1, max, range);
    }
  }

  /** HSV to one channel: the value, less the range times a trapezium of the hue. */
  private static float channel(float sixths, float max, float range) {
    float k = sixths - 6 * (float) Math.floor(sixths / 6);
    return clip(max - range * clip(Math.min(k, 4 - k)));
  }

  private static void requireColour(String what, Frame f) {
    if (f.channels() != 3) {
      throw new IllegalArgumentException(
          what + ": the image has " + f.channels() + " channels, expected 3");
    }
  }
}
