package dev.troupe.nn;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.autograd.ops.RunningStatistics;
import dev.troupe.autograd.ops.Slide;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/** The usual layers. Each takes the part of the state that holds its parameters. */
public final class Layers {
  private Layers() {}

  /**
   * {@code x · weight + bias}: [E, N, in] to [E, N, out]. Parameters {@code weight} [E, in, out]
   * and {@code bias} [E, out].
   */
  public static Layer dense(State state, int in, int out, Initialiser initialiser) {
    return dense(state, in, out, initialiser, 1);
  }

  /**
   * {@link #dense(State, int, int, Initialiser)}, then {@code z > 0 ? z : slope · z} in the same
   * pass (1: no activation, 0: ReLU, between them: leaky ReLU).
   */
  public static Layer dense(State state, int in, int out, Initialiser initialiser, double slope) {
    Variable w = state.parameter("weight", Shape.of(in, out), initialiser);
    Variable b = state.parameter("bias", Shape.of(out), Initialiser.ZEROS);
    return (x, pass) -> Ops.linear(x, w, b, slope);
  }

  /** {@code x · weight}: [E, N, in] to [E, N, out]. Parameter {@code weight} [E, in, out]. */
  public static Layer denseWithoutBias(State state, int in, int out, Initialiser initialiser) {
    Variable w = state.parameter("weight", Shape.of(in, out), initialiser);
    return (x, pass) -> Ops.linear(x, w, null);
  }

  /**
   * Linear maxout (Goodfellow et al. 2013): the largest of {@code pieces} affine maps, [E, N, in]
   * to [E, N, units]. Parameters {@code weight} [E, in, pieces · units], piece by piece, and {@code
   * bias} [E, pieces · units].
   */
  public static Layer maxout(State state, int in, int units, int pieces, Initialiser initialiser) {
    Variable w = state.parameter("weight", Shape.of(in, pieces * units), initialiser);
    Variable b = state.parameter("bias", Shape.of(pieces * units), Initialiser.ZEROS);
    return (x, pass) -> Ops.linearMaxout(x, w, b, pieces);
  }

  /**
   * Convolution with a square kernel (see {@link Ops#conv2d}): [E, N, in, H, W] to [E, N, out,
   * outHeight, outWidth]. Parameters {@code weight} [E, out, in, kernel, kernel] and {@code bias}
   * [E, out].
   */
  public static Layer conv2d(
      State state, int in, int out, int kernel, Slide slide, Initialiser initialiser) {
    Variable w = state.parameter("weight", Shape.of(out, in, kernel, kernel), initialiser);
    Variable b = state.parameter("bias", Shape.of(out), Initialiser.ZEROS);
    return (x, pass) -> Ops.conv2d(x, w, b, slide);
  }

  /** {@link #conv2d} without a bias, as in front of batch normalisation. */
  public static Layer conv2dWithoutBias(
      State state, int in, int out, int kernel, Slide slide, Initialiser initialiser) {
    Variable w = state.parameter("weight", Shape.of(out, in, kernel, kernel), initialiser);
    return (x, pass) -> Ops.conv2d(x, w, null, slide);
  }

  /**
   * Transposed convolution with a square kernel (see {@link Ops#convTranspose2d}): [E, N, in, H, W]
   * to [E, N, out, outHeight, outWidth]. Parameters {@code weight} [E, in, out, kernel, kernel] and
   * {@code bias} [E, out].
   *
   * <p>For an initialiser that depends on the fan, fan-in is {@code out · kernel²} here: that of
   * the convolution whose gradient this is.
   */
  public static Layer convTranspose2d(
      State state, int in, int out, int kernel, Slide slide, Initialiser initialiser) {
    Variable w = state.parameter("weight", Shape.of(in, out, kernel, kernel), initialiser);
    Variable b = state.parameter("bias", Shape.of(out), Initialiser.ZEROS);
    return (x, pass) -> Ops.convTranspose2d(x, w, b, slide);
  }

  /** {@link #convTranspose2d} without a bias, as in front of batch normalisation. */
  public static Layer convTranspose2dWithoutBias(
      State state, int in, int out, int kernel, Slide slide, Initialiser initialiser) {
    Variable w = state.parameter("weight", Shape.of(in, out, kernel, kernel), initialiser);
    return (x, pass) -> Ops.convTranspose2d(x, w, null, slide);
  }

  /**
   * Layer normalisation of [E, N, C, …] over all axes after N (see {@link Ops#layerNorm}).
   * Parameters {@code gamma} and {@code beta}, each [E, C].
   */
  public static Layer layerNorm(State state, int channels, double epsilon) {
    Variable gamma = state.parameter("gamma", Shape.of(channels), Initialiser.ONES);
    Variable beta = state.parameter("beta", Shape.of(channels), Initialiser.ZEROS);
    return (x, pass) -> Ops.layerNorm(x, gamma, beta, epsilon);
  }

  /**
   * A learned row for each class: INT32 [E, N] to [E, N, width]. Parameter {@code table} [E,
   * classes, width]. A class outside [0, classes) is an error.
   */
  public static Layer embedding(State state, int classes, int width, Initialiser initialiser) {
    Variable table = state.parameter("table", Shape.of(classes, width), initialiser);
    return (x, pass) -> Ops.gather(table, x);
  }

  /**
   * Batch normalisation over [E, N, C, …], then {@code z > 0 ? z : slope · z} (1: no activation, 0:
   * ReLU). Parameters {@code gamma} and {@code beta}, buffers {@code mean} and {@code variance},
   * each [E, C]. In training the running statistics move towards the batch's (its biased variance)
   * by {@code rate}.
   */
  public static Layer batchNorm(
      State state, int channels, double epsilon, double rate, double slope) {
    Variable gamma = state.parameter("gamma", Shape.of(channels), Initialiser.ONES);
    Variable beta = state.parameter("beta", Shape.of(channels), Initialiser.ZEROS);
    Tensor mean = state.buffer("mean", Shape.of(channels), 0);
    Tensor variance = state.buffer("variance", Shape.of(channels), 1);
    return (x, pass) -> {
      if (!pass.training()) {
        return Ops.batchNormWith(
            x, gamma, beta, Variable.constant(mean), Variable.constant(variance), epsilon, slope);
      }
      RunningStatistics running =
          pass.statistics() > 0
              ? new RunningStatistics(mean, variance, rate * pass.statistics())
              : null;
      return Ops.batchNorm(x, gamma, beta, epsilon, slope, running);
    };
  }

  /** Dropout with the given rate in training. */
  public static Layer dropout(String name, double rate) {
    return (x, pass) ->
        pass.training() && rate != 0
            ? Ops.dropout(x, rate, pass.rng(), "dropout/" + name + "/" + pass.name())
            : x;
  }

  /** {@code max(x, 0)}. */
  public static Layer relu() {
    return (x, pass) -> Ops.relu(x);
  }

  /** {@code x > 0 ? x : slope · x}. */
  public static Layer leakyRelu(double slope) {
    return (x, pass) -> Ops.leakyRelu(x, slope);
  }

  /** Hyperbolic tangent. */
  public static Layer tanh() {
    return (x, pass) -> Ops.tanh(x);
  }

  /** {@code 1 / (1 + e^-x)}. */
  public static Layer sigmoid() {
    return (x, pass) -> Ops.sigmoid(x);
  }
}
