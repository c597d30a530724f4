package dev.troupe.nn;

import dev.troupe.tensor.Rng;

/**
 * How a model is run.
 *
 * @param training whether batch norm takes the batch's statistics and dropout drops
 * @param statistics how far batch norm moves its running statistics, as a factor of its own rate: 0
 *     leaves them alone, 1 is usual, 1/m suits one of m runs that count as one
 * @param rng what dropout draws from; null where nothing is drawn
 * @param name of this run within a step, so that two runs of a layer in one step draw from
 *     different streams
 */
public record Pass(boolean training, double statistics, Rng rng, String name) {
  /** Running statistics, no dropout. */
  public static final Pass EVALUATION = new Pass(false, 0, null, "");

  /** Batch statistics, which move the running ones. */
  public static Pass training(Rng rng, String name) {
    return new Pass(true, 1, rng, name);
  }

  /** The same with another factor for the running statistics. */
  public Pass withStatistics(double factor) {
    return new Pass(training, factor, rng, name);
  }
}
