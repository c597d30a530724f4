package dev.troupe.gan.metrics;

import dev.troupe.kernels.cpu.Workers;
import dev.troupe.kernels.linalg.DoubleGemm;

/**
 * Mean and covariance of a sample set that is added piece by piece, in float64. Sums are of
 * differences to the first point, so that a mean that is large beside the deviation costs no
 * digits. The result depends on the order of the points, not on the pieces in which they are added.
 */
public final class Moments {
  private static final int ROWS = 256; // points whose products are summed at a time

  private final Workers workers;
  private final int features;
  private final double[] origin;
  private final double[] sums; // of x - origin
  private final double[] products; // of (x - origin)ᵀ (x - origin), upper triangle
  private final double[] block; // [ROWS, features]
  private int filled;
  private long count;

  /**
   * Of no points yet.
   *
   * @param workers threads to use
   * @param features numbers in a point
   */
  public Moments(Workers workers, int features) {
    if (features < 1) {
      throw new IllegalArgumentException(
          "moments: points of " + features + " numbers, expected 1 or more");
    }
    this.workers = workers;
    this.features = features;
    this.origin = new double[features];
    this.sums = new double[features];
    this.products = new double[Math.multiplyExact(features, features)];
    this.block = new double[Math.multiplyExact(ROWS, features)];
  }

  /**
   * Adds points.
   *
   * @param points [N, features], row after row
   */
  public void add(float[] points) {
    if (points.length % features != 0) {
      throw new IllegalArgumentException(
          "moments: " + points.length + " numbers, expected whole points of " + features);
    }
    for (int at = 0; at < points.length; at += features) {
      if (count == 0) {
        for (int j = 0; j < features; j++) {
          origin[j] = points[at + j];
        }
      }
      int to = filled * features;
      for (int j = 0; j < features; j++) {
        double x = points[at + j] - origin[j];
        block[to + j] = x;
        sums[j] += x;
      }
      count++;
      if (++filled == ROWS) {
        DoubleGemm.addGram(workers, features, filled, block, products);
        filled = 0;
      }
    }
  }

  /** Numbers in a point. */
  public int features() {
    return features;
  }

  /** How many points. */
  public long count() {
    return count;
  }

  /** The mean, [features]. */
  public double[] mean() {
    atLeast(1, "mean");
    double[] mean = new double[features];
    for (int j = 0; j < features; j++) {
      mean[j] = origin[j] + sums[j] / count;
    }
    return mean;
  }

  /** The unbiased covariance (divided by count - 1), [features, features]. */
  public double[] covariance() {
    atLeast(2, "covariance");
    double[] c = products.clone();
    DoubleGemm.addGram(workers, features, filled, block, c);
    for (int i = 0; i < features; i++) {
      for (int j = i; j < features; j++) {
        c[i * features + j] = (c[i * features + j] - sums[i] * (sums[j] / count)) / (count - 1);
      }
    }
    DoubleGemm.mirror(features, c);
    return c;
  }

  private void atLeast(int least, String what) {
    if (count < least) {
      throw new IllegalArgumentException(
          "moments: " + what + " of " + count + " points, expected " + least + " or more");
    }
  }
}
