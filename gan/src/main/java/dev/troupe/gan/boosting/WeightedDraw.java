package dev.troupe.gan.boosting;

import dev.troupe.kernels.Philox;
import java.util.BitSet;

/**
 * Draws of several different items with given weights: one after the other, each time with
 * probabilities in proportion to the weights of those that are left. That is the law of NumPy's
 * {@code random.choice(n, size, replace=False, p=weights)}, which AdaGAN's mini-batches are.
 *
 * <p>A draw is a pure function of its key, so any thread can make any batch, and it depends neither
 * on other members nor on draws before. Items are drawn with replacement by bisection in the
 * cumulative weights, and repetitions dropped, which leaves the law as it is. When {@value #TRIES}
 * times as many were drawn as wanted, what has been found is given the weight 0 and the rest goes
 * on. So a batch of B takes B log N steps where no weights stand out, and N more for each round
 * where some do.
 *
 * <p>Draw j of a batch takes words 2j and 2j + 1 of the key's numbers: a uniform number of 53 bits.
 */
public final class WeightedDraw {
  private static final int TRIES = 8;

  private final double[] weights;
  private final double[] cumulative;
  private final int positive;

  /**
   * Items 0 … N-1 with their weights.
   *
   * @param weights [N], 0 or more; they need not add up to 1
   * @throws IllegalArgumentException if a weight is negative or not finite, or none is above 0
   */
  public WeightedDraw(double[] weights) {
    this.weights = weights.clone();
    int above = 0;
    for (int i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0 && weights[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "weightedDraw: weight "
                + i
                + " is "
                + weights[i]
                + ", expected a finite one of 0 or more");
      }
      above += weights[i] > 0 ? 1 : 0;
    }
    this.positive = above;
    this.cumulative = new double[weights.length];
    double total = accumulate(this.weights, cumulative);
    if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "weightedDraw: "
              + weights.length
              + " weights add up to "
              + total
              + ", expected a finite sum above 0");
    }
  }

  private static double accumulate(double[] weights, double[] cumulative) {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      cumulative[i] = sum;
    }
    return sum;
  }

  /** N, how many items. */
  public int size() {
    return weights.length;
  }

  /** How many have a weight above 0: the most that can be drawn. */
  public int positive() {
    return positive;
  }

  /**
   * Draws {@code count} different items into {@code out[at]} and following, in the order drawn.
   *
   * @param key names the draw: seed, step, stream and member
   * @throws IllegalArgumentException if fewer items have a weight above 0
   */
  public void draw(Philox.Key key, int count, int[] out, int at) {
    if (count < 0 || count > positive) {
      throw new IllegalArgumentException(
          "weightedDraw: " + count + " of " + positive + " items with a weight above 0");
    }
    BitSet found = new BitSet(weights.length);
    double[] sums = cumulative;
    double[] left = null; // weights without the found items
    int[] words = new int[4];
    int drawn = 0; // of this draw, from its first number on
    for (int have = 0; have < count; ) {
      long tries = (long) TRIES * (count - have);
      double total = sums[sums.length - 1];
      for (long t = 0; t < tries && have < count; t++, drawn++) {
        if (drawn % 2 == 0) {
          Philox.block(key, drawn / 2, words, 0);
        }
        int item = find(sums, uniform(words, drawn % 2 * 2) * total);
        if (!found.get(item)) {
          found.set(item);
          out[at + have++] = item;
        }
      }
      if (have < count) {
        left = left == null ? weights.clone() : left;
        for (int i = found.nextSetBit(0); i >= 0; i = found.nextSetBit(i + 1)) {
          left[i] = 0;
        }
        sums = new double[weights.length];
        accumulate(left, sums);
      }
    }
  }

  /** 53 bits of two words, on [0, 1). */
  private static double uniform(int[] words, int at) {
    long bits = (words[at] & 0xFFFFFFFFL) << 32 | words[at + 1] & 0xFFFFFFFFL;
    return (bits >>> 11) * 0x1p-53;
  }

  /** The first item whose cumulative weight is above x, or the last one with a weight above 0. */
  private static int find(double[] sums, double x) {
    double total = sums[sums.length - 1];
    int low = 0;
    int high = sums.length - 1;
    double y = x < total ? x : Math.nextDown(total); // x is rounded
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sums[middle] > y) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  @Override
  public String toString() {
    return "WeightedDraw of " + weights.length + " items, " + positive + " above 0";
  }
}
