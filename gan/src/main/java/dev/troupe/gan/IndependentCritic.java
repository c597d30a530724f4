package dev.troupe.gan;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Optimiser;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Pass;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.Arrays;

/**
 * The independent critic of Tang 2020, section IV.C.4: a WGAN-GP critic that is trained against
 * generators that stay as they are, to estimate the Wasserstein distance of what they make from the
 * real points. Each member of the state is a critic of its own.
 */
public final class IndependentCritic {
  private static final int LOSSES_KEPT = 100;

  /**
   * How to train.
   *
   * @param batchSize real points in a step, and as many generated ones
   * @param lambda weight of the gradient penalty, above 0
   */
  public record Config(int batchSize, double lambda, Schedule rate, AdamSettings adam) {
    /** Checks the numbers. */
    public Config {
      if (batchSize < 1) {
        throw new IllegalArgumentException(
            "independentCritic: batch size " + batchSize + ", expected 1 or more");
      }
      if (!(lambda > 0) || lambda == Double.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "independentCritic: lambda is " + lambda + ", expected a finite number above 0");
      }
    }
  }

  /**
   * What a trained critic says.
   *
   * @param gap mean D(real) - mean D(generated)
   * @param meanNorm the mean norm of ∇D on interpolates of real and generated points
   * @param maxNorm the largest of them
   * @param points of each kind, and interpolates
   */
  public record Estimate(double gap, double meanNorm, double maxNorm, int points) {
    /**
     * The Wasserstein distance by Equation 2, gap / k, with k the largest norm of ∇D that was met.
     *
     * <p>For a pair (x, x̃) of the best coupling, D(x) - D(x̃) is at most ‖x - x̃‖ times the
     * largest norm of ∇D on the segment between them; so with k the largest norm on such segments
     * gap / k is not above the distance. The mean norm, of a critic that the two-sided penalty
     * holds near 1, would give no bound: {@link #byMeanNorm} is reported beside it.
     */
    public double wasserstein() {
      return gap / maxNorm;
    }

    /** gap / k with k the mean norm of ∇D on interpolates. */
    public double byMeanNorm() {
      return gap / meanNorm;
    }
  }

  private final State state;
  private final Layer net;
  private final Config config;
  private final Source real;
  private final Source generated;
  private final Rng rng;
  private final Optimiser optimiser;
  private final Variable[] parameters;
  private final LossRing losses;

  /**
   * Ready for step 0.
   *
   * @param state empty; holds all that the critic is
   * @param net to a single score
   * @param weights how weights begin
   * @param generated what the generators make; they stay as they are
   * @param seed of the points that it is trained on
   */
  public IndependentCritic(
      State state,
      AffineNet net,
      Initialiser weights,
      Config config,
      Source real,
      Source generated,
      long seed) {
    Judge.checkNet("independentCritic", net, real, generated);
    this.state = state;
    this.net = net.create(state.at("critic"), weights);
    this.config = config;
    this.real = real;
    this.generated = generated;
    this.rng = new Rng(state.scope(), seed, state.memberIds());
    state.keep("step", rng.step());
    this.parameters = state.at("critic").parameters().toArray(Variable[]::new);
    this.optimiser =
        Optimiser.adam(state.at("adam"), state.at("critic").parameters(), config.rate, config.adam);
    this.losses = new LossRing(state, rng.step(), LOSSES_KEPT, 2);
  }

  /** Everything that it is, for a checkpoint. */
  public State state() {
    return state;
  }

  /** One update on Equation 3. */
  public void step() {
    try (Scope scope = Scope.open(state.scope().device(), "independentCritic")) {
      int n = config.batchSize;
      Variable x = real.draw(rng, "real", n);
      Variable made = generated.draw(rng, "generated", n);
      CriticTerms terms =
          CriticTerms.of(net, Pass.training(rng, "critic"), x, made, epsilon(rng, n));
      optimiser.update(Gradients.of(terms.loss(config.lambda), parameters)); // [E, 1]
      Shape each = Shape.of(state.members());
      losses.put(
          Ops.reshape(terms.gap().detach(), each), Ops.reshape(terms.penalty().detach(), each));
      rng.nextStep();
    }
  }

  private Variable epsilon(Rng rng, int count) {
    return Variable.constant(rng.uniform("epsilon", Shape.of(state.members(), count, 1), 0, 1));
  }

  /**
   * The means over the latest steps, at most {@value #LOSSES_KEPT} steps back, [2][E]: gap,
   * penalty; reads from the device.
   */
  public double[][] losses(long steps) {
    return losses.means(steps);
  }

  /**
   * What each member says of new points.
   *
   * @param real where held-out real points come from: the distribution itself, or a training set
   * @param seed another one than that of training
   * @param count points of each kind; the paper takes 25,600
   * @param batch points at a time
   */
  public Estimate[] estimate(Source real, Source generated, long seed, int count, int batch) {
    if (count < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "independentCritic: estimate from "
              + count
              + " points in batches of "
              + batch
              + ", expected 1 or more of each");
    }
    int members = state.members();
    double[] gap = new double[members];
    double[] sum = new double[members];
    double[] largest = new double[members];
    try (Scope scope = Scope.open(state.scope().device(), "estimate")) {
      Rng draws = new Rng(scope, seed, state.memberIds());
      for (int done = 0; done < count; done += batch) {
        int n = Math.min(batch, count - done);
        try (Scope inner = Scope.open("batch")) {
          Variable x = real.draw(draws, "real", n);
          Variable made = generated.draw(draws, "generated", n);
          Variable scores =
              Gradients.noGrad(() -> net.forward(Ops.concat(1, x, made), Pass.EVALUATION));
          Variable between = CriticTerms.interpolates(x, made, epsilon(draws, n));
          Variable norms = CriticTerms.gradientNorms(net, Pass.EVALUATION, between, false);
          add(scores.tensor().toDoubles(), norms.tensor().toDoubles(), n, gap, sum, largest);
        }
        draws.nextStep();
      }
    }
    Estimate[] all = new Estimate[members];
    Arrays.setAll(all, e -> new Estimate(gap[e] / count, sum[e] / count, largest[e], count));
    return all;
  }

  private static void add(
      double[] scores, double[] norms, int n, double[] gap, double[] sum, double[] largest) {
    for (int e = 0; e < gap.length; e++) {
      for (int i = 0; i < n; i++) {
        gap[e] += scores[2 * e * n + i] - scores[(2 * e + 1) * n + i];
        sum[e] += norms[e * n + i];
        largest[e] = Math.max(largest[e], norms[e * n + i]);
      }
    }
  }
}
