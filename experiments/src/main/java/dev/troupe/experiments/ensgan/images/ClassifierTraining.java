package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.Settings;
import dev.troupe.experiments.data.BatchOrder;
import dev.troupe.experiments.stage.StateTraining;
import dev.troupe.gan.image.ClassifierTrainer;
import dev.troupe.gan.image.ImageFeed;
import dev.troupe.gan.image.ImageTable;
import dev.troupe.gan.image.ResNet;
import dev.troupe.gan.image.SimpleCnn;
import dev.troupe.nn.Optimiser;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** Classifiers side by side, each learning from its own part of a table. */
final class ClassifierTraining implements StateTraining {
  /** Images that a network is run on at once where nothing is trained. */
  private static final int EVALUATED = 200;

  private static final double MOMENTUM = 0.9;

  /**
   * What is trained.
   *
   * @param resnet18 or else SimpleCNN
   * @param classes how many
   * @param batch images of a step
   * @param steps over which the learning rate falls
   */
  record Kind(boolean resnet18, int classes, int batch, long steps) {}

  /**
   * Images with their classes.
   *
   * @param labels [M]
   */
  record Labelled(ImageTable images, int[] labels) {}

  private final ClassifierTrainer trainer;
  private final ImageFeed feed;
  private final BatchOrder order;
  private final int[] indices;
  private final Optional<Labelled> test;

  /**
   * New classifiers.
   *
   * @param members who learns from which images of the table
   * @param test what they are tested on, if on anything
   * @param seed of everything random
   */
  ClassifierTraining(
      Settings s,
      Scope scope,
      Kind kind,
      Labelled images,
      List<BatchOrder.Member> members,
      Optional<Labelled> test,
      long seed) {
    this.order = new BatchOrder(members, kind.batch, seed, "classifier/batch");
    this.indices = new int[members.size() * kind.batch];
    this.feed = new ImageFeed(scope, images.images, images.labels, members.size(), kind.batch);
    this.test = test;
    int channels = images.images.tensor().shape().dim(1);
    this.trainer =
        new ClassifierTrainer(
            new State(scope, seed, members.stream().mapToInt(BatchOrder.Member::id).toArray()),
            state ->
                kind.resnet18
                    ? ResNet.resNet18(
                        state, channels, kind.classes, s.get(ImageSettings.RESNET_WIDTH))
                    : SimpleCnn.create(state, channels, kind.classes),
            (state, parameters) ->
                kind.resnet18
                    ? Optimiser.sgd(
                        state,
                        parameters,
                        Schedule.exponential(
                            s.get(ImageSettings.RESNET_RATE),
                            s.get(ImageSettings.RESNET_RATE_END),
                            kind.steps),
                        MOMENTUM,
                        false,
                        s.get(ImageSettings.RESNET_DECAY))
                    : Optimiser.adam(
                        state,
                        parameters,
                        Schedule.exponential(
                            s.get(ImageSettings.CNN_RATE),
                            s.get(ImageSettings.CNN_RATE_END),
                            kind.steps),
                        AdamSettings.DEFAULT),
            feed,
            seed);
  }

  /** Members that each learn from all images of a set. */
  static List<BatchOrder.Member> everyone(List<Integer> ids, int images) {
    int[] all = IntStream.range(0, images).toArray();
    return ids.stream().map(id -> new BatchOrder.Member(id, all)).toList();
  }

  @Override
  public State state() {
    return trainer.state();
  }

  @Override
  public void prepare(long done) {
    order.fill(done, indices);
    feed.set(indices);
  }

  @Override
  public void step() {
    trainer.step();
  }

  @Override
  public SequencedMap<String, Double> losses(long done) {
    double sum = 0;
    for (double loss : trainer.loss(done)) {
      sum += loss;
    }
    SequencedMap<String, Double> out = new LinkedHashMap<>();
    out.put("loss", sum / members());
    return out;
  }

  @Override
  public Scores scores(long done) {
    SequencedMap<String, Object> values = new LinkedHashMap<>();
    String message = String.format(Locale.ROOT, "loss %.3f", losses(done).get("loss"));
    if (test.isPresent()) {
      List<Double> accuracy = new ArrayList<>();
      for (double a : trainer.accuracy(test.get().images, test.get().labels, EVALUATED)) {
        accuracy.add(a);
      }
      values.put("accuracy", accuracy);
      double mean = accuracy.stream().mapToDouble(a -> a).average().orElseThrow();
      values.put("accuracy_mean", mean);
      message += String.format(Locale.ROOT, ", %.1f %% of the test images right", 100 * mean);
    }
    return new Scores(values, message);
  }

  /** What the first member's last hidden layer says of each image, [M · width]. */
  float[] features(ImageTable images) {
    return trainer.features(images, EVALUATED)[0];
  }

  /** Numbers in a feature vector. */
  int width() {
    return trainer.classifier().width();
  }

  /** The logits of each member for images of its own, of which {@code indices} names some. */
  float[][] logits(ImageTable images, int[][] indices) {
    return trainer.logits(images, indices, EVALUATED);
  }
}
