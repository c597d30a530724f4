package dev.troupe.bench.peers;

import static java.util.Map.entry;
import static org.bytedeco.pytorch.global.torch.baddbmm;
import static org.bytedeco.pytorch.global.torch.binary_cross_entropy_with_logits;
import static org.bytedeco.pytorch.global.torch.bmm;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.leaky_relu;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.softplus;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What libtorch offers for each op of the catalogue. The constants of a call (axes, sizes, slopes)
 * are those of the catalogue's samples, told apart by their labels.
 */
final class Counterparts {
  /** One call. */
  @FunctionalInterface
  interface Call {
    /**
     * The result of libtorch.
     *
     * @param x inputs of the sample; indices are int64
     * @param label of the sample
     */
    Tensor apply(Tensor[] x, String label);
  }

  /** Ops that libtorch has no counterpart of, and why. */
  static final Map<String, String> ABSENT =
      Map.ofEntries(
          entry("uniform", "draws from another generator"),
          entry("normal", "draws from another generator"),
          entry("truncatedNormal", "draws from another generator"),
          entry("bernoulli", "draws from another generator"),
          entry("integers", "draws from another generator"),
          entry("permutation", "draws from another generator"),
          entry("shuffledBatch", "draws from another generator"),
          entry("dropout", "draws its mask from another generator"));

  /** Ops whose result for some special values is meant to be another than libtorch's. */
  static final Map<String, String> DIFFERENT =
      Map.of(
          "pow(0.5)", "of -∞: ∞ as in `Math.pow`, libtorch takes a square root and gives NaN",
          "sign", "of NaN: NaN, libtorch gives 0");

  private static final double EPSILON = 1e-4;
  private static final Map<String, Call> TABLE = table();

  private Counterparts() {}

  /** The counterpart of an op, null if there is none. */
  static Call of(String op) {
    return TABLE.get(op);
  }

  /** The ops that have a counterpart. */
  static Set<String> names() {
    return TABLE.keySet();
  }

  private static Map<String, Call> table() {
    Map<String, Call> table = new HashMap<>();
    arithmetic(table);
    functions(table);
    reductions(table);
    layout(table);
    indexing(table);
    products(table);
    layers(table);
    ImageCounterparts.addTo(table);
    return Map.copyOf(table);
  }

  private static void unary(Map<String, Call> table, String op, UnaryOperator<Tensor> call) {
    table.put(op, (x, label) -> call.apply(x[0]));
  }

  private static void binary(Map<String, Call> table, String op, BinaryOperator<Tensor> call) {
    table.put(op, (x, label) -> call.apply(x[0], x[1]));
  }

  private static void arithmetic(Map<String, Call> table) {
    binary(table, "add", Tensor::add);
    binary(table, "sub", Tensor::sub);
    binary(table, "mul", Tensor::mul);
    binary(table, "div", Tensor::div);
    binary(table, "addScaled", (a, b) -> a.add(b, scalar(-0.75)));
    binary(table, "lerp", (a, b) -> a.lerp(b, scalar(0.3)));
    binary(table, "min", Tensor::minimum);
    binary(table, "max", Tensor::maximum);
    binary(table, "greater", Tensor::gt);
    binary(table, "greaterEqual", Tensor::ge);
    binary(table, "equal", Tensor::eq);
    unary(table, "affine", x -> x.mul(scalar(-1.5)).add(scalar(0.25)));
    table.put("where", (x, label) -> torch.where(x[0].ne(scalar(0)), x[1], x[2]));
  }

