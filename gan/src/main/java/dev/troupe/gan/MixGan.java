package dev.troupe.gan;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Pass;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.Arrays;

/**
 * The players of MIX+GAN (Arora et al. 2017; Tang 2020, section III.B): n_G generators and n_D
 * discriminators, each side the members of a state of its own, and for each side a mixed strategy,
 * the softmax of learned log-weights. With one of each it is an ordinary GAN.
 *
 * <p>In the generators' state: {@code generator.affine0.weight} [n_G, in, out] …, {@code
 * generator.mixture.logWeight} [n_G]; in the discriminators' {@code discriminator.…} likewise.
 */
public final class MixGan {
  private final State generatorState;
  private final State discriminatorState;
  private final AffineNet generatorNet;
  private final Layer generator;
  private final Layer discriminator;
  private final Variable generatorLogWeights; // [n_G]
  private final Variable discriminatorLogWeights; // [n_D]

  /**
   * New players; both strategies begin uniform.
   *
   * @param scope owns everything
   * @param seed of the initial weights
   * @param generators n_G
   * @param discriminators n_D
   * @param generatorNet z to samples
   * @param discriminatorNet samples to a single score
   * @param weights how weights begin
   */
  public MixGan(
      Scope scope,
      long seed,
      int generators,
      int discriminators,
      AffineNet generatorNet,
      AffineNet discriminatorNet,
      Initialiser weights) {
    if (generators < 1 || discriminators < 1) {
      throw new IllegalArgumentException(
          "mixGan: "
              + generators
              + " generators and "
              + discriminators
              + " discriminators, expected 1 or more of each");
    }
    if (generatorNet.out() != discriminatorNet.in()) {
      throw new IllegalArgumentException(
          "mixGan: generators make points of size "
              + generatorNet.out()
              + ", discriminators take "
              + discriminatorNet.in());
    }
    if (discriminatorNet.out() != 1) {
      throw new IllegalArgumentException(
          "mixGan: discriminators give " + discriminatorNet.out() + " scores, expected 1");
    }
    this.generatorNet = generatorNet;
    this.generatorState = new State(scope, seed, Rng.firstMembers(generators));
    this.discriminatorState = new State(scope, seed, Rng.firstMembers(discriminators));
    State g = generatorState.at("generator");
    State d = discriminatorState.at("discriminator");
    this.generator = generatorNet.create(g, weights);
    this.discriminator = discriminatorNet.create(d, weights);
    this.generatorLogWeights = logWeights(g);
    this.discriminatorLogWeights = logWeights(d);
  }

  private static Variable logWeights(State state) {
    return state.at("mixture").parameter("logWeight", Shape.SCALAR, Initialiser.ZEROS);
  }

  /** The state whose members are the generators. */
  public State generatorState() {
    return generatorState;
  }

  /** The state whose members are the discriminators. */
  public State discriminatorState() {
    return discriminatorState;
  }

  /** How many generators, n_G. */
  public int generators() {
    return generatorState.members();
  }

  /** How many discriminators, n_D. */
  public int discriminators() {
    return discriminatorState.members();
  }

  /** The size of z, which is standard normal. */
  public int latent() {
    return generatorNet.in();
  }

  /** The size of a sample, F. */
  public int features() {
    return generatorNet.out();
  }

  /** All generators, [n_G, N, latent] to [n_G, N, F]. */
  public Layer generator() {
    return generator;
  }

  /** All discriminators, [n_D, N, F] to scores [n_D, N, 1]. */
  public Layer discriminator() {
    return discriminator;
  }

  /** The learned log-weights of the generators, [n_G]. */
  public Variable generatorLogWeights() {
    return generatorLogWeights;
  }

  /** The learned log-weights of the discriminators, [n_D]. */
  public Variable discriminatorLogWeights() {
    return discriminatorLogWeights;
  }

  /** The generators' mixed strategy w of Equation 4; reads from the device. */
  public Mixture generatorMixture() {
    return strategy(generatorLogWeights);
  }

  /** The discriminators' mixed strategy v of Equation 5; reads from the device. */
  public Mixture discriminatorMixture() {
    return strategy(discriminatorLogWeights);
  }

  private static Mixture strategy(Variable logWeights) {
    double[] w = logWeights.tensor().toDoubles();
    double largest = Double.NEGATIVE_INFINITY;
    for (double x : w) {
      largest = Math.max(largest, x);
    }
    double sum = 0;
    for (int i = 0; i < w.length; i++) {
      w[i] = Math.exp(w[i] - largest);
      sum += w[i];
    }
    for (int i = 0; i < w.length; i++) {
      w[i] /= sum;
    }
    return new Mixture(w);
  }

  /**
   * The generators' mixture p_g of Equation 4 with the weights as they are now; reads them once,
   * here. Later updates change what the generators make, but not the weights. See {@link
   * MixtureSource} for how a generator is chosen.
   */
  public Source mixture() {
    return new MixtureSource(this, generatorMixture());
  }

  /**
   * Samples of each generator by itself: to be drawn from with n_G members, member i being
   * generator i.
   */
  public Source eachGenerator() {
    return new Source() {
      @Override
      public int features() {
        return MixGan.this.features();
      }

      @Override
      public Variable draw(Rng rng, String stream, int count) {
        if (rng.members() != generators()) {
          throw new IllegalArgumentException(
              "mixGan: "
                  + rng.members()
                  + " members draw from "
                  + generators()
                  + " generators, expected as many");
        }
        return generate(rng, stream + "/z", count);
      }
    };
  }

  /** Samples of each generator without a graph, [n_G, count, F]; {@code rng} has n_G members. */
  Variable generate(Rng rng, String stream, int count) {
    return Gradients.noGrad(() -> generate(noise(rng, stream, count)));
  }

  /** What the generators make of z [n_G, N, latent]; [n_G, N, F]. */
  Variable generate(Variable z) {
    return generator.forward(z, Pass.EVALUATION);
  }

  Variable noise(Rng rng, String stream, int count) {
    return Variable.constant(rng.normal(stream, Shape.of(generators(), count, latent()), 0, 1));
  }

  /**
   * The discriminators' weighted score D(x) = Σ_j v_j D_j(x) (Equation 5), as for a contour plot.
   *
   * @param points [N, F], row after row
   * @return [N]
   */
  public double[] score(float[] points) {
    int f = features();
    if (points.length % f != 0) {
      throw new IllegalArgumentException(
          "mixGan: " + points.length + " numbers to score, expected whole points of " + f);
    }
    int n = points.length / f;
    double[] v = discriminatorMixture().weights();
    double[] out = new double[n];
    int most = 1024;
    for (int from = 0; from < n; from += most) {
      int count = Math.min(most, n - from);
      try (Scope scope = Scope.open(discriminatorState.scope().device(), "score")) {
        float[] part = Arrays.copyOfRange(points, from * f, (from + count) * f);
        Tensor x = scope.of(Shape.of(1, count, f), part);
        Shape all = Shape.of(v.length, count, f);
        Variable y =
            Gradients.noGrad(() ->
                discriminator.forward(Ops.broadcastTo(Variable.constant(x), all), Pass.EVALUATION));
        double[] scores = y.tensor().toDoubles(); // [n_D, count, 1]
        for (int j = 0; j < v.length; j++) {
          for (int i = 0; i < count; i++) {
            out[from + i] += v[j] * scores[j * count + i];
          }
        }
      }
    }
    return out;
  }
}
