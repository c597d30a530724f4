package dev.troupe.experiments.artificial;

/** The stages of one training of one configuration, in order. */
enum Phase {
  /** The GANs. */
  GAN("gan"),
  /** The Judge against the distribution. */
  JUDGE("judge"),
  /** The independent critic against the distribution. */
  CRITIC("critic"),
  /** The Judge against the training set. */
  JUDGE_OF_SET("judge-of-set"),
  /** The independent critic against the training set. */
  CRITIC_OF_SET("critic-of-set");

  private final String text;

  Phase(String text) {
    this.text = text;
  }

  /** Whether it needs a finite training set. */
  boolean ofSet() {
    return this == JUDGE_OF_SET || this == CRITIC_OF_SET;
  }

  /** The end of its stage's name. */
  @Override
  public String toString() {
    return text;
  }
}
