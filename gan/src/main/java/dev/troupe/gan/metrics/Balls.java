package dev.troupe.gan.metrics;

import dev.troupe.kernels.cpu.Workers;

/**
 * Balls about the points of a set, each as far as the point's k-th nearest other point. They
 * together estimate where a distribution has its mass.
 */
final class Balls {
  private Balls() {}

  /** Squared radii, [N]; an edge that is met exactly belongs to the ball or not, see count. */
  static double[] squaredRadii(Workers workers, String op, String name, Features points, int k) {
    if (k < 1 || k >= points.count()) {
      throw new IllegalArgumentException(
          op
              + ": k is "
              + k
              + " for "
              + points.count()
              + " "
              + name
              + " points, expected 1 to "
              + (points.count() - 1));
    }
    return NearestNeighbours.within(workers, points, k).squaredRadii();
  }

  /**
   * How many balls each query is in, [Q].
   *
   * @param closed whether what is exactly on the edge of a ball is in it
   */
  static int[] count(
      Workers workers, Features queries, Features centres, double[] squaredRadii, boolean closed) {
    SquaredDistances distances = new SquaredDistances(workers, queries, centres);
    int[] counts = new int[queries.count()];
    distances.forEach((query, first, count, c, at, norm, error) -> {
      int inside = 0;
      for (int j = 0; j < count; j++) {
        double radius = squaredRadii[first + j];
        double d = norm + c[at + j];
        if (d - error > radius) {
          continue;
        }
        if (d + error < radius) {
          inside++;
        } else { // too near to the edge, or not finite
          double exact = distances.exact(query, first + j);
          inside += exact < radius || (closed && exact == radius) ? 1 : 0;
        }
      }
      counts[query] += inside;
    });
    return counts;
  }

  /** The share of the counts that are above 0. */
  static double share(int[] counts) {
    int covered = 0;
    for (int c : counts) {
      covered += c > 0 ? 1 : 0;
    }
    return covered / (double) counts.length;
  }
}
