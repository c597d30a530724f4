package dev.troupe.autograd.ops;

import dev.troupe.autograd.Variable;
import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Unary;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;

/**
 * Everything that can be computed with {@link Variable}s. Results lie in the current {@link Scope}.
 * Elementwise ops of two inputs broadcast by NumPy's rule; axes may be negative, -1 being the last.
 *
 * <p>Shapes that do not fit are a {@link dev.troupe.tensor.ShapeException} that begins with the
 * op's name and shows them.
 */
public final class Ops {
  private Ops() {}

  // ---------------------------------------------------------------- constants

  /** A constant of shape {@code []}. */
  public static Variable scalar(double value) {
    return Variable.constant(Scope.current().full(Shape.SCALAR, value));
  }

  /** Ones of x's shape. */
  public static Variable onesLike(Variable x) {
    return Variable.constant(Scope.current().full(x.shape(), 1));
  }

  /** Zeros of x's shape. */
  public static Variable zerosLike(Variable x) {
    return Variable.constant(Scope.current().zeros(x.shape()));
  }

  // ---------------------------------------------------------------- arithmetic

  /** {@code a + b}. */
  public static Variable add(Variable a, Variable b) {
    return Elementwise.zip("add", Binary.ADD, 0, a, b);
  }

  /** {@code a - b}. */
  public static Variable sub(Variable a, Variable b) {
    return Elementwise.zip("sub", Binary.SUB, 0, a, b);
  }

  /** {@code a · b}. */
  public static Variable mul(Variable a, Variable b) {
    return Elementwise.zip("mul", Binary.MUL, 0, a, b);
  }

  /** {@code a / b}. */
  public static Variable div(Variable a, Variable b) {
    return Elementwise.zip("div", Binary.DIV, 0, a, b);
  }

  /** {@code a + scale · b}. */
  public static Variable addScaled(Variable a, double scale, Variable b) {
    return Elementwise.zip("addScaled", Binary.ADD_SCALED, scale, a, b);
  }

  /** {@code a + t · (b - a)}. */
  public static Variable lerp(Variable a, Variable b, double t) {
    return Elementwise.zip("lerp", Binary.LERP, t, a, b);
  }

  /** The smaller of the two; NaN if either is. On a tie the gradient goes to a. */
  public static Variable min(Variable a, Variable b) {
    return Elementwise.zip("min", Binary.MIN, 0, a, b);
  }

  /** The larger of the two; NaN if either is. On a tie the gradient goes to a. */
  public static Variable max(Variable a, Variable b) {
    return Elementwise.zip("max", Binary.MAX, 0, a, b);
  }

  /** {@code scale · x + shift}. */
  public static Variable affine(Variable x, double scale, double shift) {
    return Elementwise.map("affine", Unary.AFFINE, scale, shift, x);
  }

  /** {@code x + c}. */
  public static Variable add(Variable x, double c) {
    return affine(x, 1, c);
  }

  /** {@code c · x}. */
  public static Variable mul(Variable x, double c) {
    return affine(x, c, 0);
  }

  /** {@code -x}. */
  public static Variable neg(Variable x) {
    return affine(x, -1, 0);
  }

  /** 1 where {@code a > b}, else 0; a constant for gradients. */
  public static Variable greater(Variable a, Variable b) {
    return Elementwise.zip("greater", Binary.GREATER, 0, a, b);
  }

  /** 1 where {@code a >= b}, else 0; a constant for gradients. */
  public static Variable greaterEqual(Variable a, Variable b) {
    return Elementwise.zip("greaterEqual", Binary.GREATER_EQUAL, 0, a, b);
  }

  /** 1 where {@code a == b}, else 0; a constant for gradients. */
  public static Variable equal(Variable a, Variable b) {
    return Elementwise.zip("equal", Binary.EQUAL, 0, a, b);
  }

  /** {@code a} where the condition is not 0, else {@code b}; broadcast. */
  public static Variable where(Variable condition, Variable a, Variable b) {
    return Variable.apply(new Elementwise.Where(), condition, a, b);
  }

  // ---------------------------------------------------------------- functions of one element

  /** {@code e^x}. */
  public static Variable exp(Variable x) {
    return Elementwise.map("exp", Unary.EXP, 0, 0, x);
  }

  /** Natural logarithm. */
  public static Variable log(Variable x) {
    return Elementwise.map("log", Unary.LOG, 0, 0, x);
  }

