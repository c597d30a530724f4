package dev.troupe.kernels.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.cpu.Workers;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinearAlgebraTest {
  private static double[] normal(long seed, int n) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextGaussian();
    }
    return x;
  }

  private static double[] product(
      boolean ta, boolean tb, int m, int n, int k, double[] a, double[] b) {
    double[] c = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        for (int p = 0; p < k; p++) {
          c[i * n + j] += (ta ? a[p * m + i] : a[i * k + p]) * (tb ? b[j * k + p] : b[p * n + j]);
        }
      }
    }
    return c;
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "6,16,256", "7,33,300", "97,18,513", "130,65,1", "31,127,64"})
  void productsMatchTheNaiveLoop(int m, int n, int k) {
    double[] a = normal(1, m * k);
    double[] b = normal(2, k * n);
    try (Workers one = new Workers(1);
        Workers three = new Workers(3)) {
      for (int flags = 0; flags < 4; flags++) {
        boolean ta = (flags & 1) != 0;
        boolean tb = (flags & 2) != 0;
        double[] c = new double[m * n];
        Arrays.fill(c, 0.5);
        double[] again = c.clone();
        DoubleGemm.add(one, ta, tb, m, n, k, a, b, c);
        DoubleGemm.add(three, ta, tb, m, n, k, a, b, again);
        assertThat(again).isEqualTo(c);
        double[] expected = product(ta, tb, m, n, k, a, b);
        for (int i = 0; i < c.length; i++) {
          assertThat(c[i]).isCloseTo(expected[i] + 0.5, within(1e-14 * (k + 8)));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "5,3", "16,40", "101,257", "200,70"})
  void gramMatchesTheNaiveLoop(int n, int k) {
    double[] a = normal(3, k * n);
    double[] c = new double[n * n];
    try (Workers workers = new Workers(2)) {
      DoubleGemm.addGram(workers, n, k, a, c);
      DoubleGemm.mirror(n, c);
    }
    assertThat(c).containsExactly(product(true, false, n, n, k, a, a), within(1e-14 * (k + 8)));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "40,40", "40,7", "150,150", "150,149"})
  void choleskyGivesAFactorOfTheRightRank(int n, int rank) {
    double[] x = normal(4, rank * n);
    double[] a = product(true, false, n, n, rank, x, x);
    try (Workers workers = new Workers(2)) {
      PivotedCholesky c = PivotedCholesky.of(workers, n, a);
      assertThat(c.rank()).isEqualTo(rank);
      assertThat(product(true, false, n, n, rank, c.factor(), c.factor()))
          .containsExactly(a, within(1e-12 * n));
    }
  }

  @Test
  void choleskyRefusesWhatIsNotSemidefinite() {
    try (Workers workers = new Workers(1)) {
      assertThatThrownBy(() -> PivotedCholesky.of(workers, 2, new double[] {1, 0, 0, -0.1}))
          .hasMessage(
              "cholesky: element [1, 1] is -0.1, expected a finite positive semidefinite matrix");
      assertThatThrownBy(() -> PivotedCholesky.of(workers, 2, new double[] {1, Double.NaN, 0, 1}))
          .hasMessageContaining("element [0, 1] is NaN");
      assertThatThrownBy(() -> PivotedCholesky.of(workers, 2, new double[3]))
          .hasMessage("cholesky: 3 elements, expected [2, 2]");
      assertThatThrownBy(() ->
              DoubleGemm.add(
                  workers, false, false, 2, 2, 2, new double[4], new double[3], new double[4]))
          .hasMessage("doubleGemm: b has 3 elements, expected [2, 2]");
    }
  }

  @Test
  void theTraceOfTheRootIsTheSumOfSingularValues() {
    int n = 60;
    // Q · diag(σ) with Q from two reflections: singular values are known.
    double[] sigma = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sigma[i] = i >= 50 ? 0 : Math.pow(1e-9, i / 49.0);
      sum += sigma[i];
    }
    double[] q = product(false, false, n, n, n, reflection(n, 5), reflection(n, 6));
    double[] m = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        m[i * n + j] = q[i * n + j] * sigma[j];
      }
    }
    double[] rotated = product(false, false, n, n, n, m, reflection(n, 7));
    try (Workers workers = new Workers(2)) {
      assertThat(NewtonSchulz.traceOfRoot(workers, n, n, rotated)).isCloseTo(sum, within(1e-13));
      assertThat(NewtonSchulz.traceOfRoot(workers, 3, 2, new double[6])).isZero();
      double[] wide = {3, 0, 0, 0, -4, 0};
      assertThat(NewtonSchulz.traceOfRoot(workers, 2, 3, wide)).isCloseTo(7, within(1e-13));
      assertThatThrownBy(() -> NewtonSchulz.traceOfRoot(workers, 1, 1, new double[] {Double.NaN}))
          .hasMessage("newtonSchulz: the matrix has the norm NaN");
    }
  }

  /** I - 2 v vᵀ / vᵀv. */
  private static double[] reflection(int n, long seed) {
    double[] v = normal(seed, n);
    double squares = 0;
    for (double x : v) {
      squares += x * x;
    }
    double[] h = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        h[i * n + j] = (i == j ? 1 : 0) - 2 * v[i] * v[j] / squares;
      }
    }
    return h;
  }
}
