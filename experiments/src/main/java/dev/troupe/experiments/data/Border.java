package dev.troupe.experiments.data;

/** What lies beyond the edge of an image. */
public enum Border {
  /** Black. */
  ZERO,
  /** The pixel at the edge, again and again. */
  EDGE,
  /** The image mirrored at its outermost pixels, which are not repeated. */
  REFLECT;

  /** The row or column that stands for {@code i} among {@code n}, or -1 for black. */
  int index(int i, int n) {
    if (i >= 0 && i < n) {
      return i;
    }
    return switch (this) {
      case ZERO -> -1;
      case EDGE -> i < 0 ? 0 : n - 1;
      case REFLECT -> {
        int period = Math.max(2 * (n - 1), 1);
        int at = Math.floorMod(i, period);
        yield at < n ? at : period - at;
      }
    };
  }
}
