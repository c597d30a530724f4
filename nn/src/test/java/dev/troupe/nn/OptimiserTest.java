package dev.troupe.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fifty updates of two parameters of two members against a loop in double. */
class OptimiserTest {
  private static final int UPDATES = 50;
  private static final int[] SIZES = {37, 5}; // of one member

  /** An algorithm on plain arrays: update t (from 1) of weights w by gradient g. */
  private interface Plain {
    void update(int t, double rate, double[] w, double[] g);
  }

  @ParameterizedTest
  @CsvSource({"false, 0", "true, 0", "false, 0.1", "true, 0.1"})
  void adam(boolean folded, double decay) {
    AdamSettings settings = new AdamSettings(0.8, 0.99, 1e-3, folded, decay);
    check(
        (state, parameters) ->
            Optimiser.adam(state, parameters, Schedule.linear(0.1, 0.01, 30), settings),
        n -> {
          double[] m = new double[n];
          double[] v = new double[n];
          return (t, rate, w, g) -> {
            double c1 = 1 - Math.pow(0.8, t);
            double c2 = 1 - Math.pow(0.99, t);
            for (int i = 0; i < n; i++) {
              m[i] = 0.8 * m[i] + 0.2 * g[i];
              v[i] = 0.99 * v[i] + 0.01 * g[i] * g[i];
              w[i] *= 1 - rate * decay;
              w[i] -=
                  folded
                      ? rate * Math.sqrt(c2) / c1 * m[i] / (Math.sqrt(v[i]) + 1e-3)
                      : rate * (m[i] / c1) / (Math.sqrt(v[i] / c2) + 1e-3);
            }
          };
        });
  }

  @ParameterizedTest
  @CsvSource({
    "0, false, 0",
    "0, false, 0.1",
    "0.9, false, 0",
    "0.9, true, 0",
    "0.9, true, 0.1",
    "0.9, false, 0.1"
  })
  void sgd(double momentum, boolean nesterov, double decay) {
    check(
        (state, parameters) ->
            Optimiser.sgd(
                state, parameters, Schedule.linear(0.1, 0.01, 30), momentum, nesterov, decay),
        n -> {
          double[] u = new double[n];
          return (t, rate, w, g) -> {
            for (int i = 0; i < n; i++) {
              double d = g[i] + decay * w[i];
              u[i] = momentum * u[i] + d;
              w[i] -= rate * (nesterov ? d + momentum * u[i] : u[i]);
            }
          };
        });
  }

  private interface PlainMaker {
    Plain of(int n);
  }

  private static void check(
      BiFunction<State, List<Variable>, Optimiser> optimiser, PlainMaker plain) {
    for (Device d : List.of(new ReferenceDevice(), new CpuDevice(2))) {
      try (Device device = d;
          Scope scope = Scope.open(device, "optimiser")) {
        State state = new State(scope, 5, 0, 1);
        List<Variable> parameters = new ArrayList<>();
        List<double[]> weights = new ArrayList<>();
        List<Plain> rules = new ArrayList<>();
        for (int k = 0; k < SIZES.length; k++) {
          Variable p = state.parameter("w" + k, Shape.of(SIZES[k]), Initialiser.normal(1));
          parameters.add(p);
          weights.add(p.tensor().toDoubles());
          rules.add(plain.of(2 * SIZES[k]));
        }
        Optimiser tested = optimiser.apply(state.at("optimiser"), parameters);
        SplittableRandom random = new SplittableRandom(1);
        for (int t = 1; t <= UPDATES; t++) {
          double rate = 0.1 + Math.min(1, (t - 1) / 30.0) * (0.01 - 0.1);
          Variable[] gradients = new Variable[SIZES.length];
          for (int k = 0; k < SIZES.length; k++) {
            float[] g = new float[2 * SIZES[k]];
            double[] wide = new double[g.length];
            for (int i = 0; i < g.length; i++) {
              g[i] = (float) (2 * random.nextDouble() - 1);
              wide[i] = g[i];
            }
            gradients[k] = Variable.constant(scope.of(Shape.of(2, SIZES[k]), g));
            rules.get(k).update(t, rate, weights.get(k), wide);
          }
          tested.update(gradients);
        }
        double error = device.name().equals("cpu") ? 2e-5 : 1e-11;
        for (int k = 0; k < SIZES.length; k++) {
          assertThat(parameters.get(k).tensor().toDoubles())
              .as("parameter %d on %s", k, device.name())
              .containsExactly(weights.get(k), within(error));
        }
        assertThat(state.tensors().get("optimiser.step").toInts()).containsExactly(UPDATES);
      }
    }
  }

  @Test
  void minimisesALoss() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "optimiser")) {
      State state = new State(scope, 5, 0, 1);
      Variable w = state.parameter("w", Shape.of(3), Initialiser.normal(1));
      Optimiser sgd =
          Optimiser.sgd(state.at("sgd"), state.parameters(), Schedule.constant(0.1), 0, false, 0);
      assertThat(sgd.parameters()).containsExactly(w);
      for (int i = 0; i < 100; i++) {
        try (Scope step = Scope.open("step")) {
          sgd.minimise(Ops.square(Ops.add(w, -2)));
        }
      }
      for (float v : w.tensor().toFloats()) {
        assertThat(v).isCloseTo(2f, within(1e-5f));
      }
    }
  }

  @Test
  void refusals() {
    try (Device device = new ReferenceDevice();
        Scope scope = Scope.open(device, "optimiser")) {
      State state = new State(scope, 5, 0);
      Variable w = state.parameter("w", Shape.of(3), Initialiser.ONES);
      Optimiser adam =
          Optimiser.adam(state.at("adam"), List.of(w), Schedule.constant(1), AdamSettings.DEFAULT);
      refused(() -> adam.update(), "optimiser: 0 gradients for 1 parameters");
      refused(
          () -> adam.update(Variable.constant(scope.zeros(Shape.of(1, 2)))),
          "adam: gradients 0 has 2 elements, expected 3");
      refused(
          () ->
              Optimiser.adam(
                  state.at("b"),
                  List.of(w),
                  Schedule.constant(1),
                  AdamSettings.DEFAULT.withBetas(1, 0.9)),
          "adam: beta1 is 1.0, expected 0 up to 1");
      refused(
          () ->
              Optimiser.adam(
                  state.at("n"),
                  List.of(w),
                  Schedule.constant(1),
                  new AdamSettings(0.9, 0.999, Double.NaN, false, 0)),
          "adam: epsilon is NaN, expected 0 or more");
      refused(
          () ->
              Optimiser.adam(state.at("o"), List.of(), Schedule.constant(1), AdamSettings.DEFAULT),
          "optimiser: no parameters, expected one or more");
      refused(() -> Schedule.constant(Double.NaN), "schedule: rate is NaN, expected a number");
      refused(
          () -> Optimiser.sgd(state.at("c"), List.of(w), Schedule.constant(1), -0.1, false, 0),
          "sgd: momentum is -0.1, expected 0 up to 1");
    }
  }

  private static void refused(Runnable body, String message) {
    assertThatThrownBy(body::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
