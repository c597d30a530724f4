package dev.troupe.gan.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.gan.Gan;
import dev.troupe.gan.GanTrainer;
import dev.troupe.gan.Latent;
import dev.troupe.kernels.StepGuard;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.nn.Optimiser;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Scope;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Image GANs and classifiers on tiny images: a bright disc, above or below the middle. */
class ImageTrainingTest {
  private static final int SIZE = 8;
  private static final int COUNT = 64;
  private static final int BATCH = 16;

  /** Image i has its disc above the middle where i is even. */
  private static float[] pixels() {
    SplittableRandom random = new SplittableRandom(4);
    float[] pixels = new float[COUNT * SIZE * SIZE];
    for (int i = 0; i < COUNT; i++) {
      double row = (i % 2 == 0 ? 2 : 5) + random.nextDouble() - 0.5;
      double column = 2 + 3 * random.nextDouble();
      for (int p = 0; p < SIZE * SIZE; p++) {
        int line = p / SIZE;
        double d = Math.hypot(line - row, p % SIZE - column);
        pixels[i * SIZE * SIZE + p] = (float) (d < 2 ? 0.9 : -0.9);
      }
    }
    return pixels;
  }

  private static int[] labels() {
    int[] labels = new int[COUNT];
    for (int i = 0; i < COUNT; i++) {
      labels[i] = i % 2;
    }
    return labels;
  }

  /** Member m's batch at a step: its own walk through the images. */
  private static int[] batch(int step, int... members) {
    int[] indices = new int[members.length * BATCH];
    for (int m = 0; m < members.length; m++) {
      for (int i = 0; i < BATCH; i++) {
        indices[m * BATCH + i] = (step * BATCH + i * 5 + members[m] * 7) % COUNT;
      }
    }
    return indices;
  }

  private static ClassifierTrainer classifier(Scope scope, ImageFeed feed, int... members) {
    return new ClassifierTrainer(
        new State(scope, 3, members),
        s -> SimpleCnn.create(s, 1, 2),
        (s, p) -> Optimiser.adam(s, p, Schedule.constant(5e-3), AdamSettings.DEFAULT),
        feed,
        5);
  }

  @Test
  void classifiersLearnWhereTheDiscIs() {
    try (CpuDevice device = new CpuDevice(2);
        Scope scope = Scope.open(device, "test")) {
      ImageTable table = ImageTable.of(scope, 1, SIZE, SIZE, pixels());
      ImageFeed feed = new ImageFeed(scope, table, labels(), 2, BATCH);
      ClassifierTrainer trainer = classifier(scope, feed, 0, 1);
      assertThat(trainer.accuracy(table, labels(), 7)).hasSize(2);
      for (int step = 0; step < 60; step++) {
        feed.set(batch(step, 0, 1));
        trainer.step();
      }
      assertThat(trainer.loss(60)).hasSize(2).doesNotContain(Double.NaN);
      assertThat(trainer.accuracy(table, labels(), 7))
          .containsExactly(new double[] {1, 1}, within(0.1));
      float[][] some = trainer.features(table, 7);
      float[][] all = trainer.features(table, COUNT);
      assertThat(some[1]).as("whatever the batch").isEqualTo(all[1]).hasSize(COUNT * 64);
      int[] every = IntStream.range(0, COUNT).toArray();
      float[][] own = trainer.logits(table, new int[][] {{63, 0, 5}, every}, 7);
      float[][] whole = trainer.logits(table, new int[][] {every, every}, COUNT);
      float[] w = whole[0];
      assertThat(own[0]).containsExactly(w[126], w[127], w[0], w[1], w[10], w[11]);
      assertThat(own[1]).isEqualTo(whole[1]).isNotEqualTo(w);
      assertThat(w[126]).as("image 63 is of class 1").isLessThan(w[127]);
      assertThatThrownBy(() -> trainer.logits(table, new int[][] {every}, 7))
          .hasMessage("logits: images of 1 members, expected 2");
    }
  }

  @Test
  void aMemberIsTheSameAloneAndWithOthers() {
    assertThat(trained(0, 1)[1]).isEqualTo(trained(1)[0]);
  }

