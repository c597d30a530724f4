package dev.troupe.gan.metrics;

/**
 * Points to be compared: what a network makes of images, or their pixels.
 *
 * @param values [N, width], row after row, all finite; not to be changed
 * @param width numbers in a point
 */
public record Features(float[] values, int width) {
  /** Checks the numbers. */
  public Features {
    if (width < 1 || values.length % width != 0) {
      throw new IllegalArgumentException(
          "features: " + values.length + " numbers, expected whole points of " + width);
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "features: value ["
                + i / width
                + ", "
                + i % width
                + "] is "
                + values[i]
                + ", expected a finite number");
      }
    }
  }

  /** N, how many points. */
  public int count() {
    return values.length / width;
  }

  static void sameWidth(String op, String name, Features a, String otherName, Features b) {
    if (a.width != b.width) {
      throw new IllegalArgumentException(
          op
              + ": "
              + name
              + " of "
              + a.width
              + " and "
              + otherName
              + " of "
              + b.width
              + " numbers, expected equally many");
    }
  }
}
