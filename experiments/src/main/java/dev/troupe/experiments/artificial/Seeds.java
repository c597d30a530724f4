package dev.troupe.experiments.artificial;

/** What is drawn in one repeat, each from a seed of its own. */
enum Seeds {
  /** Initial weights, noise and batches of the GANs. */
  TRAINING,
  /** The parameters of the network R. */
  NETWORK,
  /** The training set. */
  TRAINING_SET,
  /** Real points of Fréchet distances. */
  FRECHET_REAL,
  /** z of the samples of Fréchet distances, the same every time. */
  FRECHET_SAMPLES,
  /** More real points, to compare real points with. */
  FRECHET_FLOOR,
  /** z of the samples whose modes are counted. */
  SHARES,
  /** The Judge's initial weights and training points. */
  JUDGE,
  /** What it has not seen. */
  JUDGED,
  /** The independent critic's initial weights and training points. */
  CRITIC,
  /** What it has not seen. */
  ESTIMATED,
  /** z of the samples in figures. */
  SHOWN,
  /** Real points in figures. */
  SHOWN_REAL;

  /**
   * The seed. The same for all configurations of a repeat, so that they differ in nothing else.
   *
   * @param run the run's seed
   * @param repeat from 1
   */
  long of(long run, int repeat) {
    return run + repeat * 0x9E3779B97F4A7C15L + ordinal() * 0xD1B54A32D192ED03L;
  }
}
