package dev.troupe.experiments.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One number of one table: ours, and the paper's where it gives one.
 *
 * @param experiment as on the command line, {@code ensgan/grid2d}
 * @param table table it belongs to, "table1"
 * @param row row, "EnsGAN-3"
 * @param metric metric with its unit where that is not obvious, {@code high_quality_percent}
 * @param mean mean, or null if the metric was not defined for any repetition
 * @param std sample standard deviation, or null for fewer than two repetitions
 * @param n repetitions the two are taken over
 * @param paper the paper's number, or null
 * @param protocol how it was measured
 */
@JsonPropertyOrder({
  "experiment",
  "table",
  "row",
  "metric",
  "mean",
  "std",
  "n",
  "paper",
  "protocol"
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResultRecord(
    String experiment,
    String table,
    String row,
    String metric,
    @JsonInclude(JsonInclude.Include.ALWAYS) Double mean,
    @JsonInclude(JsonInclude.Include.ALWAYS) Double std,
    long n,
    PaperValue paper,
    Protocol protocol) {
  /** Turns NaN, which JSON does not have, into null; an infinity is a fault of the caller. */
  public ResultRecord {
    mean = finite(mean, row, metric);
    std = finite(std, row, metric);
  }

  private static Double finite(Double value, String row, String metric) {
    if (value == null || value.isNaN()) {
      return null;
    }
    if (value.isInfinite()) {
      throw new IllegalArgumentException(
          "results: " + metric + " of " + row + " must be finite, got " + value);
    }
    return value;
  }
}
