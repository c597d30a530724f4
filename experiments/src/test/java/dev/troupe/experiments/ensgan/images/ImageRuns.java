package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.TestRuns;
import dev.troupe.experiments.TestRuns.Result;
import dev.troupe.experiments.data.Frame;
import dev.troupe.experiments.data.KnownSet;
import dev.troupe.experiments.data.KnownSet.Format;
import dev.troupe.experiments.data.KnownSet.KnownFile;
import dev.troupe.experiments.data.KnownSets;
import dev.troupe.experiments.data.Split;
import dev.troupe.experiments.data.TestSets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Small runs of {@code ensgan/images} on made-up images. */
final class ImageRuns {
  private static final int TRAIN = 200;
  private static final int TEST = 60;

  /** Both ensembles of two, ten-class GANs, two runs of each classifier. */
  static final List<String> TINY =
      List.of(
          "testImages=0",
          "ensemble=both",
          "members=2",
          "width=2",
          "kernel=3",
          "latent=4",
          "ganSteps=5",
          "batchSize=4",
          "boostEpochs=1",
          "boostBatch=20",
          "runs=2",
          "classifierSteps=4",
          "classifierBatch=8",
          "evaluations=2",
          "extractorSteps=4",
          "scored=30",
          "compared=10",
          "sheetEvery=3",
          "checkpointEvery=2");

  private ImageRuns() {}

  /** A set that is called as the published one, with few images of its classes in turn. */
  static KnownSet fashion() {
    return new KnownSet(
        "fashion-mnist",
        "fashion-mnist",
        Format.IDX,
        new Frame(1, 28, 28),
        10,
        IntStream.range(0, 10).mapToObj(c -> "class " + c).toList(),
        List.of(
            file(Split.TRAIN, "train-images", 16 + TRAIN * 784, TRAIN),
            file(Split.TRAIN, "train-labels", 8 + TRAIN, TRAIN),
            file(Split.TEST, "test-images", 16 + TEST * 784, TEST),
            file(Split.TEST, "test-labels", 8 + TEST, TEST)),
        Optional.empty(),
        List.of(),
        "",
        "");
  }

  private static KnownFile file(Split split, String name, long bytes, int images) {
    return new KnownFile(split, name, images, bytes, Optional.empty());
  }

  /** Writes the set. */
  static Path write(Path directory) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("fashion-mnist"));
    Files.write(folder.resolve("train-images"), TestSets.idxImages(TRAIN, 28, 28));
    Files.write(folder.resolve("train-labels"), labels(TRAIN));
    Files.write(folder.resolve("test-images"), TestSets.idxImages(TEST, 28, 28));
    Files.write(folder.resolve("test-labels"), labels(TEST));
    return directory;
  }

  private static byte[] labels(int count) {
    return TestSets.idxLabels(IntStream.range(0, count).map(i -> i % 10).toArray());
  }

  /** The arguments of a tiny run, with more settings (which go over the tiny ones) and options. */
  static String[] arguments(Path out, List<String> settings, String... options) {
    return TestRuns.arguments("ensgan/images", out, TINY, settings, options);
  }

  static Result troupe(String... args) {
    List<KnownSet> known = new ArrayList<>(KnownSets.all());
    known.addFirst(fashion()); // goes before the published one
    return TestRuns.troupe(List.of(new Images(known)), args);
  }
}
