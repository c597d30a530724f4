package dev.troupe.gan.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.troupe.kernels.cpu.Workers;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrechetDistanceTest {
  private static final Workers WORKERS = new Workers(2);

  @AfterAll
  static void close() {
    WORKERS.close();
  }

  private static double distance(double[] m1, double[] c1, double[] m2, double[] c2) {
    return FrechetDistance.of(WORKERS, m1, c1, m2, c2);
  }

  @Test
  void oneDimension() {
    // (m1 - m2)² + (s1 - s2)²
    assertThat(distance(new double[] {1}, new double[] {9}, new double[] {3}, new double[] {0.25}))
        .isCloseTo(4 + 6.25, within(1e-13));
  }

  @Test
  void commutingCovariances() {
    // Diagonal: Σ (m1 - m2)² + (s1 - s2)².
    int d = 70;
    double[] m1 = new double[d];
    double[] m2 = new double[d];
    double[] c1 = new double[d * d];
    double[] c2 = new double[d * d];
    double expected = 0;
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < d; i++) {
      double s1 = random.nextDouble();
      double s2 = i == 3 ? 0 : 2 * random.nextDouble();
      m1[i] = random.nextGaussian();
      m2[i] = random.nextGaussian();
      c1[i * d + i] = s1 * s1;
      c2[i * d + i] = s2 * s2;
      expected += (m1[i] - m2[i]) * (m1[i] - m2[i]) + (s1 - s2) * (s1 - s2);
    }
    assertThat(distance(m1, c1, m2, c2)).isCloseTo(expected, within(1e-12));
  }

  @Test
  void twoDimensionsThatDoNotCommute() {
    // tr (C1 C2)^½ = √(tr(C1 C2) + 2 √(det C1 det C2)) in two dimensions.
    double[] c1 = {2, 1, 1, 3};
    double[] c2 = {5, -2, -2, 1};
    double trace = (2 * 5 + 1 * -2) + (1 * -2 + 3 * 1);
    double root = Math.sqrt(trace + 2 * Math.sqrt(5.0 * 1));
    assertThat(distance(new double[2], c1, new double[2], c2))
        .isCloseTo(5 + 6 - 2 * root, within(1e-13));
  }

  @Test
  void nothingApart() {
    double[] c = covariance(5, 90, 90, 1e6);
    assertThat(distance(new double[90], c, new double[90], c)).isCloseTo(0, offset(1e-11));
    assertThat(distance(new double[2], new double[4], new double[2], new double[4])).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.5, 1e2, 1e4, 1e6})
  void agreesWithTheEigendecomposition(double condition) {
    int d = 120;
    double[] c1 = covariance(1, d, d, condition);
    double[] c2 = covariance(2, d, d, condition);
    double[] m1 = new double[d];
    double[] m2 = new double[d];
    double expected = byEigenvalues(m1, c1, m2, c2);
    assertThat(distance(m1, c1, m2, c2)).isCloseTo(expected, withinPercentage(1e-4)); // 1e-6
  }

  /** Sizes, and conditions that differ, also against a covariance that is nearly the same. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "2, 1e6, 10", "17, 1e6, 1e6", "200, 1e6, 1e3"})
  void agreesWithTheEigendecompositionAtOtherSizes(int d, double condition1, double condition2) {
    double[] c1 = covariance(5, d, d, condition1);
    double[] c2 = covariance(6, d, d, condition2);
    double[] m1 = new double[d];
    double[] m2 = new double[d];
    Arrays.fill(m2, 0.1);
    double expected = byEigenvalues(m1, c1, m2, c2);
    assertThat(distance(m1, c1, m2, c2)).isCloseTo(expected, withinPercentage(1e-4)); // 1e-6
    double[] near = c1.clone();
    for (int i = 0; i < d; i++) {
      near[i * d + i] += 0.3 * c2[i * d + i];
    }
    expected = byEigenvalues(m1, c1, m1, near);
    assertThat(distance(m1, c1, m1, near)).isCloseTo(expected, withinPercentage(1e-4));
  }

  /** Fewer points than features: covariances of ranks 19 and 29 in 50 dimensions. */
  @Test
  void fewerPointsThanFeatures() {
    Features a = normal(7, 20, 50);
    Features b = normal(8, 30, 50);
    Moments ma = new Moments(WORKERS, 50);
    ma.add(a.values());
    Moments mb = new Moments(WORKERS, 50);
    mb.add(b.values());
    double expected = byEigenvalues(ma.mean(), ma.covariance(), mb.mean(), mb.covariance());
    double largest = largest(50, ma.covariance()) * largest(50, mb.covariance());
    double bound = 2 * 50 * Math.sqrt(50 * 0x1p-53 * largest);
    double found = FrechetDistance.between(WORKERS, a, b);
    assertThat(found).isCloseTo(expected, within(bound)).isGreaterThan(10);
    try (Workers one = new Workers(1);
        Workers four = new Workers(4)) {
      assertThat(FrechetDistance.between(one, a, b)).isEqualTo(found);
      assertThat(FrechetDistance.between(four, a, b)).isEqualTo(found);
    }
  }

  private static double largest(int d, double[] c) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = eigen(d, c);
    double largest = 0;
    for (int i = 0; i < d; i++) {
      largest = Math.max(largest, eigen.getEigenvalue(i).getReal());
    }
    return largest;
  }

  private static Features normal(long seed, int count, int width) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[count * width];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return new Features(x, width);
  }

  @ParameterizedTest
  @CsvSource({"100, 30, 100", "100, 30, 40", "64, 1, 1", "90, 89, 90"})
  void singularCovariancesStayWithinTheBound(int d, int rank1, int rank2) {
    double[] c1 = covariance(3, d, rank1, 1e3);
    double[] c2 = covariance(4, d, rank2, 1e3);
    double[] m = new double[d];
    double bound = 2 * d * Math.sqrt(d * 0x1p-53); // largest eigenvalues are 1
    assertThat(distance(m, c1, m, c2)).isCloseTo(byEigenvalues(m, c1, m, c2), within(bound));
  }

  /** Vᵀ diag V with eigenvalues from 1 down to 1 / condition, the rest 0. */
  private static double[] covariance(long seed, int d, int rank, double condition) {
    SplittableRandom random = new SplittableRandom(seed);
    DMatrixRMaj x = new DMatrixRMaj(d, d);
    for (int i = 0; i < d * d; i++) {
      x.data[i] = random.nextGaussian();
    }
    var qr = DecompositionFactory_DDRM.qr(d, d);
    qr.decompose(x);
    DMatrixRMaj q = qr.getQ(null, false);
    DMatrixRMaj scaled = q.copy();
    for (int j = 0; j < d; j++) {
      double value = j < rank ? Math.pow(condition, -j / Math.max(1.0, rank - 1)) : 0;
      for (int i = 0; i < d; i++) {
        scaled.data[i * d + j] *= value;
      }
    }
    DMatrixRMaj c = new DMatrixRMaj(d, d);
    CommonOps_DDRM.multTransB(scaled, q, c);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < i; j++) {
        c.data[i * d + j] = c.data[j * d + i];
      }
    }
    return c.data;
  }

  /** tr (C1 C2)^½ as the roots of the eigenvalues of C1^½ C2 C1^½, both by EJML. */
  private static double byEigenvalues(double[] m1, double[] c1, double[] m2, double[] c2) {
    int d = m1.length;
    DMatrixRMaj root = new DMatrixRMaj(d, d);
    EigenDecomposition_F64<DMatrixRMaj> eigen = eigen(d, c1);
    for (int k = 0; k < d; k++) {
      double value = Math.sqrt(Math.max(0, eigen.getEigenvalue(k).getReal()));
      DMatrixRMaj v = eigen.getEigenVector(k);
      CommonOps_DDRM.multAddTransB(value, v, v, root);
    }
    DMatrixRMaj right = new DMatrixRMaj(d, d);
    DMatrixRMaj both = new DMatrixRMaj(d, d);
    CommonOps_DDRM.mult(DMatrixRMaj.wrap(d, d, c2), root, right);
    CommonOps_DDRM.mult(root, right, both);
    for (int i = 0; i < d; i++) {
      for (int j = 0; j < i; j++) {
        both.data[i * d + j] = both.data[j * d + i];
      }
    }
    EigenDecomposition_F64<DMatrixRMaj> outer = eigen(d, both.data);
    double distance = 0;
    for (int i = 0; i < d; i++) {
      double difference = m1[i] - m2[i];
      distance += difference * difference + c1[i * d + i] + c2[i * d + i];
      distance -= 2 * Math.sqrt(Math.max(0, outer.getEigenvalue(i).getReal()));
    }
    return distance;
  }

  private static EigenDecomposition_F64<DMatrixRMaj> eigen(int d, double[] c) {
    EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(d, true, true);
    assertThat(eigen.decompose(DMatrixRMaj.wrap(d, d, c.clone()))).isTrue();
    return eigen;
  }

  @Test
  void badInput() {
    double[] one = {1};
    assertThatThrownBy(() -> distance(one, one, new double[2], new double[4]))
        .hasMessage(
            "frechetDistance: means of 1 and 2 numbers with covariances of 1 and 4, expected d, d,"
                + " d² and d²");
    assertThatThrownBy(() -> distance(one, new double[] {Double.NaN}, one, one))
        .hasMessageContaining("cholesky: element [0, 0] is NaN");
    Moments a = new Moments(WORKERS, 2);
    Moments b = new Moments(WORKERS, 3);
    assertThatThrownBy(() -> FrechetDistance.between(WORKERS, a, b))
        .hasMessage("frechetDistance: points of 2 and of 3 numbers, expected equally many");
    assertThatThrownBy(() ->
            FrechetDistance.between(
                WORKERS, new Features(new float[4], 2), new Features(new float[3], 3)))
        .hasMessage("frechetDistance: points of 2 and points of 3 numbers, expected equally many");
    assertThatThrownBy(() -> FrechetDistance.between(WORKERS, a, a))
        .hasMessage("moments: mean of 0 points, expected 1 or more");
    assertThatThrownBy(() -> a.add(new float[3]))
        .hasMessage("moments: 3 numbers, expected whole points of 2");
    a.add(new float[2]);
    assertThatThrownBy(a::covariance)
        .hasMessage("moments: covariance of 1 points, expected 2 or more");
    assertThatThrownBy(() -> new Moments(WORKERS, 0))
        .hasMessage("moments: points of 0 numbers, expected 1 or more");
  }

  @Test
  void momentsMatchTheirDefinitionWhateverThePieces() {
    int n = 700;
    int d = 5;
    SplittableRandom random = new SplittableRandom(3);
    float[] x = new float[n * d];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (1000 + random.nextGaussian());
    }
    Moments whole = new Moments(WORKERS, d);
    whole.add(x);
    Moments parts = new Moments(WORKERS, d);
    for (int from = 0; from < n; from += 90) {
      parts.add(Arrays.copyOfRange(x, from * d, Math.min(n, from + 90) * d));
      parts.covariance(); // which changes nothing
    }
    assertThat(parts.count()).isEqualTo(n);
    assertThat(parts.mean()).isEqualTo(whole.mean());
    assertThat(parts.covariance()).isEqualTo(whole.covariance());
    for (int i = 0; i < d; i++) {
      double mean = mean(x, d, i);
      assertThat(whole.mean()[i]).isCloseTo(mean, within(1e-11));
      for (int j = 0; j < d; j++) {
        double other = mean(x, d, j);
        double sum = 0;
        for (int k = 0; k < n; k++) {
          sum += (x[k * d + i] - mean) * (x[k * d + j] - other);
        }
        assertThat(whole.covariance()[i * d + j]).isCloseTo(sum / (n - 1), within(1e-11));
      }
    }
  }

  private static double mean(float[] x, int d, int feature) {
    double sum = 0;
    for (int k = feature; k < x.length; k += d) {
      sum += x[k];
    }
    return sum * d / x.length;
  }
}
