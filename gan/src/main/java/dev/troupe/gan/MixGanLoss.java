package dev.troupe.gan;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;

/**
 * The losses of MIX+GAN (Tang 2020, Equations 6 to 8) with those of WGAN-GP in them. Weights are
 * the softmax of log-weights; in each loss those of the other side are constants.
 */
public final class MixGanLoss {
  private MixGanLoss() {}

  /**
   * The generators' side, Equation 8.
   *
   * @param loss {@code - Σ_j Σ_i v_j w_i mean D_j(G_i(z))}, a scalar
   * @param entropy {@code - mean_i log w_i}, a scalar
   */
  public record Generators(Variable loss, Variable entropy) {
    /** What is minimised. */
    public Variable total() {
      return Ops.add(loss, entropy);
    }
  }

  /**
   * The discriminators' side, Equations 6 and 7 with the penalty.
   *
   * @param gap {@code Σ_j v_j (mean D_j(x) - Σ_i w_i mean D_j(G_i(z)))}, a scalar
   * @param penalty {@code Σ_j Σ_i v_j w_i penalty_ji}, a scalar; a constant 0 where none was asked
   *     for
   * @param entropy {@code - mean_j log v_j}, a scalar
   */
  public record Discriminators(Variable gap, Variable penalty, Variable entropy) {
    /** What is minimised: {@code - gap + λ · penalty + entropy}. */
    public Variable total(double lambda) {
      return Ops.add(Ops.addScaled(Ops.neg(gap), lambda, penalty), entropy);
    }
  }

  /**
   * Equation 8.
   *
   * @param logW log-weights of the generators, [n_G]
   * @param logV log-weights of the discriminators, [n_D]
   * @param scores mean score of each discriminator for each generator, [n_D, n_G]
   */
  public static Generators generators(Variable logW, Variable logV, Variable scores) {
    Variable v = Ops.softmax(logV).detach();
    return new Generators(Ops.neg(weighted(v, Ops.softmax(logW), scores)), entropy(logW));
  }

  /**
   * Equations 6 and 7. As Σ_i w_i = 1, the gap of every pair may have the real points' score in it.
   *
   * @param logW log-weights of the generators, [n_G]
   * @param logV log-weights of the discriminators, [n_D]
   * @param terms of n_D critics and n_G generators
   */
  public static Discriminators discriminators(Variable logW, Variable logV, CriticTerms terms) {
    Variable w = Ops.softmax(logW).detach();
    Variable v = Ops.softmax(logV);
    Variable penalty = terms.penalty() == null ? Ops.scalar(0) : weighted(v, w, terms.penalty());
    return new Discriminators(weighted(v, w, terms.gap()), penalty, entropy(logV));
  }

  /** Σ_j Σ_i v_j w_i x_ji of x [n_D, n_G]; a scalar. */
  private static Variable weighted(Variable v, Variable w, Variable x) {
    Variable overG = Ops.sum(Ops.mul(x, w), 1); // [n_D]
    return Ops.sum(Ops.mul(overG, v));
  }

  /** {@code - mean log softmax(logWeights)}, which is least where all weights are equal. */
  private static Variable entropy(Variable logWeights) {
    return Ops.neg(Ops.mean(Ops.logSoftmax(logWeights)));
  }
}
