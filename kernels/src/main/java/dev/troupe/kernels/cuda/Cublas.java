package dev.troupe.kernels.cuda;

import dev.troupe.kernels.Precision;
import dev.troupe.kernels.gpu.Blas;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasAtomicsMode;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasPointerMode;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/** cuBLAS of CUDA 12 on a machine's stream, with a workspace of its own, as graphs require. */
final class Cublas implements Blas, AutoCloseable {
  /** What NVIDIA recommends for Hopper; the older ones need 4 MiB. */
  static final long WORKSPACE = 32 << 20;

  private static final Pointer ONE = Pointer.to(new float[] {1});

  private final CudaMachine machine;
  private final cublasHandle handle = new cublasHandle();
  private final float[] beta = new float[1];
  private final Pointer betaPointer = Pointer.to(beta);
  private Precision current = Precision.FP32;

  /**
   * The library, if the machine has it.
   *
   * @param workspace the address of {@link #WORKSPACE} bytes
   */
  static Optional<Cublas> open(CudaMachine machine, CUstream stream, long workspace) {
    try {
      return Optional.of(new Cublas(machine, stream, workspace));
    } catch (LinkageError _) {
      return Optional.empty();
    }
  }

  private Cublas(CudaMachine machine, CUstream stream, long workspace) {
    this.machine = machine;
    int created = JCublas2.cublasCreate(handle);
    if (created == cublasStatus.CUBLAS_STATUS_ALLOC_FAILED) {
      throw new OutOfMemoryError(Driver.NAME + ": cublasCreate");
    }
    check(created, "cublasCreate", "");
    check(JCublas2.cublasSetStream(handle, new cudaStream_t(stream)), "cublasSetStream", "");
    check(
        JCublas2.cublasSetWorkspace(handle, new Address(workspace), WORKSPACE),
        "cublasSetWorkspace",
        WORKSPACE + " bytes");
    check(
        JCublas2.cublasSetPointerMode(handle, cublasPointerMode.CUBLAS_POINTER_MODE_HOST),
        "cublasSetPointerMode",
        "");
    check(
        JCublas2.cublasSetAtomicsMode(handle, cublasAtomicsMode.CUBLAS_ATOMICS_NOT_ALLOWED),
        "cublasSetAtomicsMode",
        "");
  }

  @Override
  public String description() {
    int[] version = new int[1];
    check(JCublas2.cublasGetVersion(handle, version), "cublasGetVersion", "");
    return "cuBLAS " + version[0] / 10_000 + "." + version[0] / 100 % 100 + "." + version[0] % 100;
  }

  @Override
  public void multiply(
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
      long c) {
    machine.bind();
    if (precision != current) {
      int mode =
          precision == Precision.TF32
              ? cublasMath.CUBLAS_TF32_TENSOR_OP_MATH
              : cublasMath.CUBLAS_DEFAULT_MATH;
      check(JCublas2.cublasSetMathMode(handle, mode), "cublasSetMathMode", precision);
      current = precision;
    }
    this.beta[0] = beta;
    CudaProfile profile = machine.profile();
    if (profile != null) {
      profile.before("cublasSgemm", batch + " of [" + m + ", " + k + "] x [" + k + ", " + n + "]");
    }
    machine.launches("cublasSgemmStridedBatched", null);
    // Its matrices are column-major: it computes the transposes, cᵀ [n, m] = op(b)ᵀ · op(a)ᵀ.
    int status =
        JCublas2.cublasSgemmStridedBatched(
            handle,
            transB ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N,
            transA ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N,
            n,
            m,
            k,
            ONE,
            new Address(b),
            transB ? k : n,
            sharedB ? 0 : (long) k * n,
            new Address(a),
            transA ? m : k,
            sharedA ? 0 : (long) m * k,
            betaPointer,
            new Address(c),
            n,
            (long) m * n,
            batch);
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw failure(
          status,
          "cublasSgemmStridedBatched",
          batch + " of [" + m + ", " + k + "] x [" + k + ", " + n + "]");
    }
    if (profile != null) {
      profile.after();
    }
  }

  private static void check(int status, String call, Object about) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw failure(status, call, about);
    }
  }

  private static IllegalStateException failure(int status, String call, Object about) {
    return new IllegalStateException(
        Driver.NAME + ": " + call + " (" + about + "): " + cublasStatus.stringFor(status));
  }

  @Override
  public void close() {
    check(JCublas2.cublasDestroy(handle), "cublasDestroy", "");
  }
}
