package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.MAX_ROWS;
import static dev.troupe.kernels.cpu.Tiles.STRIP;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

/**
 * Working memory of a kernel, a {@link Product} above all, that a thread keeps from task to task.
 */
final class Scratch {
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  /** A strip of A. */
  final float[] strip = new float[STRIP];

  /** A tile that reaches over the edge of C. */
  final float[] tile = new float[Math.max(MAX_ROWS * WIDTH, Thin.ROWS * Thin.WIDTH)];

  /** A tile of values that a sum starts from. */
  final float[] start = new float[MAX_ROWS * WIDTH];

  final PixelPacking pixels = new PixelPacking();

  final LinePacking lines = new LinePacking();

  /** Number of strips of a task, and the row at which each begins. */
  int count;

  int[] starts = new int[0];

  private float[] panels = new float[0];
  private float[] channel = new float[0];
  private float[] products = new float[0];
  private int[] ints = new int[0];

  private Scratch() {}

  static Scratch ofThisThread() {
    return OF_THREAD.get();
  }

  /** Plans the strips of {@code rows} rows. */
  void plan(int rows) {
    int most = Tiles.maxStrips(rows);
    if (starts.length <= most) {
      starts = new int[most + 1];
    }
    count = Tiles.planStrips(rows, starts);
  }

  /** Room for panels of B, which begin at {@link Tiles#ALIGN}. */
  float[] panels(int floats) {
    int length = Math.max(Tiles.LEAST_ALIGNED, Tiles.ALIGN + floats);
    if (panels.length < length) {
      panels = new float[length];
    }
    return panels;
  }

  /** Room for a few channels of an image, from {@link Tiles#ALIGN} on. */
  float[] channel(int floats) {
    channel = Tiles.grown(channel, floats);
    return channel;
  }

  /** Room for matrix products that are not a result themselves. Other threads may write there. */
  float[] products(int floats) {
    if (products.length < floats) {
      products = new float[floats];
    }
    return products;
  }

  int[] ints(int count) {
    if (ints.length < count) {
      ints = new int[count];
    }
    return ints;
  }
}