  /** Square root. */
  public static Variable sqrt(Variable x) {
    return Elementwise.map("sqrt", Unary.SQRT, 0, 0, x);
  }

  /** {@code 1 / sqrt(x)}. */
  public static Variable rsqrt(Variable x) {
    return Elementwise.map("rsqrt", Unary.RSQRT, 0, 0, x);
  }

  /** {@code x²}. */
  public static Variable square(Variable x) {
    return Elementwise.map("square", Unary.SQUARE, 0, 0, x);
  }

  /** {@code 1 / x}. */
  public static Variable reciprocal(Variable x) {
    return Elementwise.map("reciprocal", Unary.RECIPROCAL, 0, 0, x);
  }

  /** {@code x^p}, with the special cases of {@link Math#pow}. */
  public static Variable pow(Variable x, double p) {
    return Elementwise.map("pow", Unary.POW, p, 0, x);
  }

  /** {@code |x|}; its gradient at 0 is 0. */
  public static Variable abs(Variable x) {
    return Elementwise.map("abs", Unary.ABS, 0, 0, x);
  }

  /** -1, 0 or 1; a constant for gradients. */
  public static Variable sign(Variable x) {
    return Elementwise.map("sign", Unary.SIGN, 0, 0, x);
  }

  /** 1 where {@code x > threshold}, else 0; a constant for gradients. */
  public static Variable step(Variable x, double threshold) {
    return Elementwise.map("step", Unary.STEP, threshold, 0, x);
  }

  /** {@code min(max(x, low), high)}; gradients pass where {@code low <= x <= high}. */
  public static Variable clamp(Variable x, double low, double high) {
    Require.that(low <= high, "clamp: low %s is above high %s", low, high);
    return Elementwise.map("clamp", Unary.CLAMP, low, high, x);
  }

  /** Sine. */
  public static Variable sin(Variable x) {
    return Elementwise.map("sin", Unary.SIN, 0, 0, x);
  }

  /** Cosine. */
  public static Variable cos(Variable x) {
    return Elementwise.map("cos", Unary.COS, 0, 0, x);
  }

  /** Hyperbolic tangent. */
  public static Variable tanh(Variable x) {
    return Elementwise.map("tanh", Unary.TANH, 0, 0, x);
  }

  /** {@code 1 / (1 + e^-x)}. */
  public static Variable sigmoid(Variable x) {
    return Elementwise.map("sigmoid", Unary.SIGMOID, 0, 0, x);
  }

  /** {@code log(1 + e^x)}. */
  public static Variable softplus(Variable x) {
    return Elementwise.map("softplus", Unary.SOFTPLUS, 0, 0, x);
  }

  /** {@code max(x, 0)}; its gradient at 0 is 0. */
  public static Variable relu(Variable x) {
    return Elementwise.map("relu", Unary.RELU, 0, 0, x);
  }

  /** {@code x > 0 ? x : slope · x}; its gradient at 0 is the slope. */
  public static Variable leakyRelu(Variable x, double slope) {
    return Elementwise.map("leakyRelu", Unary.LEAKY_RELU, slope, 0, x);
  }

  // ---------------------------------------------------------------- reductions; no axes means all

  /** The sum over the axes, which are dropped; 0 over nothing. */
  public static Variable sum(Variable x, int... axes) {
    return sum("sum", x, false, axes);
  }

  /** The sum over the axes, which stay with size 1. */
  public static Variable sumKeep(Variable x, int... axes) {
    return sum("sumKeep", x, true, axes);
  }

  private static Variable sum(String op, Variable x, boolean keep, int... axes) {
    return Reductions.over(op, x, keep, axes, (from, to) -> new Reductions.Sum(op, from, to, 1));
  }

  /** The mean over the axes, which are dropped. */
  public static Variable mean(Variable x, int... axes) {
    return mean("mean", x, false, axes);
  }

  /** The mean over the axes, which stay with size 1. */
  public static Variable meanKeep(Variable x, int... axes) {
    return mean("meanKeep", x, true, axes);
  }

  private static Variable mean(String op, Variable x, boolean keep, int... axes) {
    int n = Reductions.count(op, x.shape(), axes);
    Require.that(n > 0, "%s: nothing to average in %s", op, x.shape());
    return Reductions.over(
        op, x, keep, axes, (from, to) -> new Reductions.Sum(op, from, to, 1.0 / n));
  }

