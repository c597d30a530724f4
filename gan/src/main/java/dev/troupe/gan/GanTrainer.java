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
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.ShapeException;
import dev.troupe.tensor.Tensor;

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
   * @param simultaneous whether both networks are updated from the same forward pass, as in
   *     PacGAN's code; otherwise the discriminator goes first, and the generator meets the updated
   *     one with fresh z
   * @param learningRate of both
   * @param adam of both
   */
  public record Config(
      int batchSize, int packing, boolean simultaneous, Schedule learningRate, AdamSettings adam) {}

  private final Gan gan;
  private final Config config;
  private final Tensor data; // [points, width · packing]
  private final Rng rng;
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
    if (data.shape().rank() != 2 || data.shape().dim(0) < config.batchSize) {
      throw new ShapeException(
          "ganTrainer: data is "
              + data.shape()
              + ", expected [points, width] with at least "
              + config.batchSize
              + " points, one batch");
    }
    this.gan = gan;
    this.config = config;
    this.data = data;
    State state = gan.state();
    this.rng = new Rng(state.scope(), seed, state.memberIds());
    state.keep("step", rng.step());
    State g = gan.generatorState();
    State d = gan.discriminatorState();
    this.generatorParameters = g.parameters().toArray(Variable[]::new);
    this.discriminatorParameters = d.parameters().toArray(Variable[]::new);
    this.generator =
        Optimiser.adam(
            state.at("adam").at("generator"), g.parameters(), config.learningRate, config.adam);
    this.discriminator =
        Optimiser.adam(
            state.at("adam").at("discriminator"), d.parameters(), config.learningRate, config.adam);
    this.losses = new LossRing(state, rng.step(), LOSSES_KEPT, 2);
    this.streams = new String[2 * config.packing];
    this.passes = new Pass[2 * config.packing];
    for (int i = 0; i < streams.length; i++) {
      streams[i] = "z" + i;
      passes[i] = Pass.training(rng, streams[i]).withStatistics(1.0 / config.packing);
    }
  }

  /** The networks. */
  public Gan gan() {
    return gan;
  }

  /** One update of every discriminator and every generator. */
  public void step() {
    try (Scope scope = Scope.open(data.device(), "step")) {
      Variable real = batch(); // [E, N, F]
      Variable fake = config.simultaneous ? fakes(0) : Gradients.noGrad(() -> fakes(0));
      Variable lossD = discriminatorLoss(real, fake.detach()); // [E]
      Variable[] gradientsD = Gradients.of(lossD, discriminatorParameters);
      if (!config.simultaneous) {
        discriminator.update(gradientsD);
        fake = fakes(config.packing);
      }
      Variable lossG = LogisticLoss.generator(judge(fake, "fake")); // [E]
      Variable[] gradientsG = Gradients.of(lossG, generatorParameters);
      if (config.simultaneous) {
        discriminator.update(gradientsD);
      }
      generator.update(gradientsG);
      losses.put(lossD, lossG);
      rng.nextStep();
    }
  }

  /** A batch of examples for each member, [E, N, F]. */
  private Variable batch() {
    Tensor index = rng.shuffledBatch("batch", data.shape().dim(0), config.batchSize);
    return Ops.gatherShared(Variable.constant(data), Variable.constant(index));
  }

  /** Generated examples [E, N, F]; runs and streams are numbered from {@code first}. */
  private Variable fakes(int first) {
    Variable[] parts = new Variable[config.packing];
    Shape shape = Shape.of(gan.members(), config.batchSize, gan.latent());
    for (int i = 0; i < parts.length; i++) {
      Tensor z = rng.normal(streams[first + i], shape, 0, 1);
      parts[i] = gan.generator().forward(Variable.constant(z), passes[first + i]);
    }
    return parts.length == 1 ? parts[0] : Ops.concat(2, parts);
  }

  /**
   * Judges real and generated examples in one run of the discriminator, which sees each by itself.
   */
  private Variable discriminatorLoss(Variable real, Variable fake) {
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
