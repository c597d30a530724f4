package dev.troupe.gan.boosting;

/** β, the share of the mixture that its next member gets; the old members keep 1 - β. */
public sealed interface NextShare {
  /** β = 1 / (t + 1) with t members there: in the end, all have the same share. */
  record Uniform() implements NextShare {}

  /**
   * The same β for all members but the first.
   *
   * @param beta 0.5 in AdaGAN's code
   */
  record Constant(double beta) implements NextShare {
    /** Checks the share. */
    public Constant {
      Reweighting.checkShare("boosting", beta);
    }
  }

  /**
   * β for the member that follows {@code members} others; the first one's is 1.
   *
   * @throws IllegalArgumentException if {@code members} is negative
   */
  default double after(int members) {
    if (members < 0) {
      throw new IllegalArgumentException(
          "boosting: a share after " + members + " members, expected 0 or more");
    }
    return switch (this) {
      case Uniform() -> 1.0 / (members + 1);
      case Constant(double beta) -> members == 0 ? 1 : beta;
    };
  }
}
