package dev.troupe.experiments.ensgan.images;

import dev.troupe.gan.Mixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The GANs of an ensemble, and the sets that are made of their samples: for each class as many
 * images as there are real ones, an equal share of each GAN (p_t = 1 / T, section 2 of the paper).
 *
 * @param classes what the GANs learn
 * @param groups their trainings, in order
 */
record Pools(Run run, Partition classes, List<GanGroup> groups) {
  /**
   * A set of images with their classes.
   *
   * @param pixels [M, C, H, W], bytes
   * @param labels [M]
   */
  record Set(byte[] pixels, int[] labels) {}

  /** The trainings that the first {@code t} GANs of each class are from. */
  List<GanGroup> groups(int t) {
    return groups.stream().filter(g -> g.members().stream().anyMatch(m -> m.t() < t)).toList();
  }

  /**
   * The images of class k by an ensemble of T: an equal share of each GAN, {@code count} in all.
   */
  byte[] images(int k, int t, int count) throws IOException {
    int size = run.data().frame().size();
    int[] shares = Mixture.uniform(t).shares(count);
    byte[] out = new byte[Math.multiplyExact(count, size)];
    int at = 0;
    for (int i = 0; i < t; i++) {
      byte[] pool = pool(i, k);
      System.arraycopy(pool, 0, out, at, shares[i] * size);
      at += shares[i] * size;
    }
    return out;
  }

  private byte[] pool(int t, int k) throws IOException {
    for (GanGroup group : groups) {
      int i = group.members().indexOf(new GanGroup.Member(t, k));
      if (i >= 0) {
        return group.samples()[i];
      }
    }
    throw new IllegalArgumentException("pools: no GAN " + t + " of class " + k);
  }

  /**
   * The set of an ensemble of T, of {@code total} images that are divided among the classes as the
   * real ones are.
   */
  Set set(int t, int total) throws IOException {
    List<byte[]> parts = new ArrayList<>();
    int[] labels = new int[total];
    int[] counts = shares(total);
    int at = 0;
    for (int k = 0; k < classes.size(); k++) {
      parts.add(images(k, t, counts[k]));
      Arrays.fill(labels, at, at + counts[k], k);
      at += counts[k];
    }
    byte[] pixels = new byte[Math.multiplyExact(total, run.data().frame().size())];
    int to = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, pixels, to, part.length);
      to += part.length;
    }
    return new Set(pixels, labels);
  }

  /** {@code total} images divided among the classes as the real ones are. */
  int[] shares(int total) {
    double[] weights = new double[classes.size()];
    for (int k = 0; k < weights.length; k++) {
      weights[k] = classes.count(k) / (double) classes.total();
    }
    return new Mixture(weights).shares(total);
  }
}
