package dev.troupe.nn;

import dev.troupe.tensor.Rng;

/**
 * How a model is run.
 *
 * @param training whether batch norm takes the batch's statistics and dropout drops
 * @param updateStatistics whether batch norm moves its running statistics
 * @param rng what dropout draws from; null where nothing is drawn
 * @param name of this run within a step, so that two runs of a layer in one step draw from
 *     different streams
 */
public record Pass(boolean training, boolean updateStatistics, Rng rng, String name) {
  /** Running statistics, no dropout. */
  public static final Pass EVALUATION = new Pass(false, false, null, "");

  /** Batch statistics, which move the running ones. */
  public static Pass training(Rng rng, String name) {
    return new Pass(true, true, rng, name);
  }

  /** Batch statistics, the running ones left alone. */
  public Pass keepingStatistics() {
    return new Pass(training, false, rng, name);
  }
}