  private static void functions(Map<String, Call> table) {
    unary(table, "exp", Tensor::exp);
    unary(table, "log", Tensor::log);
    unary(table, "sqrt", Tensor::sqrt);
    unary(table, "rsqrt", Tensor::rsqrt);
    unary(table, "square", Tensor::square);
    unary(table, "reciprocal", Tensor::reciprocal);
    for (double p : new double[] {2, 0.5, -1, 3, 2.5, -0.7}) {
      unary(table, "pow(" + p + ")", x -> x.pow(scalar(p)));
    }
    unary(table, "abs", Tensor::abs);
    unary(table, "sign", Tensor::sign);
    unary(table, "step", x -> x.gt(scalar(0.1)));
    unary(table, "clamp", x -> x.clamp(bound(-0.1), bound(0.15)));
    unary(table, "sin", Tensor::sin);
    unary(table, "cos", Tensor::cos);
    unary(table, "tanh", Tensor::tanh);
    unary(table, "sigmoid", Tensor::sigmoid);
    unary(table, "softplus", x -> softplus(x));
    unary(table, "relu", Tensor::relu);
    unary(table, "leakyRelu", x -> leaky_relu(x, scalar(0.2)));
  }

  private static void reductions(Map<String, Call> table) {
    table.put("sum", (x, label) -> x[0].sum(axes(x[0], label)));
    table.put("sumKeep", (x, label) -> x[0].sum(axes(x[0], label), true, new ScalarTypeOptional()));
    table.put("mean", (x, label) -> x[0].mean(axes(x[0], label)));
    table.put("variance", (x, label) -> x[0].var(axes(x[0], label), false));
    table.put("norm", (x, label) -> x[0].norm(bound(2), axes(x[0], label)));
    table.put("amax", (x, label) -> x[0].amax(axes(x[0], label), false));
    table.put("amin", (x, label) -> x[0].amin(axes(x[0], label), false));
    table.put("argmax", (x, label) -> argmax(x[0], axes(x[0], label)));
  }

  /** The place in row-major order over several axes, which libtorch has for one axis or for all. */
  private static Tensor argmax(Tensor x, long[] axes) {
    long[] kept =
        LongStream.range(0, x.dim())
            .filter(axis -> Arrays.stream(axes).noneMatch(a -> a == axis))
            .toArray();
    long[] order = LongStream.concat(Arrays.stream(kept), Arrays.stream(axes)).toArray();
    return x.permute(order).flatten(kept.length, -1).argmax(new LongOptional(-1), false);
  }

  private static final Pattern OVER = Pattern.compile("over \\[(.*)]");

  /** The axes of a reduction, none of them negative. */
  private static long[] axes(Tensor x, String label) {
    if (label.startsWith("special")) {
      return new long[] {label.equals("special") ? 0 : 1};
    }
    Matcher over = match(OVER, label);
    if (over.group(1).isEmpty()) {
      return LongStream.range(0, x.dim()).toArray();
    }
    return Arrays.stream(over.group(1).split(", "))
        .mapToLong(Long::parseLong)
        .map(axis -> Math.floorMod(axis, x.dim()))
        .toArray();
  }

  private static void layout(Map<String, Call> table) {
    table.put("reshape", (x, label) -> label.equals("flat") ? x[0].reshape(12) : x[0].reshape());
    table.put(
        "permute",
        (x, label) ->
            switch (label) {
              case "middle" -> x[0].permute(0, 2, 1);
              case "rank 5" -> x[0].permute(4, 0, 3, 1, 2);
              case "identity" -> x[0].permute(0, 1);
              default -> x[0].permute(1, 0);
            });
    table.put(
        "broadcastTo",
        (x, label) ->
            switch (label) {
              case "rows" -> x[0].expand(4, 5);
              case "columns" -> x[0].expand(4, 33);
              case "scalar" -> x[0].expand(2, 3);
              default -> x[0].expand(3, 127, 31);
            });
    table.put(
        "concat",
        (x, label) -> {
          int axis =
              switch (label) {
                case "middle" -> 1;
                case "last" -> -1;
                default -> 0;
              };
          return cat(new TensorVector(x), axis);
        });
    table.put(
        "slice",
        (x, label) ->
            switch (label) {
              case "leading" -> x[0].narrow(0, 1, 2);
              case "last" -> x[0].narrow(-1, 2, 1);
              case "middle" -> x[0].narrow(1, 5, 26);
              default -> x[0].narrow(1, 2, 0);
            });
    table.put(
        "pad",
        (x, label) ->
            label.equals("last") ? constant_pad_nd(x[0], 0, 1) : constant_pad_nd(x[0], 0, 0, 1, 1));
    table.put(
        "split",
        (x, label) -> {
          TensorVector parts = x[0].split_with_sizes(new long[] {2, 1, 3}, 1);
          return cat(new TensorVector(parts.get(2), parts.get(0)), 1);
        });
  }

