package dev.troupe.gan;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.ElementType;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.Arrays;

/**
 * Samples of several generators in the shares of a mixed strategy, chosen on the device.
 *
 * <p>Systematic sampling: with one u, uniform on [0, 1), for a batch of B, sample k comes from the
 * generator in whose piece of [0, 1), of length w_i, the number (k + u) / B falls. So each sample
 * comes from generator i with probability w_i on average, and a batch has B · w_i of them rounded
 * up or down. Each generator makes as many as it can be asked for; what is not asked for is
 * dropped.
 */
final class MixtureSource implements Source {
  private final MixGan gan;
  private final double[] weights;

  MixtureSource(MixGan gan, Mixture mixture) {
    this.gan = gan;
    this.weights = mixture.weights();
  }

  @Override
  public int features() {
    return gan.features();
  }

  @Override
  public Variable draw(Rng rng, String stream, int count) {
    int members = rng.members();
    int generators = weights.length;
    double largest = Arrays.stream(weights).max().orElse(1);
    int each = Math.min(count, (int) Math.ceil(largest * count) + 1); // of a generator, a member
    int f = features();
    Shape shape = Shape.of(members, generators * each, gan.latent());
    Variable z = Variable.constant(rng.normal(stream + "/z", shape, 0, 1));
    Variable made =
        Gradients.noGrad(() ->
            gan.generate(swapped(z, members, generators, each, gan.latent()))); // [n_G, E·each, F]
    Variable table =
        Ops.reshape(
            swapped(made, generators, members, each, f), Shape.of(members, generators * each, f));
    return Ops.gather(table, index(rng, stream, count, each));
  }

  /** [a, b · rows, width] to [b, a · rows, width]: who is first comes second. */
  private static Variable swapped(Variable x, int a, int b, int rows, int width) {
    Variable parts = Ops.reshape(x, Shape.of(a, b, rows, width));
    return Ops.reshape(Ops.permute(parts, 1, 0, 2, 3), Shape.of(b, a * rows, width));
  }

  /** Rows of the table [E, n_G · each, F]; INT32 [E, count]. */
  private Variable index(Rng rng, String stream, int count, int each) {
    Variable u = Variable.constant(rng.uniform(stream + "/u", Shape.of(rng.members(), 1), 0, 1));
    Variable k = real(rng.permutation(stream + "/order", count)); // [E, count]
    Variable place = Ops.add(k, u); // in [0, count)
    // A generator's samples have neighbouring k, no more than `each` of them: k mod each tells them
    // apart.
    Variable turn = real(whole(Ops.affine(k, 1.0 / each, 0.5 / each)));
    Variable index = Ops.addScaled(k, -each, turn);
    double end = 0;
    for (int i = 0; i + 1 < weights.length; i++) {
      end += weights[i];
      index = Ops.addScaled(index, each, Ops.step(place, end * count));
    }
    return Variable.constant(whole(index));
  }

  private static Variable real(Tensor t) {
    Tensor copy = Tensor.empty(ElementType.REAL, t.shape(), "mixtureSource");
    copy.copyFrom(t);
    return Variable.constant(copy);
  }

  /** Towards zero. */
  private static Tensor whole(Variable x) {
    Tensor copy = Tensor.empty(ElementType.INT32, x.shape(), "mixtureSource");
    copy.copyFrom(x.tensor());
    return copy;
  }
}