  /** The biased variance (divided by n) over the axes, which are dropped; two passes. */
  public static Variable variance(Variable x, int... axes) {
    Variable mean = mean("variance", x, true, axes);
    return mean("variance", square(sub(x, mean)), false, axes);
  }

  /** The Euclidean norm over the axes, which are dropped. At 0 its gradient is 0. */
  public static Variable norm(Variable x, int... axes) {
    Variable squares = sum("norm", square(x), false, axes);
    Variable zero = scalar(0);
    // Where the sum is 0 the root is taken of 1 instead, so that no gradient is infinite.
    Variable positive = greater(squares, zero);
    return where(positive, sqrt(where(positive, squares, scalar(1))), zero);
  }

  /**
   * The largest over the axes, which are dropped; NaN if one is. On a tie the gradient goes to the
   * first.
   */
  public static Variable amax(Variable x, int... axes) {
    return Reductions.over(
        "amax", x, false, axes, (from, to) -> new Reductions.Extreme(true, from, to));
  }

  /**
   * The smallest over the axes, which are dropped; NaN if one is. On a tie the gradient goes to the
   * first.
   */
  public static Variable amin(Variable x, int... axes) {
    return Reductions.over(
        "amin", x, false, axes, (from, to) -> new Reductions.Extreme(false, from, to));
  }

  /**
   * Where the largest is over the axes, counted in row-major order over them; INT32, the first of
   * several.
   */
  public static Variable argmax(Variable x, int... axes) {
    return Reductions.over(
        "argmax", x, false, axes, (from, to) -> new Reductions.ArgExtreme(true, from, to));
  }

  // ---------------------------------------------------------------- layout

  /** The same elements under another shape; free. */
  public static Variable reshape(Variable x, Shape shape) {
    return Variable.apply(new Layout.Reshape(shape), x);
  }

  /** Axis i of the result is axis {@code axes[i]} of x. */
  public static Variable permute(Variable x, int... axes) {
    return Variable.apply(new Layout.Permute(axes), x);
  }

  /** Repeats axes of size 1, and adds leading axes, to reach {@code shape}. */
  public static Variable broadcastTo(Variable x, Shape shape) {
    return x.shape().equals(shape) ? x : Variable.apply(new Layout.BroadcastTo(shape), x);
  }

  /** The inputs one after the other along an axis; all other axes are equal. */
  public static Variable concat(int axis, Variable... xs) {
    Require.that(xs.length > 0, "concat: nothing to join");
    return Variable.apply(new Layout.Concat(Require.axis("concat", xs[0].shape(), axis)), xs);
  }

  /** Entries [from, to) of an axis. Along the leading axis it shares the memory. */
  public static Variable slice(Variable x, int axis, int from, int to) {
    return Variable.apply(new Layout.Slice(Require.axis("slice", x.shape(), axis), from, to), x);
  }

  /** Zeros around x along an axis: its entry i becomes entry {@code from + i} of {@code size}. */
  public static Variable pad(Variable x, int axis, int from, int size) {
    return Variable.apply(new Layout.Pad(Require.axis("pad", x.shape(), axis), from, size), x);
  }

  /** Cuts an axis into parts of the given sizes, which add up to it. */
  public static Variable[] split(Variable x, int axis, int... sizes) {
    int a = Require.axis("split", x.shape(), axis);
    int total = java.util.Arrays.stream(sizes).sum();
    Require.that(
        total == x.shape().dim(a),
        "split: parts add up to %d, expected %d along axis %d of %s",
        total,
        x.shape().dim(a),
        axis,
        x.shape());
    Variable[] parts = new Variable[sizes.length];
    int at = 0;
    for (int i = 0; i < parts.length; i++) {
      parts[i] = slice(x, a, at, at += sizes[i]);
    }
    return parts;
  }

  // ---------------------------------------------------------------- indexing

  /**
   * {@code y[.., i, ..] = x[.., index[.., i, ..], ..]}: one element along the axis, which is
   * dropped.
   */
  public static Variable takeAlong(Variable x, Variable index, int axis) {
    return Variable.apply(
        new Indexing.TakeAlong(Require.axis("takeAlong", x.shape(), axis)), x, index);
  }

