package dev.troupe.bench.peers;

import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.conv_transpose2d;
import static org.bytedeco.pytorch.global.torch.matmul;

import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The counterparts of the ops for images [E, N, C, H, W]. libtorch knows neither members nor uneven
 * padding, so members are convolved one after the other, and images are padded or cut by hand.
 */
final class ImageCounterparts {
  private static final double EPSILON = 1e-4;
  private static final int POOL_HEIGHT = 3; // of the catalogue's samples
  private static final int POOL_WIDTH = 2;

  private ImageCounterparts() {}

  static void addTo(Map<String, Counterparts.Call> table) {
    table.put("conv2d", (x, label) -> convolved(x, Slide.of(label)));
    table.put("convTranspose2d", ImageCounterparts::transposed);
    table.put(
        "maxPool2d",
        (x, label) ->
            windows(x[0], label, Double.NEGATIVE_INFINITY).amax(new long[] {5, 6}, false));
    table.put("sumPool2d", (x, label) -> windows(x[0], label, 0).sum(5, 6));
    table.put(
        "avgPool2d",
        (x, label) ->
            windows(x[0], label, 0)
                .sum(5, 6)
                .div(windows(torch.ones_like(x[0]), label, 0).sum(5, 6)));
    table.put("globalAvgPool2d", (x, label) -> x[0].mean(3, 4));
    table.put("resizeNearest", ImageCounterparts::resized);
    table.put("layerNorm", (x, label) -> layerNorm(x));
    table.put("spectralNorm", (x, label) -> spectralNorm(x));
  }

  /** The record of the catalogue's samples, read from their labels. */
  private record Slide(long[] stride, long[] padding, boolean same) {
    private static final Pattern SHOWN =
        Pattern.compile(
            "Slide\\[strideHeight=(\\d+), strideWidth=(\\d+), top=(\\d+), bottom=(\\d+),"
                + " left=(\\d+), right=(\\d+), automatic=(\\w+)]");

    static Slide of(String label) {
      Matcher m = SHOWN.matcher(label);
      if (!m.find()) {
        throw new IllegalArgumentException("parity: cannot read the sample '" + label + "'");
      }
      long[] n = LongStream.rangeClosed(1, 6).map(i -> Long.parseLong(m.group((int) i))).toArray();
      return new Slide(
          new long[] {n[0], n[1]},
          new long[] {n[2], n[3], n[4], n[5]},
          Boolean.parseBoolean(m.group(7)));
    }

    /** Before and after, for an axis of this size (0 for height, 1 for width). */
    long[] around(int axis, long size, long kernel) {
      if (!same) {
        return Arrays.copyOfRange(padding, 2 * axis, 2 * axis + 2);
      }
      long windows = Math.ceilDiv(size, stride[axis]);
      long missing = Math.max(0, (windows - 1) * stride[axis] + kernel - size);
      return new long[] {missing / 2, missing - missing / 2};
    }

    Tensor padded(Tensor x, long kernelHeight, long kernelWidth, double value) {
      long[] rows = around(0, x.size(-2), kernelHeight);
      long[] columns = around(1, x.size(-1), kernelWidth);
      long[] all = {columns[0], columns[1], rows[0], rows[1]};
      return constant_pad_nd(x, all, new Scalar(value));
    }
  }

  private static Tensor convolved(Tensor[] x, Slide slide) {
    long[] none = {0, 0};
    long[] one = {1, 1};
    Tensor images = slide.padded(x[0], x[1].size(3), x[1].size(4), 0);
    Tensor[] members = new Tensor[(int) x[0].size(0)];
    for (int e = 0; e < members.length; e++) {
      TensorOptional bias =
          x.length == 3 ? new TensorOptional(x[2].select(0, e)) : new TensorOptional();
      members[e] = conv2d(images.select(0, e), x[1].select(0, e), bias, slide.stride, none, one, 1);
    }
    return torch.stack(new TensorVector(members), 0);
  }

  /** The whole of what libtorch gives without padding, then the part that is asked for. */
  private static Tensor transposed(Tensor[] x, String label) {
    boolean larger = label.equals("to a larger size");
    Slide slide =
        larger ? new Slide(new long[] {2, 2}, new long[] {1, 1, 1, 1}, false) : Slide.of(label);
    long[] none = {0, 0};
    Tensor[] members = new Tensor[(int) x[0].size(0)];
    for (int e = 0; e < members.length; e++) {
      members[e] =
          conv_transpose2d(
              x[0].select(0, e),
              x[1].select(0, e),
              new TensorOptional(),
              slide.stride,
              none,
              none,
              1,
              1,
              1);
    }
    Tensor y = torch.stack(new TensorVector(members), 0);
    for (int axis = 0; axis < 2; axis++) {
      long windows = x[0].size(3 + axis);
      long kernel = x[1].size(3 + axis);
      long whole = y.size(3 + axis);
      long size =
          slide.same
              ? windows * slide.stride[axis]
              : whole - slide.padding[2 * axis] - slide.padding[2 * axis + 1] + (larger ? 1 : 0);
      long before = slide.around(axis, size, kernel)[0];
      if (whole < before + size) { // pixels that no window covers
        long[] more = {0, axis == 1 ? size - whole : 0, 0, axis == 0 ? size - whole : 0};
        y = constant_pad_nd(y, more);
      }
      y = y.narrow(3 + axis, before, size);
    }
    if (x.length == 3) {
      y = y.add(x[2].unsqueeze(1).unsqueeze(3).unsqueeze(4));
    }
    return y;
  }

  /** [E, N, C, outHeight, outWidth, kernelHeight, kernelWidth]. */
  private static Tensor windows(Tensor x, String label, double outside) {
    Slide slide = Slide.of(label);
    return slide
        .padded(x, POOL_HEIGHT, POOL_WIDTH, outside)
        .unfold(3, POOL_HEIGHT, slide.stride[0])
        .unfold(4, POOL_WIDTH, slide.stride[1]);
  }

  private static Tensor resized(Tensor[] x, String label) {
    long[] size =
        switch (label) {
          case "twice" -> new long[] {6, 4};
          case "stretched" -> new long[] {3, 93};
          case "a third" -> new long[] {2, 4};
          default -> new long[] {3, 3};
        };
    Tensor y = x[0];
    for (int axis = 0; axis < 2; axis++) {
      long from = y.size(3 + axis);
      long to = size[axis];
      long[] index = LongStream.range(0, to).map(i -> i * from / to).toArray();
      y = y.index_select(3 + axis, Tensor.create(index));
    }
    return y;
  }

  private static Tensor layerNorm(Tensor[] x) {
    long[] axes = LongStream.range(2, x[0].dim()).map(i -> x[0].size(i)).toArray();
    Tensor z =
        torch.layer_norm(x[0], axes, new TensorOptional(), new TensorOptional(), EPSILON, false);
    long[] perChannel = new long[(int) x[0].dim()];
    Arrays.fill(perChannel, 1);
    perChannel[0] = x[0].size(0);
    perChannel[2] = x[0].size(2);
    return z.mul(x[1].reshape(perChannel)).add(x[2].reshape(perChannel));
  }

  private static Tensor spectralNorm(Tensor[] x) {
    Tensor matrix = x[0].flatten(2, -1);
    Tensor sigma = matmul(x[1].unsqueeze(1), matmul(matrix, x[2].unsqueeze(2))); // [E, 1, 1]
    return matrix.div(sigma).reshape_as(x[0]);
  }
}
