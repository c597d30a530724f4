package dev.troupe.gan;

import dev.troupe.autograd.Variable;
import dev.troupe.kernels.Device;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A distribution on R^F that is drawn from on the device: real data, or what generators make. What
 * it draws is a function of the seed, member and step of the {@link Rng} and of the stream's name
 * alone.
 */
public interface Source {
  /** The size of a point, F. */
  int features();

  /**
   * Points for each member, made on the device without a host read, and without a graph.
   *
   * @param rng has E members, each of which draws points of its own
   * @param stream begins the names of all streams that are drawn from
   * @param count points of each member
   * @return [E, count, F] in the current scope
   */
  Variable draw(Rng rng, String stream, int count);

  /**
   * Draws points in batches. The same seed, count and batch size give the same points. Sources that
   * are compared need a seed each: with one seed, two of them may begin from the same noise.
   *
   * @param members how many members draw, each its own points: 0 … members - 1
   * @param count points of each member
   * @param batch points of each member at a time
   * @param to takes each batch, [members, batch, F], in order; the last one may be smaller
   */
  default void forEach(
      Device device, long seed, int members, int count, int batch, Consumer<Tensor> to) {
    if (count < 0 || batch < 1) {
      throw new IllegalArgumentException(
          "source: count "
              + count
              + " in batches of "
              + batch
              + ", expected 0 or more of 1 or more");
    }
    try (Scope scope = Scope.open(device, "source")) {
      Rng rng = new Rng(scope, seed, Rng.firstMembers(members));
      for (int done = 0; done < count; done += batch) {
        int n = Math.min(batch, count - done);
        try (Scope chunk = Scope.open("batch")) {
          to.accept(draw(rng, "source", n).tensor());
        }
        rng.nextStep();
      }
    }
  }

  /**
   * Points as one host array a member, each [count · F].
   *
   * @see #forEach
   */
  default float[][] points(Device device, long seed, int members, int count, int batch) {
    float[][] points = new float[members][Math.multiplyExact(count, features())];
    int[] at = {0};
    forEach(
        device,
        seed,
        members,
        count,
        batch,
        t -> {
          float[] values = t.toFloats();
          int each = values.length / members;
          for (int e = 0; e < members; e++) {
            System.arraycopy(values, e * each, points[e], at[0], each);
          }
          at[0] += each;
        });
    return points;
  }

  /**
   * A finite training set: each member walks through endless shuffled epochs of it, one batch for
   * each step of the random numbers, dropping an epoch's last partial batch.
   *
   * @param points [count, F], kept, not copied
   */
  static Source finite(Tensor points) {
    return new FiniteSource(points);
  }

  /**
   * {@code count} points drawn once, to be a training set of their own.
   *
   * @param scope owns them
   * @return [count, F]
   */
  default Tensor sample(Scope scope, long seed, int count) {
    int batch = Math.max(1, Math.min(count, 4096));
    Tensor points = scope.zeros(Shape.of(count, features()));
    int[] at = {0};
    forEach(
        scope.device(),
        seed,
        1,
        count,
        batch,
        t -> {
          int n = t.shape().dim(1);
          points.slice(at[0], at[0] + n).copyFrom(t.reshape(t.shape().without(0)));
          at[0] += n;
        });
    return points;
  }

  /** Throws unless two sources have points of one size. */
  static void checkFeatures(String op, Source... sources) {
    int[] sizes = Arrays.stream(sources).mapToInt(Source::features).toArray();
    if (Arrays.stream(sizes).distinct().count() > 1) {
      throw new IllegalArgumentException(
          op + ": points of sizes " + Arrays.toString(sizes) + ", expected one size");
    }
  }
}
