package dev.troupe.gan;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;

/**
 * The logistic GAN loss with the non-saturating generator (Goodfellow et al. 2014; "Ensembles of
 * GANs", supplement A). The term {@code log(1 + e^D(x_real))} that the papers write into the
 * generator's loss is left out: no generator can change it.
 */
public final class LogisticLoss {
  private LogisticLoss() {}

  /**
   * {@code mean log(1 + e^-D(real)) + mean log(1 + e^D(fake))}.
   *
   * @param real logits [E, N, 1]
   * @param fake logits [E, N, 1]
   * @return [E]
   */
  public static Variable discriminator(Variable real, Variable fake) {
    return Ops.add(Ops.logisticLoss(real, 1), Ops.logisticLoss(fake, 0));
  }

  /**
   * The same of logits side by side.
   *
   * @param realAndFake logits of real examples, then of as many generated ones, [E, 2N, 1]
   * @return [E]
   */
  public static Variable discriminator(Variable realAndFake) {
    return Ops.logisticLoss(realAndFake, 1, 0);
  }

  /**
   * {@code mean log(1 + e^-D(fake))}.
   *
   * @param fake logits [E, N, 1]
   * @return [E]
   */
  public static Variable generator(Variable fake) {
    return Ops.logisticLoss(fake, 1);
  }
}
