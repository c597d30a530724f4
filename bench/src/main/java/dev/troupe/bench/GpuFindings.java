package dev.troupe.bench;

import java.util.List;
import java.util.Map;

/**
 * What {@code gpu-check} has found; {@code gpu.json} has the same names.
 *
 * @param device the GPU and its driver, or the interpreter
 * @param blas the library of matrix products, or "none"
 * @param dnn the library of convolutions, or "none"
 * @param quick whether sizes were small: timings then say nothing
 * @param properties what else the driver says of the device
 * @param stages what was done, and what was not and why
 * @param failures what ended with an error; everything else went on
 * @param kernelsLaunched null before the kernels were checked; so is {@code training}
 */
public record GpuFindings(
    String troupe,
    String java,
    String time,
    String device,
    String blas,
    String dnn,
    Map<String, String> properties,
    boolean quick,
    List<Stage> stages,
    List<Failure> failures,
    Kernels kernelsLaunched,
    List<Checked> checked,
    List<Op> ops,
    List<DnnOp> dnnOps,
    Training training,
    List<Copy> copies,
    List<Bandwidth> kernels,
    List<Product> products,
    List<Convolution> convolutions,
    List<Step> steps,
    List<Peer> peers,
    List<PeerConvolution> peerConvolutions,
    String peersNote) {

  /**
   * A part of the run.
   *
   * @param state "done", "failed", or why it was not run or not to its end
   */
  public record Stage(String stage, String state, double seconds) {}

  /** A piece of a stage that ended with an error. */
  public record Failure(String stage, String what, String message) {}

  /** How many kernels there are for this device, and those that were never launched. */
  public record Kernels(int existing, int launched, List<String> missing) {}

  /**
   * The cases of a primitive.
   *
   * @param by "own" kernels, or a library
   * @param worst the largest c, as of an {@link Op}; it may be 1. With tf32 terms may be off by
   *     2⁻¹⁰ of themselves, too, by a library by 2⁻⁹
   * @param unlikePtx elements that are not bit for bit those of the interpreter, where any NaN is
   *     as good as any other; -1 where they need not be
   * @param wrong what is further off, the first of it
   */
  public record Checked(
      String primitive,
      String precision,
      String by,
      int cases,
      double worst,
      long unlikePtx,
      List<String> wrong) {
    /** Whether it is as it should be. */
    public boolean passed() {
      return wrong.isEmpty() && unlikePtx <= 0;
    }
  }

  /** What was asked of it: what was measured, and "met", "missed" or "not measured". */
  public record Bar(String bar, String measured, String verdict) {}

  /**
   * The device's own copy within its memory, which reads and writes.
   *
   * @param bytes of one of the two arrays
   */
  public record Copy(long bytes, double seconds, double gbPerSecond) {}

  /**
   * An op of the catalogue.
   *
   * @param worst the largest c of {@code |y - ref| ≤ c·(K + 8)·2⁻²⁴·Σ|terms|} against the reference
   * @param unlikePtx elements whose bits are not those of the interpreter, -1 where that is the
   *     device itself
   */
  public record Op(String op, int samples, double worst, double limit, long unlikePtx) {
    /** Whether it is as it should be. */
    public boolean passed() {
      return worst < limit && unlikePtx <= 0;
    }
  }

  /**
   * A convolution or a gradient of one, by the library.
   *
   * @param samples of which the library takes those that it can
   * @param calls of the library, for all samples
   * @param worst the largest c as of an {@link Op}, which may be 1
   * @param wrong what is further off
   * @param repeats whether a second run gives the same bits
   */
  public record DnnOp(
      String op, int samples, int calls, double worst, List<String> wrong, boolean repeats) {
    /** Whether it was computed by the library, and is as it should be. */
    public boolean passed() {
      return calls > 0 && wrong.isEmpty() && repeats;
    }
  }

  /**
   * Trainings of some steps.
   *
   * @param hash of all parameters after them
   * @param again of a second training on a device opened anew
   * @param plain of one without graphs
   * @param leaked bytes in use after the scope of the training has closed
   * @param grown new memory taken between the third step and the last
   * @param lost bytes that the driver has less after the last training than after the first
   * @param narrow the hash of a few steps of narrow networks
   * @param narrowPtx the same on the interpreter; {@code narrow} where that is the device itself
   */
  public record Training(
      int steps,
      String hash,
      String again,
      String plain,
      long leaked,
      long grown,
      long lost,
      String narrow,
      String narrowPtx) {
    private static final long TOLERATED = 16 << 20; // what the driver may keep for itself

    /** Whether it is as it should be. */
    public boolean passed() {
      return hash.equals(again)
          && hash.equals(plain)
          && narrow.equals(narrowPtx)
          && leaked == 0
          && grown == 0
          && lost <= TOLERATED;
    }
  }

  /**
   * A kernel that memory limits, or nearly so.
   *
   * @param array bytes of its larger arrays
   * @param bytes that it has to read and write at least
   * @param computes whether arithmetic takes longer than they do
   * @param shareOfCopy of the rate of a copy of such an array, 0 where that is not known
   */
  public record Bandwidth(
      String kernel,
      long array,
      long bytes,
      boolean computes,
      double seconds,
      double gbPerSecond,
      double shareOfCopy) {}

  /**
   * A batch of matrix products [m, k] x [k, n]; 0 where the machine has no library of them.
   *
   * @param kind {@code matmul}, also with a transposed factor; {@code linearGrad}, both gradients
   *     of such a product, two of the library's; {@code linearMaxout}, a product with bias and the
   *     largest of 5 pieces, of the library's the product alone
   */
  public record Product(
      String kind,
      int batch,
      int m,
      int n,
      int k,
      String precision,
      double ownGflops,
      double blasGflops,
      double ownOverBlas) {}

  /**
   * A convolution or one of its gradients.
   *
   * @param work {@code KIND:MEMBERS,BATCH,IN,OUT,SIZE,KERNEL,STRIDE,PADDING} with {@code KIND} one
   *     of forward, input and weight
   * @param ownGflops where multiplications with padding count
   * @param blasGflops of the library at a product of matrices with as many multiplications, 0
   *     without one
   * @param byDnn the same by the library of convolutions, null where there is none or it cannot
   */
  public record Convolution(
      String work, String precision, double ownGflops, double blasGflops, ByDnn byDnn) {}

  /**
   * A {@link Convolution} by the library, of normal numbers.
   *
   * @param worst the largest c of {@code |y - own| ≤ c·u·Σ|terms|} against our own kernels in
   *     float32, with {@code u = (√K + 8)·2⁻²⁴} for K terms, and 2⁻¹⁰/√K more with TF32: as sums of
   *     random numbers are off
   * @param repeats whether a second run gives the same bits
   */
  public record ByDnn(double gflops, double worst, double limit, boolean repeats) {
    /** Whether it is as it should be. */
    public boolean passed() {
      return worst < limit && repeats;
    }
  }

  /**
   * A training step of {@code grid2d}.
   *
   * @param kernels where its time goes, the longest first; empty for a graph
   */
  public record Step(
      int members,
      String precision,
      boolean graph,
      int launches,
      double milliseconds,
      List<StepKernel> kernels) {}

  /**
   * A kernel of a step.
   *
   * @param microseconds of all its launches, between events around each
   */
  public record StepKernel(String kernel, int launches, double microseconds) {}

  /** The same step elsewhere. */
  public record Peer(
      String library, String mode, int members, String precision, double milliseconds) {}

  /** A {@link Convolution} elsewhere. */
  public record PeerConvolution(String library, String work, String precision, double gflops) {}

  /** Whether all that was run went to its end, and is right; how fast it is is no part of it. */
  public boolean passed() {
    return failures.isEmpty()
        && (training == null || training.passed())
        && (kernelsLaunched == null || kernelsLaunched.missing().isEmpty())
        && checked.stream().allMatch(Checked::passed)
        && ops.stream().allMatch(Op::passed)
        && dnnOps.stream().allMatch(DnnOp::passed)
        && convolutions.stream().allMatch(c -> c.byDnn == null || c.byDnn.passed());
  }
}
