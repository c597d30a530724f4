package dev.troupe.gan;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.nn.Optimiser;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Pass;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import dev.troupe.tensor.io.HostArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Trains a {@link MixGan} with the losses of WGAN-GP (Tang 2020, Equations 3 to 8, section IV.D).
 * With one generator and one discriminator that is WGAN-GP, bit for bit.
 *
 * <p>An iteration: each generator makes a batch for each discriminator, and the generators (with
 * their log-weights) take a step on
 *
 * <pre>
 * L_G = - Σ_j Σ_i v_j w_i mean D_j(G_i(z)) - mean_i log w_i                              (8)
 * </pre>
 *
 * then the discriminators (with their log-weights) take {@link Config#criticUpdates} steps, the
 * first one on those same samples, the others on new ones, each on new real points, on
 *
 * <pre>
 * L_D = Σ_j Σ_i v_j w_i (mean D_j(G_i(z)) + λ · penalty_ji) - Σ_j v_j mean D_j(x) - mean_j log v_j  (6, 7)
 * </pre>
 *
 * The equations leave the penalty out; here the one of discriminator j on the interpolates with
 * generator i's samples has the weight of that pair, v_j · w_i. Each discriminator draws real
 * points of its own, one batch for all generators.
 *
 * <p>Everything that a step needs and changes lies in the states, and a step reads nothing on the
 * host.
 */
public final class MixGanTrainer {
  private static final String[] TERMS = {
    "generator loss", "generator entropy", "critic gap", "gradient penalty", "discriminator entropy"
  };

  private static final int CRITIC_TERMS = 2; // the first of the discriminators' terms

  /**
   * How to train. The paper: batch 256, 5 updates, λ = 10, rates 1e-5 and 1e-4 (section IV.D), and
   * from the code of WGAN-GP Adam with 0.5 and 0.9.
   *
   * @param batchSize samples of a generator for a discriminator, and real points of a discriminator
   * @param criticUpdates of the discriminators in an iteration
   * @param lambda weight of the gradient penalty; with 0 it is not computed
   * @param generatorRate learning rate of the generators and their log-weights
   * @param discriminatorRate learning rate of the discriminators and their log-weights
   * @param adam of both
   * @param logged iterations of which the terms are kept on the device
   */
  public record Config(
      int batchSize,
      int criticUpdates,
      double lambda,
      Schedule generatorRate,
      Schedule discriminatorRate,
      AdamSettings adam,
      int logged) {
    /** Checks the numbers. */
    public Config {
      if (batchSize < 1 || criticUpdates < 1 || logged < 1) {
        throw new IllegalArgumentException(
            "mixGanTrainer: batch size "
                + batchSize
                + ", "
                + criticUpdates
                + " updates of the discriminators, "
                + logged
                + " iterations logged, expected 1 or more of each");
      }
      if (!(lambda >= 0) || lambda == Double.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "mixGanTrainer: lambda is " + lambda + ", expected 0 or a finite number above it");
      }
    }
  }

  /**
   * The terms of one iteration; those of the discriminators are means over its updates.
   *
   * @param iteration from 0
   * @param generatorLoss the double sum of Equation 8, without the entropy term
   * @param generatorEntropy {@code - mean log w}, log n_G where the weights are equal
   * @param gap Σ_j v_j (mean D_j(x) - Σ_i w_i mean D_j(G_i(z))): the critic's output of section
   *     IV.C.3
   * @param penalty Σ_j Σ_i v_j w_i penalty_ji, without λ; 0 where λ is 0
   * @param discriminatorEntropy {@code - mean log v}
   */
  public record Terms(
      long iteration,
      double generatorLoss,
      double generatorEntropy,
      double gap,
      double penalty,
      double discriminatorEntropy) {}

  private final MixGan gan;
  private final Config config;
  private final Source data;
  private final State shared; // what belongs to no player
  private final Rng rngG; // both count updates of the discriminators
  private final Rng rngD;
  private final Tensor iteration; // INT32 [1]
  private final Optimiser generators;
  private final Optimiser discriminators;
  private final Variable[] parametersG;
  private final Variable[] parametersD;
  private final LossRing ring;
  private final FirstBad firstBad;

  /**
   * Ready for iteration 0.
   *
   * @param data the real points
   * @param seed of noise and batches
   */
  public MixGanTrainer(MixGan gan, Config config, Source data, long seed) {
    if (data.features() != gan.features()) {
      throw new IllegalArgumentException(
          "mixGanTrainer: real points have size "
              + data.features()
              + ", samples "
              + gan.features()
              + ", expected the same");
    }
    this.gan = gan;
    this.config = config;
    this.data = data;
    State g = gan.generatorState().at("generator");
    State d = gan.discriminatorState().at("discriminator");
    Scope scope = g.scope();
    this.rngG = new Rng(scope, seed, g.memberIds());
    this.rngD = new Rng(scope, seed, d.memberIds());
    g.keep("draws", rngG.step());
    d.keep("draws", rngD.step());
    this.parametersG = g.parameters().toArray(Variable[]::new);
    this.parametersD = d.parameters().toArray(Variable[]::new);
    this.generators =
        Optimiser.adam(g.at("adam"), List.of(parametersG), config.generatorRate, config.adam);
    this.discriminators =
        Optimiser.adam(d.at("adam"), List.of(parametersD), config.discriminatorRate, config.adam);
    this.shared = new State(scope, seed, 0);
    State trainer = shared.at("trainer");
    this.iteration = trainer.keep("iteration", scope.of(Shape.of(1), new int[1]));
    this.ring = new LossRing(trainer, iteration, config.logged, TERMS.length);
    this.firstBad = new FirstBad(trainer, TERMS);
  }

  /** The players. */
  public MixGan gan() {
    return gan;
  }

  /** One iteration: one update of the generators, then those of the discriminators. */
  public void step() {
    try (Scope scope = Scope.open(iteration.device(), "iteration")) {
      Tensor sums = scope.zeros(Shape.of(TERMS.length - CRITIC_TERMS));
      Variable moment = moment();
      Tensor samples = scope.empty(ElementType.REAL, sampleShape(), "samples");
      Variable[] own = updateGenerators(samples, moment); // each [1]
      for (int update = 1; update <= config.criticUpdates; update++) {
        moment = Ops.add(moment, 1);
        try (Scope inner = Scope.open("update")) {
          if (update > 1) {
            routed(gan.generate(rngG, "z", routes()), samples);
          }
          updateDiscriminators(Variable.constant(samples), moment, sums);
        }
        rngG.nextStep();
        rngD.nextStep();
      }
      Variable means = Ops.mul(Variable.constant(sums), 1.0 / config.criticUpdates);
      ring.put(own[0], own[1], means);
      iteration.device().run(new Primitive.Increment(iteration.buffer()));
    }
  }

  /** The number of the generators' update among all updates so far, REAL [1]. */
  private Variable moment() {
    Tensor t = Tensor.empty(ElementType.REAL, Shape.of(1), "moment");
    t.copyFrom(iteration);
    return Ops.mul(Variable.constant(t), config.criticUpdates + 1);
  }

  /** Samples that a generator makes at a time: a batch for each discriminator. */
  private int routes() {
    return gan.discriminators() * config.batchSize;
  }

  /** [n_D, n_G · B, F]. */
  private Shape sampleShape() {
    return Shape.of(gan.discriminators(), gan.generators() * config.batchSize, gan.features());
  }

  /** Batch j of each generator to discriminator j: [n_G, n_D · B, F] to [n_D, n_G · B, F]. */
  private Variable routed(Variable made) {
    Shape batches =
        Shape.of(gan.generators(), gan.discriminators(), config.batchSize, gan.features());
    return Ops.reshape(Ops.permute(Ops.reshape(made, batches), 1, 0, 2, 3), sampleShape());
  }

  private void routed(Variable made, Tensor to) {
    to.copyFrom(routed(made).tensor());
  }

  /** Equation 8; leaves the samples in {@code samples}. */
  private Variable[] updateGenerators(Tensor samples, Variable moment) {
    Scope outer = Scope.current();
    Tensor[] kept = {outer.zeros(Shape.of(1)), outer.zeros(Shape.of(1))};
    try (Scope inner = Scope.open("generators")) {
      Variable z = gan.noise(rngG, "z", routes());
      Variable fake = routed(gan.generate(z)); // [n_D, n_G · B, F]
      samples.copyFrom(fake.tensor());
      Variable scores = gan.discriminator().forward(fake, Pass.training(rngD, "generators"));
      Shape pairs = Shape.of(gan.discriminators(), gan.generators(), config.batchSize);
      Variable means = Ops.mean(Ops.reshape(scores, pairs), 2); // [n_D, n_G]
      MixGanLoss.Generators terms =
          MixGanLoss.generators(gan.generatorLogWeights(), gan.discriminatorLogWeights(), means);
      generators.update(Gradients.of(terms.total(), parametersG));
      kept[0].copyFrom(terms.loss().tensor());
      kept[1].copyFrom(terms.entropy().tensor());
      firstBad.look(0, moment, terms.loss(), terms.entropy());
    }
    return new Variable[] {Variable.constant(kept[0]), Variable.constant(kept[1])};
  }

  /** Equations 6 and 7 with the penalty; adds its terms to {@code sums}. */
  private void updateDiscriminators(Variable fake, Variable moment, Tensor sums) {
    Variable real = data.draw(rngD, "real", config.batchSize); // [n_D, B, F]
    Variable epsilon = null;
    if (config.lambda > 0) {
      Shape each = sampleShape().with(2, 1);
      epsilon = Variable.constant(rngD.uniform("epsilon", each, 0, 1));
    }
    Pass pass = Pass.training(rngD, "discriminators");
    CriticTerms means = CriticTerms.of(gan.discriminator(), pass, real, fake, epsilon);
    MixGanLoss.Discriminators terms =
        MixGanLoss.discriminators(gan.generatorLogWeights(), gan.discriminatorLogWeights(), means);
    discriminators.update(Gradients.of(terms.total(config.lambda), parametersD));
    Variable[] own = {terms.gap(), terms.penalty(), terms.entropy()};
    firstBad.look(CRITIC_TERMS, moment, own);
    Variable[] row = new Variable[own.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = Ops.reshape(own[i].detach(), Shape.of(1));
    }
    sums.copyFrom(Ops.add(Variable.constant(sums), Ops.concat(0, row)).tensor());
  }

  /** Iterations done; reads from the device. */
  public long iterations() {
    return (long) iteration.item();
  }

  /**
   * The terms of the latest iterations, oldest first, at most {@code config.logged()} of them;
   * reads from the device.
   *
   * @param from the first iteration wanted; earlier ones are left out
   */
  public List<Terms> terms(long from) {
    return ring.rows(iterations()).stream()
        .filter(row -> row.step() >= from)
        .map(row -> {
          double[] x = row.values();
          return new Terms(row.step(), x[0], x[1], x[2], x[3], x[4]);
        })
        .toList();
  }

  /**
   * What was NaN or infinite first since iteration 0, however long ago; empty if nothing was. Reads
   * a few numbers from the device.
   */
  public Optional<Divergence> divergence() {
    int updates = config.criticUpdates + 1;
    return firstBad
        .earliest()
        .map(
            it -> new Divergence(it.terms(), it.moment() / updates, (int) (it.moment() % updates)));
  }

  /** Copies of everything on the host, for a checkpoint. */
  public SequencedMap<String, HostArray> save() {
    SequencedMap<String, HostArray> all = gan.generatorState().save();
    all.putAll(gan.discriminatorState().save());
    all.putAll(shared.save());
    return all;
  }

  /**
   * Goes on from what {@link #save} gave.
   *
   * @throws IllegalArgumentException if a name is missing or unknown, or a shape or type differs;
   *     the message names it
   */
  public void load(Map<String, HostArray> arrays) {
    Map<String, HostArray> rest = new LinkedHashMap<>(arrays);
    Map<State, Map<String, HostArray>> parts = new LinkedHashMap<>();
    for (State state : List.of(gan.generatorState(), gan.discriminatorState(), shared)) {
      Map<String, HostArray> part = new LinkedHashMap<>();
      for (String name : state.tensors().keySet()) {
        HostArray array = rest.remove(name);
        if (array == null) {
          throw new IllegalArgumentException("state: " + name + " is missing");
        }
        part.put(name, array);
      }
      parts.put(state, part);
    }
    if (!rest.isEmpty()) {
      throw new IllegalArgumentException(
          "state: " + rest.keySet().iterator().next() + " is not part of this model");
    }
    parts.forEach(State::load);
  }
}
