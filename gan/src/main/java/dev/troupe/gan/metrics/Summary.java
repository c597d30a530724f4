package dev.troupe.gan.metrics;

/**
 * Mean and spread of repeated measurements.
 *
 * @param mean arithmetic mean of the values that are numbers; NaN if there is none
 * @param std sample standard deviation (n - 1 in the denominator); NaN for n below 2
 * @param n how many values are numbers: a value of NaN (a score that is not defined for its set) is
 *     left out here, so that n shows it
 */
public record Summary(double mean, double std, long n) {
  /** Summary of the values, NaN left out. */
  public static Summary of(double... values) {
    long n = 0;
    double first = Double.NaN;
    double sum = 0; // of differences from the first, so that equal values have exactly that mean
    for (double v : values) {
      if (!Double.isNaN(v)) {
        first = n++ == 0 ? v : first;
        sum += v - first;
      }
    }
    double mean = first + sum / n;
    double squares = 0;
    for (double v : values) {
      if (!Double.isNaN(v)) {
        squares += (v - mean) * (v - mean);
      }
    }
    return new Summary(mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1)), n);
  }

  /** Standard error of the mean, std / sqrt(n). */
  public double standardError() {
    return std / Math.sqrt(n);
  }

  /** The same measurements in another unit, as in {@code times(100)} for per cent. */
  public Summary times(double factor) {
    return new Summary(mean * factor, std * Math.abs(factor), n);
  }
}
