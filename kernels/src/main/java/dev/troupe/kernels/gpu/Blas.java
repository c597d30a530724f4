package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Precision;

/** A library of matrix products that a machine may have beside our own kernels. */
public interface Blas {
  /** Its name and version. */
  String description();

  /**
   * {@code c[e] = op(a[e]) · op(b[e]) + beta · c[e]} for {@code e < batch}, row-major, all sizes at
   * least 1: as {@link dev.troupe.kernels.Primitive.MatMul}. Adds up in an order that the same
   * sizes on the same GPU always give; the number of members may change it.
   *
   * @param sharedA whether there is one matrix a for all e
   * @param a its address
   */
  void multiply(
      Precision precision,
      int batch,
      int m,
      int n,
      int k,
      boolean transA,
      boolean transB,
      boolean sharedA,
      boolean sharedB,
      long a,
      long b,
      float beta,
      long c);
}
