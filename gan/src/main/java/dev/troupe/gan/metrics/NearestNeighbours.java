package dev.troupe.gan.metrics;

import dev.troupe.kernels.cpu.Workers;
import java.util.Arrays;

/**
 * The k nearest points of a base for each query, by exhaustive search. As Euclidean distances of
 * pixels they show whether a generator repeats its training images ("Ensembles of GANs", Figures 9
 * and 10).
 *
 * <p>The result is exact: it is that of a search which computes each squared distance in float64
 * (differences, squares and sums; relative error at most (width / 8 + 5) 2⁻⁵³) and orders equal
 * ones by index. Matrix products in float only leave out what cannot be among the k nearest: those
 * points whose float distance, less the bound of its error, is above the k-th smallest exact
 * distance found so far. So threads, vector width and blocks cannot change a bit.
 *
 * @param k neighbours of a query
 * @param indices [Q, k], nearest first
 * @param squared [Q, k], squared distances
 */
public record NearestNeighbours(int k, int[] indices, double[] squared) {
  /**
   * Searches a base.
   *
   * @param queries [Q, width]
   * @param base [N, width]
   * @param k at most N
   */
  public static NearestNeighbours search(Workers workers, Features queries, Features base, int k) {
    Features.sameWidth("nearestNeighbours", "queries", queries, "a base", base);
    check(k, "in a base of ", base.count(), base.count());
    return search(workers, queries, base, k, false);
  }

  /**
   * The neighbours of each point of a set among the others. Another point at the same place is a
   * neighbour.
   *
   * @param points [N, width]
   * @param k less than N
   */
  public static NearestNeighbours within(Workers workers, Features points, int k) {
    check(k, "among ", points.count(), points.count() - 1);
    return search(workers, points, points, k, true);
  }

  private static void check(int k, String what, int points, int most) {
    if (k < 1 || k > most) {
      throw new IllegalArgumentException(
          "nearestNeighbours: "
              + k
              + " neighbours "
              + what
              + points
              + " points, expected 1 to "
              + most);
    }
  }

  private static NearestNeighbours search(
      Workers workers, Features queries, Features base, int k, boolean others) {
    SquaredDistances distances = new SquaredDistances(workers, queries, base);
    int[] indices = new int[Math.multiplyExact(queries.count(), k)];
    double[] squared = new double[indices.length];
    Arrays.fill(squared, Double.POSITIVE_INFINITY);
    distances.forEach((query, first, count, c, at, norm, error) -> {
      int last = query * k + k - 1;
      int self = others ? query - first : -1;
      float limit = limit(squared[last] - norm + error);
      int candidates = candidates(c, at, count, limit);
      if (candidates == 0) {
        return;
      }
      if (candidates > 2 * k) {
        limit = Math.min(limit, limit(c, at, count, limit, self, k, error));
      }
      for (int j = 0; j < count; j++) {
        // NaN, where floats overflow, is no reason to leave a point out.
        if (c[at + j] > limit || j == self) {
          continue;
        }
        double d = distances.exact(query, first + j);
        if (d < squared[last]) {
          insert(indices, squared, last - k + 1, last, first + j, d);
          limit = Math.min(limit, limit(squared[last] - norm + error));
        }
      }
    });
    return new NearestNeighbours(k, indices, squared);
  }

  private static int candidates(float[] c, int at, int count, float limit) {
    int candidates = 0;
    for (int j = 0; j < count; j++) {
      candidates += c[at + j] > limit ? 0 : 1;
    }
    return candidates;
  }

  /**
   * A limit from the floats alone: what is more than two errors above the k-th smallest of them is
   * not among the k nearest. So few points are asked for exactly, even if the base begins with
   * those that are farthest away.
   */
  private static float limit(
      float[] c, int at, int count, float limit, int self, int k, double error) {
    float[] sorted = new float[count];
    int n = 0;
    for (int j = 0; j < count; j++) {
      if (c[at + j] <= limit && j != self) {
        sorted[n++] = c[at + j];
      }
    }
    Arrays.sort(sorted, 0, n);
    return n < k ? limit : limit(sorted[k - 1] + 2 * error);
  }

  /** The least float that is not below x. */
  private static float limit(double x) {
    float rounded = (float) x;
    return rounded < x ? Math.nextUp(rounded) : rounded;
  }

  /** Points come with rising index, so a new one goes behind those as far away as it is. */
  private static void insert(
      int[] indices, double[] squared, int first, int last, int index, double d) {
    int i = last;
    for (; i > first && squared[i - 1] > d; i--) {
      squared[i] = squared[i - 1];
      indices[i] = indices[i - 1];
    }
    squared[i] = d;
    indices[i] = index;
  }

  /** Index of a query's neighbour in the base, 0 for the nearest. */
  public int index(int query, int rank) {
    return indices[at(query, rank)];
  }

  /** Euclidean distance of a query and its neighbour. */
  public double distance(int query, int rank) {
    return Math.sqrt(squared[at(query, rank)]);
  }

  private int at(int query, int rank) {
    if (rank < 0 || rank >= k) {
      throw new IllegalArgumentException(
          "nearestNeighbours: neighbour " + rank + ", expected 0 to " + (k - 1));
    }
    return query * k + rank;
  }

  /** The squared distance of each query to its k-th neighbour, [Q]. */
  double[] squaredRadii() {
    double[] radii = new double[squared.length / k];
    Arrays.setAll(radii, i -> squared[i * k + k - 1]);
    return radii;
  }
}
