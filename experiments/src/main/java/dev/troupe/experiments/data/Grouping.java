package dev.troupe.experiments.data;

import java.util.Arrays;
import java.util.List;

/**
 * Fewer classes made of the classes of a set. "Ensembles of GANs" (Eilertsen et al. 2021,
 * supplement B) divides ten classes into two: digits 0 to 4 and 5 to 9 of SVHN (SVHN-II) and MNIST
 * (MNIST-II); {airplane, automobile, bird, cat, deer} and {dog, frog, horse, ship, truck} of
 * CIFAR-10 (CIFAR-II). All three are {@link #halves}.
 *
 * @param classes names of the new classes
 * @param groupOf the new class of each old one; not to be changed
 */
public record Grouping(List<String> classes, int[] groupOf) {
  /** Checks that each old class has a new one. */
  public Grouping {
    classes = List.copyOf(classes);
    for (int group : groupOf) {
      if (group < 0 || group >= classes.size()) {
        throw new IllegalArgumentException(
            "grouping: group " + group + ", expected 0 to " + (classes.size() - 1));
      }
    }
  }

  /** The first half of the classes, and the rest. */
  public static Grouping halves(List<String> classes) {
    int half = classes.size() / 2;
    int[] groupOf = new int[classes.size()];
    Arrays.fill(groupOf, half, groupOf.length, 1);
    return new Grouping(
        List.of(
            String.join(", ", classes.subList(0, half)),
            String.join(", ", classes.subList(half, classes.size()))),
        groupOf);
  }

  /** The new class of an old one. */
  public int of(int label) {
    return groupOf[label];
  }
}
