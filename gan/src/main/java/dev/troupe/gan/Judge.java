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
import java.util.Arrays;

/**
 * The Judge of Tang 2020, section IV.C.5: a classifier that is trained to tell real points from
 * generated ones with the logistic loss, a batch of each in a step, and whose accuracy on points
 * that it has not seen measures how far apart the two distributions are. Each member of the state
 * is a Judge of its own.
 */
public final class Judge {
  private static final int LOSSES_KEPT = 100;

  /**
   * How to train.
   *
   * @param batchSize real points in a step, and as many generated ones
   */
  public record Config(int batchSize, Schedule rate, AdamSettings adam) {
    /** Checks the batch size. */
    public Config {
      if (batchSize < 1) {
        throw new IllegalArgumentException(
            "judge: batch size " + batchSize + ", expected 1 or more");
      }
    }
  }

  /**
   * How often a Judge is right.
   *
   * @param onReal share of the real points taken for real
   * @param onGenerated share of the generated points taken for generated
   * @param points of each kind
   */
  public record Accuracy(double onReal, double onGenerated, int points) {
    /** Share of all points that are classified rightly; both kinds are equally many. */
    public double value() {
      return (onReal + onGenerated) / 2;
    }

    /**
     * The lower bound 2·accuracy - 1 on the total variation distance (Proposition 1, Equation 9).
     * It holds for the expected accuracy; this is an estimate from finitely many points, and below
     * 0 it says nothing.
     */
    public double totalVariationBound() {
      return 2 * value() - 1;
    }

    /** The standard error of {@link #value}, from the binomial variances of the two shares. */
    public double standardError() {
      return Math.sqrt(onReal * (1 - onReal) + onGenerated * (1 - onGenerated))
          / (2 * Math.sqrt(points));
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
   * @param state empty; holds all that the Judge is
   * @param net to a single logit
   * @param weights how weights begin
   * @param generated what the generators make; they stay as they are
   * @param seed of the points that it is trained on
   */
  public Judge(
      State state,
      AffineNet net,
      Initialiser weights,
      Config config,
      Source real,
      Source generated,
      long seed) {
    checkNet("judge", net, real, generated);
    this.state = state;
    this.net = net.create(state.at("judge"), weights);
    this.config = config;
    this.real = real;
    this.generated = generated;
    this.rng = new Rng(state.scope(), seed, state.memberIds());
    state.keep("step", rng.step());
    this.parameters = state.at("judge").parameters().toArray(Variable[]::new);
    this.optimiser =
        Optimiser.adam(state.at("adam"), state.at("judge").parameters(), config.rate, config.adam);
    this.losses = new LossRing(state, rng.step(), LOSSES_KEPT, 1);
  }

  /** Throws unless the network takes points of both sources and gives one number. */
  static void checkNet(String op, AffineNet net, Source real, Source generated) {
    Source.checkFeatures(op, real, generated);
    if (net.in() != real.features() || net.out() != 1) {
      throw new IllegalArgumentException(
          op
              + ": network from "
              + net.in()
              + " to "
              + net.out()
              + " numbers, expected from "
              + real.features()
              + " to 1");
    }
  }

  /** Everything that it is, for a checkpoint. */
  public State state() {
    return state;
  }

  /** One update. */
  public void step() {
    try (Scope scope = Scope.open(state.scope().device(), "judge")) {
      int n = config.batchSize;
      Variable points =
          Ops.concat(1, real.draw(rng, "real", n), generated.draw(rng, "generated", n));
      Variable logits = net.forward(points, Pass.training(rng, "judge")); // [E, 2N, 1]
      Variable loss = LogisticLoss.discriminator(logits); // [E]
      optimiser.update(Gradients.of(loss, parameters));
      losses.put(loss);
      rng.nextStep();
    }
  }

  /**
   * The mean loss of the latest steps of each member, at most {@value #LOSSES_KEPT} steps back;
   * reads from the device.
   */
  public double[] loss(long steps) {
    return losses.means(steps)[0];
  }

  /**
   * The accuracy of each member on new points; a logit of 0 counts as wrong.
   *
   * @param real where held-out real points come from: the distribution itself, or a training set
   * @param seed another one than that of training
   * @param count points of each kind; the paper takes 25,600
   * @param batch points at a time
   */
  public Accuracy[] accuracy(Source real, Source generated, long seed, int count, int batch) {
    if (count < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "judge: accuracy on "
              + count
              + " points in batches of "
              + batch
              + ", expected 1 or more of each");
    }
    double[] onReal = new double[state.members()];
    double[] onGenerated = new double[state.members()];
    try (Scope scope = Scope.open(state.scope().device(), "accuracy")) {
      Rng draws = new Rng(scope, seed, state.memberIds());
      for (int done = 0; done < count; done += batch) {
        int n = Math.min(batch, count - done);
        try (Scope inner = Scope.open("batch")) {
          countRight(real.draw(draws, "real", n), 1, onReal);
          countRight(generated.draw(draws, "generated", n), -1, onGenerated);
        }
        draws.nextStep();
      }
    }
    Accuracy[] all = new Accuracy[onReal.length];
    Arrays.setAll(all, e -> new Accuracy(onReal[e] / count, onGenerated[e] / count, count));
    return all;
  }

  private void countRight(Variable points, int sign, double[] right) {
    double[] logits =
        Gradients.noGrad(() -> net.forward(points, Pass.EVALUATION)).tensor().toDoubles();
    int each = logits.length / right.length;
    for (int i = 0; i < logits.length; i++) {
      right[i / each] += sign * logits[i] > 0 ? 1 : 0;
    }
  }
}
