package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.gan.metrics.GaussianModes;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.StepGuard;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.nn.Initialiser;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import dev.troupe.tensor.io.HostArray;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MixGanTrainerTest {
  private static MixGanTrainer trainer(Scope scope, double lambda) {
    Source data = new AxisGaussians(scope, 2, 2, 0.3);
    MixGan gan = TestMixtures.plane(scope, 3, 3, 2, 7);
    return new MixGanTrainer(gan, TestMixtures.config(5, 3, lambda, 1e-2, 1e-2), data, 4);
  }

  @Test
  void aStepReadsNothingOnTheHostAndLeavesNoMemory() {
    try (StepGuard device = new StepGuard(new CpuDevice(2));
        Scope scope = Scope.open(device, "guarded")) {
      MixGanTrainer trainer = trainer(scope, 10);
      trainer.step();
      trainer.step();
      long before = device.memory().live();
      try (var open = device.openStep()) {
        for (int i = 0; i < 5; i++) {
          trainer.step();
        }
      }
      assertThat(device.memory().live()).isEqualTo(before);
      assertThat(trainer.iterations()).isEqualTo(7);
    }
  }

  @Test
  void goesOnFromACheckpointBitForBit() {
    Map<String, HostArray> whole = new HashMap<>();
    Map<String, HostArray> resumed = new HashMap<>();
    try (Device device = new CpuDevice(2);
        Scope scope = Scope.open(device, "whole")) {
      MixGanTrainer trainer = trainer(scope, 10);
      steps(trainer, 4);
      whole.putAll(trainer.save());
    }
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "resumed")) {
      MixGanTrainer first = trainer(scope, 10);
      steps(first, 2);
      MixGanTrainer second = trainer(scope, 10);
      second.load(first.save());
      steps(second, 2);
      resumed.putAll(second.save());
      assertThat(second.terms(0)).hasSize(4).last().extracting(it -> it.iteration()).isEqualTo(3L);
    }
    assertThat(resumed).containsOnlyKeys(whole.keySet());
    whole.forEach((name, a) -> assertThat(bits(resumed.get(name))).as(name).isEqualTo(bits(a)));
  }

  private static Object bits(HostArray a) {
    return switch (a.dtype()) {
      case I32 -> a.ints();
      default -> a.floats();
    };
  }

  private static void steps(MixGanTrainer trainer, int count) {
    for (int i = 0; i < count; i++) {
      trainer.step();
    }
  }

  @Test
  void aCheckpointOfAnotherModelIsRefused() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "refused")) {
      MixGanTrainer trainer = trainer(scope, 10);
      Map<String, HostArray> arrays = new LinkedHashMap<>(trainer.save());
      HostArray step = arrays.remove("trainer.iteration");
      assertThatThrownBy(() -> trainer.load(arrays))
          .hasMessage("state: trainer.iteration is missing");
      arrays.put("trainer.iteration", step);
      arrays.put("more", step);
      assertThatThrownBy(() -> trainer.load(arrays))
          .hasMessage("state: more is not part of this model");
    }
  }

  @Test
  void withoutAPenaltyNoneIsComputed() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "plain")) {
      MixGanTrainer trainer = trainer(scope, 0);
      steps(trainer, 2);
      assertThat(trainer.terms(0)).allSatisfy(it -> assertThat(it.penalty()).isZero());
      assertThat(trainer.divergence()).isEmpty();
    }
  }

  @Test
  void theRingHoldsTheLatestTermsInOrder() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "ring")) {
      MixGanTrainer trainer = trainer(scope, 10);
      steps(trainer, 12); // ten are kept
      List<MixGanTrainer.Terms> terms = trainer.terms(0);
      assertThat(terms)
          .extracting(it -> it.iteration())
          .containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
      assertThat(trainer.terms(9)).isEqualTo(terms.subList(7, 10));
      assertThat(terms.getFirst().generatorEntropy()).isCloseTo(Math.log(3), within(1e-2));
      assertThat(terms.getFirst().discriminatorEntropy()).isCloseTo(Math.log(2), within(1e-2));
      assertThat(terms).allSatisfy(it -> assertThat(it.penalty()).isPositive());
    }
  }

  @Test
  void theTermThatWasNotFiniteFirstIsNamedHoweverLateItIsAskedFor() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "nan")) {
      MixGanTrainer trainer = trainer(scope, 10);
      steps(trainer, 2);
      assertThat(trainer.divergence()).isEmpty();
      // A discriminator's bias: its scores are NaN, the slopes on interpolates are not.
      Tensor bias = trainer.gan().discriminatorState().tensors().get("discriminator.affine2.bias");
      float[] values = bias.toFloats();
      values[0] = Float.NaN;
      bias.set(values);
      steps(trainer, 15); // more than the ring holds
      Divergence first = trainer.divergence().orElseThrow();
      assertThat(first).isEqualTo(new Divergence(List.of("generator loss"), 2, 0));
      assertThat(first)
          .hasToString("generator loss is not finite in iteration 2, the generators' update");
    }
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "nan")) {
      // Real points are infinite: what the discriminators see is, the generators' loss not yet.
      MixGan gan = TestMixtures.plane(scope, 3, 2, 2, 7);
      Source data = Source.finite(scope.full(Shape.of(9, 2), Double.POSITIVE_INFINITY));
      MixGanTrainer trainer =
          new MixGanTrainer(gan, TestMixtures.config(5, 3, 10, 1e-2, 1e-2), data, 4);
      steps(trainer, 3);
      Divergence first = trainer.divergence().orElseThrow();
      assertThat(first.iteration()).isZero();
      assertThat(first.update()).isEqualTo(1);
      assertThat(first.terms()).contains("critic gap").doesNotContain("discriminator entropy");
      assertThat(first.toString())
          .contains("critic gap")
          .endsWith("in iteration 0, update 1 of the discriminators");
    }
  }

  /** Each generator takes a mode of its own, although one generator could make both. */
  @Test
  void asManyGeneratorsAsModesShareThemOut() {
    GaussianModes modes = new GaussianModes(new double[] {0, 2, 1.7, -1, -1.7, -1}, 0.3);
    int n = modes.size();
    try (Device device = new CpuDevice(2);
        Scope scope = Scope.open(device, "toy")) {
      MixGan gan =
          new MixGan(
              scope,
              1,
              n,
              n,
              new AffineNet(2, 16, 2, 4, 0.2),
              new AffineNet(2, 32, 1, 4, 0.2),
              Initialiser.glorotUniform());
      Source data = Source.finite(PointMixture.draw(scope, modes, 4000, 2));
      MixGanTrainer trainer =
          new MixGanTrainer(gan, TestMixtures.config(64, 5, 1, 2e-3, 2e-3), data, 1);
      steps(trainer, 800);
      Set<Integer> found = new HashSet<>();
      for (float[] points : gan.eachGenerator().points(device, 5, n, 1000, 500)) {
        long[] counts = modes.score(points).counts();
        for (int mode = 0; mode < n; mode++) {
          if (counts[mode] > 900) {
            found.add(mode);
          }
        }
      }
      assertThat(found).hasSize(n);
      for (double weight : gan.generatorMixture().weights()) {
        assertThat(weight).isCloseTo(1.0 / n, within(0.05));
      }
    }
  }

  @Test
  void impossibleMixturesAreRefused() {
    try (Device device = new CpuDevice(1);
        Scope scope = Scope.open(device, "bad")) {
      AffineNet g = new AffineNet(2, 4, 2, 3, 0.2);
      AffineNet d = new AffineNet(2, 4, 1, 3, 0.2);
      Initialiser init = Initialiser.glorotUniform();
      assertThatThrownBy(() -> new MixGan(scope, 1, 0, 2, g, d, init))
          .hasMessage("mixGan: 0 generators and 2 discriminators, expected 1 or more of each");
      assertThatThrownBy(() -> new MixGan(scope, 1, 1, 1, g, new AffineNet(3, 4, 1, 3, 0.2), init))
          .hasMessage("mixGan: generators make points of size 2, discriminators take 3");
      assertThatThrownBy(() -> new MixGan(scope, 1, 1, 1, g, g, init))
          .hasMessage("mixGan: discriminators give 2 scores, expected 1");
      assertThatThrownBy(() -> TestMixtures.config(0, 5, 10, 1, 1))
          .hasMessage(
              "mixGanTrainer: batch size 0, 5 updates of the discriminators, 10 iterations logged,"
                  + " expected 1 or more of each");
      assertThatThrownBy(() -> TestMixtures.config(4, 5, Double.NaN, 1, 1))
          .hasMessage("mixGanTrainer: lambda is NaN, expected 0 or a finite number above it");
      MixGan gan = new MixGan(scope, 1, 2, 1, g, d, init);
      Source wide = new AxisGaussians(scope, 3, 5, 0.3);
      assertThatThrownBy(() -> new MixGanTrainer(gan, TestMixtures.config(4, 5, 10, 1, 1), wide, 1))
          .hasMessage("mixGanTrainer: real points have size 5, samples 2, expected the same");
      assertThatThrownBy(() -> gan.eachGenerator().points(device, 1, 3, 5, 5))
          .hasMessage("mixGan: 3 members draw from 2 generators, expected as many");
      assertThatThrownBy(() -> gan.score(new float[3]))
          .hasMessage("mixGan: 3 numbers to score, expected whole points of 2");
      assertThatThrownBy(() -> new AffineNet(2, 0, 1, 3, 0.2))
          .hasMessage(
              "affineNet: sizes 2, 0 and 1 of input, hidden layers and output, expected 1 or more of"
                  + " each");
      assertThatThrownBy(() -> new AffineNet(2, 3, 1, 1, 0.2))
          .hasMessage("affineNet: 1 layers, expected 2 (one affine map) or more");
      assertThatThrownBy(() -> new AffineNet(2, 3, 1, 3, Double.NaN))
          .hasMessage("affineNet: slope is NaN, expected a finite number");
    }
  }
}
