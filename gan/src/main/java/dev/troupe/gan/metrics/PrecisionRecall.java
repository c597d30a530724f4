package dev.troupe.gan.metrics;

import dev.troupe.kernels.cpu.Workers;

/**
 * Improved precision and recall (Kynkäänniemi et al., "Improved Precision and Recall Metric for
 * Assessing Generative Models", NeurIPS 2019, Equations 1 and 2). A manifold is the union of the
 * closed balls about the points of a set that reach to their k-th nearest other point.
 *
 * @param precision the share of generated points in the manifold of the real ones
 * @param recall the share of real points in the manifold of the generated ones
 */
public record PrecisionRecall(double precision, double recall) {
  /** k of the paper. */
  public static final int K = 3;

  /**
   * Measures; exact as {@link NearestNeighbours} are.
   *
   * @param real [N, width]
   * @param generated [M, width]
   * @param k less than N and M; {@link #K} in the paper
   */
  public static PrecisionRecall of(Workers workers, Features real, Features generated, int k) {
    String op = "precisionRecall";
    Features.sameWidth(op, "real points", real, "generated points", generated);
    double[] realRadii = Balls.squaredRadii(workers, op, "real", real, k);
    double[] generatedRadii = Balls.squaredRadii(workers, op, "generated", generated, k);
    return new PrecisionRecall(
        Balls.share(Balls.count(workers, generated, real, realRadii, true)),
        Balls.share(Balls.count(workers, real, generated, generatedRadii, true)));
  }
}
