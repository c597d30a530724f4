package dev.troupe.gan.boosting;

import java.util.Arrays;
import java.util.Optional;

/**
 * A rule that turns what a classifier says of the real points into weights for the training of the
 * next member of a mixture (Tolstikhin et al., "AdaGAN: Boosting Generative Models", NeurIPS 2017).
 *
 * <p>The classifier tells real points from samples of the mixture so far. With D(x) its probability
 * that x is real, {@code r = (1 - D) / D} estimates the density of the mixture over that of the
 * data: small where the mixture does not get to. All rules give such points the larger weights.
 */
public sealed interface Reweighting {
  /**
   * AdaGAN's optimal weights (its Theorem 1 and Algorithm 1): {@code w_i = max(0, λ* - (1 - β) r_i)
   * / (β N)}, with λ* so that they add up to 1. With r sorted, λ* is the first of
   *
   * <pre>λ_i = β N (1 + (1 - β)/β · (r_1 + … + r_i)/N) / i</pre>
   *
   * that has {@code (1 - β) r_i ≤ λ_i ≤ (1 - β) r_(i+1)}; of the last only the first half is asked.
   * The weights are divided by their sum in the end.
   */
  record TheoryStar() implements Reweighting {}

  /**
   * AdaGAN's Theorem 2: {@code w_i = max(0, 1 - λ (1 - β) r_i) / (β N)}, with λ the first of
   *
   * <pre>λ_i = (i/N - β) / (1 - β) · N / (r_1 + … + r_i + 1e-7),  i ≥ β N</pre>
   *
   * that is less than {@code 1 / ((1 - β)(r_i + 1e-7))} and, but for the last, at least the same
   * with r_(i+1). The weights are divided by their sum in the end.
   */
  record TheoryDagger() implements Reweighting {}

  /**
   * Equal weights for the points whose r is at most the given quantile of all r, 0 for the others.
   * The quantile is interpolated linearly.
   *
   * @param quantile in [0, 1]; 0.5 in AdaGAN's code
   */
  record TopK(double quantile) implements Reweighting {
    /** Checks the quantile. */
    public TopK {
      if (!(quantile >= 0 && quantile <= 1)) {
        throw new IllegalArgumentException(
            "reweighting: the quantile is " + quantile + ", expected 0 to 1");
      }
    }
  }

  /** Bagging: 1 / N, whatever the classifier says. */
  record Uniform() implements Reweighting {}

  /**
   * {@code r_i = (1 - D_i) / (D_i + 1e-8)}, in float64.
   *
   * @param probabilities [N], D of the real points
   * @throws IllegalArgumentException if one is not in [0, 1]; the message names it
   */
  static double[] ratios(float[] probabilities) {
    double[] ratios = new double[probabilities.length];
    for (int i = 0; i < ratios.length; i++) {
      double d = probabilities[i];
      if (!(d >= 0 && d <= 1)) {
        throw new IllegalArgumentException(
            "reweighting: probability " + i + " is " + d + ", expected 0 to 1");
      }
      ratios[i] = (1 - d) / (d + 1e-8);
    }
    return ratios;
  }

  /**
   * The weights. Where a rule finds no λ, which rounding can cause, they are equal and {@link
   * DataWeights#warning} says so. With β = 1 the next member is all of the mixture, and they are
   * equal too.
   *
   * @param ratios [N], r of each real point
   * @param beta β, the share of the next member
   * @throws IllegalArgumentException if there are no ratios, one is negative or not finite, or β is
   *     not in (0, 1]
   */
  default DataWeights weights(double[] ratios, double beta) {
    checkShare("reweighting", beta);
    if (ratios.length == 0) {
      throw new IllegalArgumentException("reweighting: no ratios, expected 1 or more");
    }
    for (int i = 0; i < ratios.length; i++) {
      if (!(ratios[i] >= 0 && ratios[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "reweighting: ratio "
                + i
                + " is "
                + ratios[i]
                + ", expected a finite one of 0 or more");
      }
    }
    if (beta == 1) {
      return DataWeights.uniform(ratios.length);
    }
    return switch (this) {
      case TheoryStar() -> star(ratios, beta);
      case TheoryDagger() -> dagger(ratios, beta);
      case TopK(double quantile) -> topK(ratios, quantile);
      case Uniform() -> DataWeights.uniform(ratios.length);
    };
  }

  private static DataWeights star(double[] ratios, double beta) {
    int n = ratios.length;
    double old = 1 - beta;
    double[] sorted = ratios.clone();
    Arrays.sort(sorted);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += sorted[i];
      double lambda = beta * n * (1 + old / beta * sum / n) / (i + 1);
      if (lambda >= old * sorted[i] && (i == n - 1 || lambda <= old * sorted[i + 1])) {
        double[] weights = new double[n];
        for (int j = 0; j < n; j++) {
          weights[j] = ratios[j] <= lambda / old ? (lambda - old * ratios[j]) / (n * beta) : 0;
        }
        return normalised("theory_star", weights, lambda);
      }
    }
    return notFound("theory_star", n, beta);
  }

  private static DataWeights dagger(double[] ratios, double beta) {
    int n = ratios.length;
    double old = 1 - beta;
    double[] sorted = ratios.clone();
    Arrays.sort(sorted);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += sorted[i];
      double share = (i + 1.0) / n;
      if (share < beta) {
        continue;
      }
      double lambda = (share - beta) / old * n / (sum + 1e-7);
      if (lambda < 1 / (old * (sorted[i] + 1e-7))
          && (i == n - 1 || lambda >= 1 / (old * (sorted[i + 1] + 1e-7)))) {
        double[] weights = new double[n];
        for (int j = 0; j < n; j++) {
          double w = (1 - lambda * old * ratios[j]) / (n * beta);
          weights[j] = ratios[j] <= 1 / (old * lambda) ? Math.max(0, w) : 0;
        }
        return normalised("theory_dagger", weights, lambda);
      }
    }
    return notFound("theory_dagger", n, beta);
  }

  private static DataWeights topK(double[] ratios, double quantile) {
    int n = ratios.length;
    double[] sorted = ratios.clone();
    Arrays.sort(sorted);
    double at = quantile * (n - 1);
    int below = (int) at;
    double threshold =
        below == n - 1
            ? sorted[below]
            : sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
    double[] weights = new double[n];
    for (int i = 0; i < n; i++) {
      weights[i] = ratios[i] <= threshold ? 1 : 0;
    }
    return normalised("topk", weights, Double.NaN);
  }

  private static DataWeights normalised(String rule, double[] weights, double lambda) {
    double sum = Arrays.stream(weights).sum();
    if (!(sum > 0)) {
      return new DataWeights(
          DataWeights.equal(weights.length),
          Double.NaN,
          Optional.of(
              "reweighting: the weights of "
                  + rule
                  + " add up to "
                  + sum
                  + ", all points are weighted equally"));
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    return new DataWeights(weights, lambda, Optional.empty());
  }

  private static DataWeights notFound(String rule, int points, double beta) {
    return new DataWeights(
        DataWeights.equal(points),
        Double.NaN,
        Optional.of(
            "reweighting: "
                + rule
                + " found no lambda for "
                + points
                + " points and beta "
                + beta
                + ", all points are weighted equally"));
  }

  /** Refuses a share of the next member that is not in (0, 1]. */
  static void checkShare(String op, double beta) {
    if (!(beta > 0 && beta <= 1)) {
      throw new IllegalArgumentException(
          op + ": beta is " + beta + ", expected above 0 and at most 1");
    }
  }
}
