package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Pass;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses and their gradients beside central differences in double. */
class CriticTermsTest {
  private static final double STEP = 1e-6;
  private static final int E = 2;
  private static final int BATCH = 3;
  private static final int F = 4;

  /** Depths of all networks of the experiments, one map to seven, and two widths. */
  @ParameterizedTest
  @CsvSource({"2,1", "3,6", "4,6", "5,6", "5,9", "6,5", "7,5", "8,4"})
  void thePenaltysGradientMatchesCentralDifferences(int layers, int width) {
    try (ReferenceDevice device = new ReferenceDevice();
        Scope scope = Scope.open(device, "penalty")) {
      State state = new State(scope, 3, Rng.firstMembers(E));
      Layer critic = new AffineNet(F, width, 1, layers, 0.2).create(state, Initialiser.normal(0.8));
      Rng rng = new Rng(scope, 4, Rng.firstMembers(E));
      Variable real = normal(rng, "real", BATCH);
      Variable fake = normal(rng, "fake", 2 * BATCH);
      Variable epsilon = Variable.constant(rng.uniform("epsilon", Shape.of(E, 2 * BATCH, 1), 0, 1));
      Supplier<Variable> loss =
          () -> CriticTerms.of(critic, Pass.EVALUATION, real, fake, epsilon).loss(10); // [E, 2]
      checkGradients(loss, state.parameters(), 1e-6);
      assertThat(loss.get().shape()).isEqualTo(Shape.of(E, 2));
    }
  }

  /** Any other layer's interpolates go through all of it. */
  @ParameterizedTest
  @CsvSource({"2,1", "3,6", "5,7"})
  void takingUpBehindTheFirstMapChangesNothing(int layers, int width) {
    try (ReferenceDevice device = new ReferenceDevice();
        Scope scope = Scope.open(device, "short cut")) {
      State state = new State(scope, 3, Rng.firstMembers(E));
      Layer critic = new AffineNet(F, width, 1, layers, 0.2).create(state, Initialiser.normal(0.8));
      Layer plain = (x, pass) -> critic.forward(x, pass);
      Rng rng = new Rng(scope, 4, Rng.firstMembers(E));
      Variable real = normal(rng, "real", BATCH);
      Variable fake = normal(rng, "fake", 2 * BATCH);
      Variable epsilon = Variable.constant(rng.uniform("epsilon", Shape.of(E, 2 * BATCH, 1), 0, 1));
      Variable[] parameters = state.parameters().toArray(Variable[]::new);
      Variable one = CriticTerms.of(critic, Pass.EVALUATION, real, fake, epsilon).loss(10);
      Variable other = CriticTerms.of(plain, Pass.EVALUATION, real, fake, epsilon).loss(10);
      assertThat(one.tensor().toDoubles())
          .containsExactly(other.tensor().toDoubles(), within(1e-12));
      Variable[] gradients = Gradients.of(one, parameters);
      Variable[] expected = Gradients.of(other, parameters);
      for (int p = 0; p < parameters.length; p++) {
        assertThat(gradients[p].tensor().toDoubles())
            .containsExactly(expected[p].tensor().toDoubles(), within(1e-12));
      }
    }
  }

  private static Variable normal(Rng rng, String stream, int count) {
    return Variable.constant(rng.normal(stream, Shape.of(E, count, F), 0, 1));
  }

  private static void checkGradients(
      Supplier<Variable> loss, List<Variable> parameters, double tolerance) {
    double largest = 0;
    Variable[] exact = Gradients.of(loss.get(), parameters.toArray(Variable[]::new));
    for (int p = 0; p < exact.length; p++) {
      Variable parameter = parameters.get(p);
      double[] w = parameter.tensor().toDoubles();
      double[] gradient = exact[p].tensor().toDoubles();
      for (int i = 0; i < w.length; i++) {
        double kept = w[i];
        double difference = 0;
        for (int sign = -1; sign <= 1; sign += 2) {
          w[i] = kept + sign * STEP;
          parameter.tensor().set(w);
          try (Scope step = Scope.open("difference")) {
            difference += sign * Ops.sum(loss.get()).tensor().item() / (2 * STEP);
          }
        }
        w[i] = kept;
        parameter.tensor().set(w);
        assertThat(gradient[i])
            .as("parameter %d, element %d", p, i)
            .isCloseTo(difference, within(tolerance * (1 + Math.abs(difference))));
        largest = Math.max(largest, Math.abs(difference));
      }
    }
    assertThat(largest).isGreaterThan(0.1);
  }

