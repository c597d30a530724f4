package dev.troupe.gan.metrics;

import dev.troupe.kernels.cpu.Gemm;
import dev.troupe.kernels.cpu.PackedMatrix;
import dev.troupe.kernels.cpu.Workers;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All squared distances between two sets, as float products with a bound of their error, and any
 * one of them in float64. Whoever asks the second where the first leaves a question open gets a
 * result that no rounding of the first can change.
 *
 * <p>Both sets are shifted by the mean of the base, c, which leaves distances as they are and makes
 * the error small. With q' = q - c and b' = b - c in float the product gives {@code ‖b'‖² - 2
 * q'·b'}, one chain of fused multiply-adds that starts from ‖b'‖². To that ‖q'‖² is added in
 * float64.
 *
 * <p>Error, with u = 2⁻²⁴ and d numbers in a point: d rounded additions and the rounded ‖b'‖² give
 * (d + 1) u (‖b'‖² + 2 ‖q'‖ ‖b'‖), the rounding of q' and b' gives 2 u (‖q'‖ + ‖b'‖)², all to first
 * order. Together that is below {@code (d + 8) u / (1 - (d + 8) u) · (‖q'‖ + ‖b'‖)²}, and below 2
 * (d + 8) 2⁻¹⁴⁹ more where numbers are so small that floats are denormal.
 */
final class SquaredDistances {
  /** What looks at the distances of one query to some neighbouring points of the base. */
  interface Scan {
    /**
     * Called for each query and each block of the base: for one query by one thread at a time, and
     * with rising {@code first}.
     *
     * @param query the query
     * @param first the first point of the base
     * @param count how many points
     * @param c c[at + j] + norm is the squared distance to point first + j, but for the error
     * @param norm ‖q'‖²
     * @param error bound of the error; infinite where floats may have overflown, and c may then be
     *     infinite or NaN
     */
    void row(int query, int first, int count, float[] c, int at, double norm, double error);
  }

  /** Points of the base in a block: with those of a task, its distances stay in the L2 cache. */
  private static final int BASE = 1024;

  /** Most queries of a task. */
  private static final int QUERIES = 256;

  private final Workers workers;
  private final float[] queries;
  private final float[] base;
  private final int width;
  private final int queryCount;
  private final int baseCount;

  SquaredDistances(Workers workers, Features queries, Features base) {
    this.workers = workers;
    this.queries = queries.values();
    this.base = base.values();
    this.width = queries.width();
    this.queryCount = queries.count();
    this.baseCount = base.count();
  }

  /**
   * The squared distance in float64: the squares of the differences are added up in 8 chains of
   * fused multiply-adds, which are folded in halves. Equal pairs have equal bits, in either order.
   * The relative error is at most (d / 8 + 5) 2⁻⁵³.
   */
  double exact(int query, int point) {
    int q = query * width;
    int b = point * width;
    int whole = width - width % 8;
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    double s4 = 0;
    double s5 = 0;
    double s6 = 0;
    double s7 = 0;
    for (int i = 0; i < whole; i += 8) {
      double e0 = (double) queries[q + i] - base[b + i];
      double e1 = (double) queries[q + i + 1] - base[b + i + 1];
      double e2 = (double) queries[q + i + 2] - base[b + i + 2];
      double e3 = (double) queries[q + i + 3] - base[b + i + 3];
      double e4 = (double) queries[q + i + 4] - base[b + i + 4];
      double e5 = (double) queries[q + i + 5] - base[b + i + 5];
      double e6 = (double) queries[q + i + 6] - base[b + i + 6];
      double e7 = (double) queries[q + i + 7] - base[b + i + 7];
      s0 = Math.fma(e0, e0, s0);
      s1 = Math.fma(e1, e1, s1);
      s2 = Math.fma(e2, e2, s2);
      s3 = Math.fma(e3, e3, s3);
      s4 = Math.fma(e4, e4, s4);
      s5 = Math.fma(e5, e5, s5);
      s6 = Math.fma(e6, e6, s6);
      s7 = Math.fma(e7, e7, s7);
    }
    for (int i = whole; i < width; i++) {
      double e = (double) queries[q + i] - base[b + i];
      s0 = Math.fma(e, e, s0);
    }
    return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7));
  }

  /** Shows all distances to a scan, on all threads. */
  void forEach(Scan scan) {
    if (queryCount == 0 || baseCount == 0) {
      return;
    }
    float[] centre = centre();
    double[] norms = new double[queryCount];
    workers.runRanges(queryCount, 16, (from, to) -> norms(queries, from, to, centre, norms, 0));
    int block = Math.clamp((1 << 24) / width, 16, BASE);
    int perTask = Math.clamp(Math.ceilDiv(queryCount, 4 * workers.threads()), 16, QUERIES);
    int tasks = Math.ceilDiv(queryCount, perTask);
    Lane[] lanes = new Lane[Math.min(workers.threads(), tasks)];
    Arrays.setAll(lanes, i -> new Lane(perTask * width, perTask * Math.min(block, baseCount)));
    float[] points = new float[Math.min(block, baseCount) * width];
    float[] starts = new float[block];
    double[] squares = new double[block];
    PackedMatrix packed = null;
    for (int first = 0; first < baseCount; first += block) {
      int from = first;
      int count = Math.min(block, baseCount - first);
      workers.runRanges(
          count,
          16,
          (i, end) -> {
            shift(base, from + i, from + end, centre, 1, points, i * width);
            norms(base, from + i, from + end, centre, squares, from);
          });
      double largest = 0;
      for (int j = 0; j < count; j++) {
        starts[j] = (float) squares[j];
        largest = Math.max(largest, Math.sqrt(squares[j]));
      }
      packed = packed != null && packed.n() == count ? packed : new PackedMatrix(1, width, count);
      PackedMatrix b = packed.pack(workers, true, points, 0, 0);
      double length = largest;
      AtomicInteger next = new AtomicInteger();
      workers.run(
          lanes.length,
          lane -> {
            for (int t = next.getAndIncrement(); t < tasks; t = next.getAndIncrement()) {
              int q = t * perTask;
              int rows = Math.min(perTask, queryCount - q);
              Lane memory = lanes[lane];
              shift(queries, q, q + rows, centre, -2, memory.queries, 0);
              Gemm.multiplyPacked(
                  workers,
                  false,
                  1,
                  rows,
                  memory.queries,
                  0,
                  0,
                  b,
                  starts,
                  0,
                  0,
                  false,
                  memory.products,
                  0,
                  0);
              for (int r = 0; r < rows; r++) {
                double norm = norms[q + r];
                double error = error(Math.sqrt(norm) + length);
                scan.row(q + r, from, count, memory.products, r * count, norm, error);
              }
            }
          });
    }
  }

  /** What a thread works in. */
  private record Lane(float[] queries, float[] products) {
    Lane(int queries, int products) {
      this(new float[queries], new float[products]);
    }
  }

  private double error(double lengths) {
    double share = (width + 8) * 0x1p-24;
    double squared = lengths * lengths; // no partial sum of a product is larger
    if (share > 0.5 || !(squared < 0x1p126)) {
      return Double.POSITIVE_INFINITY;
    }
    return share / (1 - share) * squared + 2.0 * (width + 8) * Float.MIN_VALUE;
  }

  /** The mean of the base; its rounding is of no matter. */
  private float[] centre() {
    double[] sums = new double[width];
    for (int at = 0; at < base.length; at += width) {
      for (int j = 0; j < width; j++) {
        sums[j] += base[at + j];
      }
    }
    float[] centre = new float[width];
    for (int j = 0; j < width; j++) {
      centre[j] = (float) (sums[j] / baseCount);
    }
    return centre;
  }

  /** {@code (x - centre) · factor} of rows [from, to), with a factor that is exact. */
  private void shift(
      float[] x, int from, int to, float[] centre, float factor, float[] out, int at) {
    for (int i = from * width; i < to * width; i += width, at += width) {
      for (int j = 0; j < width; j++) {
        out[at + j] = (x[i + j] - centre[j]) * factor;
      }
    }
  }

  /** ‖x - centre‖² of rows [from, to), into out[from - first] and following. */
  private void norms(float[] x, int from, int to, float[] centre, double[] out, int first) {
    for (int i = from; i < to; i++) {
      double even = 0;
      double odd = 0;
      int at = i * width;
      int j = 0;
      for (; j + 2 <= width; j += 2) {
        double a = x[at + j] - centre[j];
        double b = x[at + j + 1] - centre[j + 1];
        even = Math.fma(a, a, even);
        odd = Math.fma(b, b, odd);
      }
      if (j < width) {
        double a = x[at + j] - centre[j];
        even = Math.fma(a, a, even);
      }
      out[i - first] = even + odd;
    }
  }
}
