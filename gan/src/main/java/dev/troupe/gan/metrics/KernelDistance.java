package dev.troupe.gan.metrics;

import dev.troupe.kernels.cpu.Workers;
import dev.troupe.kernels.linalg.DoubleGemm;
import java.util.Arrays;

/**
 * The kernel inception distance, KID (Bińkowski et al., "Demystifying MMD GANs", ICLR 2018, section
 * 4): the squared maximum mean discrepancy with the kernel {@code k(x, y) = (x·y / d + 1)³}, in
 * float64. The estimate is unbiased, so it may be below 0:
 *
 * <pre>1/(m (m - 1)) Σ_(i≠j) [k(x_i, x_j) + k(y_i, y_j)] - 2/m² Σ_(i,j) k(x_i, y_j)</pre>
 */
public final class KernelDistance {
  /** Points of a subset in the paper. */
  public static final int SUBSET = 1000;

  /** How many subsets. */
  public static final int SUBSETS = 100;

  private KernelDistance() {}

  /**
   * Mean and sample standard deviation over subsets. Each subset takes {@code size} points of
   * either set, without replacement; which ones follows from the seed and the number of the subset.
   *
   * @param real [N, width]
   * @param generated [M, width]
   * @param size points of a subset, 2 or more; {@link #SUBSET} by default
   * @param subsets how many, 1 or more; {@link #SUBSETS} by default
   * @param seed the same seed gives the same subsets
   */
  public static Summary between(
      Workers workers, Features real, Features generated, int size, int subsets, long seed) {
    Features.sameWidth("kernelDistance", "real points", real, "generated points", generated);
    if (size < 2 || size > Math.min(real.count(), generated.count()) || subsets < 1) {
      throw new IllegalArgumentException(
          "kernelDistance: "
              + subsets
              + " subsets of "
              + size
              + " of "
              + real.count()
              + " real and "
              + generated.count()
              + " generated points, expected 1 or more of 2 to "
              + Math.min(real.count(), generated.count()));
    }
    int width = real.width();
    double[] x = new double[Math.multiplyExact(width, size)]; // [width, size]
    double[] y = new double[width * size];
    double[] values = new double[subsets];
    for (int s = 0; s < subsets; s++) {
      gather(workers, real, new SplitMix(seed, 2L * s), size, x);
      gather(workers, generated, new SplitMix(seed, 2L * s + 1), size, y);
      values[s] = unbiased(workers, width, size, x, y);
    }
    return Summary.of(values);
  }

  /** Random points, transposed: [width, size]. */
  private static void gather(
      Workers workers, Features points, SplitMix random, int size, double[] out) {
    int[] order = new int[points.count()];
    Arrays.setAll(order, i -> i);
    for (int i = 0; i < size; i++) { // the first steps of Fisher and Yates
      int j = i + random.nextInt(order.length - i);
      int picked = order[j];
      order[j] = order[i];
      order[i] = picked;
    }
    int width = points.width();
    workers.runRanges(
        width,
        16,
        (from, to) -> {
          for (int i = 0; i < size; i++) {
            for (int f = from; f < to; f++) {
              out[f * size + i] = points.values()[order[i] * width + f];
            }
          }
        });
  }

  /** The estimate from x and y, [width, m] both. */
  private static double unbiased(Workers workers, int width, int m, double[] x, double[] y) {
    double within = sumAbove(workers, width, m, x) + sumAbove(workers, width, m, y);
    double[] products = new double[m * m];
    DoubleGemm.add(workers, true, false, m, m, width, x, y, products);
    double across = sum(workers, width, m, products, false);
    return 2 * within / ((double) m * (m - 1)) - 2 * across / ((double) m * m);
  }

  /** Σ k(x_i, x_j) over the pairs with i below j. */
  private static double sumAbove(Workers workers, int width, int m, double[] x) {
    double[] products = new double[m * m];
    DoubleGemm.addGram(workers, m, width, x, products);
    return sum(workers, width, m, products, true);
  }

  /** Σ (p / width + 1)³ of [m, m], or of what is above its diagonal: rows, then their sums. */
  private static double sum(Workers workers, int width, int m, double[] products, boolean above) {
    double[] rows = new double[m];
    workers.runRanges(
        m,
        16,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            double sum = 0;
            for (int j = above ? i + 1 : 0; j < m; j++) {
              double t = products[i * m + j] / width + 1;
              sum += t * t * t;
            }
            rows[i] = sum;
          }
        });
    double sum = 0;
    for (double row : rows) {
      sum += row;
    }
    return sum;
  }
}
