package dev.troupe.gan;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Pass;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Tensor;
import java.util.function.Consumer;

/**
 * E generators with their discriminators, side by side on the member axis. Parameters are under
 * {@code generator} and {@code discriminator} in the state.
 *
 * @param state the part of the state that holds both networks
 * @param latent what z is
 * @param generator [E, N, latent] to samples [E, N, …]
 * @param discriminator samples to logits [E, N, 1]
 */
public record Gan(State state, Latent latent, Layer generator, Layer discriminator) {
  /** The part of the state with the generators. */
  public State generatorState() {
    return state.at("generator");
  }

  /** The part of the state with the discriminators. */
  public State discriminatorState() {
    return state.at("discriminator");
  }

  /** How many members, E. */
  public int members() {
    return state.members();
  }

  /**
   * Samples of every generator with its running batch-norm statistics, in batches. The same seed
   * gives the same samples, whatever the batch size divides the count into, as long as the batch
   * size is the same.
   *
   * @param seed of z; member i draws its own
   * @param count samples of each member
   * @param batch samples of each member at a time
   * @param to takes each batch on the host: [E, batch, …], in order; the last one may be smaller
   */
  public void sample(long seed, int count, int batch, Consumer<Tensor> to) {
    if (count < 0 || batch < 1) {
      throw new IllegalArgumentException(
          "sample: count "
              + count
              + " in batches of "
              + batch
              + ", expected 0 or more of 1 or more");
    }
    try (Scope scope = Scope.open(state.scope().device(), "sample")) {
      Rng rng = new Rng(scope, seed, state.memberIds());
      for (int done = 0; done < count; done += batch) {
        int n = Math.min(batch, count - done);
        try (Scope chunk = Scope.open("batch")) {
          Tensor z = latent.draw(rng, "sample/z", members(), n);
          Variable y =
              Gradients.noGrad(() -> generator.forward(Variable.constant(z), Pass.EVALUATION));
          to.accept(y.tensor());
        }
        rng.nextStep();
      }
    }
  }

  /**
   * Samples of every generator as one host array a member, each [count · width].
   *
   * @see #sample(long, int, int, Consumer)
   */
  public float[][] sample(long seed, int count, int batch) {
    float[][] out = new float[members()][0];
    int[] at = {0};
    sample(
        seed,
        count,
        batch,
        t -> {
          float[] values = t.toFloats();
          int each = values.length / members();
          int width = each / t.shape().dim(1);
          for (int e = 0; e < out.length; e++) {
            if (at[0] == 0) {
              out[e] = new float[count * width];
            }
            System.arraycopy(values, e * each, out[e], at[0], each);
          }
          at[0] += each;
        });
    return out;
  }
}
