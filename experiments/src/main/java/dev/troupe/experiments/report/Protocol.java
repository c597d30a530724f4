package dev.troupe.experiments.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * How a score was taken: what somebody must know before comparing it with another. What does not
 * apply to a score is null.
 *
 * @param samples generated samples of one measurement
 * @param pool generated samples per member that they were drawn from
 * @param trained members trained, of which {@code members} were chosen for one measurement
 * @param members members in one measurement
 * @param split the data it is measured against, as in "25 modes, known in closed form" or "test"
 * @param extractor feature extractor (FID, IS)
 * @param extractorHash SHA-256 of its parameters
 * @param batchNorm statistics in use while sampling: "running" or "batch"
 * @param averaging what mean and std are taken over, as in "1,000 bootstrap draws"
 * @param seed seed of the measurement
 */
@JsonPropertyOrder({
  "samples",
  "pool",
  "trained",
  "members",
  "split",
  "extractor",
  "extractorHash",
  "batchNorm",
  "averaging",
  "seed"
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Protocol(
    Integer samples,
    Integer pool,
    Integer trained,
    Integer members,
    String split,
    String extractor,
    String extractorHash,
    String batchNorm,
    String averaging,
    Long seed) {}
