package dev.troupe.gan.metrics;

import dev.troupe.kernels.cpu.Workers;
import dev.troupe.kernels.linalg.DoubleGemm;
import dev.troupe.kernels.linalg.NewtonSchulz;
import dev.troupe.kernels.linalg.PivotedCholesky;

/**
 * The Fréchet distance (squared 2-Wasserstein distance) of Gaussians, {@code ‖m₁ - m₂‖² + tr(C₁ +
 * C₂ - 2 (C₁C₂)^½)} (Dowson and Landau 1982; Heusel et al. 2017), in float64.
 *
 * <p>With factors {@code C₁ = AᵀA} and {@code C₂ = BᵀB} the eigenvalues of C₁C₂ are the squared
 * singular values of {@code A Bᵀ}, so the trace of the root is that of the root of {@code (A Bᵀ)ᵀ A
 * Bᵀ}. Factors are Cholesky's with pivoting, the root is Newton and Schulz's. Squaring nothing,
 * that keeps twice the digits that a root of C₁C₂ itself would, and takes singular covariances as
 * they are.
 *
 * <p>Error, with d features and λ the largest eigenvalues: about {@code 1e-13 · (tr C₁ + tr C₂)}
 * for covariances with full rank; where eigenvalues are below {@code d · 2⁻⁵³} of the largest
 * diagonal element they are taken for 0, which adds at most {@code 2 d √(d · 2⁻⁵³ · λ₁ λ₂)}.
 */
public final class FrechetDistance {
  private FrechetDistance() {}

  /** The distance of the Gaussians that are fitted to the points of two sets. */
  public static double between(Workers workers, Features a, Features b) {
    Features.sameWidth("frechetDistance", "points", a, "points", b);
    return between(workers, moments(workers, a), moments(workers, b));
  }

  private static Moments moments(Workers workers, Features points) {
    Moments moments = new Moments(workers, points.width());
    moments.add(points.values());
    return moments;
  }

  /** The distance of the Gaussians that are fitted to two sample sets. */
  public static double between(Workers workers, Moments a, Moments b) {
    if (a.features() != b.features()) {
      throw new IllegalArgumentException(
          "frechetDistance: points of "
              + a.features()
              + " and of "
              + b.features()
              + " numbers, expected equally many");
    }
    return of(workers, a.mean(), a.covariance(), b.mean(), b.covariance());
  }

  /**
   * The distance of N(m₁, C₁) and N(m₂, C₂); not negative but for rounding, and 0 then.
   *
   * @param mean1 [d]
   * @param covariance1 [d, d], symmetric positive semidefinite
   * @param mean2 [d]
   * @param covariance2 [d, d], symmetric positive semidefinite
   * @throws IllegalArgumentException if sizes differ, or a covariance is not finite, or not
   *     semidefinite
   */
  public static double of(
      Workers workers, double[] mean1, double[] covariance1, double[] mean2, double[] covariance2) {
    int d = mean1.length;
    if (mean2.length != d
        || covariance1.length != (long) d * d
        || covariance2.length != (long) d * d) {
      throw new IllegalArgumentException(
          "frechetDistance: means of "
              + d
              + " and "
              + mean2.length
              + " numbers with covariances of "
              + covariance1.length
              + " and "
              + covariance2.length
              + ", expected d, d, d² and d²");
    }
    double distance = 0;
    for (int i = 0; i < d; i++) {
      double difference = mean1[i] - mean2[i];
      int at = i * d + i;
      distance += difference * difference + covariance1[at] + covariance2[at];
    }
    PivotedCholesky a = PivotedCholesky.of(workers, d, covariance1);
    PivotedCholesky b = PivotedCholesky.of(workers, d, covariance2);
    double[] product = new double[a.rank() * b.rank()];
    DoubleGemm.add(workers, false, true, a.rank(), b.rank(), d, a.factor(), b.factor(), product);
    return Math.max(
        0, distance - 2 * NewtonSchulz.traceOfRoot(workers, a.rank(), b.rank(), product));
  }
}
