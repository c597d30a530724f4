package dev.troupe.kernels.linalg;

import dev.troupe.kernels.cpu.Workers;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A factor of a symmetric positive semidefinite matrix: {@code A = Gᵀ · G} with G [rank, n], by
 * Cholesky's method with diagonal pivoting (Higham 2002, section 10.3). It ends where the largest
 * pivot that is left is at most {@code n · 2⁻⁵³} times the largest diagonal element of A: what
 * remains of A then has no element above that, and counts as 0.
 *
 * @param n columns of G; they are in the order of A's
 * @param rank rows of G, at most n
 * @param factor G, row-major
 */
public record PivotedCholesky(int n, int rank, double[] factor) {
  private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /**
   * Factors a matrix.
   *
   * @param a [n, n]; it is read row by row, and not checked to be symmetric
   * @throws IllegalArgumentException if an element is not finite, or a diagonal element negative
   *     beyond rounding
   */
  public static PivotedCholesky of(Workers workers, int n, double[] a) {
    if (a.length != (long) n * n) {
      throw new IllegalArgumentException(
          "cholesky: " + a.length + " elements, expected [" + n + ", " + n + "]");
    }
    double[] left = new double[n]; // diagonal of what remains of A
    double largest = 0;
    for (int i = 0; i < n; i++) {
      left[i] = a[i * n + i];
      largest = Math.max(largest, left[i]);
    }
    double least = n * 0x1p-53 * largest;
    check(n, a, least);
    double[] g = new double[n * n];
    int rank = 0;
    for (; rank < n; rank++) {
      int pivot = 0;
      for (int i = 1; i < n; i++) {
        pivot = left[i] > left[pivot] ? i : pivot;
      }
      if (!(left[pivot] > least)) {
        break;
      }
      double root = Math.sqrt(left[pivot]);
      int row = rank;
      int p = pivot;
      workers.runRanges(n, 128, (from, to) -> row(n, a, g, row, p, root, from, to));
      g[row * n + p] = root;
      for (int i = 0; i < n; i++) {
        double x = g[row * n + i];
        left[i] = Math.fma(-x, x, left[i]);
      }
      left[p] = Double.NEGATIVE_INFINITY; // not again
    }
    return new PivotedCholesky(n, rank, Arrays.copyOf(g, rank * n));
  }

  private static void check(int n, double[] a, double least) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double x = a[i * n + j];
        if (!Double.isFinite(x) || (i == j && x < -least)) {
          throw new IllegalArgumentException(
              "cholesky: element ["
                  + i
                  + ", "
                  + j
                  + "] is "
                  + x
                  + ", expected a finite positive semidefinite matrix");
        }
      }
    }
  }

  /**
   * Columns [from, to) of a new row of G: {@code (A[p, :] - Σ_k G[k, p] · G[k, :]) / root}; each
   * element is one chain in the order of k.
   */
  private static void row(
      int n, double[] a, double[] g, int row, int p, double root, int from, int to) {
    int i = from;
    for (; i + 4 * LANES <= to; i += 4 * LANES) {
      int at = p * n + i;
      DoubleVector s0 = DoubleVector.fromArray(SPECIES, a, at);
      DoubleVector s1 = DoubleVector.fromArray(SPECIES, a, at + LANES);
      DoubleVector s2 = DoubleVector.fromArray(SPECIES, a, at + 2 * LANES);
      DoubleVector s3 = DoubleVector.fromArray(SPECIES, a, at + 3 * LANES);
      for (int k = 0; k < row; k++) {
        DoubleVector x = DoubleVector.broadcast(SPECIES, -g[k * n + p]);
        int u = k * n + i;
        s0 = x.fma(DoubleVector.fromArray(SPECIES, g, u), s0);
        s1 = x.fma(DoubleVector.fromArray(SPECIES, g, u + LANES), s1);
        s2 = x.fma(DoubleVector.fromArray(SPECIES, g, u + 2 * LANES), s2);
        s3 = x.fma(DoubleVector.fromArray(SPECIES, g, u + 3 * LANES), s3);
      }
      int out = row * n + i;
      s0.div(root).intoArray(g, out);
      s1.div(root).intoArray(g, out + LANES);
      s2.div(root).intoArray(g, out + 2 * LANES);
      s3.div(root).intoArray(g, out + 3 * LANES);
    }
    for (; i < to; i++) {
      double s = a[p * n + i];
      for (int k = 0; k < row; k++) {
        s = Math.fma(-g[k * n + p], g[k * n + i], s);
      }
      g[row * n + i] = s / root;
    }
  }
}
