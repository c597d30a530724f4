package dev.troupe.gan;

import java.util.Arrays;

/**
 * An ensemble as a mixture: member t is drawn from with probability p_t ("Ensembles of GANs",
 * section 2).
 *
 * @param weights p_t, which add up to 1
 */
public record Mixture(double... weights) {
  /** Checks the weights. */
  public Mixture {
    weights = weights.clone();
    double sum = 0;
    for (double w : weights) {
      if (!(w >= 0)) {
        throw new IllegalArgumentException(
            "mixture: weight " + w + " in " + Arrays.toString(weights) + ", expected 0 or more");
      }
      sum += w;
    }
    if (weights.length == 0 || Math.abs(sum - 1) > 1e-9) {
      throw new IllegalArgumentException(
          "mixture: weights " + Arrays.toString(weights) + " add up to " + sum + ", expected 1");
    }
  }

  /** Equal weights, p_t = 1 / T. */
  public static Mixture uniform(int members) {
    double[] w = new double[members];
    Arrays.fill(w, 1.0 / members);
    return new Mixture(w);
  }

  /**
   * The mixture with one more member: it gets the weight {@code share}, the others keep their
   * proportions.
   */
  public Mixture extended(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "mixture: the next member's share is " + share + ", expected 0 to 1");
    }
    double[] next = Arrays.copyOf(weights, weights.length + 1);
    for (int t = 0; t < weights.length; t++) {
      next[t] *= 1 - share;
    }
    next[weights.length] = share;
    return new Mixture(next);
  }

  @Override
  public double[] weights() {
    return weights.clone();
  }

  /**
   * How many of {@code total} samples each member gives: p_t · total, rounded down, and what
   * remains one by one to the largest remainders, the first of equals first. 2,500 of three equal
   * members are 834 + 833 + 833.
   */
  public int[] shares(int total) {
    int[] shares = new int[weights.length];
    int given = 0;
    for (int t = 0; t < shares.length; t++) {
      shares[t] = (int) Math.floor(weights[t] * total + 1e-9);
      given += shares[t];
    }
    boolean[] raised = new boolean[shares.length];
    for (; given < total; given++) {
      int best = -1;
      for (int t = 0; t < shares.length; t++) {
        if (!raised[t] && (best < 0 || rest(t, shares, total) > rest(best, shares, total) + 1e-9)) {
          best = t;
        }
      }
      shares[best]++;
      raised[best] = true;
    }
    return shares;
  }

  private double rest(int t, int[] shares, int total) {
    return weights[t] * total - shares[t];
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Mixture m && Arrays.equals(weights, m.weights);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(weights);
  }

  @Override
  public String toString() {
    return "Mixture" + Arrays.toString(weights);
  }
}