  /**
   * A new axis of {@code size} at {@code axis}: x at the index, zero elsewhere. The adjoint of
   * takeAlong.
   */
  public static Variable putAlong(Variable x, Variable index, int axis, int size) {
    Require.that(
        axis >= 0 && axis <= x.shape().rank(), "putAlong: no axis %d for %s", axis, x.shape());
    return Variable.apply(new Indexing.PutAlong(axis, size), x, index);
  }

  /** Rows of one table for each member: table [E, R, ..], INT32 index [E, N], result [E, N, ..]. */
  public static Variable gather(Variable table, Variable index) {
    return Variable.apply(new Indexing.Gather(false), table, index);
  }

  /**
   * Rows of a table that all members share: table [R, ..], INT32 index [E, N], result [E, N, ..].
   */
  public static Variable gatherShared(Variable table, Variable index) {
    return Variable.apply(new Indexing.Gather(true), table, index);
  }

  /**
   * Adds rows x [E, N, ..] into a table of zeros at index [E, N]; the table is [R, ..] (shared) or
   * [E, R, ..].
   */
  public static Variable scatterAdd(Variable x, Variable index, Shape table) {
    return Variable.apply(new Indexing.ScatterAdd(table), x, index);
  }

  /** INT32 labels of any shape as rows of {@code classes}, 1 at the label and 0 elsewhere. */
  public static Variable oneHot(Variable labels, int classes) {
    Require.int32("oneHot", labels.tensor());
    Require.that(classes > 0, "oneHot: %d classes, expected 1 or more", classes);
    return putAlong(onesLike(labels), labels, labels.shape().rank(), classes);
  }

  // ---------------------------------------------------------------- products

  /**
   * The matrix product over the last two axes, {@code [.., m, k] x [.., k, n]}, batched over the
   * axes in front; an input of rank 2 is shared by the whole batch.
   */
  public static Variable matmul(Variable a, Variable b) {
    return matmul(a, b, false, false);
  }

  /** {@link #matmul(Variable, Variable)} of transposed inputs, where the flags say so. */
  public static Variable matmul(Variable a, Variable b, boolean transA, boolean transB) {
    return Variable.apply(new Products.MatMul("matmul", transA, transB, 1), a, b);
  }

  /** A dense layer: x [E, N, in] · weight [E, in, out] + bias [E, out]; the bias may be null. */
  public static Variable linear(Variable x, Variable weight, Variable bias) {
    return linear(x, weight, bias, 1);
  }

  /**
   * A dense layer with an activation, {@code z > 0 ? z : slope · z}: a slope of 1 is none, 0 is
   * ReLU. One pass over the results, where {@link #linear(Variable, Variable, Variable)} and {@link
   * #leakyRelu} take two.
   *
   * @param slope not negative
   */
  public static Variable linear(Variable x, Variable weight, Variable bias, double slope) {
    Products.MatMul op = new Products.MatMul("linear", false, false, slope);
    return bias == null ? Variable.apply(op, x, weight) : Variable.apply(op, x, weight, bias);
  }

  // ---------------------------------------------------------------- layers

  /**
   * The largest of {@code pieces} linear pieces (Goodfellow et al. 2013): [.., pieces · units],
   * piece by piece, to [.., units].
   */
  public static Variable maxout(Variable x, int pieces) {
    Shape s = x.shape();
    int last = s.rank() - 1;
    Require.that(
        last >= 0 && pieces > 0 && s.dim(last) % pieces == 0,
        "maxout: %s does not divide into %d pieces",
        s,
        pieces);
    Shape split = s.with(last, pieces).insert(last + 1, s.dim(last) / pieces);
    return amax(reshape(x, split), last);
  }

  /**
   * {@code maxout(linear(x, weight, bias), pieces)} with a gradient that leaves out the pieces that
   * lost, so that a NaN or infinity in their weights does not reach it where sizes make that
   * worthwhile (64 inputs and 4 pieces or more).
   *
   * @param x [E, N, in]
   * @param weight [E, in, pieces · units], piece by piece
   * @param bias [E, pieces · units]
   * @return [E, N, units]; {@code saved(0)} is the piece that won, INT32
   */
  public static Variable linearMaxout(Variable x, Variable weight, Variable bias, int pieces) {
    return Variable.apply(new Maxout.LinearMaxout(pieces), x, weight, bias);
  }

