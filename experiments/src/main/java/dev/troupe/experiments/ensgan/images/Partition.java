package dev.troupe.experiments.ensgan.images;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Images divided into what each GAN of an iteration learns.
 *
 * @param names of the classes
 * @param labels the class of each training image
 * @param tested the class of each test image
 */
record Partition(List<String> names, int[] labels, int[] tested) {
  /** K, how many classes. */
  int size() {
    return names.size();
  }

  /** The training images of a class. */
  int[] images(int k) {
    return IntStream.range(0, labels.length).filter(i -> labels[i] == k).toArray();
  }

  /** N_k, how many training images a class has. */
  int count(int k) {
    return (int) IntStream.of(labels).filter(l -> l == k).count();
  }

  /** N, how many training images there are. */
  int total() {
    return labels.length;
  }

  /** The accuracy of who always says the largest class of the test images. */
  double chance() {
    int[] counts = new int[size()];
    for (int label : tested) {
      counts[label]++;
    }
    return IntStream.of(counts).max().orElseThrow() / (double) tested.length;
  }
}
