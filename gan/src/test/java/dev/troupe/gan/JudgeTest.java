package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.StepGuard;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The Judge and the independent critic on distributions whose distances are known. */
class JudgeTest {
  private static final AffineNet NET = new AffineNet(2, 16, 1, 4, 0.2);
  private static final int POINTS = 4000;

  private static Judge judge(Scope scope, int members, Source real, Source generated) {
    return new Judge(
        new State(scope, 1, Rng.firstMembers(members)),
        NET,
        Initialiser.glorotUniform(),
        new Judge.Config(64, Schedule.constant(3e-3), TestMixtures.ADAM),
        real,
        generated,
        2);
  }

  private static IndependentCritic critic(Scope scope, Source real, Source generated) {
    return new IndependentCritic(
        new State(scope, 1, 0),
        NET,
        Initialiser.glorotUniform(),
        new IndependentCritic.Config(64, 10, Schedule.constant(3e-3), TestMixtures.ADAM),
        real,
        generated,
        2);
  }

  /** One round Gaussian around a point of the plane. */
  private static Source around(Scope scope, double x, double y, double sd) {
    Tensor centre = scope.of(Shape.of(2), x, y);
    return new Source() {
      @Override
      public int features() {
        return 2;
      }

      @Override
      public Variable draw(Rng rng, String stream, int count) {
        return Ops.add(
            Variable.constant(rng.normal(stream, Shape.of(rng.members(), count, 2), 0, sd)),
            Variable.constant(centre));
      }
    };
  }

  @Test
  void equalDistributionsAreNotToldApart() {
    try (Device device = new CpuDevice(2);
        Scope scope = Scope.open(device, "equal")) {
      Source source = new AxisGaussians(scope, 2, 2, 0.3);
      Judge judge = judge(scope, 1, source, source);
      for (int i = 0; i < 300; i++) {
        judge.step();
      }
      Judge.Accuracy accuracy = judge.accuracy(source, source, 9, POINTS, 500)[0];
      assertThat(accuracy.value()).isCloseTo(0.5, within(5 * accuracy.standardError()));
      assertThat(judge.loss(300)[0]).isCloseTo(2 * Math.log(2), within(0.05));
      IndependentCritic critic = critic(scope, source, source);
      for (int i = 0; i < 300; i++) {
        critic.step();
      }
      IndependentCritic.Estimate estimate = critic.estimate(source, source, 9, POINTS, 500)[0];
      assertThat(estimate.wasserstein()).isCloseTo(0, within(0.05));
    }
  }

  @Test
  void disjointDistributionsAreToldApart() {
    try (Device device = new CpuDevice(2);
        Scope scope = Scope.open(device, "disjoint")) {
      Source real = around(scope, 1, 0, 0.05);
      Source generated = around(scope, -1, 0, 0.05);
      Judge judge = judge(scope, 2, real, generated);
      for (int i = 0; i < 200; i++) {
        judge.step();
      }
      for (Judge.Accuracy accuracy : judge.accuracy(real, generated, 9, POINTS, 700)) {
        assertThat(accuracy.value()).isEqualTo(1);
        assertThat(accuracy.totalVariationBound()).isEqualTo(1);
      }
      // Held-out points of another kind: what it takes for generated is not real.
      Judge.Accuracy swapped = judge.accuracy(generated, real, 9, 100, 70)[0];
      assertThat(swapped.onReal()).isZero();
      assertThat(swapped.onGenerated()).isZero();
    }
  }

  /** The Wasserstein distance of two equal Gaussians is that of their means, 2 here. */
  @Test
  void theIndependentCriticFindsTheDistance() {
    try (Device device = new CpuDevice(2);
        Scope scope = Scope.open(device, "distance")) {
      Source real = around(scope, 1.2, 0.6, 0.2);
      Source generated = around(scope, -0.4, -0.6, 0.2);
      IndependentCritic critic = critic(scope, real, generated);
      for (int i = 0; i < 800; i++) {
        critic.step();
      }
      IndependentCritic.Estimate estimate = critic.estimate(real, generated, 9, POINTS, 500)[0];
      assertThat(estimate.byMeanNorm()).isCloseTo(2, within(0.15));
      assertThat(estimate.wasserstein()).isBetween(1.5, 2.02);
      assertThat(estimate.maxNorm()).isGreaterThanOrEqualTo(estimate.meanNorm());
      assertThat(critic.losses(800)[0][0]).isCloseTo(estimate.gap(), within(0.2));
    }
  }

  @Test
  void accuracyIsWhatItsNameSays() {
    Judge.Accuracy accuracy = new Judge.Accuracy(0.9, 0.7, 100);
    assertThat(accuracy.value()).isCloseTo(0.8, within(1e-15));
    assertThat(accuracy.totalVariationBound()).isCloseTo(0.6, within(1e-15));
    assertThat(accuracy.standardError()).isCloseTo(Math.sqrt(0.09 + 0.21) / 20, within(1e-15));
  }

  @Test
  void stepsReadNothingOnTheHostAndResume() {
    try (StepGuard device = new StepGuard(new CpuDevice(1));
        Scope scope = Scope.open(device, "guarded")) {
      MixGan gan = TestMixtures.plane(scope, 1, 3, 1, 5);
      Source real = new AxisGaussians(scope, 2, 2, 0.3);
      Judge whole = judge(scope, 1, real, gan.mixture());
      Judge resumed = judge(scope, 1, real, gan.mixture());
      IndependentCritic critic = critic(scope, real, gan.mixture());
      whole.step();
      critic.step();
      try (var open = device.openStep()) {
        whole.step();
        critic.step();
      }
      resumed.state().load(whole.state().save());
      whole.step();
      resumed.step();
      assertThat(resumed.state().parameterHash()).isEqualTo(whole.state().parameterHash());
    }
  }

  @Test
  void badInput() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "bad")) {
      Source plane = new AxisGaussians(scope, 2, 2, 0.3);
      Source space = new AxisGaussians(scope, 2, 3, 0.3);
      assertThatThrownBy(() -> judge(scope, 1, plane, space))
          .hasMessage("judge: points of sizes [2, 3], expected one size");
      assertThatThrownBy(() -> critic(scope, space, space))
          .hasMessage("independentCritic: network from 2 to 1 numbers, expected from 3 to 1");
      assertThatThrownBy(() -> new Judge.Config(0, Schedule.constant(1), TestMixtures.ADAM))
          .hasMessage("judge: batch size 0, expected 1 or more");
      assertThatThrownBy(
              () -> new IndependentCritic.Config(1, 0, Schedule.constant(1), TestMixtures.ADAM))
          .hasMessage("independentCritic: lambda is 0.0, expected a finite number above 0");
      assertThatThrownBy(() -> judge(scope, 1, plane, plane).accuracy(plane, plane, 1, 0, 5))
          .hasMessage("judge: accuracy on 0 points in batches of 5, expected 1 or more of each");
      assertThatThrownBy(() -> critic(scope, plane, plane).estimate(plane, plane, 1, 4, 0))
          .hasMessage(
              "independentCritic: estimate from 4 points in batches of 0, expected 1 or more of"
                  + " each");
    }
  }
}