  /** Softmax over the last axis. */
  public static Variable softmax(Variable x) {
    return Variable.apply(new Normalisation.Softmax(false), x);
  }

  /** The logarithm of softmax over the last axis. */
  public static Variable logSoftmax(Variable x) {
    return Variable.apply(new Normalisation.Softmax(true), x);
  }

  /**
   * Batch normalisation (Ioffe and Szegedy 2015) with the batch's own statistics, and an activation
   * {@code z > 0 ? z : slope · z}: a slope of 1 is none, 0 is ReLU.
   *
   * @param x [E, N, C, …]; statistics are over N and the axes after C
   * @param gamma [E, C]
   * @param beta [E, C]
   * @return of x's shape; {@code saved(0)} and {@code saved(1)} are mean and biased variance, [E,
   *     C]
   */
  public static Variable batchNorm(
      Variable x, Variable gamma, Variable beta, double epsilon, double slope) {
    return batchNorm(x, gamma, beta, epsilon, slope, null);
  }

  /**
   * The same, which moves running statistics as well.
   *
   * @param running of [E, C]; null for none
   */
  public static Variable batchNorm(
      Variable x,
      Variable gamma,
      Variable beta,
      double epsilon,
      double slope,
      RunningStatistics running) {
    return Variable.apply(new Normalisation.BatchNorm(epsilon, slope, running), x, gamma, beta);
  }

  /**
   * Batch normalisation with given statistics, as in evaluation; shapes as for {@link #batchNorm}.
   */
  public static Variable batchNormWith(
      Variable x,
      Variable gamma,
      Variable beta,
      Variable mean,
      Variable variance,
      double epsilon,
      double slope) {
    Variable scale = mul(gamma, rsqrt(add(variance, epsilon))); // [E, C]
    Variable shift = sub(beta, mul(mean, scale));
    Shape s = x.shape();
    Variable z =
        add(mul(x, Normalisation.perChannel(scale, s)), Normalisation.perChannel(shift, s));
    return slope == 1 ? z : leakyRelu(z, slope);
  }

  /**
   * Dropout (Srivastava et al. 2014): zero with the given rate, the rest divided by {@code 1 -
   * rate}.
   *
   * @param x [E, …]
   * @param stream the name of the random stream, one for each place in the program
   */
  public static Variable dropout(Variable x, double rate, Rng rng, String stream) {
    Require.that(rate >= 0 && rate < 1, "dropout: rate is %s, expected 0 up to 1", rate);
    if (rate == 0) {
      return x;
    }
    Variable keep = Variable.constant(rng.bernoulli(stream, x.shape(), 1 - rate));
    return mul(mul(x, keep), 1 / (1 - rate));
  }

  /**
   * Layer normalisation (Ba et al. 2016): each sample by its own mean and biased variance over all
   * axes after N, then scaled and shifted by channel.
   *
   * @param x [E, N, C, …]
   * @param gamma [E, C]
   * @param beta [E, C]
   */
  public static Variable layerNorm(Variable x, Variable gamma, Variable beta, double epsilon) {
    return Normalisation.layerNorm(x, gamma, beta, epsilon);
  }

  /**
   * A weight divided by its spectral norm (Miyato et al. 2018): {@code W / σ}, {@code σ = uᵀ W v},
   * with W seen as [first axis of a member, all others]. The singular vectors u and v are taken as
   * constants, so the gradient goes through W and σ (their Equation 10).
   *
   * @param weight [E, A, …]
   * @param u [E, A], of length 1
   * @param v [E, product of the other axes], of length 1
   */
  public static Variable spectralNorm(Variable weight, Variable u, Variable v) {
    return Normalisation.spectralNorm(weight, u, v);
  }

  // ---------------------------------------------------------------- images, [E, N, C, H, W]

  /**
   * Convolution: {@code y[o] = bias[o] + Σ_c x[c] * weight[o, c]}, the kernel not mirrored, outside
   * the image zeros. A weight that is not finite has a defined result only where no padding is.
   *
   * @param x [E, N, C, H, W]
   * @param weight [E, O, C, kernelHeight, kernelWidth]
   * @param bias [E, O], or null
   * @return [E, N, O, outHeight, outWidth]
   */
  public static Variable conv2d(Variable x, Variable weight, Variable bias, Slide slide) {
    return Convolution.conv2d(x, weight, bias, slide);
  }

