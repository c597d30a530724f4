package dev.troupe.gan.metrics;

import java.util.Arrays;

/**
 * The modes of a two-dimensional mixture of round Gaussians, all with one standard deviation, and
 * the rule that says which mode a generated point belongs to.
 *
 * <p>A point is of <em>high quality</em> if its Euclidean distance to the nearest mode is strictly
 * less than {@value #RADIUS} standard deviations. For round Gaussians that is the Mahalanobis rule
 * of PacGAN (Lin et al., 2018) and the rule of "Ensembles of GANs" (Eilertsen et al., 2021, section
 * 3 and supplement A): radial, not per axis. Real data passes it with probability 1 - exp(-9/2), or
 * 98.89 %.
 */
public final class GaussianModes {
  /** Standard deviations within which a point counts as one of a mode. */
  public static final double RADIUS = 3;

  private final double[] centres; // [K, 2]
  private final double sd;

  /**
   * @param centres x,y pairs, [K, 2]
   * @param sd standard deviation along each axis
   */
  public GaussianModes(double[] centres, double sd) {
    if (centres.length == 0 || centres.length % 2 != 0) {
      throw new IllegalArgumentException(
          "modes: centres must be x,y pairs, got " + centres.length + " numbers");
    }
    if (!(sd > 0) || sd == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("modes: sd must be positive and finite, got " + sd);
    }
    this.centres = centres.clone();
    this.sd = sd;
  }

  /**
   * The 25-Gaussian grid: centres at {-4, -2, 0, 2, 4} squared, standard deviation 0.05. This is
   * the grid of Figure 1 of "Ensembles of GANs" and of PacGAN's code; the coordinates (4 + 2i, 4 +
   * 2j) in the former's supplement are a slip of sign.
   */
  public static GaussianModes grid25() {
    double[] centres = new double[50];
    for (int i = 0; i < 25; i++) {
      centres[2 * i] = -4 + 2 * (i / 5);
      centres[2 * i + 1] = -4 + 2 * (i % 5);
    }
    return new GaussianModes(centres, 0.05);
  }

  /** Number of modes, K. */
  public int size() {
    return centres.length / 2;
  }

  /** Standard deviation along each axis. */
  public double sd() {
    return sd;
  }

  /** Copy of the centres, [K, 2]. */
  public double[] centres() {
    return centres.clone();
  }

  /** The mode a point is a high-quality sample of, or -1 (also for NaN and infinities). */
  public int modeOf(double x, double y) {
    double best = Double.POSITIVE_INFINITY;
    int mode = -1;
    for (int k = 0; k < centres.length; k += 2) {
      double dx = x - centres[k];
      double dy = y - centres[k + 1];
      double d = dx * dx + dy * dy;
      if (d < best) {
        best = d;
        mode = k / 2;
      }
    }
    double radius = RADIUS * sd;
    return best < radius * radius ? mode : -1;
  }

  /**
   * {@link #modeOf} of every point.
   *
   * @param points x,y pairs, [N, 2]
   * @return mode index or -1, [N]
   */
  public int[] label(float[] points) {
    if (points.length % 2 != 0) {
      throw new IllegalArgumentException(
          "modes: points must be x,y pairs, got " + points.length + " numbers");
    }
    int[] labels = new int[points.length / 2];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = modeOf(points[2 * i], points[2 * i + 1]);
    }
    return labels;
  }

  /**
   * Scores a set of points.
   *
   * @param points x,y pairs, [N, 2], N at least 1
   */
  public ModeScore score(float[] points) {
    int[] labels = label(points);
    long[] counts = new long[size()];
    Arrays.stream(labels).filter(k -> k >= 0).forEach(k -> counts[k]++);
    return new ModeScore(labels.length, counts);
  }
}