  /** Features of each member after some steps of a classifier. */
  private static float[][] trained(int... members) {
    try (CpuDevice device = new CpuDevice(2);
        Scope scope = Scope.open(device, "test")) {
      ImageTable table = ImageTable.of(scope, 1, SIZE, SIZE, pixels());
      ImageFeed feed = new ImageFeed(scope, table, labels(), members.length, BATCH);
      ClassifierTrainer trainer = classifier(scope, feed, members);
      for (int step = 0; step < 5; step++) {
        feed.set(batch(step, members));
        trainer.step();
      }
      return trainer.features(table, COUNT);
    }
  }

  @Test
  void aDcganLearnsTheMeanImageAndReadsNothingInAStep() {
    try (CpuDevice cpu = new CpuDevice(2)) {
      StepGuard device = new StepGuard(cpu);
      try (Scope scope = Scope.open(device, "test")) {
        ImageTable table = ImageTable.of(scope, 1, SIZE, SIZE, pixels());
        ImageFeed feed = new ImageFeed(scope, table, 2, BATCH);
        Gan gan =
            new Dcgan(1, SIZE, Latent.uniform(4), 2, 8, 8, 4, true, true)
                .create(new State(scope, 3, 0, 1));
        GanTrainer.Config config =
            new GanTrainer.Config(
                BATCH,
                1,
                new GanTrainer.Updates(false, 2, true, true),
                Schedule.constant(2e-3),
                AdamSettings.DEFAULT.withBetas(0.5, 0.999));
        GanTrainer trainer = new GanTrainer(gan, config, feed, 5);
        double before = distance(gan);
        for (int step = 0; step < 240; step++) {
          feed.set(batch(step, 0, 1));
          try (StepGuard.Step open = device.openStep()) {
            trainer.step();
          }
        }
        assertThat(trainer.losses(240)[0]).doesNotContain(Double.NaN);
        assertThat(distance(gan)).isLessThan(before / 4);
      }
    }
  }

  /** Mean squared difference of the mean generated image and the mean real one, first member. */
  private static double distance(Gan gan) {
    float[] fakes = gan.sample(9, 200, 50)[0];
    float[] real = pixels();
    double sum = 0;
    for (int p = 0; p < SIZE * SIZE; p++) {
      sum += Math.pow(mean(fakes, p) - mean(real, p), 2);
    }
    return sum / (SIZE * SIZE);
  }

  private static double mean(float[] images, int pixel) {
    double sum = 0;
    for (int i = pixel; i < images.length; i += SIZE * SIZE) {
      sum += images[i];
    }
    int count = images.length / SIZE / SIZE;
    return sum / count;
  }

  @Test
  void badInputIsRefused() {
    try (CpuDevice device = new CpuDevice(1);
        Scope scope = Scope.open(device, "test")) {
      ImageTable table = ImageTable.of(scope, 1, SIZE, SIZE, pixels());
      ImageFeed feed = new ImageFeed(scope, table, 2, 3);
      assertThatThrownBy(() -> feed.set(new int[5]))
          .hasMessage("imageFeed: 5 indices, expected 6 for [2, 3]");
      assertThatThrownBy(() -> feed.set(new int[] {0, 1, 64, 0, 0, 0}))
          .hasMessage("imageFeed: index 64 at position 2 is outside [0, 64)");
      assertThatThrownBy(feed::labels).hasMessage("imageFeed: has no labels");
      assertThatThrownBy(() -> feed.draw(null, 4))
          .hasMessage("imageFeed: a batch of 4, expected 3");
      assertThatThrownBy(() -> new ImageFeed(scope, table, new int[5], 1, 1))
          .hasMessage("imageFeed: 5 labels for 64 images");
      assertThatThrownBy(() -> ImageTable.of(scope, 3, 4, 4, new float[47]))
          .hasMessage("imageTable: 47 numbers are no images of [3, 4, 4]");
      assertThatThrownBy(() -> new GanTrainer.Updates(true, 2, true, false))
          .hasMessage("ganTrainer: 2 generator steps with simultaneous updates, expected 1");
    }
  }
}
