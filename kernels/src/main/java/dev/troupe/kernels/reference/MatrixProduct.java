package dev.troupe.kernels.reference;

import dev.troupe.kernels.Primitive;

/** Matrices times matrices. */
final class MatrixProduct {
  private MatrixProduct() {}

  static void matMul(Primitive.MatMul op, Reals a, Reals b, Reals bias, Reals c) {
    int m = op.m();
    int n = op.n();
    int k = op.k();
    for (int e = 0; e < op.batch(); e++) {
      int aStart = op.sharedA() ? 0 : e * m * k;
      int bStart = op.sharedB() ? 0 : e * k * n;
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = 0;
          for (int l = 0; l < k; l++) {
            double ail = a.get(aStart + (op.transA() ? l * m + i : i * k + l));
            double blj = b.get(bStart + (op.transB() ? j * k + l : l * n + j));
            sum = Math.fma(ail, blj, sum);
          }
          double z = bias == null ? sum : sum + bias.get(e * n + j);
          c.set((e * m + i) * n + j, z > 0 ? z : op.slope() * z);
        }
      }
    }
  }
}
