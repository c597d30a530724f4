package dev.troupe.kernels.cpu;

/**
 * Products of row-major float matrices, batched over members: {@code C[e] = op(A[e]) · op(B[e])},
 * with {@code op} the identity or transposition, C {@code [m, n]}, and the reduced dimension {@code
 * k}.
 *
 * <p>Each element of C is one chain of fused multiply-adds in the order of k, which starts from 0,
 * from the bias, or from the old C. Its bits therefore depend on its row of A, its column of B and
 * its start alone: not on threads, vector width, batch, packing, or place in the matrix. The error
 * is at most {@code k · 2⁻²⁴ · Σ|terms|} to first order. NaN and infinities propagate.
 *
 * <p>C must not overlap A, B or the bias. Nothing is allocated in the steady state.
 */
public final class Gemm {
  private Gemm() {}

  /**
   * Multiplies.
   *
   * @param workers threads to use
   * @param transA A lies as {@code [k, m]} instead of {@code [m, k]}
   * @param transB B lies as {@code [n, k]} instead of {@code [k, n]}
   * @param batch number of products
   * @param m rows of C
   * @param n columns of C
   * @param k reduced dimension; with 0, C is its start
   * @param a left operands
   * @param aOff where the first begins
   * @param aStride distance between them; 0 if all products share one
   * @param b right operands
   * @param bOff where the first begins
   * @param bStride distance between them; 0 if all products share one
   * @param bias a row of n values for each product, where every row of C starts; null for none
   * @param biasOff where the first begins
   * @param biasStride distance between them; 0 if all products share one
   * @param accumulate add to the old C; not together with a bias
   * @param c results
   * @param cOff where the first begins
   * @param cStride distance between them, at least m·n if there are several
   */
  public static void multiply(
      Workers workers,
      boolean transA,
      boolean transB,
      int batch,
      int m,
      int n,
      int k,
      float[] a,
      int aOff,
      int aStride,
      float[] b,
      int bOff,
      int bStride,
      float[] bias,
      int biasOff,
      int biasStride,
      boolean accumulate,
      float[] c,
      int cOff,
      int cStride) {
    multiply(
        workers,
        transA,
        transB,
        batch,
        m,
        n,
        k,
        a,
        aOff,
        aStride,
        b,
        bOff,
        bStride,
        bias,
        biasOff,
        biasStride,
        1,
        accumulate,
        c,
        cOff,
        cStride);
  }

  /**
   * {@link #multiply}, then {@code z > 0 ? z : slope · z} of each element.
   *
   * @param slope 1 for none; not together with {@code accumulate}
   */
  static void multiply(
      Workers workers,
      boolean transA,
      boolean transB,
      int batch,
      int m,
      int n,
      int k,
      float[] a,
      int aOff,
      int aStride,
      float[] b,
      int bOff,
      int bStride,
      float[] bias,
      int biasOff,
      int biasStride,
      float slope,
      boolean accumulate,
      float[] c,
      int cOff,
      int cStride) {
    checkSizes(batch, m, n, k, bias, biasOff, biasStride, accumulate, c, cOff, cStride);
    checkOperand("a", a, aOff, aStride, batch, m, k);
    checkOperand("b", b, bOff, bStride, batch, k, n);
    Product product = Product.ofThisThread();
    try {
      product.left(transA, a, aOff, aStride);
      product.right(transB, b, bOff, bStride);
      product.result(bias, biasOff, biasStride, slope, accumulate, c, cOff, cStride);
      product.run(workers, batch, m, n, k);
    } finally {
      product.clear();
    }
  }

  /**
   * Multiplies by a matrix packed beforehand; as {@link #multiply} in all else, bits included.
   *
   * @param b right operands, {@code [k, n]}: one for each product, or one for all
   */
  public static void multiplyPacked(
      Workers workers,
      boolean transA,
      int batch,
      int m,
      float[] a,
      int aOff,
      int aStride,
      PackedMatrix b,
      float[] bias,
      int biasOff,
      int biasStride,
      boolean accumulate,
      float[] c,
      int cOff,
      int cStride) {
    int n = b.n();
    int k = b.k();
    if (b.batch() != 1 && b.batch() != batch) {
      throw new IllegalArgumentException(
          "matmul: b is packed for " + b.batch() + " members, expected 1 or " + batch);
    }
    checkSizes(batch, m, n, k, bias, biasOff, biasStride, accumulate, c, cOff, cStride);
    checkOperand("a", a, aOff, aStride, batch, m, k);
    Product product = Product.ofThisThread();
    try {
      product.left(transA, a, aOff, aStride);
      product.right(b);
      product.result(bias, biasOff, biasStride, 1, accumulate, c, cOff, cStride);
      product.run(workers, batch, m, n, k);
    } finally {
      product.clear();
    }
  }

  private static void checkSizes(
      int batch,
      int m,
      int n,
      int k,
      float[] bias,
      int biasOff,
      int biasStride,
      boolean accumulate,
      float[] c,
      int cOff,
      int cStride) {
    if (batch < 0 || m < 0 || n < 0 || k < 0) {
      throw new IllegalArgumentException(
          "matmul: expected sizes of 0 or more, got batch "
              + batch
              + ", m "
              + m
              + ", n "
              + n
              + ", k "
              + k);
    }
    if (bias != null && accumulate) {
      throw new IllegalArgumentException("matmul: a bias and accumulate exclude each other");
    }
    if (bias != null) {
      checkOperand("bias", bias, biasOff, biasStride, batch, 1, n);
    }
    checkOperand("c", c, cOff, cStride, batch, m, n);
    if (batch > 1 && Math.abs((long) cStride) < (long) m * n) {
      throw new IllegalArgumentException(
          "matmul: results overlap: stride of c is "
              + cStride
              + ", expected "
              + (long) m * n
              + " or more");
    }
  }

  static void checkOperand(
      String name, float[] array, int off, int stride, int batch, int rows, int columns) {
    long size = (long) rows * columns;
    if (batch == 0 || size == 0) {
      return;
    }
    long end = off + (batch - 1L) * stride + size;
    if (off < 0 || stride < 0 || end > array.length) {
      throw new IllegalArgumentException(
          "matmul: "
              + name
              + " takes elements "
              + off
              + " to "
              + end
              + " (stride "
              + stride
              + "), the array has "
              + array.length);
    }
  }
}
