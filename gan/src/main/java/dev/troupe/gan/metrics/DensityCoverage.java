package dev.troupe.gan.metrics;

import dev.troupe.kernels.cpu.Workers;

/**
 * Density and coverage (Naeem et al., "Reliable Fidelity and Diversity Metrics for Generative
 * Models", ICML 2020, Equations 3 and 4). Balls are about the real points only, and reach to their
 * k-th nearest other real point. They are open, as in the authors' code: a point exactly as far
 * away as that neighbour is outside.
 *
 * @param density how many balls a generated point is in, on average, divided by k: 1 is expected of
 *     two samples of one distribution, and it may be above 1
 * @param coverage the share of balls with a generated point in them
 */
public record DensityCoverage(double density, double coverage) {
  /** k of the paper. */
  public static final int K = 5;

  /**
   * Measures; exact as {@link NearestNeighbours} are.
   *
   * @param real [N, width]
   * @param generated [M, width], 1 or more
   * @param k less than N; {@link #K} in the paper
   */
  public static DensityCoverage of(Workers workers, Features real, Features generated, int k) {
    String op = "densityCoverage";
    Features.sameWidth(op, "real points", real, "generated points", generated);
    if (generated.count() == 0) {
      throw new IllegalArgumentException(op + ": 0 generated points, expected 1 or more");
    }
    double[] radii = Balls.squaredRadii(workers, op, "real", real, k);
    long inside = 0;
    for (int c : Balls.count(workers, generated, real, radii, false)) {
      inside += c;
    }
    double[] nearest = NearestNeighbours.search(workers, real, generated, 1).squaredRadii();
    int covered = 0;
    for (int i = 0; i < nearest.length; i++) {
      covered += nearest[i] < radii[i] ? 1 : 0;
    }
    return new DensityCoverage(
        inside / ((double) k * generated.count()), covered / (double) nearest.length);
  }
}
