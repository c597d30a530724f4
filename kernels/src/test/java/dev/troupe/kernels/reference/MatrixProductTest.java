package dev.troupe.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Values;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MatrixProductTest {
  private final ReferenceDevice device = new ReferenceDevice();
  private final Values values = new Values(device);

  @Test
  void multiplies() {
    Buffer a = values.real(1, 2, 3, 4, 5, 6); // [2, 3]
    Buffer b = values.real(1, 0, 2, 1, 0, 3); // [3, 2]
    Buffer bias = values.real(100, 200);
    Buffer c = values.realOfSize(4);
    device.run(new Primitive.MatMul(1, 2, 2, 3, false, false, false, false, a, b, bias, c));
    assertThat(values.of(c)).containsExactly(105, 211, 114, 223);
    device.run(new Primitive.MatMul(1, 2, 2, 3, true, true, false, false, a, b, null, c));
    // aᵀ of the stored [3, 2] is [[1, 3, 5], [2, 4, 6]], bᵀ of the stored [2, 3] is [[1, 1], [0,
    // 0], [2, 3]]
    assertThat(values.of(c)).containsExactly(11, 16, 14, 20);
  }

  @Test
  void anEmptyProductIsTheBias() {
    Buffer none = values.realOfSize(0);
    Buffer c = values.realOfSize(4);
    device.run(
        new Primitive.MatMul(
            2, 1, 2, 0, false, false, false, false, none, none, values.real(1, 2, 3, 4), c));
    assertThat(values.of(c)).containsExactly(1, 2, 3, 4);
    device.run(new Primitive.MatMul(2, 1, 2, 0, false, false, false, false, none, none, null, c));
    assertThat(values.of(c)).containsExactly(0, 0, 0, 0);
  }

  /** Against the definition, with the storage of each case written out once. */
  @Test
  void everyStorageOfTheFactors() {
    Random random = new Random(5);
    int batch = 3;
    int m = 2;
    int n = 4;
    int k = 5;
    for (int flags = 0; flags < 16; flags++) {
      boolean transA = (flags & 1) != 0;
      boolean transB = (flags & 2) != 0;
      boolean sharedA = (flags & 4) != 0;
      boolean sharedB = (flags & 8) != 0;
      double[][][] a = new double[batch][m][k];
      double[][][] b = new double[batch][k][n];
      double[] storedA = Values.normal(random, (sharedA ? 1 : batch) * m * k);
      double[] storedB = Values.normal(random, (sharedB ? 1 : batch) * k * n);
      for (int e = 0; e < batch; e++) {
        double[] ofA =
            java.util.Arrays.copyOfRange(storedA, sharedA ? 0 : e * m * k, storedA.length);
        double[] ofB =
            java.util.Arrays.copyOfRange(storedB, sharedB ? 0 : e * k * n, storedB.length);
        for (int l = 0; l < k; l++) {
          for (int i = 0; i < m; i++) {
            a[e][i][l] = ofA[transA ? l * m + i : i * k + l];
          }
          for (int j = 0; j < n; j++) {
            b[e][l][j] = ofB[transB ? j * k + l : l * n + j];
          }
        }
      }
      Buffer c = values.realOfSize(batch * m * n);
      device.run(
          new Primitive.MatMul(
              batch,
              m,
              n,
              k,
              transA,
              transB,
              sharedA,
              sharedB,
              values.real(storedA),
              values.real(storedB),
              null,
              c));
      double[] actual = values.of(c);
      for (int e = 0; e < batch; e++) {
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int l = 0; l < k; l++) {
              sum += a[e][i][l] * b[e][l][j];
            }
            assertThat(actual[(e * m + i) * n + j])
                .as("flags %d at %d, %d, %d", flags, e, i, j)
                .isCloseTo(sum, within(1e-13));
          }
        }
      }
    }
  }
}
