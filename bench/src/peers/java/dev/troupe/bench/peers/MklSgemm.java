package dev.troupe.bench.peers;

import static org.bytedeco.mkl.global.mkl_rt.CblasBMatrix;
import static org.bytedeco.mkl.global.mkl_rt.CblasNoTrans;
import static org.bytedeco.mkl.global.mkl_rt.CblasPacked;
import static org.bytedeco.mkl.global.mkl_rt.CblasRowMajor;

import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.mkl.global.mkl_rt;

/**
 * {@code cblas_sgemm}, or {@code cblas_sgemm_compute} on a B that {@code cblas_sgemm_pack} packed
 * before the timing.
 */
final class MklSgemm implements Work {
  private final WorkSpec.Sgemm spec;
  private final int threads;
  private final FloatPointer a; // [M, K]
  private final FloatPointer b; // [K, N], or packed
  private final FloatPointer c; // [M, N]

  MklSgemm(WorkSpec.Sgemm spec, int threads) {
    this.spec = spec;
    this.threads = threads;
    Native.useThreads(threads);
    a = aligned((long) spec.m() * spec.k()).put(spec.a());
    c = aligned((long) spec.m() * spec.n());
    FloatPointer plain = aligned((long) spec.k() * spec.n()).put(spec.b());
    b = spec.packedB() ? pack(plain) : plain;
  }

  /** MKL asks for 64 bytes; JavaCPP's own allocation gives 16. */
  private static FloatPointer aligned(long size) {
    return new FloatPointer(mkl_rt.MKL_malloc(size * Float.BYTES, 64)).capacity(size);
  }

  private FloatPointer pack(FloatPointer plain) {
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    long bytes = mkl_rt.cblas_sgemm_pack_get_size(CblasBMatrix, m, n, k);
    FloatPointer packed = aligned((bytes + Float.BYTES - 1) / Float.BYTES);
    mkl_rt.cblas_sgemm_pack(
        CblasRowMajor, CblasBMatrix, CblasNoTrans, m, n, k, 1, plain, n, packed);
    mkl_rt.MKL_free(plain);
    return packed;
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public void step() {
    Native.useThreads(threads);
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    if (spec.packedB()) {
      mkl_rt.cblas_sgemm_compute(
          CblasRowMajor, CblasNoTrans, CblasPacked, m, n, k, a, k, b, n, 0, c, n);
    } else {
      mkl_rt.cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
    }
  }

  @Override
  public double flops() {
    return spec.flops(1);
  }

  /** {@code [M, N]}, for tests. */
  float[] result() {
    float[] values = new float[spec.m() * spec.n()];
    c.get(values);
    return values;
  }

  @Override
  public void close() {
    mkl_rt.MKL_free(a);
    mkl_rt.MKL_free(b);
    mkl_rt.MKL_free(c);
  }
}
