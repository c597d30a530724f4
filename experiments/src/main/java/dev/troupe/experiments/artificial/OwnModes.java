package dev.troupe.experiments.artificial;

import java.util.Arrays;
import java.util.List;

/**
 * Which mode is each generator's own: of all assignments of one mode to each generator, one that
 * gives the least faithful generator the largest share of its samples in its own mode.
 *
 * @param mode of each generator
 * @param least the share of the least faithful generator in its own mode
 */
record OwnModes(List<Integer> mode, double least) {
  /**
   * Finds it: the largest share for which the cells with at least that share hold an assignment.
   *
   * @param shares [n][n]: of each generator's samples in each mode
   */
  static OwnModes of(List<List<Double>> shares) {
    double[] candidates =
        shares.stream().flatMap(List::stream).mapToDouble(Double::doubleValue).sorted().toArray();
    for (int i = candidates.length - 1; i >= 0; i--) {
      int[] generatorOf = assignment(shares, candidates[i]);
      if (generatorOf != null) {
        Integer[] mode = new Integer[generatorOf.length];
        for (int m = 0; m < mode.length; m++) {
          mode[generatorOf[m]] = m;
        }
        return new OwnModes(List.of(mode), candidates[i]);
      }
    }
    throw new IllegalArgumentException("ownModes: shares hold NaN");
  }

  /** The generator of each mode (Kuhn's augmenting paths), or null if there is no assignment. */
  private static int[] assignment(List<List<Double>> shares, double least) {
    int[] generatorOf = new int[shares.size()];
    Arrays.fill(generatorOf, -1);
    for (int g = 0; g < generatorOf.length; g++) {
      if (!place(shares, least, g, generatorOf, new boolean[generatorOf.length])) {
        return null;
      }
    }
    return generatorOf;
  }

  private static boolean place(
      List<List<Double>> shares, double least, int generator, int[] generatorOf, boolean[] tried) {
    for (int m = 0; m < generatorOf.length; m++) {
      if (!tried[m] && shares.get(generator).get(m) >= least) {
        tried[m] = true;
        if (generatorOf[m] < 0 || place(shares, least, generatorOf[m], generatorOf, tried)) {
          generatorOf[m] = generator;
          return true;
        }
      }
    }
    return false;
  }
}