  private static void indexing(Map<String, Call> table) {
    binary(table, "takeAlong", (x, index) -> x.gather(1, index.unsqueeze(1)).squeeze(1));
    binary(
        table,
        "putAlong",
        (x, index) -> {
          long[] shape = sizes(x.unsqueeze(1));
          shape[1] = 3;
          return zeros(x, shape).scatter(1, index.unsqueeze(1), x.unsqueeze(1));
        });
    binary(table, "gather", (rows, index) -> rows.gather(1, ofRows(index, rows)));
    binary(
        table,
        "gatherShared",
        (rows, index) -> {
          long[] shape = sizes(rows);
          long[] result = new long[shape.length + 1];
          result[0] = index.size(0);
          result[1] = index.size(1);
          System.arraycopy(shape, 1, result, 2, shape.length - 1);
          return rows.index_select(0, index.flatten()).reshape(result);
        });
    table.put(
        "scatterAdd",
        (x, label) ->
            label.equals("each")
                ? zeros(x[0], 2, 5, 3).scatter_add(1, ofRows(x[1], x[0]), x[0])
                : zeros(x[0], 7, 31).index_add(0, x[1].flatten(), x[0].flatten(0, 1)));
    unary(table, "oneHot", index -> torch.one_hot(index, 10));
  }

  /** An index of rows [E, N] as one of elements, [E, N, ..] like the rows [E, R, ..]. */
  private static Tensor ofRows(Tensor index, Tensor rows) {
    long[] ones = new long[Math.toIntExact(rows.dim())];
    Arrays.fill(ones, 1);
    long[] shape = sizes(rows);
    ones[0] = shape[0] = index.size(0);
    ones[1] = shape[1] = index.size(1);
    return index.reshape(ones).expand(shape);
  }

  private static void products(Map<String, Call> table) {
    table.put(
        "matmul",
        (x, label) ->
            matmul(
                label.charAt(0) == 't' ? x[0].transpose(-2, -1) : x[0],
                label.charAt(1) == 't' ? x[1].transpose(-2, -1) : x[1]));
    table.put("linear", (x, label) -> x.length == 2 ? bmm(x[0], x[1]) : linear(x));
  }

  /** x [E, N, in], weight [E, in, out], bias [E, out]. */
  private static Tensor linear(Tensor[] x) {
    return baddbmm(x[2].unsqueeze(1), x[0], x[1]);
  }

  private static final Pattern TO_PIECES = Pattern.compile("to (\\d+) x");

