package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GemmTest {
  private static final Workers ONE = new Workers(1);
  private static final Workers TWO = new Workers(2);
  private static final Workers FOUR = new Workers(4);

  @AfterAll
  static void close() {
    ONE.close();
    TWO.close();
    FOUR.close();
  }

  /** One product with everything that can vary; arrays are padded with NaN around the operands. */
  private record Case(
      boolean transA,
      boolean transB,
      int batch,
      int m,
      int n,
      int k,
      boolean sharedA,
      boolean sharedB,
      boolean withBias,
      boolean sharedBias,
      boolean accumulate) {

    static final int A_OFF = 3;
    static final int B_OFF = 5;
    static final int BIAS_OFF = 2;
    static final int C_OFF = 7;

    static Case of(boolean transA, boolean transB, int batch, int m, int n, int k) {
      return new Case(transA, transB, batch, m, n, k, false, false, false, false, false);
    }

    Case shared(boolean a, boolean b) {
      return new Case(transA, transB, batch, m, n, k, a, b, withBias, sharedBias, accumulate);
    }

    Case biased(boolean forAll) {
      return new Case(transA, transB, batch, m, n, k, sharedA, sharedB, true, forAll, false);
    }

    Case accumulating() {
      return new Case(transA, transB, batch, m, n, k, sharedA, sharedB, false, false, true);
    }

    Case members(int count) {
      return new Case(
          transA, transB, count, m, n, k, sharedA, sharedB, withBias, sharedBias, accumulate);
    }

    int aStride() {
      return sharedA ? 0 : m * k + 1;
    }

    int bStride() {
      return sharedB ? 0 : k * n;
    }

    int biasStride() {
      return sharedBias ? 0 : n + 2;
    }

    int cStride() {
      return m * n + 3;
    }

    float[] a() {
      return operand(11, A_OFF, aStride(), m * k);
    }

    float[] b() {
      return operand(12, B_OFF, bStride(), k * n);
    }

    float[] bias() {
      return withBias ? operand(13, BIAS_OFF, biasStride(), n) : null;
    }

    float[] c() {
      return operand(14, C_OFF, cStride(), m * n);
    }

    /** Member e has the same values whatever the batch. */
    private float[] operand(int seed, int off, int stride, int size) {
      float[] array = new float[off + Math.max(0, batch - 1) * stride + size + 4];
      Arrays.fill(array, Float.NaN);
      for (int e = 0; e < batch; e++) {
        SplittableRandom random = new SplittableRandom(seed * 1000L + (stride == 0 ? 0 : e));
        for (int i = 0; i < size; i++) {
          array[off + e * stride + i] = random.nextFloat() * 2 - 1;
        }
      }
      return array;
    }

    float[] run(Workers workers) {
      float[] c = c();
      Gemm.multiply(
          workers,
          transA,
          transB,
          batch,
          m,
          n,
          k,
          a(),
          A_OFF,
          aStride(),
          b(),
          B_OFF,
          bStride(),
          bias(),
          BIAS_OFF,
          biasStride(),
          accumulate,
          c,
          C_OFF,
          cStride());
      return c;
    }

    float[] runPacked(Workers workers) {
      float[] c = c();
      PackedMatrix packed = new PackedMatrix(sharedB ? 1 : batch, k, n);
      packed.pack(workers, transB, b(), B_OFF, bStride());
      Gemm.multiplyPacked(
          workers,
          transA,
          batch,
          m,
          a(),
          A_OFF,
          aStride(),
          packed,
          bias(),
          BIAS_OFF,
          biasStride(),
          accumulate,
          c,
          C_OFF,
          cStride());
      return c;
    }

    /** Compares with a triple loop in double; returns the largest error in units of the bound. */
    double check(float[] result) {
      float[] a = a();
      float[] b = b();
      float[] bias = bias();
      float[] old = c();
      float[] untouched = c();
      double worst = 0;
      for (int e = 0; e < batch; e++) {
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            int at = C_OFF + e * cStride() + i * n + j;
            double sum = accumulate ? old[at] : 0;
            sum += withBias ? bias[BIAS_OFF + e * biasStride() + j] : 0;
            double terms = Math.abs(sum);
            for (int q = 0; q < k; q++) {
              double x = a[A_OFF + e * aStride() + (transA ? q * m + i : i * k + q)];
              double y = b[B_OFF + e * bStride() + (transB ? j * k + q : q * n + j)];
              sum += x * y;
              terms += Math.abs(x * y);
            }
            double error = Math.abs(result[at] - sum) / ((k + 8) * 0x1p-24 * terms);
            if (terms == 0 ? result[at] != 0 : !(error <= 1)) {
              throw new AssertionError(
                  this
                      + ": c["
                      + e
                      + ", "
                      + i
                      + ", "
                      + j
                      + "] is "
                      + result[at]
                      + ", expected "
                      + sum);
            }
            worst = Math.max(worst, terms == 0 ? 0 : error);
            untouched[at] = result[at];
          }
        }
      }
      assertThat(bits(result)).as("elements outside of C").isEqualTo(bits(untouched));
      return worst;
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  /** All ways to compute one case have the same bits, and those are right. */
  private static void checkEverywhere(Case product) {
    float[] one = product.run(ONE);
    double worst = product.check(one);
    assertThat(worst).isLessThanOrEqualTo(1);
    int[] expected = bits(one);
    assertThat(bits(product.run(TWO))).as("2 threads: %s", product).isEqualTo(expected);
    assertThat(bits(product.run(FOUR))).as("4 threads: %s", product).isEqualTo(expected);
    assertThat(bits(product.runPacked(ONE))).as("packed: %s", product).isEqualTo(expected);
    assertThat(bits(product.runPacked(FOUR))).as("packed, 4: %s", product).isEqualTo(expected);
  }

  private static void checkVariants(int m, int n, int k) {
    for (int t = 0; t < 4; t++) {
      boolean ta = (t & 1) != 0;
      boolean tb = (t & 2) != 0;
      checkEverywhere(Case.of(ta, tb, 1, m, n, k));
      checkEverywhere(Case.of(ta, tb, 1, m, n, k).biased(false));
      checkEverywhere(Case.of(ta, tb, 1, m, n, k).accumulating());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 31, 33, 127})
  void agreesWithTheTripleLoopAtAwkwardSizes(int m) {
    for (int n : new int[] {1, 3, 31, 33, 127}) {
      for (int k : new int[] {1, 3, 31, 33, 127}) {
        checkVariants(m, n, k);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1025, 3, 33",
    "3, 1025, 33",
    "33, 3, 1025",
    "33, 31, 1025",
    "1025, 33, 1",
    "1, 1025, 1025",
    "1025, 1, 1025",
    "127, 1025, 31",
    "1, 1, 2500",
    "13, 32, 2500",
    "40, 50, 2100"
  })
  void agreesWithTheTripleLoopAtLongSizes(int m, int n, int k) {
    checkVariants(m, n, k);
  }

  @ParameterizedTest
  @CsvSource({
    "100, 400, 400", "100, 1000, 200", "100, 400, 2", "100, 2, 400", "100, 1, 200", "100, 200, 1",
    "400, 400, 100", "200, 1000, 100", "2, 400, 100", "200, 1, 100", "400, 2, 200", "100, 200, 1000"
  })
  void agreesWithTheTripleLoopAtShapesOfATrainingStep(int m, int n, int k) {
    checkVariants(m, n, k);
  }

  @Test
  void everyNumberOfRowsAndColumnsUpToSomeTiles() {
    for (int m = 1; m <= 60; m++) {
      checkEverywhere(Case.of(false, false, 1, m, 37, 5));
      checkEverywhere(Case.of(true, false, 1, m, 64, 5));
    }
    for (int n = 1; n <= 100; n++) {
      checkEverywhere(Case.of(false, false, 1, 14, n, 6));
      checkEverywhere(Case.of(false, true, 1, 14, n, 6));
    }
  }

  @Test
  void membersShareOperandsOrHaveTheirOwn() {
    for (int batch : new int[] {2, 3, 5, 8}) {
      for (int variant = 0; variant < 16; variant++) {
        Case product =
            Case.of((variant & 1) != 0, (variant & 2) != 0, batch, 30, 70, 45)
                .shared((variant & 4) != 0, (variant & 8) != 0);
        checkEverywhere(product);
        checkEverywhere(product.biased(false));
        checkEverywhere(product.biased(true));
        checkEverywhere(product.accumulating());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "100, 400, 400, false, false", "100, 2, 400, false, false", "100, 400, 2, false, false",
    "400, 400, 100, true, false", "100, 400, 1000, false, true", "2, 400, 100, true, false",
    "300, 40, 1500, false, false"
  })
  void aMemberHasTheSameBitsAloneAndAmongEight(int m, int n, int k, boolean ta, boolean tb) {
    Case eight = Case.of(ta, tb, 8, m, n, k);
    Case alone = eight.members(1);
    float[] expected = Arrays.copyOfRange(alone.run(ONE), Case.C_OFF, Case.C_OFF + m * n);
    for (Workers workers : new Workers[] {ONE, TWO, FOUR}) {
      float[] c = eight.run(workers);
      float[] first = Arrays.copyOfRange(c, Case.C_OFF, Case.C_OFF + m * n);
      assertThat(bits(first)).isEqualTo(bits(expected));
    }
  }

  /** The order of summation, in so many words: one chain over k, wherever blocks end. */
  @ParameterizedTest
  @CsvSource({"5, 40, 3000, false", "100, 70, 513, true", "14, 3, 1025, false"})
  void everyElementIsOneChainOfFusedMultiplyAdds(int m, int n, int k, boolean tb) {
    Case product = Case.of(false, tb, 1, m, n, k).biased(false);
    float[] a = product.a();
    float[] b = product.b();
    float[] bias = product.bias();
    float[] c = product.run(TWO);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = bias[Case.BIAS_OFF + j];
        for (int q = 0; q < k; q++) {
          float y = b[Case.B_OFF + (tb ? j * k + q : q * n + j)];
          sum = Math.fma(a[Case.A_OFF + i * k + q], y, sum);
        }
        assertThat(c[Case.C_OFF + i * n + j]).isEqualTo(sum);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "3, 2", "40, 70", "100, 1", "2, 100"})
  void anEmptySumIsTheStart(int m, int n) {
    checkVariants(m, n, 0);
  }

  @Test
  void emptyResultsTouchNothing() {
    checkVariants(0, 5, 3);
    checkVariants(5, 0, 3);
    checkEverywhere(Case.of(false, false, 0, 4, 4, 4));
  }

  @ParameterizedTest
  @CsvSource({"20, 40, 30", "100, 2, 30", "3, 70, 600"})
  void nanAndInfinityPropagateAlsoThroughZeros(int m, int n, int k) {
    float[] a = new float[m * k];
    float[] b = new float[k * n];
    Arrays.fill(b, 1f);
    b[(k - 1) * n] = Float.NaN; // column 0
    b[n + 1] = Float.POSITIVE_INFINITY; // column 1
    float[] c = new float[m * n];
    Gemm.multiply(TWO, false, false, 1, m, n, k, a, 0, 0, b, 0, 0, null, 0, 0, false, c, 0, 0);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        assertThat(Float.isNaN(c[i * n + j])).isEqualTo(j < 2); // 0 · inf is NaN
      }
    }
    Arrays.fill(a, 1f);
    Gemm.multiply(TWO, false, false, 1, m, n, k, a, 0, 0, b, 0, 0, null, 0, 0, false, c, 0, 0);
    assertThat(c[1]).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(c[0]).isNaN();
  }

  @Test
  void aPackedMatrixCanBePackedAgain() {
    PackedMatrix packed = new PackedMatrix(1, 2, 2);
    float[] c = new float[4];
    float[] a = {1, 2, 3, 4};
    for (float scale : new float[] {1, 10}) {
      packed.pack(TWO, true, new float[] {scale, 0, 0, scale}, 0, 0);
      Gemm.multiplyPacked(TWO, false, 1, 2, a, 0, 0, packed, null, 0, 0, false, c, 0, 0);
      assertThat(c).containsExactly(scale, 2 * scale, 3 * scale, 4 * scale);
    }
    assertThat(packed.batch()).isEqualTo(1);
    assertThat(packed.k()).isEqualTo(2);
    assertThat(packed.n()).isEqualTo(2);
  }

  @Test
  void refusesWhatDoesNotFit() {
    float[] four = new float[4];
    assertThatThrownBy(() ->
            Gemm.multiply(
                ONE,
                false,
                false,
                1,
                2,
                2,
                2,
                four,
                1,
                0,
                four,
                0,
                0,
                null,
                0,
                0,
                false,
                new float[4],
                0,
                0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("matmul: a takes elements 1 to 5 (stride 0), the array has 4");
    assertThatThrownBy(() ->
            Gemm.multiply(
                ONE,
                false,
                false,
                1,
                2,
                2,
                2,
                four,
                0,
                0,
                four,
                0,
                0,
                four,
                0,
                0,
                true,
                new float[4],
                0,
                0))
        .hasMessage("matmul: a bias and accumulate exclude each other");
    assertThatThrownBy(() ->
            Gemm.multiply(
                ONE,
                false,
                false,
                2,
                2,
                2,
                2,
                four,
                0,
                0,
                four,
                0,
                0,
                null,
                0,
                0,
                false,
                new float[8],
                0,
                2))
        .hasMessage("matmul: results overlap: stride of c is 2, expected 4 or more");
    assertThatThrownBy(() ->
            Gemm.multiply(
                ONE, false, false, 1, -1, 2, 2, four, 0, 0, four, 0, 0, null, 0, 0, false, four, 0,
                0))
        .hasMessage("matmul: expected sizes of 0 or more, got batch 1, m -1, n 2, k 2");
    assertThatThrownBy(() ->
            Gemm.multiplyPacked(
                ONE,
                false,
                3,
                2,
                four,
                0,
                0,
                new PackedMatrix(2, 2, 2),
                null,
                0,
                0,
                false,
                new float[12],
                0,
                4))
        .hasMessage("matmul: b is packed for 2 members, expected 1 or 3");
  }
}
