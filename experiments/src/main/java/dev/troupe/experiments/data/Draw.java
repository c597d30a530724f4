package dev.troupe.experiments.data;

import dev.troupe.kernels.Distributions;
import dev.troupe.kernels.Philox;

/**
 * The random numbers of one image in one epoch: the words of Philox keyed by (seed, epoch, stream,
 * member), from the place of the image on. They depend on nothing else, so an image is augmented
 * alike whichever thread does it and in whichever batch it is.
 *
 * @param seed of the run
 * @param epoch number of the pass over the images
 * @param member identity of the ensemble's member
 * @param index of the image in its set
 */
public record Draw(long seed, int epoch, int member, int index) {
  /** {@code count} words of a stream. */
  int[] words(int stream, int count) {
    int blocks = (count + 3) / 4;
    int[] words = new int[4 * blocks];
    Philox.Key key = new Philox.Key(seed, epoch, stream, member);
    for (int b = 0; b < blocks; b++) {
      Philox.block(key, index * blocks + b, words, 4 * b);
    }
    return words;
  }

  /** Uniform on [low, high); {@code low} where they are equal. */
  static double between(int word, double low, double high) {
    return low + (high - low) * Distributions.uniform(word);
  }
}
