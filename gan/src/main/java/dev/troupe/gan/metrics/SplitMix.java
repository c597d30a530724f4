package dev.troupe.gan.metrics;

/**
 * SplitMix64 (Steele, Lea and Flood, 2014) written out, so that a table's draws do not hang on the
 * JDK's choice of bounded-integer method. Serves statistics on the host; models draw from the
 * tensor module's counter-based generator.
 */
final class SplitMix {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;
  private long state;

  /** A sequence keyed by (seed, stream). */
  SplitMix(long seed, long stream) {
    state = mix(mix(seed) + stream * GAMMA);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  long nextLong() {
    return mix(state += GAMMA);
  }

  /** Uniform in [0, 1), 53 bits. */
  double nextDouble() {
    return (nextLong() >>> 11) * 0x1p-53;
  }

  /**
   * Uniform in 0 to bound - 1, without bias (Lemire, 2019: multiply, reject the short interval).
   */
  int nextInt(int bound) {
    long product = (nextLong() >>> 32) * bound;
    if ((product & 0xFFFFFFFFL) < bound) {
      long threshold = (1L << 32) % bound;
      while ((product & 0xFFFFFFFFL) < threshold) {
        product = (nextLong() >>> 32) * bound;
      }
    }
    return (int) (product >>> 32);
  }
}
