package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.Domain;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.Setting;
import dev.troupe.experiments.Settings;
import dev.troupe.experiments.UserException;
import java.util.List;
import java.util.stream.Stream;

/** The keys of {@code ensgan/images}. */
final class ImageSettings {
  private static final Domain<Integer> COUNT = Domain.integer(1, 10_000_000);
  private static final Domain<Integer> COUNT_OR_ALL = Domain.integerOrAll(10_000_000);
  private static final Domain<Double> RATE = Domain.numberAbove(0, 1);

  static final Setting<String> DATASET =
      new Setting<>(
          "dataset",
          "the real images",
          Domain.choice("mnist", "fashion-mnist", "cifar-10", "svhn"),
          "fashion-mnist",
          "cifar-10");
  static final Setting<Integer> IMAGES =
      new Setting<>(
          "images",
          "real images to learn from, as many of each class; 0 is all",
          COUNT_OR_ALL,
          0,
          0);
  static final Setting<Integer> TEST_IMAGES =
      new Setting<>(
          "testImages",
          "real images that classifiers are tested on, as many of each class; 0 is all",
          COUNT_OR_ALL,
          2000,
          0);
  static final Setting<Boolean> INCOMPLETE =
      new Setting<>(
          "incomplete",
          "take the training files that are there, if some are missing",
          Domain.flag(),
          false,
          false);
  static final Setting<String> CLASSES =
      new Setting<>(
          "classes",
          "what is told apart: ten classes, or two of five each; a GAN learns one",
          Domain.choice("2", "10"),
          "2",
          "2");

  static final Setting<String> ENSEMBLE =
      new Setting<>(
          "ensemble",
          "GANs trained independently, boosted by AdaGAN, or both for comparison",
          Domain.choice("independent", "adagan", "both"),
          "independent",
          "independent");
  static final Setting<Integer> MEMBERS =
      new Setting<>("members", "the largest T, GANs of each class", Domain.integer(1, 100), 5, 7);
  static final Setting<Boolean> TEN_CLASS_GANS =
      new Setting<>(
          "tenClassGans",
          "with two classes: also one GAN for each of the ten, as a reference",
          Domain.flag(),
          true,
          true);
  static final Setting<Integer> GROUP =
      new Setting<>(
          "group",
          "GANs, or runs of a classifier, trained side by side at most; 0 is as many as fit",
          Domain.integer(0, 1000),
          0,
          0);

  static final Setting<String> GAN =
      new Setting<>("gan", "what is trained", Domain.choice("dcgan"), "dcgan", "dcgan");
  static final Setting<Integer> WIDTH =
      new Setting<>(
          "width",
          "channels of the generator's last hidden map and the discriminator's first",
          Domain.integer(1, 1024),
          16,
          64);
  static final Setting<Integer> KERNEL =
      new Setting<>("kernel", "side of the kernels", Domain.integer(2, 15), 5, 5);
  static final Setting<Integer> LATENT =
      new Setting<>("latent", "numbers in z", Domain.integer(1, 4096), 100, 100);
  static final Setting<String> NOISE =
      new Setting<>(
          "noise",
          "z is uniform on [-1, 1), or standard normal",
          Domain.choice("uniform", "normal"),
          "uniform",
          "uniform");
  static final Setting<Boolean> BIASED =
      new Setting<>(
          "biased", "layers in front of batch norm have a bias", Domain.flag(), true, true);
  static final Setting<Boolean> TRUNCATED =
      new Setting<>(
          "truncated",
          "the discriminator's kernels begin as truncated normal numbers",
          Domain.flag(),
          true,
          true);
  static final Setting<Integer> GENERATOR_STEPS =
      new Setting<>(
          "generatorSteps",
          "updates of the generator for each of the discriminator",
          Domain.integer(1, 10),
          1,
          2);
  static final Setting<Boolean> SAME_NOISE =
      new Setting<>("sameNoise", "all passes of a step take the same z", Domain.flag(), true, true);
  static final Setting<Boolean> SEPARATE =
      new Setting<>(
          "separate",
          "the discriminator judges real and generated images in batches of their own",
          Domain.flag(),
          true,
          true);
  static final Setting<Integer> GAN_STEPS =
      new Setting<>("ganSteps", "steps of the GANs", COUNT, 800, 50_000);
  static final Setting<Integer> BATCH =
      new Setting<>("batchSize", "images of a step of the GANs", Domain.integer(2, 10_000), 64, 64);
  static final Setting<Double> GAN_RATE =
      new Setting<>("ganRate", "Adam's learning rate, of both networks", RATE, 1e-3, 2e-4);
  static final Setting<Double> BETA1 =
      new Setting<>("beta1", "Adam's, of both networks", Domain.numberBelow(0, 1), 0.5, 0.5);