  private static void layers(Map<String, Call> table) {
    table.put("maxout", (x, label) -> maxout(x[0], label.equals("small") ? 3 : 5));
    table.put(
        "linearMaxout",
        (x, label) -> maxout(linear(x), Integer.parseInt(match(TO_PIECES, label).group(1))));
    table.put(
        "softmax",
        (x, label) -> (label.equals("far apart") ? x[0].mul(scalar(100)) : x[0]).softmax(-1));
    unary(table, "logSoftmax", x -> x.log_softmax(-1));
    for (double slope : new double[] {1, 0, 0.2}) {
      table.put(
          "batchNorm(slope " + slope + ")",
          (x, label) -> activate(batchNorm(x[0], x[1], x[2]), slope));
    }
    table.put(
        "batchNormWith",
        (x, label) -> {
          Tensor deviation = x[4].add(scalar(EPSILON)).sqrt().unsqueeze(1);
          Tensor z = x[0].sub(x[3].unsqueeze(1)).div(deviation).mul(x[1].unsqueeze(1));
          return activate(z.add(x[2].unsqueeze(1)), 0.2);
        });
    binary(
        table,
        "crossEntropy",
        (logits, labels) ->
            cross_entropy_loss(
                    logits.flatten(0, -2),
                    labels.flatten(),
                    new TensorOptional(),
                    torch.Reduction.None.value,
                    -100,
                    0)
                .reshape(sizes(labels)));
    table.put("logisticLoss", (x, label) -> logisticLoss(x[0], match(TARGETS, label).group(1)));
    binary(
        table,
        "binaryCrossEntropyWithLogits",
        (logits, targets) ->
            binary_cross_entropy_with_logits(
                logits,
                targets.expand_as(logits),
                new TensorOptional(),
                new TensorOptional(),
                torch.Reduction.None.value));
  }

  private static final Pattern TARGETS = Pattern.compile("targets \\[(.*)] for");

  private static Tensor logisticLoss(Tensor x, String targets) {
    String[] ofParts = targets.split(", ");
    long n = x.size(1) / ofParts.length;
    Tensor loss = null;
    for (int p = 0; p < ofParts.length; p++) {
      Tensor part = x.narrow(1, p * n, n).flatten(1, -1);
      Tensor mean =
          binary_cross_entropy_with_logits(
                  part,
                  torch.full_like(part, scalar(Double.parseDouble(ofParts[p]))),
                  new TensorOptional(),
                  new TensorOptional(),
                  torch.Reduction.None.value)
              .mean(1);
      loss = loss == null ? mean : loss.add(mean);
    }
    return loss;
  }

  private static Tensor maxout(Tensor x, int pieces) {
    long[] shape = sizes(x);
    int last = shape.length - 1;
    long[] split = Arrays.copyOf(shape, shape.length + 1);
    split[last] = pieces;
    split[last + 1] = shape[last] / pieces;
    return x.reshape(split).amax(new long[] {last}, false);
  }

  /** One native batch norm over [N, E·C, …] for all members; x is [E, N, C, …]. */
  private static Tensor batchNorm(Tensor x, Tensor gamma, Tensor beta) {
    long[] folded = sizes(x.transpose(0, 1)); // [N, E, C, …]
    long[] channels = new long[folded.length - 1];
    channels[0] = folded[0];
    channels[1] = folded[1] * folded[2];
    IntStream.range(2, channels.length).forEach(i -> channels[i] = folded[i + 1]);
    return torch
        .batch_norm(
            x.transpose(0, 1).reshape(channels),
            new TensorOptional(gamma.flatten()),
            new TensorOptional(beta.flatten()),
            new TensorOptional(),
            new TensorOptional(),
            true,
            0,
            EPSILON,
            false)
        .reshape(folded)
        .transpose(0, 1);
  }

  private static Tensor activate(Tensor x, double slope) {
    return slope == 1 ? x : slope == 0 ? x.relu() : leaky_relu(x, scalar(slope));
  }

  private static Tensor zeros(Tensor like, long... shape) {
    return torch.zeros(shape, like.options());
  }

  private static long[] sizes(Tensor x) {
    return LongStream.range(0, x.dim()).map(x::size).toArray();
  }

  private static Scalar scalar(double value) {
    return new Scalar(value);
  }

  private static ScalarOptional bound(double value) {
    return new ScalarOptional(scalar(value));
  }

  private static Matcher match(Pattern pattern, String label) {
    Matcher matcher = pattern.matcher(label);
    if (!matcher.find()) {
      throw new IllegalArgumentException("parity: cannot read the sample '" + label + "'");
    }
    return matcher;
  }
}
