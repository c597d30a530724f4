package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import java.util.List;

/** The struct {@code Parts} of {@code parts.cuh}: buffers whose rows lie side by side. */
final class Parts {
  /** In one launch. */
  static final int MOST = 8;

  private final int[] begins = new int[MOST + 1];
  private int next;

  /**
   * Puts the struct, of as many buffers as it has room for; those without elements are left out.
   *
   * @param rows that each of them has
   * @param from the number of the first buffer
   * @return how many columns they have together
   */
  int put(Launcher launcher, List<Buffer> xs, int rows, int from) {
    int count = 0;
    int columns = 0;
    for (next = from; next < xs.size() && count < MOST; next++) {
      Buffer x = xs.get(next);
      if (x.size() > 0) {
        launcher.put(x);
        begins[count++] = columns;
        columns += x.size() / rows;
      }
    }
    for (int i = count; i < MOST; i++) {
      launcher.put(0L);
    }
    for (int i = 0; i <= MOST; i++) {
      launcher.put(i < count ? begins[i] : columns);
    }
    launcher.put(0); // a struct with addresses is a multiple of 8 bytes
    return columns;
  }

  /** The number of the first buffer that the latest struct had no room for. */
  int next() {
    return next;
  }
}