  static final Setting<String> REWEIGHTING =
      new Setting<>(
          "reweighting",
          "AdaGAN's rule: its Theorem 1, its Theorem 2, or the worst covered half",
          Domain.choice("star", "dagger", "topk"),
          "star",
          "star");
  static final Setting<Double> BOOST_EPOCHS =
      new Setting<>(
          "boostEpochs",
          "passes of AdaGAN's classifier over real and generated images, or the part of one",
          Domain.numberAbove(0, 1000),
          0.3,
          4.0);
  static final Setting<Integer> BOOST_BATCH =
      new Setting<>(
          "boostBatch",
          "images of a step of AdaGAN's classifier",
          Domain.integer(2, 10_000),
          64,
          64);

  static final Setting<String> CLASSIFIER =
      new Setting<>(
          "classifier",
          "what learns from the samples",
          Domain.choice("simplecnn", "resnet18"),
          "simplecnn",
          "resnet18");
  static final Setting<Integer> RESNET_WIDTH =
      new Setting<>(
          "resnetWidth", "channels of resnet18's first stage", Domain.integer(1, 512), 64, 64);
  static final Setting<Integer> RUNS =
      new Setting<>("runs", "classifiers trained on each set", Domain.integer(1, 100), 3, 10);
  static final Setting<Integer> CLASSIFIER_STEPS =
      new Setting<>("classifierSteps", "steps of the classifiers", COUNT, 400, 20_000);
  static final Setting<Integer> CLASSIFIER_BATCH =
      new Setting<>(
          "classifierBatch",
          "images of a step of the classifiers",
          Domain.integer(2, 10_000),
          64,
          128);
  static final Setting<Integer> EVALUATIONS =
      new Setting<>(
          "evaluations",
          "how often classifiers are tested while they train",
          Domain.integer(1, 10_000),
          8,
          50);
  static final Setting<Double> CNN_RATE =
      new Setting<>(
          "cnnRate", "learning rate of simplecnn (Adam) at the beginning", RATE, 5e-3, 5e-3);
  static final Setting<Double> CNN_RATE_END =
      new Setting<>("cnnRateEnd", "at the end", RATE, 3.8e-4, 3.8e-4);
  static final Setting<Double> RESNET_RATE =
      new Setting<>(
          "resnetRate",
          "learning rate of resnet18 (momentum 0.9) at the beginning",
          RATE,
          0.1,
          0.1);
  static final Setting<Double> RESNET_RATE_END =
      new Setting<>("resnetRateEnd", "at the end", RATE, 1e-3, 1e-3);
  static final Setting<Double> RESNET_DECAY =
      new Setting<>("resnetDecay", "weight decay of resnet18", Domain.number(0, 1), 2e-4, 2e-4);

  static final Setting<Integer> EXTRACTOR_STEPS =
      new Setting<>(
          "extractorSteps",
          "steps of the classifier whose features FID compares",
          COUNT,
          600,
          10_000);
  static final Setting<Integer> SCORED =
      new Setting<>(
          "scored",
          "images of each set for FID, KID, precision, recall, density and coverage",
          Domain.integer(20, 1_000_000),
          2000,
          10_000);
  static final Setting<Integer> COMPARED =
      new Setting<>(
          "compared",
          "images of each class and set in the search for nearest neighbours; 0 is all",
          COUNT_OR_ALL,
          2000,
          0);

