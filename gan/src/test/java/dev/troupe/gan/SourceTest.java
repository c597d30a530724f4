package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.autograd.Variable;
import dev.troupe.gan.metrics.ModeShares;
import dev.troupe.gan.metrics.Moments;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.StepGuard;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.cpu.Workers;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SourceTest {
  @Test
  void gaussiansLieOnTheAxes() {
    int f = 6;
    int n = 30_000;
    try (Device device = new CpuDevice(2);
        Scope scope = Scope.open(device, "gaussians");
        Workers workers = new Workers(1)) {
      Source source = new AxisGaussians(scope, 3, f, AxisGaussians.PAPER_SD);
      float[] points = source.points(device, 1, 1, n, 999)[0];
      Moments moments = new Moments(workers, f);
      moments.add(points);
      ModeShares shares = new ModeShares(1, 3);
      shares.add(0, points, f);
      double[] mean = moments.mean();
      double[] c = moments.covariance();
      for (int i = 0; i < f; i++) {
        assertThat(mean[i]).isCloseTo(i < 3 ? 1 / 3.0 : 0, within(0.015));
        for (int j = 0; j < f; j++) {
          // Of the centres: 1/3 - 1/9 on the diagonal, -1/9 beside it; and 0.09 I.
          double centres = i < 3 && j < 3 ? (i == j ? 2 / 9.0 : -1 / 9.0) : 0;
          assertThat(c[i * f + j]).isCloseTo(centres + (i == j ? 0.09 : 0), within(0.01));
        }
      }
      assertThat(shares.ofGenerator(0))
          .containsExactly(new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, within(0.015));
    }
  }

  @Test
  void aNetworkOfTwoLayersGivesAnAffineImageOfNoise() {
    int f = 3;
    try (Device device = new ReferenceDevice();
        Scope scope = Scope.open(device, "network");
        Workers workers = new Workers(1)) {
      AffineNet net = new AffineNet(2, 1, f, 2, 0.2);
      Source source = new NetworkOutput(scope, 5, net, Initialiser.glorotUniform());
      // The covariance of Wᵀz is WᵀW; the same seed gives the same W.
      State state = new State(scope, 5, 0);
      net.create(state.at("network"), Initialiser.glorotUniform());
      double[] w = state.parameters().getFirst().tensor().toDoubles(); // [1, 2, f]
      Moments moments = new Moments(workers, f);
      moments.add(source.points(device, 8, 1, 20_000, 5000)[0]);
      for (int i = 0; i < f; i++) {
        for (int j = 0; j < f; j++) {
          double expected = w[i] * w[j] + w[f + i] * w[f + j];
          assertThat(moments.covariance()[i * f + j]).isCloseTo(expected, within(0.05));
        }
      }
      float[][] two = source.points(device, 8, 2, 10, 10);
      assertThat(two[0]).isEqualTo(source.points(device, 8, 1, 10, 10)[0]).isNotEqualTo(two[1]);
    }
  }

  @Test
  void aTrainingSetIsWalkedThroughInShuffledEpochs() {
    try (Device device = new ReferenceDevice();
        Scope scope = Scope.open(device, "finite")) {
      Tensor points = scope.of(Shape.of(7, 1), 0.0, 1, 2, 3, 4, 5, 6);
      Source source = Source.finite(points);
      float[] epoch = source.points(device, 3, 1, 6, 2)[0]; // one of the seven is dropped
      assertThat(epoch).hasSize(6).doesNotHaveDuplicates();
      assertThatThrownBy(() -> source.points(device, 3, 1, 8, 8))
          .hasMessage("source: a batch of 8 from a training set of 7 points, expected 7 or fewer");
      assertThatThrownBy(() -> Source.finite(scope.zeros(Shape.of(7))))
          .hasMessage("source: training set is [7], expected [count, F], not empty");
      assertThatThrownBy(() -> source.points(device, 3, 1, 8, 0))
          .hasMessage("source: count 8 in batches of 0, expected 0 or more of 1 or more");
      Tensor drawn = new AxisGaussians(scope, 2, 3, 0.1).sample(scope, 4, 5000);
      assertThat(drawn.shape()).isEqualTo(Shape.of(5000, 3));
      assertThat(drawn.toFloats()).doesNotContain(0f);
    }
  }

  @Test
  void aMixtureIsDrawnFromInItsShares() {
    try (StepGuard device = new StepGuard(new CpuDevice(2));
        Scope scope = Scope.open(device, "mixture")) {
      MixGan gan = TestMixtures.plane(scope, 1, 3, 1, 5);
      // Generator i makes (i, i) alone.
      gan.generatorState()
          .tensors()
          .forEach((name, t) -> {
            if (name.contains("affine")) {
              t.fill(0);
            }
          });
      gan.generatorState().tensors().get("generator.affine2.bias").set(0.0, 0, 1, 1, 2, 2);
      gan.generatorLogWeights().tensor().set(Math.log(0.15), Math.log(0.5), Math.log(0.35));
      assertThat(gan.generatorMixture().weights())
          .containsExactly(new double[] {0.15, 0.5, 0.35}, within(1e-6));
      Source mixture = gan.mixture();
      Map<Float, Integer> counts = new HashMap<>();
      Rng rng = new Rng(scope, 6, 0, 1);
      for (int i = 0; i < 40; i++) {
        try (Scope step = Scope.open("step")) {
          Variable drawn;
          try (var open = device.openStep()) {
            drawn = mixture.draw(rng, "mixture", 25);
          }
          assertThat(drawn.shape()).isEqualTo(Shape.of(2, 25, 2));
          float[] values = drawn.tensor().toFloats();
          int seconds = 0;
          for (int k = 0; k < values.length; k += 2) {
            assertThat(values[k]).isEqualTo(values[k + 1]);
            counts.merge(values[k], 1, Integer::sum);
            seconds += k < 50 && values[k] == 1 ? 1 : 0;
          }
          assertThat(seconds).isBetween(12, 13); // 25 · 0.5 rounded up or down
        }
        rng.nextStep();
      }
      assertThat(counts.get(0f) / 2000.0).isCloseTo(0.15, within(0.01));
      assertThat(counts.get(1f) / 2000.0).isCloseTo(0.5, within(0.01));
      assertThat(counts.get(2f) / 2000.0).isCloseTo(0.35, within(0.01));
    }
  }

  @Test
  void aMixturesSamplesAreDifferentOnes() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "different")) {
      Source mixture = TestMixtures.plane(scope, 1, 3, 1, 5).mixture();
      float[] points = mixture.points(device, 2, 1, 400, 50)[0];
      assertThat(Arrays.copyOf(points, points.length)).doesNotHaveDuplicates();
    }
  }

  @Test
  void theMixturesScoreIsTheWeightedSumOfScores() {
    try (Device device = new ReferenceDevice();
        Scope scope = Scope.open(device, "score")) {
      MixGan gan =
          new MixGan(
              scope,
              1,
              1,
              2,
              new AffineNet(2, 1, 2, 2, 0.2),
              new AffineNet(2, 1, 1, 2, 0.2),
              Initialiser.ZEROS);
      State d = gan.discriminatorState();
      d.tensors().get("discriminator.affine0.weight").set(1.0, 0, 0, 2); // x, and 2 y
      gan.discriminatorLogWeights().tensor().set(Math.log(1), Math.log(3));
      float[] points = new float[2 * 1500];
      points[0] = 4;
      points[1] = 1;
      points[2998] = -2;
      double[] scores = gan.score(points);
      assertThat(scores[0]).isCloseTo(0.25 * 4 + 0.75 * 2, within(1e-6));
      assertThat(scores[1499]).isCloseTo(0.25 * -2, within(1e-6));
      assertThat(scores[7]).isZero();
    }
  }

  @Test
  void badInput() {
    try (Device device = new ReferenceDevice();
        Scope scope = Scope.open(device, "bad")) {
      assertThatThrownBy(() -> new AxisGaussians(scope, 4, 3, 0.3))
          .hasMessage("axisGaussians: 4 Gaussians on the axes of 3 dimensions, expected 1 to 3");
      assertThatThrownBy(() -> new AxisGaussians(scope, 1, 3, 0))
          .hasMessage("axisGaussians: sd is 0.0, expected a finite number above 0");
      assertThatThrownBy(() -> new ModeShares(0, 1))
          .hasMessage("modeShares: 0 generators and 1 modes, expected 1 or more of each");
      ModeShares shares = new ModeShares(2, 3);
      assertThatThrownBy(() -> shares.add(0, new float[4], 2))
          .hasMessage("modeShares: 4 numbers in rows of 2, expected whole rows of 3 or more");
      assertThatThrownBy(() -> shares.ofMixture(1))
          .hasMessage("modeShares: 1 weights for 2 generators");
      shares.add(0, new float[] {1, 0, 0, 9, 0, 0, 1, 9, Float.NaN, 2, 2, 9}, 4);
      shares.add(1, new float[] {0, 0, 1}, 3);
      assertThat(shares.ofGenerator(0)).containsExactly(1 / 3.0, 0, 1 / 3.0);
      assertThat(shares.ofMixture(0.6, 0.4))
          .containsExactly(new double[] {0.2, 0, 0.6}, within(1e-12));
    }
  }
}
