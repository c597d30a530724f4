package dev.troupe.experiments.data;

/**
 * Changes the size of an image by a triangle filter, which spans as many pixels as become one: so
 * shrinking averages, and growing interpolates linearly.
 */
final class Resampling {
  private Resampling() {}

  /**
   * Another size.
   *
   * @param pixels [C, H, W], bytes
   * @return [C, height, width]
   */
  static byte[] resize(byte[] pixels, Frame from, int height, int width) {
    float[] x = new float[from.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = pixels[i] & 0xff;
    }
    int rows = from.channels() * from.height();
    float[] narrow = new float[rows * width]; // [C, H, width]
    filter(x, narrow, rows, from.width(), width, 1);
    float[] y = new float[from.channels() * height * width];
    filter(narrow, y, from.channels(), from.height(), height, width);
    byte[] result = new byte[y.length];
    for (int i = 0; i < y.length; i++) {
      result[i] = (byte) Math.round(y[i]);
    }
    return result;
  }

  /** [outer, n, inner] to [outer, m, inner]. */
  private static void filter(float[] x, float[] y, int outer, int n, int m, int inner) {
    double scale = (double) n / m;
    double radius = Math.max(scale, 1);
    for (int to = 0; to < m; to++) {
      double centre = (to + 0.5) * scale - 0.5;
      int first = (int) Math.max(0, Math.ceil(centre - radius));
      int last = (int) Math.min(n - 1, Math.floor(centre + radius));
      double[] weights = new double[last - first + 1];
      double sum = 0;
      for (int i = first; i <= last; i++) {
        weights[i - first] = Math.max(0, 1 - Math.abs(i - centre) / radius);
        sum += weights[i - first];
      }
      for (int o = 0; o < outer; o++) {
        for (int k = 0; k < inner; k++) {
          double value = 0;
          for (int i = first; i <= last; i++) {
            value += weights[i - first] * x[(o * n + i) * inner + k];
          }
          y[(o * m + to) * inner + k] = (float) (value / sum);
        }
      }
    }
  }
}
