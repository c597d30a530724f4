package dev.troupe.experiments.report;

import java.awt.Color;

/** Colours of figures: chosen on white, told apart by colour-blind readers. */
final class Palette {
  static final Color INK = new Color(0x1F2328);
  static final Color MUTED = new Color(0x656D76);
  static final Color GRID = new Color(0xE4E7EB);
  static final Color PAPER = Color.WHITE;

  /** Okabe and Ito (2008), without its yellow, which white swallows, and two of Tol's (2021). */
  private static final int[] MEMBERS = {
    0x0072B2, 0xE69F00, 0x009E73, 0xD55E00, 0xB0609A, 0x56B4E9, 0x4D4D4D, 0x8C6D1F, 0x882255,
    0x332288
  };

  /**
   * Anchors of the colour map in OKLab (lightness, a, b): lightness rises evenly from night blue
   * over teal and green to pale yellow, so that order survives grey print and colour blindness.
   */
  private static final double[][] ANCHORS = {
    {0.22, 0.03, -0.10},
    {0.37, 0.00, -0.13},
    {0.52, -0.07, -0.06},
    {0.67, -0.12, 0.03},
    {0.82, -0.10, 0.13},
    {0.97, -0.02, 0.12},
  };

  private static final int[] MAP = new int[1024];

  static {
    for (int i = 0; i < MAP.length; i++) {
      MAP[i] = interpolated(i / (MAP.length - 1.0));
    }
  }

  private Palette() {}

  /** Colour of ensemble member i; repeats after ten. */
  static Color member(int i) {
    return new Color(MEMBERS[i % MEMBERS.length]);
  }

  static Color withAlpha(Color c, int alpha) {
    return new Color(c.getRed(), c.getGreen(), c.getBlue(), alpha);
  }

  /** Colour map at t, clipped to 0 … 1. */
  static int map(double t) {
    return MAP[(int) Math.round(Math.clamp(t, 0, 1) * (MAP.length - 1))];
  }

  /** From nearly white (0) to the first member's blue (1). */
  static Color share(double t) {
    double f = Double.isNaN(t) ? 0 : Math.clamp(t, 0, 1);
    return new Color(oklab(0.97 - 0.46 * f, -0.03 * f, -0.005 - 0.12 * f));
  }

  /** From light blue (0) over white to light red (1), as a ground that points are drawn on. */
  static int ground(double t) {
    double a = 2 * Math.clamp(t, 0, 1) - 1;
    return oklab(
        0.985 - 0.13 * Math.abs(a),
        0.045 * Math.max(a, 0) - 0.02 * Math.max(-a, 0),
        0.02 * Math.max(a, 0) - 0.05 * Math.max(-a, 0));
  }

  private static int interpolated(double t) {
    double at = t * (ANCHORS.length - 1);
    int i = (int) Math.min(at, ANCHORS.length - 2);
    double f = at - i;
    double[] lo = ANCHORS[i];
    double[] hi = ANCHORS[i + 1];
    return oklab(
        lo[0] + f * (hi[0] - lo[0]), lo[1] + f * (hi[1] - lo[1]), lo[2] + f * (hi[2] - lo[2]));
  }

  /** OKLab (Ottosson, 2020) to sRGB, clipped. */
  private static int oklab(double lightness, double a, double b) {
    double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
    double m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
    double s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
    int red = channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
    int green = channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
    int blue = channel(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s);
    return red << 16 | green << 8 | blue;
  }

  private static double cube(double v) {
    return v * v * v;
  }

  private static int channel(double linear) {
    double v = Math.clamp(linear, 0, 1);
    double encoded = v <= 0.0031308 ? 12.92 * v : 1.055 * StrictMath.pow(v, 1 / 2.4) - 0.055;
    return (int) Math.round(255 * encoded);
  }
}