  static final Setting<Integer> SHEET_EVERY =
      new Setting<>("sheetEvery", "steps between sheets of samples", COUNT, 100, 1000);
  static final Setting<Integer> CHECKPOINT_EVERY =
      new Setting<>("checkpointEvery", "steps between checkpoints", COUNT, 200, 1000);

  /** Which images there are. */
  static final List<Setting<?>> OF_DATA =
      List.of(DATASET, IMAGES, TEST_IMAGES, INCOMPLETE, CLASSES);

  /** Which GANs there are. */
  static final List<Setting<?>> OF_ENSEMBLES = List.of(ENSEMBLE, MEMBERS, TEN_CLASS_GANS, GROUP);

  /** What a GAN is. */
  static final List<Setting<?>> OF_GANS =
      List.of(
          GAN,
          WIDTH,
          KERNEL,
          LATENT,
          NOISE,
          BIASED,
          TRUNCATED,
          GENERATOR_STEPS,
          SAME_NOISE,
          SEPARATE,
          GAN_STEPS,
          BATCH,
          GAN_RATE,
          BETA1);

  /** How AdaGAN weights the images. */
  static final List<Setting<?>> OF_BOOSTING = List.of(REWEIGHTING, BOOST_EPOCHS, BOOST_BATCH);

  /** What a classifier is. */
  static final List<Setting<?>> OF_CLASSIFIERS =
      List.of(
          CLASSIFIER,
          RESNET_WIDTH,
          RUNS,
          CLASSIFIER_STEPS,
          CLASSIFIER_BATCH,
          EVALUATIONS,
          CNN_RATE,
          CNN_RATE_END,
          RESNET_RATE,
          RESNET_RATE_END,
          RESNET_DECAY);

  /** What is measured of samples. */
  static final List<Setting<?>> OF_MEASURES = List.of(EXTRACTOR_STEPS, SCORED, COMPARED);

  /** What decides no number. */
  static final List<Setting<?>> OF_RUNNING = List.of(SHEET_EVERY, CHECKPOINT_EVERY);

  static final List<Setting<?>> ALL =
      Stream.of(
              OF_DATA, OF_ENSEMBLES, OF_GANS, OF_BOOSTING, OF_CLASSIFIERS, OF_MEASURES, OF_RUNNING)
          .<Setting<?>>flatMap(List::stream)
          .toList();

  private ImageSettings() {}

  /** Whether ten GANs of one class each are a reference. */
  static boolean withTenClassGans(Settings s) {
    return s.get(TEN_CLASS_GANS) && s.get(CLASSES).equals("2");
  }

  static void check(Settings s) {
    multipleOfTen(s, IMAGES);
    multipleOfTen(s, TEST_IMAGES);
    atMost(s, EVALUATIONS, CLASSIFIER_STEPS);
    atMost(s, CNN_RATE_END, CNN_RATE);
    atMost(s, RESNET_RATE_END, RESNET_RATE);
  }

  private static void multipleOfTen(Settings s, Setting<Integer> setting) {
    if (s.get(setting) % 10 != 0) {
      throw new UserException(
          ExitCode.USAGE,
          "setting "
              + setting.name()
              + " is "
              + s.get(setting)
              + ", expected a multiple of 10, as many of each class");
    }
  }

  private static <T extends Comparable<T>> void atMost(
      Settings s, Setting<T> small, Setting<T> large) {
    if (s.get(small).compareTo(s.get(large)) > 0) {
      throw new UserException(
          ExitCode.USAGE,
          "setting "
              + small.name()
              + " is "
              + small.domain().format(s.get(small))
              + ", expected at most "
              + large.name()
              + ", which is "
              + large.domain().format(s.get(large)));
    }
  }
}
