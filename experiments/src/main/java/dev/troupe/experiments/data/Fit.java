package dev.troupe.experiments.data;

import java.util.Locale;

/** How an image of any size becomes a square one. */
public enum Fit {
  /** It must have the size already; another one is refused. */
  EXACT,
  /** Its shorter side is scaled to the size, and the middle is cut out. */
  CROP,
  /** Both sides are scaled to the size, whatever that does to the shapes in it. */
  STRETCH;

  /** {@code exact}, {@code crop} or {@code stretch}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Bytes [C, size, size].
   *
   * @param pixels [C, H, W]
   * @throws IllegalArgumentException if the size is wrong and must not be changed; the message says
   *     what it is
   */
  byte[] apply(byte[] pixels, Frame from, int size) {
    if (from.height() == size && from.width() == size) {
      return pixels;
    }
    return switch (this) {
      case EXACT ->
          throw new IllegalArgumentException(
              "is "
                  + from.height()
                  + " x "
                  + from.width()
                  + " pixels, expected "
                  + size
                  + " x "
                  + size
                  + " (or the fit crop or stretch)");
      case STRETCH -> Resampling.resize(pixels, from, size, size);
      case CROP -> {
        double scale = (double) size / Math.min(from.height(), from.width());
        int height = Math.max(size, (int) Math.round(from.height() * scale));
        int width = Math.max(size, (int) Math.round(from.width() * scale));
        byte[] scaled = Resampling.resize(pixels, from, height, width);
        int top = (height - size) / 2;
        int left = (width - size) / 2;
        byte[] result = new byte[from.channels() * size * size];
        for (int row = 0; row < from.channels() * size; row++) {
          int c = row / size;
          int h = row % size;
          System.arraycopy(scaled, (c * height + top + h) * width + left, result, row * size, size);
        }
        yield result;
      }
    };
  }
}
