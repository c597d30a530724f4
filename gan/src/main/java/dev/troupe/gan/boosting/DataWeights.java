package dev.troupe.gan.boosting;

import java.util.Arrays;
import java.util.Optional;

/**
 * How often each point of a training set is to be drawn.
 *
 * @param values [N], 0 or more, with the sum 1; not to be changed
 * @param lambda the λ behind them; NaN where the rule has none, or found none
 * @param warning what went wrong if the weights are not those that the rule is to give; it belongs
 *     in the log of the run
 */
public record DataWeights(double[] values, double lambda, Optional<String> warning) {
  /** 1 / N each. */
  public static DataWeights uniform(int points) {
    return new DataWeights(equal(points), Double.NaN, Optional.empty());
  }

  static double[] equal(int points) {
    double[] values = new double[points];
    Arrays.fill(values, 1.0 / points);
    return values;
  }

  /**
   * How many points with equal weights are as uneven: {@code 1 / sum of squares}, from 1 to N, N
   * where all have the same.
   */
  public double effective() {
    return 1 / Arrays.stream(values).map(w -> w * w).sum();
  }

  /** How many points have a weight above 0: no batch without replacement can be larger. */
  public int positive() {
    return (int) Arrays.stream(values).filter(w -> w > 0).count();
  }
}
