package dev.troupe.gan;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.nn.Optimiser;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Pass;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.ShapeException;
import dev.troupe.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Trains the E members of a {@link Gan} with the logistic loss, all in one step. Everything that a
 * step needs and changes lies in the state, and a step reads nothing on the host.
 *
 * <p>With packing m (PacGAN, Lin et al. 2018) an example is m points side by side: each generator
 * is run m times on m independent z, and the discriminator judges the m samples together.
 */
public final class GanTrainer {
  private static final int LOSSES_KEPT = 100;

  /**
   * How to train.
   *
   * @param batchSize examples of each member in a step
   * @param packing samples in an example, 1 to 4 in the paper
   * @param updates which network is updated when
   * @param learningRate of both
   * @param adam of both
   */
  public record Config(
      int batchSize, int packing, Updates updates, Schedule learningRate, AdamSettings adam) {}

  /**
   * The order of updates.
   *
   * @param simultaneous whether both networks are updated from the same forward pass, as in
   *     PacGAN's code; otherwise the discriminator goes first, and the generator meets the updated
   *     one
   * @param generatorSteps updates of the generator for each of the discriminator; 1 where they are
   *     simultaneous
   * @param sameNoise whether all passes of a step take the same z; otherwise each draws its own
   * @param separate whether the discriminator judges real and generated examples in two passes, so
   *     that batch normalisation sees each kind by itself; otherwise in one
   */
  public record Updates(
      boolean simultaneous, int generatorSteps, boolean sameNoise, boolean separate) {
    /** Both networks from the same forward pass. */
    public static final Updates SIMULTANEOUS = new Updates(true, 1, true, false);

    /** The discriminator, then the generator with fresh z. */
    public static final Updates ALTERNATING = new Updates(false, 1, false, false);

    /** Checks that the parts fit together. */
    public Updates {
      if (generatorSteps < 1 || simultaneous && generatorSteps > 1) {
        throw new IllegalArgumentException(
            "ganTrainer: "
                + generatorSteps
                + " generator steps"
                + (simultaneous
                    ? " with simultaneous updates, expected 1"
                    : ", expected 1 or more"));
      }
    }
  }

  /** Where real examples come from. */
  @FunctionalInterface
  public interface Examples {
    /** A batch for each member, [E, count, …], drawn on the device. */
    Variable draw(Rng rng, int count);
  }

  private final Gan gan;
  private final Config config;
  private final Examples examples;
  private final Rng rng;
  private final Optimiser both; // null unless they are updated together
  private final Optimiser generator;
  private final Optimiser discriminator;
  private final Variable[] generatorParameters;
  private final Variable[] discriminatorParameters;
  private final LossRing losses;
  private final String[] streams;
  private final Pass[] passes;

  /**
   * Ready for step 0.
   *
   * @param data the examples that all members learn from, [points, width · packing]
   * @param seed of noise and batches
   */
  public GanTrainer(Gan gan, Config config, Tensor data, long seed) {
    this(gan, config, shuffled(config, data), seed);
  }

  /** Batches from a table, in shuffled epochs. */
  private static Examples shuffled(Config config, Tensor data) {
    if (data.shape().rank() != 2 || data.shape().dim(0) < config.batchSize) {
      throw new ShapeException(
          "ganTrainer: data is "
              + data.shape()
              + ", expected [points, width] with at least "
              + config.batchSize
              + " points, one batch");
    }
    return (rng, count) -> {
      Tensor index = rng.shuffledBatch("batch", data.shape().dim(0), count);
      return Ops.gatherShared(Variable.constant(data), Variable.constant(index));
    };
  }

