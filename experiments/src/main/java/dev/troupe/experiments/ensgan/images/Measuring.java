package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.ensgan.images.Measured.Curve;
import dev.troupe.experiments.ensgan.images.Measured.Distances;
import dev.troupe.experiments.ensgan.images.Measured.Neighbours;
import dev.troupe.experiments.ensgan.images.Measured.Pair;
import dev.troupe.gan.metrics.DensityCoverage;
import dev.troupe.gan.metrics.Features;
import dev.troupe.gan.metrics.FrechetDistance;
import dev.troupe.gan.metrics.KernelDistance;
import dev.troupe.gan.metrics.NearestNeighbours;
import dev.troupe.gan.metrics.PrecisionRecall;
import dev.troupe.tensor.Scope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Measures sets of images. */
final class Measuring {
  private static final int PAIRS = 8;

  private final Run run;
  private final ClassifierTraining extractor;
  private final Features real;

  /**
   * @param extractor whose features are compared
   */
  Measuring(Run run, ClassifierTraining extractor) {
    this.run = run;
    this.extractor = extractor;
    int[] all = spread(run.data().told(), scored());
    this.real = features(run.data().images(run.data().train(), all));
  }

  /** Images of each set that features are compared of. */
  private int scored() {
    return Math.min(
        run.settings().get(ImageSettings.SCORED),
        Math.min(run.data().told().total(), run.data().told().tested().length));
  }

  /** The first training images of each class, {@code count} in all. */
  private int[] spread(Partition classes, int count) {
    int[] shares = new Pools(run, classes, List.of()).shares(count);
    return IntStream.range(0, classes.size())
        .flatMap(k -> Arrays.stream(classes.images(k)).limit(shares[k]))
        .toArray();
  }

  private Features features(byte[] pixels) {
    try (Scope scope = Scope.open("features")) {
      return new Features(extractor.features(run.data().table(scope, pixels)), extractor.width());
    }
  }

  /** Distances of real test images from real training images: what a perfect generator has. */
  Distances floor() {
    int count = scored();
    int size = run.data().frame().size();
    return distances(Arrays.copyOf(run.data().test(), count * size));
  }

  /** Distances of a generated set from the training images. */
  Distances distances(Learners learners) throws IOException {
    return distances(learners.set(scored()).pixels());
  }

  private Distances distances(byte[] pixels) {
    run.stopIfAsked();
    Features made = features(pixels);
    int subset = Math.min(KernelDistance.SUBSET, made.count() / 2);
    return new Distances(
        made.count(),
        FrechetDistance.between(run.workers(), real, made),
        KernelDistance.between(
            run.workers(),
            real,
            made,
            subset,
            KernelDistance.SUBSETS,
            Seeds.SUBSETS.of(run.context().seed())),
        PrecisionRecall.of(run.workers(), real, made, PrecisionRecall.K),
        DensityCoverage.of(run.workers(), real, made, DensityCoverage.K));
  }

  /**
   * The nearest real images of a class to given ones.
   *
   * @param made [M, C, H, W]
   */
  Neighbours neighbours(int k, byte[] made) {
    run.stopIfAsked();
    ImageData data = run.data();
    int size = data.frame().size();
    int[] indices = Arrays.stream(data.told().images(k)).limit(compared(k)).toArray();
    byte[] base = data.images(data.train(), indices);
    NearestNeighbours found =
        NearestNeighbours.search(
            run.workers(), new Features(bytes(made), size), new Features(bytes(base), size), 1);
    int count = made.length / size;
    double[] distances = new double[count];
    Arrays.setAll(distances, i -> found.distance(i, 0) / Math.sqrt(size));
    List<Integer> order =
        IntStream.range(0, count)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> distances[i]))
            .toList();
    Set<Integer> shown = new HashSet<>();
    List<Pair> pairs = new ArrayList<>();
    for (int i : order) {
      if (pairs.size() < PAIRS && shown.add(found.index(i, 0))) {
        pairs.add(new Pair(data.image(base, found.index(i, 0)), data.image(made, i), distances[i]));
      }
    }
    return new Neighbours(
        count,
        indices.length,
        distances[order.get(count / 2)],
        distances[order.getFirst()],
        List.copyOf(pairs));
  }

  /** Images of a class that are compared, real and generated. */
  int compared(int k) {
    int setting = run.settings().get(ImageSettings.COMPARED);
    int all = run.data().told().count(k);
    return setting == 0 ? all : Math.min(setting, all);
  }

  /** Neighbours of real test images: how near real images come to each other. */
  Neighbours floor(int k) {
    ImageData data = run.data();
    int[] indices =
        IntStream.range(0, data.told().tested().length)
            .filter(i -> data.told().tested()[i] == k)
            .limit(compared(k))
            .toArray();
    return neighbours(k, data.images(data.test(), indices));
  }

  private static float[] bytes(byte[] pixels) {
    float[] out = new float[pixels.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = pixels[i] & 0xff;
    }
    return out;
  }

  /**
   * What a stage's lines of metrics say of its classifiers.
   *
   * @param lines all lines of the run
   * @param first steps of the stages before
   */
  static Curve curve(List<Map<String, Object>> lines, String stage, long first) {
    List<long[]> steps = new ArrayList<>();
    List<List<?>> points = new ArrayList<>();
    for (Map<String, Object> line : lines) {
      if (stage.equals(line.get("stage")) && line.get("accuracy") instanceof List<?> accuracy) {
        steps.add(new long[] {((Number) line.get("step")).longValue() - first});
        points.add(accuracy);
      }
    }
    double[][] accuracy = new double[points.getFirst().size()][points.size()];
    for (int p = 0; p < points.size(); p++) {
      for (int r = 0; r < accuracy.length; r++) {
        accuracy[r][p] = ((Number) points.get(p).get(r)).doubleValue();
      }
    }
    return new Curve(steps.stream().mapToLong(x -> x[0]).toArray(), accuracy);
  }
}
