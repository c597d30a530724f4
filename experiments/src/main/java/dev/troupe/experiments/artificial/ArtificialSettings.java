package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Domain;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.UserException;
import java.util.List;
import java.util.Locale;

/** The keys that all experiments on artificial data have. */
final class ArtificialSettings {
  static final Setting<Integer> REPEATS =
      new Setting<>(
          "repeats",
          "trainings of each line, each from a seed of its own",
          Domain.integer(1, 100),
          3,
          1);
  static final Setting<Integer> DIMENSION =
      new Setting<>("dimension", "of the data and of z", Domain.integer(3, 8192), 16, 1024);
  static final Setting<Integer> WIDTH =
      new Setting<>("width", "units of every hidden layer", Domain.integer(1, 8192), 64, 1024);
  static final Setting<Integer> LAYERS =
      new Setting<>(
          "layers",
          "of every network, input and output included; 2 is one affine map",
          Domain.integer(2, 50),
          5,
          5);
  static final Setting<Double> SLOPE =
      new Setting<>("slope", "of the leaky ReLU below 0", Domain.number(0, 1), 0.2, 0.2);
  static final Setting<Double> SD =
      new Setting<>(
          "sd", "standard deviation of a Gaussian", Domain.numberAbove(0, 1000), 0.3, 0.3);
  static final Setting<Integer> ITERATIONS =
      new Setting<>(
          "iterations",
          "of the GANs: one update of the generators and criticUpdates of the discriminators",
          Domain.integer(1, 2_000_000),
          2400,
          100_000);
  static final Setting<Integer> CRITIC_UPDATES =
      new Setting<>(
          "criticUpdates",
          "updates of the discriminators in an iteration",
          Domain.integer(1, 100),
          5,
          5);
  static final Setting<Integer> BATCH_SIZE =
      new Setting<>(
          "batchSize",
          "samples of a generator for a discriminator, and real points of a discriminator",
          Domain.integer(1, 65_536),
          16,
          256);
  static final Setting<Double> LAMBDA =
      new Setting<>(
          "lambda", "weight of the gradient penalty", Domain.numberAbove(0, 1e6), 10.0, 10.0);
  static final Setting<Double> RATE_G =
      new Setting<>(
          "learningRateG", "Adam's, of the generators", Domain.numberAbove(0, 1), 1e-4, 1e-5);
  static final Setting<Double> RATE_D =
      new Setting<>(
          "learningRateD", "Adam's, of the discriminators", Domain.numberAbove(0, 1), 2e-3, 1e-4);
  static final Setting<Double> BETA1 =
      new Setting<>("beta1", "Adam's, of all networks", Domain.numberBelow(0, 1), 0.5, 0.5);
  static final Setting<Double> BETA2 =
      new Setting<>("beta2", "Adam's, of all networks", Domain.numberBelow(0, 1), 0.9, 0.9);
  static final Setting<Integer> JUDGE_ITERATIONS =
      new Setting<>(
          "judgeIterations", "updates of the Judge", Domain.integer(1, 2_000_000), 2000, 100_000);
  static final Setting<Integer> CRITIC_ITERATIONS =
      new Setting<>(
          "criticIterations",
          "updates of the independent critic",
          Domain.integer(1, 2_000_000),
          1000,
          100_000);
  static final Setting<Integer> JUDGE_BATCH =
      new Setting<>(
          "judgeBatch",
          "real points, and samples, of a step of the Judge or the independent critic",
          Domain.integer(1, 65_536),
          128,
          256);
  static final Setting<Double> JUDGE_RATE =
      new Setting<>(
          "learningRateJ",
          "Adam's, of the Judge and of the independent critic",
          Domain.numberAbove(0, 1),
          1e-3,
          1e-4);
  static final Setting<Integer> FRECHET_POINTS =
      new Setting<>(
          "frechetPoints",
          "points of each kind behind a Fréchet distance",
          Domain.integer(2, 10_000_000),
          20_000,
          50_000);
  static final Setting<Integer> HELD_OUT =
      new Setting<>(
          "heldOut",
          "new points of each kind that Judge and independent critic are asked about",
          Domain.integer(1, 10_000_000),
          25_600,
          25_600);
  static final Setting<Integer> MEASURE_EVERY =
      new Setting<>(
          "measureEvery",
          "iterations between two measurements of a curve",
          Domain.integer(1, 2_000_000),
          100,
          4000);
  static final Setting<Integer> CHECKPOINT_EVERY =
      new Setting<>(
          "checkpointEvery",
          "iterations between checkpoints",
          Domain.integer(1, 2_000_000),
          600,
          1000);

  static final List<Setting<?>> SHARED =
      List.of(
          REPEATS,
          DIMENSION,
          WIDTH,
          LAYERS,
          SLOPE,
          SD,
          ITERATIONS,
          CRITIC_UPDATES,
          BATCH_SIZE,
          LAMBDA,
          RATE_G,
          RATE_D,
          BETA1,
          BETA2,
          JUDGE_ITERATIONS,
          CRITIC_ITERATIONS,
          JUDGE_BATCH,
          JUDGE_RATE,
          FRECHET_POINTS,
          HELD_OUT,
          MEASURE_EVERY,
          CHECKPOINT_EVERY);

  /** Updates that the trainer tells apart when one is not finite. */
  private static final int MOST_UPDATES = 1 << 24;

  private ArtificialSettings() {}

  /** Checks what no single setting can know. */
  static void check(Settings s, List<Configuration> configurations) {
    countable(
        "iterations and criticUpdates",
        "%d updates",
        s.get(ITERATIONS) * (s.get(CRITIC_UPDATES) + 1L),
        MOST_UPDATES);
    for (Configuration c : configurations) {
      if (c.gaussians() > s.get(DIMENSION)) {
        throw wrong(
            "%s: %d Gaussians lie on as many axes, expected at most dimension, which is %d",
            c.label(), c.gaussians(), s.get(DIMENSION));
      }
      if (c.trainingSet() != 0 && c.trainingSet() < largestBatch(s)) {
        throw wrong(
            "%s: expected a training set of at least a batch, which is %d (batchSize, judgeBatch)",
            c.label(), largestBatch(s));
      }
      long rows = (long) c.generators() * s.get(BATCH_SIZE) + s.get(BATCH_SIZE);
      long widest = Math.max(c.width(), s.get(DIMENSION));
      long rowsOfAll = Math.multiplyExact(rows, c.discriminators());
      long weights = widest * widest * Math.max(c.generators(), c.discriminators());
      countable(
          c.label() + ", batchSize, width and dimension",
          "a tensor of %d numbers",
          Math.max(rowsOfAll * widest, weights),
          Integer.MAX_VALUE);
      countable(
          c.label() + " and dimension",
          "a training set of %d numbers",
          (long) c.trainingSet() * s.get(DIMENSION),
          Integer.MAX_VALUE);
    }
  }

  private static int largestBatch(Settings s) {
    return Math.max(s.get(BATCH_SIZE), s.get(JUDGE_BATCH));
  }

  private static void countable(String settings, String what, long count, int most) {
    if (count > most) {
      throw wrong(
          "settings %s: make %s, expected at most %d",
          settings, String.format(Locale.ROOT, what, count), most);
    }
  }

  static UserException wrong(String format, Object... values) {
    return new UserException(ExitCode.USAGE, String.format(Locale.ROOT, format, values));
  }
}
