package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Optimiser;
import dev.troupe.nn.Pass;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** MIX+GAN with one player a side beside a plain WGAN-GP, written here without any mixture. */
class WganGpBitsTest {
  private static final int BATCH = 19;
  private static final int ITERATIONS = 3;
  private static final AffineNet G = new AffineNet(5, 13, 4, 4, 0.2);
  private static final AffineNet D = new AffineNet(4, 11, 1, 5, 0.2);

  @Test
  void oneGeneratorAndOneDiscriminatorAreWganGp() {
    Map<String, float[]> mixture = new LinkedHashMap<>();
    Map<String, float[]> plain = new LinkedHashMap<>();
    try (Device device = new CpuDevice(2);
        Scope scope = Scope.open(device, "mixture")) {
      MixGan gan = new MixGan(scope, 7, 1, 1, G, D, Initialiser.glorotUniform());
      Source data = new AxisGaussians(scope, 3, 4, 0.3);
      MixGanTrainer trainer =
          new MixGanTrainer(gan, TestMixtures.config(BATCH, 5, 10, 1e-3, 1e-2), data, 9);
      for (int i = 0; i < ITERATIONS; i++) {
        trainer.step();
      }
      collect(gan.generatorState(), mixture);
      collect(gan.discriminatorState(), mixture);
      assertThat(gan.generatorLogWeights().tensor().item()).isZero();
      assertThat(gan.discriminatorLogWeights().tensor().item()).isZero();
    }
    try (Device device = new CpuDevice(2);
        Scope scope = Scope.open(device, "plain")) {
      State state = new State(scope, 7, 0);
      Layer g = G.create(state.at("generator"), Initialiser.glorotUniform());
      D.create(state.at("discriminator"), Initialiser.glorotUniform());
      plainWganGp(scope, state, g);
      collect(state, plain);
    }
    assertThat(mixture).hasSize(2 * (G.maps() + D.maps())).containsOnlyKeys(plain.keySet());
    mixture.forEach((name, values) -> assertThat(values).as(name).isEqualTo(plain.get(name)));
  }

  private static void plainWganGp(Scope scope, State state, Layer g) {
    Source data = new AxisGaussians(scope, 3, 4, 0.3);
    Rng rng = new Rng(scope, 9, 0);
    Optimiser adamG = adam(state, "generator", 1e-3);
    Optimiser adamD = adam(state, "discriminator", 1e-2);
    for (int i = 0; i < ITERATIONS; i++) {
      try (Scope step = Scope.open("step")) {
        Variable fake = samples(g, rng);
        adamG.minimise(Ops.neg(Ops.mean(rest(state, first(state, fake)), 1, 2)));
        for (int update = 0; update < 5; update++) {
          Variable x = data.draw(rng, "real", BATCH);
          Variable made = update == 0 ? fake.detach() : samples(g, rng).detach();
          Variable epsilon = Variable.constant(rng.uniform("epsilon", Shape.of(1, BATCH, 1), 0, 1));
          Variable images = first(state, Ops.concat(1, x, made));
          Variable scores = rest(state, images);
          Variable gap =
              Ops.sub(
                  Ops.mean(Ops.slice(scores, 1, 0, BATCH), 1, 2),
                  Ops.mean(Ops.slice(scores, 1, BATCH, 2 * BATCH), 1, 2));
          // The first map's image of an interpolate is the interpolate of its images.
          Variable onReal = Ops.slice(images, 1, 0, BATCH).detach();
          Variable onMade = Ops.slice(images, 1, BATCH, 2 * BATCH).detach();
          Variable between =
              Variable.leaf(Ops.add(onMade, Ops.mul(epsilon, Ops.sub(onReal, onMade))).tensor());
          Variable behind = Gradients.of(rest(state, between), null, true, between)[0];
          Variable slope = Ops.matmul(behind, critic(state).getFirst(), false, true);
          Variable penalty = Ops.mean(Ops.square(Ops.add(Ops.norm(slope, 2), -1)), 1);
          adamD.minimise(Ops.addScaled(Ops.neg(gap), 10, penalty));
          rng.nextStep();
        }
      }
    }
  }

  private static List<Variable> critic(State state) {
    return state.at("discriminator").parameters(); // weight, bias, weight, bias, …
  }

  private static Variable first(State state, Variable x) {
    return Ops.linear(x, critic(state).get(0), critic(state).get(1));
  }

  private static Variable rest(State state, Variable images) {
    List<Variable> p = critic(state);
    Variable y = images;
    for (int i = 2; i < p.size(); i += 2) {
      y = Ops.linear(Ops.leakyRelu(y, 0.2), p.get(i), p.get(i + 1));
    }
    return y;
  }

  private static Variable samples(Layer g, Rng rng) {
    Variable z = Variable.constant(rng.normal("z", Shape.of(1, BATCH, G.in()), 0, 1));
    return g.forward(z, Pass.EVALUATION);
  }

  private static Optimiser adam(State state, String side, double rate) {
    return Optimiser.adam(
        state.at("adam").at(side),
        state.at(side).parameters(),
        Schedule.constant(rate),
        TestMixtures.ADAM);
  }

  private static void collect(State state, Map<String, float[]> to) {
    state
        .parameterTensors()
        .forEach((name, t) -> {
          if (name.contains("affine")) {
            to.put(name, t.toFloats());
          }
        });
  }
}
