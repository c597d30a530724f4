package dev.troupe.experiments.ensgan.images;

import dev.troupe.gan.metrics.DensityCoverage;
import dev.troupe.gan.metrics.PrecisionRecall;
import dev.troupe.gan.metrics.Summary;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What was measured of one set of images.
 *
 * @param row its name in tables
 * @param members GANs of each class behind it; 0 for real images
 * @param ensemble which ensembles it is one of: independent, adagan; empty for the references
 * @param curve of the classifiers that learned from it
 * @param distances from the real images
 * @param neighbours nearest real images, for each class; empty for real images
 */
record Measured(
    String row,
    int members,
    Optional<String> ensemble,
    Curve curve,
    Distances distances,
    List<Neighbours> neighbours) {

  /**
   * Accuracies on the test images while classifiers trained.
   *
   * @param steps when
   * @param accuracy [runs][points], 0 to 1
   */
  record Curve(long[] steps, double[][] accuracy) {
    /** One of the runs of all of them, which were tested at the same steps. */
    static Curve ofAll(List<Curve> curves) {
      return new Curve(
          curves.getFirst().steps,
          curves.stream().flatMap(curve -> Arrays.stream(curve.accuracy)).toArray(double[][]::new));
    }

    /** The best of each run: selected on the test set, as in the paper. */
    double[] best() {
      double[] out = new double[accuracy.length];
      for (int r = 0; r < out.length; r++) {
        for (double a : accuracy[r]) {
          out[r] = Math.max(out[r], a);
        }
      }
      return out;
    }

    /** Each run at its end. */
    double[] last() {
      double[] out = new double[accuracy.length];
      for (int r = 0; r < out.length; r++) {
        out[r] = accuracy[r][steps.length - 1];
      }
      return out;
    }

    /** How far each run falls from its best to its end. */
    double[] fall() {
      double[] best = best();
      double[] last = last();
      for (int r = 0; r < best.length; r++) {
        best[r] -= last[r];
      }
      return best;
    }

    /** Mean and deviation over the runs at one point. */
    Summary at(int point) {
      double[] values = new double[accuracy.length];
      for (int r = 0; r < values.length; r++) {
        values[r] = accuracy[r][point];
      }
      return Summary.of(values);
    }
  }

  /**
   * In the features of a classifier.
   *
   * @param images of each of the two sets
   * @param kid mean and deviation over subsets
   */
  record Distances(
      int images, double fid, Summary kid, PrecisionRecall precision, DensityCoverage density) {}

  /**
   * Of the images of a class, by root mean squared differences of pixels in units of 0 to 255.
   *
   * @param made generated images
   * @param real real images
   * @param median over the generated images, to the nearest real one
   * @param least of all
   * @param pairs the closest pairs, the closest first, each real image once
   */
  record Neighbours(int made, int real, double median, double least, List<Pair> pairs) {}

  /**
   * Two images.
   *
   * @param distance as in {@link Neighbours}
   */
  record Pair(byte[] real, byte[] made, double distance) {}

  /** The best accuracy over training. */
  Summary best() {
    return Summary.of(curve.best());
  }

  /** The accuracy at the end. */
  Summary last() {
    return Summary.of(curve.last());
  }

  /** By how much the best accuracies are above that of a guess. */
  Summary betterThan(double chance) {
    return Summary.of(Arrays.stream(curve.best()).map(a -> a - chance).toArray());
  }

  /**
   * How much better runs did here than in another set; runs of one number share all but the set.
   */
  Summary better(Measured than) {
    double[] out = curve.best();
    double[] other = than.curve.best();
    for (int r = 0; r < out.length; r++) {
      out[r] -= other[r];
    }
    return Summary.of(out);
  }
}