  /**
   * Transposed convolution ("deconvolution"): the gradient of {@link #conv2d} by its input, to the
   * smallest image that has x's pixels as windows, {@code (H - 1) · stride + kernel - padding};
   * with {@link Slide#same}, {@code H · stride}.
   *
   * @param x [E, N, C, H, W]
   * @param weight [E, C, O, kernelHeight, kernelWidth]: the input's channels come first
   * @param bias [E, O], or null
   * @return [E, N, O, outHeight, outWidth]
   */
  public static Variable convTranspose2d(Variable x, Variable weight, Variable bias, Slide slide) {
    return Convolution.convTranspose2d(x, weight, bias, slide);
  }

  /**
   * {@link #convTranspose2d(Variable, Variable, Variable, Slide)} to one of the other sizes whose
   * windows are x's pixels (PyTorch's {@code output_padding}).
   */
  public static Variable convTranspose2d(
      Variable x, Variable weight, Variable bias, Slide slide, int height, int width) {
    return Convolution.convTranspose2d(x, weight, bias, slide, height, width);
  }

  /**
   * The largest pixel of each window; padding takes no part, and ties and gradients go to the
   * first. {@code saved(0)} is its place {@code h · W + w}, INT32.
   */
  public static Variable maxPool2d(Variable x, int kernelHeight, int kernelWidth, Slide slide) {
    Pooling.Max max =
        new Pooling.Max(Pooling.window("maxPool2d", x, kernelHeight, kernelWidth, slide));
    return Variable.apply(max, x);
  }

  /** The sum over each window. */
  public static Variable sumPool2d(Variable x, int kernelHeight, int kernelWidth, Slide slide) {
    Pooling.Sum sum =
        new Pooling.Sum(Pooling.window("sumPool2d", x, kernelHeight, kernelWidth, slide), 1);
    return Variable.apply(sum, x);
  }

  /** The mean over the pixels of each window that are inside the image. */
  public static Variable avgPool2d(Variable x, int kernelHeight, int kernelWidth, Slide slide) {
    return Pooling.average(x, kernelHeight, kernelWidth, slide);
  }

  /** The mean over an image's pixels: [E, N, C, H, W] to [E, N, C]. */
  public static Variable globalAvgPool2d(Variable x) {
    Convolution.images("globalAvgPool2d", x);
    return mean(x, 3, 4);
  }

  /**
   * Nearest-neighbour resizing to whole multiples of height and width, or to whole parts of them:
   * pixel h of the result is pixel {@code floor(h · H / height)}.
   */
  public static Variable resizeNearest(Variable x, int height, int width) {
    return Pooling.resizeNearest(x, height, width);
  }

  // ---------------------------------------------------------------- losses, one value for each row
  // or element

  /** {@code -log softmax(logits)[label]}: logits [.., C] and INT32 labels [..] to [..]. */
  public static Variable crossEntropy(Variable logits, Variable labels) {
    Require.int32("crossEntropy", labels.tensor());
    Shape s = logits.shape();
    Require.that(
        s.rank() > 0 && labels.shape().equals(s.without(s.rank() - 1)),
        "crossEntropy: labels are %s, expected one for each row of logits %s",
        labels.shape(),
        s);
    return neg(takeAlong(logSoftmax(logits), labels, -1));
  }

  /**
   * The logistic loss of each member in one pass, with its gradient: the sum over parts of the mean
   * binary cross entropy of {@code sigmoid(logits)} against the part's target, {@code mean (t ·
   * softplus(-x) + (1 - t) · softplus(x))}. Accurate for logits of any size.
   *
   * @param logits [E, parts · N, …]: the parts one after the other along axis 1
   * @param targets t in [0, 1] of each part, at most 4
   * @return [E]
   */
  public static Variable logisticLoss(Variable logits, double... targets) {
    return Variable.apply(
        new Losses.Logistic(java.util.Arrays.stream(targets).boxed().toList()), logits);
  }

  /**
   * Binary cross entropy of {@code sigmoid(logits)} against targets in [0, 1], broadcast, each
   * element by itself.
   */
  public static Variable binaryCrossEntropyWithLogits(Variable logits, Variable targets) {
    Shape.broadcast("binaryCrossEntropyWithLogits", logits.shape(), targets.shape());
    return sub(softplus(logits), mul(logits, targets));
  }
}
