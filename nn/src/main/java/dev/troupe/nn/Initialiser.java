package dev.troupe.nn;

import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/**
 * Fills a new parameter of shape [E, …]. For the ones that depend on the fan: a weight [E, in, out]
 * has fan-in {@code in} and fan-out {@code out}; a convolution's [E, out, in, h, w] has {@code
 * in·h·w} and {@code out·h·w}.
 */
public interface Initialiser {
  /** Fills the tensor, drawing from the given stream if it draws at all. */
  void fill(Tensor t, Rng rng, String stream);

  /** Zero. */
  Initialiser ZEROS = constant(0);

  /** One. */
  Initialiser ONES = constant(1);

  /** The same value everywhere. */
  static Initialiser constant(double value) {
    return (t, rng, stream) -> t.fill(value);
  }

  /** Normal with mean 0. */
  static Initialiser normal(double sd) {
    return (t, rng, stream) -> t.copyFrom(rng.normal(stream, t.shape(), 0, sd));
  }

  /** Normal with mean 0, confined to two standard deviations. */
  static Initialiser truncatedNormal(double sd) {
    return (t, rng, stream) -> t.copyFrom(rng.truncatedNormal(stream, t.shape(), 0, sd));
  }

  /** Uniform on [low, high). */
  static Initialiser uniform(double low, double high) {
    return (t, rng, stream) -> t.copyFrom(rng.uniform(stream, t.shape(), low, high));
  }

  /** Uniform with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010). */
  static Initialiser glorotUniform() {
    return (t, rng, stream) ->
        uniformOfSd(Math.sqrt(2.0 / (fanIn(t.shape()) + fanOut(t.shape())))).fill(t, rng, stream);
  }

  /** Normal with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010). */
  static Initialiser glorotNormal() {
    return (t, rng, stream) ->
        normal(Math.sqrt(2.0 / (fanIn(t.shape()) + fanOut(t.shape())))).fill(t, rng, stream);
  }

  /** Uniform with variance 2 / fan-in (He et al. 2015). */
  static Initialiser heUniform() {
    return (t, rng, stream) -> uniformOfSd(Math.sqrt(2.0 / fanIn(t.shape()))).fill(t, rng, stream);
  }

  /** Normal with variance 2 / fan-in (He et al. 2015). */
  static Initialiser heNormal() {
    return (t, rng, stream) -> normal(Math.sqrt(2.0 / fanIn(t.shape()))).fill(t, rng, stream);
  }

  private static Initialiser uniformOfSd(double sd) {
    return uniform(-sd * Math.sqrt(3), sd * Math.sqrt(3));
  }

  private static int fanIn(Shape s) {
    checkRank(s);
    return s.rank() == 3 ? s.dim(1) : s.product(2, s.rank());
  }

  private static int fanOut(Shape s) {
    checkRank(s);
    return s.rank() == 3 ? s.dim(2) : s.dim(1) * s.product(3, s.rank());
  }

  private static void checkRank(Shape s) {
    if (s.rank() < 3) {
      throw new IllegalArgumentException(
          "initialiser: " + s + " has no fan, expected [E, in, out] or [E, out, in, h, w]");
    }
  }
}
