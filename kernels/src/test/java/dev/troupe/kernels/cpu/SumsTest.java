package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SumsTest {
  private static final double UNIT = 0x1p-24;
  private static final int OFF = 3;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 31, 33, 63, 64, 65, 127, 1025, 4095, 4096, 4097, 8192, 100_003})
  void sumFollowsItsTreeAndItsBound(int n) {
    float[] x = numbers(n + OFF, 1, 0.3);
    float sum = Sums.sum(x, OFF, n);
    assertThat(sum).isEqualTo(treeSum(x, OFF, n));
    double exact = 0;
    double size = 0;
    for (int i = OFF; i < OFF + n; i++) {
      exact += x[i];
      size += Math.abs(x[i]);
    }
    double steps = Math.min(n, Sums.CHUNK) / 64.0 + 7 + 17;
    assertThat((double) sum).isCloseTo(exact, within(steps * UNIT * size));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4096, 4097, 50_000})
  void chunksMakeTheSum(int n) {
    float[] x = numbers(n, 1, 0.3);
    int chunks = Sums.chunks(n);
    float[] sums = new float[chunks];
    for (int c = chunks - 1; c >= 0; c--) {
      sums[c] = Sums.chunkSum(x, 0, n, c);
    }
    assertThat(Sums.fold(sums, 0, chunks)).isEqualTo(Sums.sum(x, 0, n));
  }

  @Test
  void sumsOfSpecialValues() {
    float[] x = numbers(200, 1, 0);
    x[70] = Float.POSITIVE_INFINITY;
    assertThat(Sums.sum(x, 0, 200)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Sums.sum(x, 0, 70)).isFinite();
    x[199] = Float.NEGATIVE_INFINITY;
    assertThat(Float.floatToRawIntBits(Sums.sum(x, 0, 200)))
        .isEqualTo(Float.floatToRawIntBits(Float.NaN));
    x[3] = Float.intBitsToFloat(0xffc00123);
    float[] moments = new float[2];
    Sums.moments(x, 0, 1, 10, 10, moments, 0);
    assertThat(Float.floatToRawIntBits(moments[1])).isEqualTo(Float.floatToRawIntBits(Float.NaN));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 15, 16, 17, 33, 127, 1025})
  void extremes(int n) {
    float[] x = numbers(n + OFF, 1, 0);
    for (int at : new int[] {0, n / 2, n - 1}) {
      float[] y = x.clone();
      y[OFF + at] = 99;
      y[OFF + n - 1] = 99;
      assertThat(Extremes.max(y, OFF, n)).isEqualTo(99);
      assertThat(Extremes.argmax(y, OFF, n)).isEqualTo(at);
      y[OFF + at] = -99;
      assertThat(Extremes.min(y, OFF, n)).isEqualTo(-99);
      assertThat(Extremes.argmin(y, OFF, n)).isEqualTo(at);
      y[OFF + at] = Float.intBitsToFloat(0xffc00001);
      y[OFF + n - 1] = Float.NaN;
      assertThat(Float.floatToRawIntBits(Extremes.max(y, OFF, n))).isEqualTo(0x7fc00000);
      assertThat(Float.floatToRawIntBits(Extremes.min(y, OFF, n))).isEqualTo(0x7fc00000);
      assertThat(Extremes.argmax(y, OFF, n)).isEqualTo(at);
      assertThat(Extremes.argmin(y, OFF, n)).isEqualTo(at);
    }
    float[] zeros = new float[n];
    zeros[0] = -0f;
    assertThat(Extremes.argmax(zeros, 0, n)).isZero();
    assertThat(Float.floatToRawIntBits(Extremes.max(zeros, 0, n))).isEqualTo(n == 1 ? 1 << 31 : 0);
    Arrays.fill(zeros, Float.NEGATIVE_INFINITY);
    assertThat(Extremes.argmax(zeros, 0, n)).isZero();
  }

  @Test
  void nothingToReduce() {
    assertThatThrownBy(() -> Extremes.max(new float[1], 0, 0))
        .hasMessage("max: 0 elements, expected 1 or more");
    assertThatThrownBy(() -> Sums.moments(new float[1], 0, 0, 5, 5, new float[2], 0))
        .hasMessage("moments: 0 segments of 5 elements, expected 1 or more");
    assertThatThrownBy(
            () -> ColumnMoments.moments(new float[1], 0, 0, 1, 1, new float[1], 0, new float[1], 0))
        .hasMessage("moments: 0 rows, expected 1 or more");
  }

  /**
   * Variances keep their relative accuracy with the mean a million deviations away, and with an
   * outlier as the first row.
   */
  @Test
  void momentsOfColumns() {
    double largest = 0;
    for (int rows : new int[] {1, 2, 5, 100, 127, 1025}) {
      for (double mean : new double[] {0, 1, 1e3, -1e6}) {
        for (boolean outlier : new boolean[] {false, true}) {
          int columns = 19;
          float[] x = numbers(rows * columns, 1, mean);
          if (outlier) {
            for (int f = 0; f < columns; f++) {
              x[f] += 20;
            }
          }
          float[] means = new float[columns];
          float[] variances = new float[columns];
          ColumnMoments.moments(x, 0, rows, columns, columns, means, 0, variances, 0);
          for (int f = 0; f < columns; f++) {
            float[] column = new float[rows];
            for (int r = 0; r < rows; r++) {
              column[r] = x[r * columns + f];
            }
            largest = Math.max(largest, checkMoments(column, means[f], variances[f]));
          }
        }
      }
    }
    System.out.printf("column variance: error at most %.2f units of 2^-24%n", largest);
  }

  @Test
  void momentsOfSegments() {
    for (int segments : new int[] {1, 2, 3, 64}) {
      for (int length : new int[] {1, 16, 49, 64, 1024, 5000}) {
        for (double mean : new double[] {0, 1e3, -1e6}) {
          int stride = length + 7;
          float[] x = numbers(segments * stride, 1, mean);
          float[] out = new float[2];
          Sums.moments(x, 0, segments, length, stride, out, 0);
          float[] values = new float[segments * length];
          for (int s = 0; s < segments; s++) {
            System.arraycopy(x, s * stride, values, s * length, length);
          }
          checkMoments(values, out[0], out[1]);
        }
      }
    }
  }

  private static double checkMoments(float[] x, float mean, float variance) {
    double exactMean = 0;
    for (float v : x) {
      exactMean += v / (double) x.length;
    }
    double exact = 0;
    for (float v : x) {
      exact += (v - exactMean) * (v - exactMean) / x.length;
    }
    double distance = 0;
    for (float v : x) {
      distance += Math.abs(v - x[0]) / (double) x.length;
    }
    double allowed = UNIT * (Math.abs(exactMean) + (x.length + 6) * distance);
    assertThat((double) mean).isCloseTo(exactMean, within(allowed));
    double error = exact == 0 ? Math.abs(variance) : Math.abs(variance - exact) / exact / UNIT;
    assertThat(error).isLessThan(x.length / 4.0 + 40);
    return error;
  }

  /** The order that the class describes, written down plainly. */
  private static float treeSum(float[] x, int off, int n) {
    float[] chunks = new float[Math.ceilDiv(n, 4096)];
    for (int c = 0; c < chunks.length; c++) {
      float[] lanes = new float[64];
      for (int i = 4096 * c; i < Math.min(n, 4096 * (c + 1)); i++) {
        lanes[i % 64] += x[off + i];
      }
      for (int half = 32; half >= 1; half /= 2) {
        for (int l = 0; l < half; l++) {
          lanes[l] += lanes[l + half];
        }
      }
      chunks[c] = lanes[0];
    }
    return Sums.fold(chunks, 0, chunks.length);
  }

  private static float[] numbers(int n, double sd, double mean) {
    SplittableRandom random = new SplittableRandom(n + 31L);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) (mean + sd * random.nextGaussian());
    }
    return x;
  }
}
