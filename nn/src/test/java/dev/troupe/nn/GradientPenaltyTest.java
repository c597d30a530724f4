package dev.troupe.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The gradient penalty of WGAN-GP (Gulrajani et al. 2017): a gradient of a gradient's norm. */
class GradientPenaltyTest {
  private static final double STEP = 1e-5;
  private static final int E = 2;

  /** A critic [E, N, 3] to [E, N, 1] of every kind of layer, with the same weights anywhere. */
  private static Layer critic(State state) {
    Layer layer =
        Layer.sequence(
            Layers.dense(state.at("a"), 3, 6, Initialiser.ZEROS),
            Layers.leakyRelu(0.2),
            Layers.maxout(state.at("b"), 6, 4, 3, Initialiser.ZEROS),
            Layers.batchNorm(state.at("c"), 4, 1e-3, 0.1, 0.3),
            Layers.dense(state.at("d"), 4, 5, Initialiser.ZEROS),
            Layers.tanh(),
            Layers.dense(state.at("e"), 5, 1, Initialiser.ZEROS));
    SplittableRandom random = new SplittableRandom(4);
    for (Variable p : state.parameters()) {
      p.tensor().set(floats(random, p.tensor().size()));
    }
    return layer;
  }

  private static float[] floats(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }

  /** mean (|∇ critic| - 1)² over the batch, for each member; [E]. */
  private static Variable penalty(Layer critic, Pass pass, Tensor points) {
    Variable x = Variable.leaf(points);
    Variable slope = Gradients.of(critic.forward(x, pass), null, true, x)[0]; // [E, N, 3]
    return Ops.mean(Ops.square(Ops.add(Ops.norm(slope, 2), -1)), 1);
  }

  private interface Use {
    double[][] of(Layer critic, Pass pass, Tensor points, State state);
  }

  private static double[][] on(Device d, Use use) {
    try (Device device = d;
        Scope scope = Scope.open(device, "critic")) {
      State state = new State(scope, 1, Rng.firstMembers(E));
      Layer critic = critic(state);
      Tensor points = scope.of(Shape.of(E, 7, 3), floats(new SplittableRandom(8), E * 7 * 3));
      Pass pass = Pass.training(null, "").withStatistics(0);
      return use.of(critic, pass, points, state);
    }
  }

  private static double[][] gradients(Layer critic, Pass pass, Tensor points, State state) {
    Variable[] parameters = state.parameters().toArray(Variable[]::new);
    List<double[]> values = new ArrayList<>();
    // The last bias moves the critic, but no slope of it.
    Variable loss = penalty(critic, pass, points);
    for (int i = 0; i + 1 < parameters.length; i++) {
      values.add(Gradients.of(loss, parameters[i])[0].tensor().toDoubles());
    }
    return values.toArray(double[][]::new);
  }

  private static double[][] differences(Layer critic, Pass pass, Tensor points, State state) {
    List<double[]> values = new ArrayList<>();
    List<Variable> parameters = state.parameters();
    for (Variable p : parameters.subList(0, parameters.size() - 1)) {
      double[] w = p.tensor().toDoubles();
      double[] d = new double[w.length];
      for (int i = 0; i < w.length; i++) {
        double kept = w[i];
        for (int sign = -1; sign <= 1; sign += 2) {
          w[i] = kept + sign * STEP;
          p.tensor().set(w);
          try (Scope step = Scope.open("difference")) {
            double f = Ops.sum(penalty(critic, pass, points)).tensor().item();
            d[i] += sign * f / (2 * STEP);
          }
        }
        w[i] = kept;
        p.tensor().set(w);
      }
      values.add(d);
    }
    return values.toArray(double[][]::new);
  }

  @Test
  void matchesCentralDifferences() {
    double[][] exact = on(new ReferenceDevice(), GradientPenaltyTest::gradients);
    double[][] numeric = on(new ReferenceDevice(), GradientPenaltyTest::differences);
    assertThat(exact).hasSameDimensionsAs(numeric);
    double largest = 0;
    for (int k = 0; k < exact.length; k++) {
      assertThat(exact[k]).as("parameter %d", k).containsExactly(numeric[k], within(1e-7));
      for (double g : exact[k]) {
        largest = Math.max(largest, Math.abs(g));
      }
    }
    assertThat(largest).isGreaterThan(0.1);
  }

  @Test
  void isTheSameOnTheCpu() {
    double[][] exact = on(new ReferenceDevice(), GradientPenaltyTest::gradients);
    double[][] cpu = on(new CpuDevice(2), GradientPenaltyTest::gradients);
    for (int k = 0; k < exact.length; k++) {
      assertThat(cpu[k]).as("parameter %d", k).containsExactly(exact[k], within(2e-5));
    }
  }
}
