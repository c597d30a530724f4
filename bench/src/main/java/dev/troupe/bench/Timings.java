package dev.troupe.bench;

import java.util.Arrays;
import java.util.Locale;

/** The times of single steps, in nanoseconds. */
public final class Timings {
  private long[] nanos = new long[64];
  private int size;

  /** Adds one step. */
  public void add(long stepNanos) {
    if (size == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * size);
    }
    nanos[size++] = stepNanos;
  }

  /** Adds all steps of another run. */
  void addAll(Timings other) {
    for (int i = 0; i < other.size; i++) {
      add(other.nanos[i]);
    }
  }

  /** Steps timed. */
  public int size() {
    return size;
  }

  /** The median step, in milliseconds. */
  public double medianMs() {
    return median(Arrays.stream(nanos, 0, size).asDoubleStream().toArray()) / 1e6;
  }

  /** The fastest step, in milliseconds. */
  public double minMs() {
    return Arrays.stream(nanos, 0, size).min().orElseThrow() / 1e6;
  }

  /**
   * Warms the work up for a third of the time (at least three steps), then times single steps for
   * the rest.
   */
  public static Timings of(Work work, double seconds) {
    warmUp(work, seconds / 3);
    Timings timings = new Timings();
    timings.run(work, seconds * 2 / 3);
    return timings;
  }

  /** At least three steps, and as many as fit. */
  static void warmUp(Work work, double seconds) {
    new Timings().run(work, seconds);
  }

  /** At least three steps, and as many as fit. */
  void run(Work work, double seconds) {
    long start = System.nanoTime();
    long limit = (long) (seconds * 1e9);
    int first = size;
    for (long before = start; size - first < 3 || before - start < limit; ) {
      work.step();
      long after = System.nanoTime();
      add(after - before);
      before = after;
    }
  }

  /** {@code median_ms=… min_ms=… gflops=…}, the speed being that of the median step. */
  public String line(Work work) {
    return String.format(
        Locale.ROOT,
        "median_ms=%.4f min_ms=%.4f gflops=%.1f",
        medianMs(),
        minMs(),
        gflops(work.flops()));
  }

  /** 10⁹ operations a second in the median step. */
  double gflops(double flops) {
    return flops / (medianMs() * 1e6);
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
