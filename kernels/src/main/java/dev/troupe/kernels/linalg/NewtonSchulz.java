package dev.troupe.kernels.linalg;

import dev.troupe.kernels.cpu.Workers;
import java.util.Arrays;

/**
 * The trace of a matrix square root by the iteration of Newton and Schulz.
 *
 * <p>For M [m, n] the square root of MᵀM is UᵀM, with U the unitary polar factor of M. The
 * iteration {@code X ← X · (3 I - XᵀX) / 2} from {@code X = M / ‖M‖} leads to U (Higham 2008,
 * section 8.3): every singular value goes to 1, the smallest last, by a factor of 3/2 a step while
 * it is small. Since it needs matrix products alone and no inverse, a singular M does no harm:
 * singular values too small to arrive have next to no share in the trace.
 */
public final class NewtonSchulz {
  /** Enough for a singular value of 1e-12 of the largest. */
  private static final int MOST = 90;

  private static final double CONVERGED = 1e-14;

  private NewtonSchulz() {}

  /**
   * The trace of {@code (MᵀM)^½}: the sum of the singular values of M. The iteration ends when a
   * step changes it by less than 1e-14 of itself.
   *
   * @param m rows
   * @param n columns
   * @param matrix M, row-major
   * @throws IllegalArgumentException if an element is not finite
   */
  public static double traceOfRoot(Workers workers, int m, int n, double[] matrix) {
    if (n > m) {
      return traceOfRoot(workers, n, m, transposed(m, n, matrix));
    }
    double scale = norm(m, n, matrix);
    if (!Double.isFinite(scale)) {
      throw new IllegalArgumentException("newtonSchulz: the matrix has the norm " + scale);
    }
    if (scale == 0) {
      return 0;
    }
    double[] x = new double[m * n];
    for (int i = 0; i < x.length; i++) {
      x[i] = matrix[i] / scale;
    }
    double[] next = new double[m * n];
    double[] gram = new double[n * n];
    double trace = dot(x, matrix);
    for (int step = 0; step < MOST; step++) {
      Arrays.fill(gram, 0);
      DoubleGemm.addGram(workers, n, m, x, gram);
      DoubleGemm.mirror(n, gram);
      for (int i = 0; i < gram.length; i++) {
        gram[i] *= -0.5;
      }
      for (int i = 0; i < n; i++) {
        gram[i * n + i] += 1.5;
      }
      Arrays.fill(next, 0);
      DoubleGemm.add(workers, false, false, m, n, n, x, gram, next);
      double[] old = x;
      x = next;
      next = old;
      double now = dot(x, matrix);
      // A step's gain is at least half of the one before while singular values are arriving.
      if (Math.abs(now - trace) <= CONVERGED * Math.abs(now)) {
        return now;
      }
      trace = now;
    }
    return trace;
  }

  /** An upper bound of the spectral norm: the least of three norms that are. */
  private static double norm(int m, int n, double[] x) {
    double frobenius = Math.sqrt(dot(x, x));
    double[] columns = new double[n];
    double row = 0;
    for (int i = 0; i < m; i++) {
      double sum = 0;
      for (int j = 0; j < n; j++) {
        double v = Math.abs(x[i * n + j]);
        sum += v;
        columns[j] += v;
      }
      row = Math.max(row, sum);
    }
    double column = 0;
    for (double c : columns) {
      column = Math.max(column, c);
    }
    return Math.min(frobenius, Math.sqrt(row * column)); // ‖x‖₂² ≤ ‖x‖₁ ‖x‖∞
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum = Math.fma(a[i], b[i], sum);
    }
    return sum;
  }

  private static double[] transposed(int m, int n, double[] x) {
    double[] out = new double[x.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        out[j * m + i] = x[i * n + j];
      }
    }
    return out;
  }
}
