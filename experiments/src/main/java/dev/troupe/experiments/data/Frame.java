package dev.troupe.experiments.data;

/** The shape of one image, [C, H, W]: C planes of H rows of W pixels, row-major. */
public record Frame(int channels, int height, int width) {
  /** Refuses what is not positive, and images beyond 2²⁸ values. */
  public Frame {
    if (channels < 1 || height < 1 || width < 1 || (double) channels * height * width > 1 << 28) {
      throw new IllegalArgumentException(
          "frame: [" + channels + ", " + height + ", " + width + "] is no shape of an image");
    }
  }

  /** Values of one image, C·H·W. */
  public int size() {
    return channels * height * width;
  }

  /** Pixels of one plane, H·W. */
  public int plane() {
    return height * width;
  }

  /** As {@code [3, 32, 32]}. */
  @Override
  public String toString() {
    return "[" + channels + ", " + height + ", " + width + "]";
  }
}
