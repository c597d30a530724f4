package dev.troupe.gan.metrics;

import java.util.Arrays;

/**
 * How many points of a generated set landed on each mode, and the scores that follow from it.
 *
 * <p>The mode distribution p is that of the <em>high-quality</em> points alone, as in PacGAN's
 * released code, which drops every point at three standard deviations or more before it takes the
 * entropy of the counts. (The other reading, every point to its nearest mode, gives nearly the same
 * number where most points are of high quality, but calls uniform noise a good sampler.)
 *
 * @param points size N of the set, at least 1
 * @param counts high-quality points of each mode, [K]
 */
public record ModeScore(long points, long[] counts) {
  /** Checks and copies. */
  public ModeScore {
    counts = counts.clone();
    long sum = 0;
    for (long c : counts) {
      if (c < 0) {
        throw new IllegalArgumentException("mode score: negative count " + c);
      }
      sum += c;
    }
    if (points < 1 || sum > points) {
      throw new IllegalArgumentException(
          "mode score: " + sum + " high-quality points of a set of " + points);
    }
  }

  @Override
  public long[] counts() {
    return counts.clone();
  }

  /** Number of points of high quality. */
  public long highQualityPoints() {
    return Arrays.stream(counts).sum();
  }

  /** Share of the points that are of high quality, 0 to 1. */
  public double highQuality() {
    return highQualityPoints() / (double) points;
  }

  /** Covered modes: those with at least one high-quality point. */
  public int covered() {
    return (int) Arrays.stream(counts).filter(c -> c > 0).count();
  }

  /** Entropy of p in nats, 0 to ln K; NaN if no point is of high quality. */
  public double entropy() {
    return entropy(counts);
  }

  /**
   * Reverse KL divergence in nats, KL(p || uniform) = ln K - entropy(p): 0 for an even spread, ln K
   * if all points sit on one mode; NaN if no point is of high quality. The true distribution is the
   * mixture's own (equal weights), not that of a finite draw from it.
   */
  public double reverseKl() {
    return reverseKl(counts);
  }

  static double reverseKl(long[] counts) {
    // An even spread gives -1 ulp or so by rounding; a divergence is never negative.
    double kl = StrictMath.log(counts.length) - entropy(counts);
    return kl < 0 ? 0 : kl;
  }

  private static double entropy(long[] counts) {
    long sum = 0;
    double weighted = 0; // sum of c ln c
    for (long c : counts) {
      if (c > 0) {
        sum += c;
        weighted += c * StrictMath.log(c);
      }
    }
    return sum == 0 ? Double.NaN : Math.max(0, StrictMath.log(sum) - weighted / sum);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof ModeScore s && points == s.points && Arrays.equals(counts, s.counts);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(points) + Arrays.hashCode(counts);
  }

  @Override
  public String toString() {
    return "ModeScore[points=" + points + ", counts=" + Arrays.toString(counts) + "]";
  }
}
