package dev.troupe.gan.metrics;

/**
 * How the samples of several generators spread over the modes of a mixture whose centres are the
 * first unit vectors (Tang 2020, Figures 4 to 7). A sample belongs to the mode with the nearest
 * centre, which is the one with the largest of its first {@code modes} coordinates; a tie goes to
 * the first, and a sample with a NaN there belongs to none.
 */
public final class ModeShares {
  private final long[][] counts; // [generators][modes]
  private final long[] drawn; // [generators]

  /** Nothing counted yet. */
  public ModeShares(int generators, int modes) {
    if (generators < 1 || modes < 1) {
      throw new IllegalArgumentException(
          "modeShares: "
              + generators
              + " generators and "
              + modes
              + " modes, expected 1 or more of each");
    }
    counts = new long[generators][modes];
    drawn = new long[generators];
  }

  /**
   * Counts samples.
   *
   * @param generator who made them
   * @param points [N, features], row after row
   */
  public void add(int generator, float[] points, int features) {
    int modes = counts[0].length;
    if (features < modes || points.length % features != 0) {
      throw new IllegalArgumentException(
          "modeShares: "
              + points.length
              + " numbers in rows of "
              + features
              + ", expected whole rows of "
              + modes
              + " or more");
    }
    for (int at = 0; at < points.length; at += features) {
      int best = 0;
      boolean sound = !Float.isNaN(points[at]);
      for (int k = 1; k < modes; k++) {
        sound &= !Float.isNaN(points[at + k]);
        if (points[at + k] > points[at + best]) {
          best = k;
        }
      }
      drawn[generator]++;
      counts[generator][best] += sound ? 1 : 0;
    }
  }

  /** The share of a generator's samples in each mode, [modes]; NaN without samples. */
  public double[] ofGenerator(int generator) {
    double[] shares = new double[counts[generator].length];
    for (int k = 0; k < shares.length; k++) {
      shares[k] = counts[generator][k] / (double) drawn[generator];
    }
    return shares;
  }

  /**
   * The share of the mixture's samples in each mode, [modes].
   *
   * @param weights of the generators, which add up to 1
   */
  public double[] ofMixture(double... weights) {
    if (weights.length != counts.length) {
      throw new IllegalArgumentException(
          "modeShares: " + weights.length + " weights for " + counts.length + " generators");
    }
    double[] shares = new double[counts[0].length];
    for (int i = 0; i < weights.length; i++) {
      double[] own = ofGenerator(i);
      for (int k = 0; k < shares.length; k++) {
        shares[k] += weights[i] * own[k];
      }
    }
    return shares;
  }
}
