package dev.troupe.experiments.ensgan.images;

/** Seeds for what is random, each of its own. */
enum Seeds {
  /** The GANs of the ensembles: weights, noise and batches. */
  GANS,
  /** The GANs of one of the ten classes each. */
  TEN_CLASS_GANS,
  /** z of the samples on sheets. */
  SHEET,
  /** z of the samples that classifiers learn from. */
  SAMPLES,
  /** AdaGAN's classifiers. */
  BOOSTING,
  /**
   * What classifiers are trained with: the same for all sets, so that they differ in those alone.
   */
  CLASSIFIERS,
  /** The classifier whose features are compared. */
  EXTRACTOR,
  /** Subsets of KID. */
  SUBSETS;

  /** The seed, from the run's or from one of these. */
  long of(long seed) {
    return seed + (ordinal() + 1) * 0xD1B54A32D192ED03L;
  }
}
