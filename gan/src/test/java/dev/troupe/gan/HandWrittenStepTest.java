package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training steps written out with plain ops and a loop for Adam, beside those of the trainer. */
class HandWrittenStepTest {
  private static final int[] MEMBERS = {0, 3};
  private static final int STEPS = 3;
  private static final int PIECES = 5;

  private final Map<String, double[]> weights = new LinkedHashMap<>();
  private final Map<String, Variable> leaves = new LinkedHashMap<>();
  private final Map<String, double[]> moments = new LinkedHashMap<>();
  private final Map<String, double[]> statistics = new LinkedHashMap<>();

  @ParameterizedTest
  @CsvSource({"1, true", "2, true", "1, false", "2, false"})
  void theTrainerDoesWhatThePapersSay(int packing, boolean simultaneous) {
    try (ReferenceDevice device = new ReferenceDevice();
        Scope scope = Scope.open(device, "test")) {
      GanTrainer trainer = TestGans.trainer(scope, packing, simultaneous, MEMBERS);
      State state = trainer.gan().state();
      state.parameterTensors().forEach((name, t) -> weights.put(name, t.toDoubles()));
      state
          .tensors()
          .forEach((name, t) -> {
            if (name.matches("generator.*norm\\.(mean|variance)")) {
              statistics.put(name, t.toDoubles());
            }
          });
      assertThat(statistics).hasSize(8);
      Tensor data = TestGans.data(scope, packing);
      Rng rng = new Rng(scope, 5, MEMBERS);
      for (int step = 1; step <= STEPS; step++) {
        trainer.step();
        byHand(state, data, rng, packing, simultaneous, step);
        rng.nextStep();
      }
      state
          .tensors()
          .forEach((name, t) -> {
            double[] expected = weights.getOrDefault(name, statistics.get(name));
            if (expected != null) {
              assertThat(t.toDoubles()).as(name).containsExactly(expected, within(1e-9));
            }
          });
    }
  }

  private void byHand(
      State state, Tensor data, Rng rng, int packing, boolean simultaneous, int step) {
    try (Scope scope = Scope.open("by hand")) {
      takeLeaves(scope, state);
      Tensor index = rng.shuffledBatch("batch", data.shape().dim(0), TestGans.BATCH);
      Variable real = Ops.gatherShared(Variable.constant(data), Variable.constant(index));
      Variable fake = fakes(rng, 0, packing);
      // log(1 + e^-D(real)) + log(1 + e^D(fake)), and for the generator log(1 + e^-D(fake)).
      Variable lossD =
          Ops.add(softplusMean(Ops.neg(judge(real))), softplusMean(judge(fake.detach())));
      Variable[] d = parameters("discriminator");
      Variable[] gradientsD = Gradients.of(lossD, d);
      if (!simultaneous) {
        adam("discriminator", gradientsD, step);
        takeLeaves(scope, state);
        fake = fakes(rng, packing, packing);
      }
      Variable lossG = softplusMean(Ops.neg(judge(fake)));
      Variable[] gradientsG = Gradients.of(lossG, parameters("generator"));
      if (simultaneous) {
        adam("discriminator", gradientsD, step);
      }
      adam("generator", gradientsG, step);
    }
  }

  private void takeLeaves(Scope scope, State state) {
    state
        .parameterTensors()
        .forEach(
            (name, t) -> leaves.put(name, Variable.leaf(scope.of(t.shape(), weights.get(name)))));
  }

  private Variable[] parameters(String network) {
    return names(network).stream().map(leaves::get).toArray(Variable[]::new);
  }

  private List<String> names(String network) {
    return weights.keySet().stream().filter(name -> name.startsWith(network)).toList();
  }

  private Variable fakes(Rng rng, int firstStream, int packing) {
    Variable[] parts =
        IntStream.range(0, packing)
            .mapToObj(i -> {
              Shape shape = Shape.of(MEMBERS.length, TestGans.BATCH, 2);
              return generate(
                  Variable.constant(rng.normal("z" + (firstStream + i), shape, 0, 1)),
                  0.05 / packing);
            })
            .toArray(Variable[]::new);
    return Ops.concat(2, parts);
  }

  private Variable generate(Variable z, double rate) {
    Variable x = z;
    for (int i = 0; i < 4; i++) {
      String hidden = "generator.hidden" + i + ".";
      x = Ops.matmul(x, leaves.get(hidden + "weight"));
      Variable mean = Ops.meanKeep(x, 1);
      Variable variance = Ops.meanKeep(Ops.square(Ops.sub(x, mean)), 1);
      move(hidden + "norm.mean", mean, rate);
      move(hidden + "norm.variance", variance, rate);
      Variable normal = Ops.div(Ops.sub(x, mean), Ops.sqrt(Ops.add(variance, 1e-4)));
      x =
          Ops.relu(
              Ops.add(
                  Ops.mul(normal, row(leaves.get(hidden + "norm.gamma"))),
                  row(leaves.get(hidden + "norm.beta"))));
    }
    return dense("generator.output.", x);
  }

  private void move(String name, Variable value, double rate) {
    double[] running = statistics.get(name);
    double[] now = value.tensor().toDoubles();
    for (int i = 0; i < running.length; i++) {
      running[i] += rate * (now[i] - running[i]);
    }
  }

  private Variable judge(Variable examples) {
    Variable x = examples;
    for (int i = 0; i < 3; i++) {
      Variable affine = dense("discriminator.hidden" + i + ".", x); // [E, N, pieces · units]
      Shape pieces =
          Shape.of(x.shape().dim(0), x.shape().dim(1), PIECES, affine.shape().dim(2) / PIECES);
      x = Ops.amax(Ops.reshape(affine, pieces), 2);
    }
    return dense("discriminator.output.", x);
  }

  private Variable dense(String layer, Variable x) {
    return Ops.add(Ops.matmul(x, leaves.get(layer + "weight")), row(leaves.get(layer + "bias")));
  }

  /** [E, F] as [E, 1, F]. */
  private static Variable row(Variable v) {
    return Ops.reshape(v, v.shape().insert(1, 1));
  }

  private static Variable softplusMean(Variable logits) {
    return Ops.mean(Ops.log(Ops.add(Ops.exp(logits), 1)), 1, 2);
  }

  /** The folded form: w -= rate · sqrt(1 - beta2^t) / (1 - beta1^t) · m / (sqrt(v) + epsilon). */
  private void adam(String network, Variable[] gradients, int t) {
    double beta1 = TestGans.ADAM.beta1();
    double beta2 = TestGans.ADAM.beta2();
    double rate = TestGans.RATE * Math.sqrt(1 - Math.pow(beta2, t)) / (1 - Math.pow(beta1, t));
    List<String> names = names(network);
    for (int i = 0; i < gradients.length; i++) {
      double[] w = weights.get(names.get(i));
      double[] g = gradients[i].tensor().toDoubles();
      double[] m = moments.computeIfAbsent("m " + names.get(i), name -> new double[w.length]);
      double[] v = moments.computeIfAbsent("v " + names.get(i), name -> new double[w.length]);
      for (int j = 0; j < w.length; j++) {
        m[j] = beta1 * m[j] + (1 - beta1) * g[j];
        v[j] = beta2 * v[j] + (1 - beta2) * g[j] * g[j];
        w[j] -= rate * m[j] / (Math.sqrt(v[j]) + TestGans.ADAM.epsilon());
      }
    }
  }
}
