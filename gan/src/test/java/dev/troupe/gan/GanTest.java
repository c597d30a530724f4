package dev.troupe.gan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.gan.metrics.GaussianModes;
import dev.troupe.gan.metrics.ModeScore;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GanTest {
  private final Device device = new CpuDevice(2);
  private final Scope scope = Scope.open(device, "test");

  @AfterEach
  void close() {
    scope.close();
    device.close();
  }

  private Gan trained(int... members) {
    GanTrainer trainer = TestGans.trainer(scope, 1, true, members);
    for (int i = 0; i < 30; i++) {
      trainer.step();
    }
    return trainer.gan();
  }

  @Test
  void samplesHangOnSeedAndMemberAlone() {
    Gan gan = trained(0, 1, 2);
    float[][] samples = gan.sample(9, 250, 100);
    assertThat(samples).hasDimensions(3, 500);
    assertThat(gan.sample(9, 250, 100)).isDeepEqualTo(samples);
    assertThat(gan.sample(10, 250, 100)[1]).isNotEqualTo(samples[1]);
    assertThat(samples[0]).isNotEqualTo(samples[1]);
    // Fewer are the first of them.
    assertThat(gan.sample(9, 130, 100)[2]).isEqualTo(Arrays.copyOf(samples[2], 260));
    // A member alone, and one thread.
    assertThat(trained(1).sample(9, 250, 100)[0]).isEqualTo(samples[1]);
  }

  @Test
  void samplingLeavesTheTrainingAlone() {
    GanTrainer disturbed = TestGans.trainer(scope, 1, true, 0, 1);
    GanTrainer quiet = TestGans.trainer(scope, 1, true, 0, 1);
    for (int i = 0; i < 20; i++) {
      disturbed.step();
      quiet.step();
      disturbed.gan().sample(5, 10, 7);
    }
    assertThat(disturbed.gan().state().parameterHash())
        .isEqualTo(quiet.gan().state().parameterHash());
  }

  @Test
  void batchesComeInOrder() {
    Gan gan = trained(0, 1);
    List<Shape> shapes = new ArrayList<>();
    List<float[]> batches = new ArrayList<>();
    gan.sample(
        9,
        25,
        10,
        t -> {
          shapes.add(t.shape());
          batches.add(t.toFloats());
        });
    assertThat(shapes).containsExactly(Shape.of(2, 10, 2), Shape.of(2, 10, 2), Shape.of(2, 5, 2));
    float[][] whole = gan.sample(9, 25, 10);
    assertThat(Arrays.copyOf(batches.get(0), 20)).isEqualTo(Arrays.copyOf(whole[0], 20));
    assertThat(Arrays.copyOfRange(batches.get(2), 10, 20))
        .isEqualTo(Arrays.copyOfRange(whole[1], 40, 50));
    assertThat(batches.get(0)).isNotEqualTo(batches.get(1)); // fresh z
  }

  @Test
  void countsOutOfRangeAreRefused() {
    Gan gan = trained(0);
    assertThat(gan.sample(9, 0, 10)).isDeepEqualTo(new float[1][0]);
    assertThatThrownBy(() -> gan.sample(9, -1, 10))
        .hasMessage("sample: count -1 in batches of 10, expected 0 or more of 1 or more");
    assertThatThrownBy(() -> gan.sample(9, 1, 0))
        .hasMessage("sample: count 1 in batches of 0, expected 0 or more of 1 or more");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void itLearnsFourModes(boolean simultaneous) {
    GaussianModes modes = new GaussianModes(new double[] {-1, -1, -1, 1, 1, -1, 1, 1}, 0.1);
    Gan gan = new PointGan(24, 12, 1).create(new State(scope, 1, 0, 1, 2), 0.1);
    Tensor data = PointMixture.draw(scope, modes, 2000, 1);
    GanTrainer trainer =
        new GanTrainer(
            gan,
            new GanTrainer.Config(
                50, 1, TestGans.updates(simultaneous), Schedule.constant(2e-3), TestGans.ADAM),
            data,
            1);
    trainer.step();
    double before = Arrays.stream(scores(gan, modes)).mapToDouble(ModeScore::highQuality).sum();
    for (int i = 1; i < 500; i++) {
      trainer.step();
    }
    ModeScore[] scores = scores(gan, modes);
    assertThat(before).isLessThan(0.01);
    for (ModeScore score : scores) {
      assertThat(score.highQuality()).isGreaterThan(0.7);
      assertThat(score.covered()).isEqualTo(4);
    }
  }

  private static ModeScore[] scores(Gan gan, GaussianModes modes) {
    return Arrays.stream(gan.sample(2, 1000, 500)).map(modes::score).toArray(ModeScore[]::new);
  }
}
