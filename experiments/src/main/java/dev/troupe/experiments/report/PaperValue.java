package dev.troupe.experiments.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * A number as a paper printed it.
 *
 * @param mean the number, in the unit of the metric it stands beside
 * @param spread what follows its ±, or null
 * @param kind what that spread is
 */
@JsonPropertyOrder({"mean", "spread", "kind"})
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PaperValue(double mean, Double spread, Kind kind) {
  /** Kind of spread. */
  public enum Kind {
    /** Standard deviation over repetitions. */
    @JsonProperty("std")
    STD,
    /** Standard error of the mean. */
    @JsonProperty("stderr")
    STDERR,
    /** No spread, or one whose kind the paper does not say. */
    @JsonProperty("none")
    NONE
  }

  /** Mean ± standard deviation. */
  public static PaperValue std(double mean, double std) {
    return new PaperValue(mean, std, Kind.STD);
  }

  /** Mean ± standard error. */
  public static PaperValue stderr(double mean, double stderr) {
    return new PaperValue(mean, stderr, Kind.STDERR);
  }

  /** Mean ± a spread of unstated kind. */
  public static PaperValue unstated(double mean, double spread) {
    return new PaperValue(mean, spread, Kind.NONE);
  }
}
