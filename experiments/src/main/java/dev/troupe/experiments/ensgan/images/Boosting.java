package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.data.BatchOrder;
import dev.troupe.experiments.run.RunIdentity;
import dev.troupe.experiments.stage.Stage;
import dev.troupe.experiments.stage.StageCache;
import dev.troupe.gan.boosting.DataWeights;
import dev.troupe.gan.boosting.NextShare;
import dev.troupe.gan.boosting.Reweighting;
import dev.troupe.gan.boosting.WeightedDraw;
import dev.troupe.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * AdaGAN's step between two GANs (Tolstikhin et al. 2017): a classifier for each class learns to
 * tell the real images from those of the ensemble so far, and the images that it is surest of get
 * the most weight for the next GAN. The classifiers train side by side.
 */
final class Boosting {
  private static final int REAL = 1;

  private final Run run;
  private final Partition classes;
  private final Pools before;
  private final int members; // T so far
  private final RunIdentity inputs;
  private final Stage<ClassifierTraining> stage;

  /**
   * @param name of the stage
   * @param before the ensemble so far
   * @param members its GANs of each class
   */
  Boosting(Run run, String name, Pools before, int members) {
    this.run = run;
    this.classes = before.classes();
    this.before = before;
    this.members = members;
    Settings s = run.settings();
    Map<String, String> more = new LinkedHashMap<>();
    more.put("classes", Integer.toString(classes.size()));
    more.put("before", String.join(" ", before.groups().stream().map(GanGroup::hash).toList()));
    this.inputs =
        run.inputs(
            "boosting",
            Stream.concat(
                    ImageSettings.OF_BOOSTING.stream(),
                    Stream.of(ImageSettings.CNN_RATE, ImageSettings.CNN_RATE_END))
                .toList(),
            more);
    int most = IntStream.range(0, classes.size()).map(classes::count).max().orElseThrow();
    int pass = Math.ceilDiv(2 * most, s.get(ImageSettings.BOOST_BATCH));
    long steps = (long) Math.ceil(s.get(ImageSettings.BOOST_EPOCHS) * pass);
    this.stage = run.stage(name, "boosting", steps, steps, inputs, scope -> build(scope, steps));
  }

  Stage<ClassifierTraining> stage() {
    return stage;
  }

  /** Names the step by all that decides its bits. */
  String hash() {
    return StageCache.hash(inputs);
  }

  private ClassifierTraining build(Scope scope, long steps) throws IOException {
    Settings s = run.settings();
    int real = classes.total();
    // Before the GANs are there, the time is measured with real images in place of theirs.
    boolean there = before.groups().stream().allMatch(g -> g.stage().isDone());
    byte[] made = there ? before.set(members, real).pixels() : run.data().train();
    byte[] pixels = Arrays.copyOf(run.data().train(), run.data().train().length + made.length);
    System.arraycopy(made, 0, pixels, run.data().train().length, made.length);
    int[] labels = new int[2 * real];
    Arrays.fill(labels, 0, real, REAL);
    List<BatchOrder.Member> learners = new ArrayList<>();
    int[] counts = before.shares(real);
    int first = real;
    for (int k = 0; k < classes.size(); k++) {
      IntStream images =
          IntStream.concat(
              Arrays.stream(classes.images(k)), IntStream.range(first, first + counts[k]));
      learners.add(new BatchOrder.Member(members * classes.size() + k, images.toArray()));
      first += counts[k];
    }
    return new ClassifierTraining(
        s,
        scope,
        new ClassifierTraining.Kind(false, 2, s.get(ImageSettings.BOOST_BATCH), steps),
        new ClassifierTraining.Labelled(run.data().table(scope, pixels), labels),
        learners,
        Optional.empty(),
        Seeds.BOOSTING.of(run.context().seed()));
  }

  /**
   * Draws the batches of the next GANs by weight, without replacement in a batch.
   *
   * @param ks what they learn
   * @param ids key their random numbers
   */
  GanTraining.Draw draw(int[] ks, int[] ids, long seed) {
    List<BatchOrder> order = new ArrayList<>(); // made when the first batch is asked for
    return (step, indices) -> {
      if (order.isEmpty()) {
        double[][] weights = weights();
        List<BatchOrder.Member> members = new ArrayList<>();
        for (int i = 0; i < ks.length; i++) {
          members.add(
              new BatchOrder.Member(
                  ids[i], classes.images(ks[i]), new WeightedDraw(weights[ks[i]])));
        }
        order.add(new BatchOrder(members, run.settings().get(ImageSettings.BATCH), seed, "batch"));
      }
      order.getFirst().fill(step, indices);
    };
  }

  /** The weights of each class's images, [K][N_k]. */
  private double[][] weights() {
    float[][] logits;
    try (Scope scope = Scope.open("weights")) {
      int[][] images =
          IntStream.range(0, classes.size()).mapToObj(classes::images).toArray(int[][]::new);
      logits = stage.open(scope).logits(run.train(), images);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    double[][] weights = new double[classes.size()][];
    for (int k = 0; k < weights.length; k++) {
      int[] images = classes.images(k);
      float[] probabilities = new float[images.length];
      for (int i = 0; i < images.length; i++) {
        double surer = logits[k][2 * i + REAL] - logits[k][2 * i + 1 - REAL];
        probabilities[i] = (float) (1 / (1 + Math.exp(-surer)));
      }
      DataWeights found =
          rule().weights(Reweighting.ratios(probabilities), new NextShare.Uniform().after(members));
      String what = stage.plan().name() + ", class '" + classes.names().get(k) + "': ";
      found.warning().ifPresent(warning -> run.context().console().note(what + warning));
      run.context()
          .console()
          .note(
              what
                  + found.positive()
                  + " of "
                  + images.length
                  + " images have a weight above 0, worth "
                  + Math.round(found.effective())
                  + " of equal weight");
      if (found.positive() < run.settings().get(ImageSettings.BATCH)) {
        throw new UserException(
            ExitCode.NUMERICS,
            what
                + found.positive()
                + " images have a weight above 0, expected at least batchSize, which is "
                + run.settings().get(ImageSettings.BATCH));
      }
      weights[k] = found.values();
    }
    return weights;
  }

  private Reweighting rule() {
    return switch (run.settings().get(ImageSettings.REWEIGHTING)) {
      case "star" -> new Reweighting.TheoryStar();
      case "dagger" -> new Reweighting.TheoryDagger();
      default -> new Reweighting.TopK(0.5);
    };
  }
}