  /**
   * Ready for step 0.
   *
   * @param examples what the members learn from; packed by {@code config.packing}
   * @param seed of noise and batches
   */
  public GanTrainer(Gan gan, Config config, Examples examples, long seed) {
    this.gan = gan;
    this.config = config;
    this.examples = examples;
    State state = gan.state();
    this.rng = new Rng(state.scope(), seed, state.memberIds());
    state.keep("step", rng.step());
    State g = gan.generatorState();
    State d = gan.discriminatorState();
    this.generatorParameters = g.parameters().toArray(Variable[]::new);
    this.discriminatorParameters = d.parameters().toArray(Variable[]::new);
    State adam = state.at("adam");
    boolean together = config.updates.simultaneous;
    boolean oneEach = config.updates.generatorSteps == 1; // a step counts it
    this.both =
        together
            ? adam(adam, rng.step(), List.of(join(generatorParameters, discriminatorParameters)))
            : null;
    this.discriminator =
        together ? null : adam(adam.at("discriminator"), rng.step(), d.parameters());
    this.generator =
        together ? null : adam(adam.at("generator"), oneEach ? rng.step() : null, g.parameters());
    this.losses = new LossRing(state, rng.step(), LOSSES_KEPT, 2);
    int runs = config.updates.simultaneous ? 1 : 1 + config.updates.generatorSteps;
    this.streams = new String[runs * config.packing];
    this.passes = new Pass[runs * config.packing];
    for (int i = 0; i < streams.length; i++) {
      streams[i] = "z" + i;
      passes[i] = Pass.training(rng, streams[i]).withStatistics(1.0 / config.packing);
    }
  }

  private Optimiser adam(State state, Tensor step, List<Variable> parameters) {
    return Optimiser.adam(state, step, parameters, config.learningRate, config.adam);
  }

  /** The networks. */
  public Gan gan() {
    return gan;
  }

  /** One update of every discriminator, and the generators' updates that go with it. */
  public void step() {
    try (Scope scope = Scope.open(gan.state().scope().device(), "step")) {
      Variable real = examples.draw(rng, config.batchSize); // [E, N, …]
      boolean together = config.updates.simultaneous;
      Tensor[] first = noise(0);
      Variable fake = together ? fakes(0, first) : Gradients.noGrad(() -> fakes(0, first));
      Variable lossD = discriminatorLoss(real, fake.detach()); // [E]
      Variable[] gradientsD = Gradients.of(lossD, discriminatorParameters);
      Variable lossG = null;
      if (together) {
        lossG = generatorLoss(fake);
        both.update(join(Gradients.of(lossG, generatorParameters), gradientsD));
      } else {
        discriminator.update(gradientsD);
        for (int i = 1; i <= config.updates.generatorSteps; i++) {
          lossG = generatorLoss(fakes(i, config.updates.sameNoise ? first : noise(i)));
          generator.update(Gradients.of(lossG, generatorParameters));
        }
      }
      losses.put(lossD, lossG);
      rng.nextStep();
    }
  }

  private static Variable[] join(Variable[] a, Variable[] b) {
    Variable[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private Variable generatorLoss(Variable fake) {
    return LogisticLoss.generator(judge(fake, "fake")); // [E]
  }

  /** z of a pass of all generators, one for each sample that is packed. */
  private Tensor[] noise(int pass) {
    Tensor[] z = new Tensor[config.packing];
    for (int i = 0; i < z.length; i++) {
      String stream = streams[pass * config.packing + i];
      z[i] = gan.latent().draw(rng, stream, gan.members(), config.batchSize);
    }
    return z;
  }

  /** Generated examples [E, N, …] by a pass of all generators, from 0 on. */
  private Variable fakes(int pass, Tensor[] z) {
    Variable[] parts = new Variable[z.length];
    for (int i = 0; i < parts.length; i++) {
      Pass run = passes[pass * config.packing + i];
      parts[i] = gan.generator().forward(Variable.constant(z[i]), run);
    }
    return parts.length == 1 ? parts[0] : Ops.concat(2, parts);
  }

  private Variable discriminatorLoss(Variable real, Variable fake) {
    if (config.updates.separate) {
      return LogisticLoss.discriminator(judge(real, "real"), judge(fake, "generated"));
    }
    return LogisticLoss.discriminator(judge(Ops.concat(1, real, fake), "real and fake"));
  }

  private Variable judge(Variable examples, String name) {
    return gan.discriminator().forward(examples, Pass.training(rng, name));
  }

  /**
   * The mean of the latest losses, at most {@value #LOSSES_KEPT} steps back; reads from the device.
   *
   * @param steps how many steps have been done so far
   * @return [2][E]: discriminator, generator
   */
  public double[][] losses(long steps) {
    return losses.means(steps);
  }
}
