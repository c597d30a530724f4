package dev.troupe.gan;

import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/**
 * What a generator is fed.
 *
 * @param size numbers in z
 * @param uniform whether they are uniform on [-1, 1); otherwise standard normal
 */
public record Latent(int size, boolean uniform) {
  /** Standard normal numbers. */
  public static Latent normal(int size) {
    return new Latent(size, false);
  }

  /** Uniform numbers on [-1, 1). */
  public static Latent uniform(int size) {
    return new Latent(size, true);
  }

  /** New z for each member: [E, count, size]. */
  Tensor draw(Rng rng, String stream, int members, int count) {
    Shape shape = Shape.of(members, count, size);
    return uniform ? rng.uniform(stream, shape, -1, 1) : rng.normal(stream, shape, 0, 1);
  }
}