  @Test
  void theTermsAreThoseOfEachPair() {
    try (ReferenceDevice device = new ReferenceDevice();
        Scope scope = Scope.open(device, "pairs")) {
      // D(x) = a · x, so the norm of its gradient is |a| and scores are known.
      State state = new State(scope, 3, Rng.firstMembers(1));
      Layer critic = new AffineNet(2, 1, 1, 2, 0.2).create(state, Initialiser.ZEROS);
      state.parameters().get(0).tensor().set(3.0, 4.0);
      Variable real = Variable.constant(scope.of(Shape.of(1, 2, 2), 1.0, 0, 0, 1)); // scores 3, 4
      Variable fake =
          Variable.constant(scope.of(Shape.of(1, 4, 2), 0.0, 0, 1, 1, 2, 0, 2, 2)); // 0 7 | 6 14
      Variable epsilon = Variable.constant(scope.of(Shape.of(1, 4, 1), 0.0, 0.25, 0.5, 1));
      CriticTerms terms = CriticTerms.of(critic, Pass.EVALUATION, real, fake, epsilon);
      assertThat(terms.real().tensor().toDoubles()).containsExactly(3.5);
      assertThat(terms.fake().tensor().toDoubles()).containsExactly(3.5, 10);
      assertThat(terms.gap().tensor().toDoubles()).containsExactly(0, -6.5);
      assertThat(terms.penalty().tensor().toDoubles()).containsExactly(16, 16); // (5 - 1)²
      assertThat(terms.loss(10).tensor().toDoubles()).containsExactly(160, 166.5);
      assertThat(CriticTerms.interpolates(real, fake, epsilon).tensor().toDoubles())
          .containsExactly(0, 0, 0.75, 1, 1.5, 0, 0, 1);
    }
  }

  @Test
  void theMixtureWeightsGradientsMatchCentralDifferences() {
    try (ReferenceDevice device = new ReferenceDevice();
        Scope scope = Scope.open(device, "weights")) {
      Variable logW = Variable.leaf(scope.of(Shape.of(3), 0.3, -0.5, 0.1));
      Variable logV = Variable.leaf(scope.of(Shape.of(2), -0.2, 0.9));
      Rng rng = new Rng(scope, 6, 0, 1);
      Variable real = Variable.constant(rng.normal("real", Shape.of(2), 0, 1));
      Variable fake = Variable.constant(rng.normal("fake", Shape.of(2, 3), 0, 1));
      Variable penalty = Variable.constant(rng.uniform("penalty", Shape.of(2, 3), 0, 1));
      CriticTerms terms = new CriticTerms(real, fake, penalty);
      checkGradients(() -> MixGanLoss.generators(logW, logV, fake).total(), List.of(logW), 1e-8);
      checkGradients(
          () -> MixGanLoss.discriminators(logW, logV, terms).total(10), List.of(logV), 1e-8);
      // Softmax does not see a common shift, so the gradients add up to 0.
      Variable g = Gradients.of(MixGanLoss.generators(logW, logV, fake).total(), logW)[0];
      assertThat(Ops.sum(g).tensor().item()).isCloseTo(0, within(1e-12));
    }
  }

  @Test
  void theMixturesLossesAreTheEquations() {
    try (ReferenceDevice device = new ReferenceDevice();
        Scope scope = Scope.open(device, "equations")) {
      Variable logW = Variable.leaf(scope.of(Shape.of(2), Math.log(1), Math.log(3)));
      Variable logV = Variable.leaf(scope.of(Shape.of(2), Math.log(2), Math.log(3)));
      double[] w = {0.25, 0.75};
      double[] v = {0.4, 0.6};
      double[] real = {1, -2};
      double[][] fake = {{0.5, 4}, {3, -1}};
      double[][] penalty = {{1, 2}, {3, 5}};
      double lossG = 0;
      double lossD = 0;
      for (int j = 0; j < 2; j++) {
        lossD -= v[j] * real[j] + Math.log(v[j]) / 2;
        lossG -= Math.log(w[j]) / 2;
        for (int i = 0; i < 2; i++) {
          lossG -= v[j] * w[i] * fake[j][i];
          lossD += v[j] * w[i] * (fake[j][i] + 10 * penalty[j][i]);
        }
      }
      Variable scores = Variable.constant(scope.of(Shape.of(2, 2), 0.5, 4, 3, -1));
      CriticTerms terms =
          new CriticTerms(
              Variable.constant(scope.of(Shape.of(2), real)),
              scores,
              Variable.constant(scope.of(Shape.of(2, 2), 1.0, 2, 3, 5)));
      assertThat(MixGanLoss.generators(logW, logV, scores).total().tensor().item())
          .isCloseTo(lossG, within(1e-12));
      assertThat(MixGanLoss.discriminators(logW, logV, terms).total(10).tensor().item())
          .isCloseTo(lossD, within(1e-12));
    }
  }
}
