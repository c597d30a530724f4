package dev.troupe.kernels.cpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Philox;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** SHA-256 of the outputs of each kernel; {@link SameBitsTest} compares them between JVMs. */
final class BitsDigest {
  private interface Loop {
    void run(float[] x, int xo, float[] y, int yo, int n);
  }

  private static final int N = 10_007;

  private BitsDigest() {}

  public static void main(String[] args) {
    System.out.print("lanes " + Lanes.COUNT + "\n" + digests());
  }

  static String digests() {
    Philox.Key key = new Philox.Key(5, 4, 3, 2);
    return digest("exp", MathLoops::exp)
        + digest("log", MathLoops::log)
        + digest("softplus", MathLoops::softplus)
        + digest("sigmoid", MathLoops::sigmoid)
        + digest("tanh", MathLoops::tanh)
        + digest("sin", MathLoops::sin)
        + digest("cos", MathLoops::cos)
        + digest("sqrt", MathLoops::sqrt)
        + digest("rsqrt", MathLoops::rsqrt)
        + digest("pow", (x, xo, y, yo, n) -> Power.pow(x, xo, 1.7f, y, yo, n))
        + digest("uniform", (x, xo, y, yo, n) -> RandomFills.uniform(y, yo, 0, n, key, -1f, 2f))
        + digest("normal", (x, xo, y, yo, n) -> RandomFills.normal(y, yo, 0, n, key, 1f, 3f))
        + digest(
            "truncated",
            (x, xo, y, yo, n) -> RandomFills.truncatedNormal(y, yo, 0, n, key, 0f, 0.02f))
        + digest("bernoulli", (x, xo, y, yo, n) -> RandomFills.bernoulli(y, yo, 0, n, key, 0.4))
        + digest("reductions", BitsDigest::reductions)
        + digest("columns", BitsDigest::columns)
        + digest("maxout", (x, xo, y, yo, n) -> maxout(75, y))
        + digest("maxout of few", (x, xo, y, yo, n) -> maxout(5, y))
        + digest("logistic", BitsDigest::logistic)
        + digest("imageNorm", BitsDigest::imageNorm)
        + digest("pooling", BitsDigest::pooling)
        + digest("weightGrad", BitsDigest::weightGrad)
        + digest("convolutions", (x, xo, y, yo, n) -> convolutions(1, y))
        + digest("convolutions, 2 threads", (x, xo, y, yo, n) -> convolutions(2, y))
        + digest("convolutions, 4 threads", (x, xo, y, yo, n) -> convolutions(4, y));
  }

  private static void reductions(float[] unused, int xo, float[] y, int yo, int n) {
    float[] x = new float[10_000];
    RandomFills.normal(x, 0, 0, x.length, new Philox.Key(1, 0, 0, 0), 3f, 1f);
    for (int i = 0; i < 100; i++) {
      int size = i * i + 1;
      y[5 * i] = Sums.sum(x, 0, size);
      y[5 * i + 1] = Extremes.max(x, 0, size);
      y[5 * i + 2] = Extremes.argmin(x, 0, size);
      Sums.moments(x, 0, 3, size / 4 + 1, size / 4 + 1, y, 5 * i + 3);
    }
  }

  private static void columns(float[] unused, int xo, float[] y, int yo, int n) {
    float[] x = new float[1030 * 29];
    RandomFills.normal(x, 0, 0, x.length, new Philox.Key(2, 0, 0, 0), 3f, 1f);
    ColumnMoments.moments(x, 0, 1030, 29, 29, y, 40, y, 80);
  }

  /** The gradients of a layer whose sizes divide by no vector width. */
  private static void maxout(int in, float[] y) {
    int batch = 21;
    int units = 22;
    int pieces = 5;
    try (CpuDevice device = new CpuDevice(1)) {
      Buffer weight = device.allocate(ElementType.REAL, in * pieces * units);
      Buffer x = device.allocate(ElementType.REAL, batch * in);
      Buffer dy = device.allocate(ElementType.REAL, batch * units);
      Buffer index = device.allocate(ElementType.INT32, batch * units);
      Buffer bias = device.allocate(ElementType.REAL, pieces * units);
      device.write(normal(weight.size(), 3), weight);
      device.write(normal(x.size(), 4), x);
      device.write(normal(dy.size(), 5), dy);
      device.write(new Random(6).ints(index.size(), 0, pieces).toArray(), index);
      Buffer dx = device.allocate(ElementType.REAL, x.size());
      Buffer dweight = device.allocate(ElementType.REAL, weight.size());
      device.run(
          new Primitive.LinearMaxoutInputGrad(1, batch, in, units, pieces, weight, index, dy, dx));
      device.run(
          new Primitive.LinearMaxoutWeightGrad(
              1, batch, in, units, pieces, x, index, dy, dweight, bias));
      int at = 0;
      for (Buffer result : List.of(dx, dweight, bias)) {
        float[] values = new float[result.size()];
        device.read(result, values);
        System.arraycopy(values, 0, y, at, values.length);
        at += values.length;
      }
    }
  }

  /** Batch norm with few and many elements to a row, forwards and backwards. */
  private static void imageNorm(float[] unused, int xo, float[] y, int yo, int n) {
    int[][] sizes = {{1, 70, 1, 16}, {2, 65, 1, 9}, {1, 2, 1, 785}, {1, 1, 1, 1100}};
    int at = 0;
    try (CpuDevice device = new CpuDevice(1)) {
      for (int[] s : sizes) {
        int size = s[0] * s[1] * s[2] * s[3];
        Buffer[] b = new Buffer[10];
        for (int i = 0; i < b.length; i++) {
          b[i] = device.allocate(ElementType.REAL, i < 4 ? size : s[0] * s[2]);
          device.write(normal(b[i].size(), 9 + i), b[i]);
        }
        device.run(
            new Primitive.BatchNorm(
                s[0], s[1], s[2], s[3], 1e-5, 0.1, b[0], b[4], b[5], b[1], b[6], b[7]));
        device.run(
            new Primitive.BatchNormGrad(
                s[0], s[1], s[2], s[3], 1e-5, 0.1, b[0], b[4], b[1], b[6], b[7], b[2], b[3], b[8],
                b[9]));
        for (Buffer result : List.of(b[1], b[3], b[6], b[7], b[8], b[9])) {
          float[] values = new float[result.size()];
          device.read(result, values);
          System.arraycopy(values, 0, y, at, values.length);
          at += values.length;
        }
      }
    }
  }

  private static void pooling(float[] unused, int xo, float[] y, int yo, int n) {
    Window s = new Window(19, 17, 3, 3, 2, 2, 1, 1, 10, 9);
    int planes = 7;
    try (CpuDevice device = new CpuDevice(1)) {
      Buffer x = device.allocate(ElementType.REAL, planes * s.pixels());
      Buffer dx = device.allocate(ElementType.REAL, planes * s.pixels());
      Buffer largest = device.allocate(ElementType.REAL, planes * s.windows());
      Buffer sums = device.allocate(ElementType.REAL, planes * s.windows());
      Buffer index = device.allocate(ElementType.INT32, planes * s.windows());
      device.write(normal(x.size(), 7), x);
      device.run(new Primitive.MaxPool(planes, s, x, largest, index));
      device.run(new Primitive.SumPool(planes, s, 0.1, x, sums));
      device.run(new Primitive.SumPoolGrad(planes, s, 0.1, largest, dx));
      int at = 0;
      for (Buffer result : List.of(largest, sums, dx)) {
        float[] values = new float[result.size()];
        device.read(result, values);
        System.arraycopy(values, 0, y, at, values.length);
        at += values.length;
      }
    }
  }

  /** Weight gradients of convolutions: in chunks, with a stride, of few channels. */
  private static void weightGrad(float[] unused, int xo, float[] y, int yo, int n) {
    Window[] windows = {
      new Window(32, 32, 3, 3, 1, 1, 1, 1, 32, 32),
      new Window(8, 9, 4, 3, 2, 2, 1, 0, 4, 4),
      new Window(24, 24, 3, 3, 1, 1, 1, 1, 24, 24),
    };
    int[] batch = {5, 41, 9};
    int[] in = {17, 37, 3};
    int[] out = {5, 9, 14};
    int at = 0;
    try (CpuDevice device = new CpuDevice(1)) {
      for (int i = 0; i < windows.length; i++) {
        Window s = windows[i];
        Buffer x = device.allocate(ElementType.REAL, batch[i] * in[i] * s.pixels());
        Buffer dy = device.allocate(ElementType.REAL, batch[i] * out[i] * s.windows());
        device.write(normal(x.size(), 7), x);
        device.write(normal(dy.size(), 8), dy);
        Buffer dweight = device.allocate(ElementType.REAL, in[i] * out[i] * s.taps());
        device.run(new Primitive.Conv2dWeightGrad(1, batch[i], in[i], out[i], s, x, dy, dweight));
        float[] values = new float[dweight.size()];
        device.read(dweight, values);
        System.arraycopy(values, 0, y, at, values.length);
        at += values.length;
      }
    }
  }

  /**
   * Convolutions and their input gradients: dense pixels, images that share vectors, strides that
   * leave uneven phases, more steps than one block of the reduced dimension.
   */
  private static void convolutions(int threads, float[] y) {
    // members, batch, in, out, size, kernel, stride, pad
    int[][] sizes = {
      {1, 2, 5, 15, 16, 3, 1, 1},
      {2, 5, 3, 7, 4, 3, 1, 1},
      {1, 2, 67, 13, 8, 4, 2, 1},
      {1, 1, 3, 4, 11, 3, 2, 0},
      {2, 2, 2, 26, 7, 3, 3, 1},
      {1, 34, 34, 32, 6, 3, 1, 1},
      {1, 2, 32, 15, 32, 3, 1, 1},
      {1, 33, 40, 20, 32, 3, 1, 1},
      {1, 2, 13, 14, 32, 3, 2, 1},
      {2, 3, 5, 13, 32, 1, 2, 0},
      {2, 16, 32, 38, 5, 4, 2, 1}
    };
    int at = 0;
    try (CpuDevice device = new CpuDevice(threads)) {
      for (int[] s : sizes) {
        Window w = Window.of(s[4], s[4], s[5], s[6], s[7]);
        int images = s[0] * s[1];
        Buffer x = device.allocate(ElementType.REAL, images * s[2] * w.pixels());
        Buffer weight = device.allocate(ElementType.REAL, s[0] * s[3] * s[2] * w.taps());
        Buffer bias = device.allocate(ElementType.REAL, s[0] * s[3]);
        Buffer out = device.allocate(ElementType.REAL, images * s[3] * w.windows());
        Buffer dx = device.allocate(ElementType.REAL, x.size());
        device.write(normal(x.size(), 7), x);
        device.write(normal(weight.size(), 8), weight);
        device.write(normal(bias.size(), 9), bias);
        device.run(new Primitive.Conv2d(s[0], s[1], s[2], s[3], w, x, weight, bias, out));
        device.run(new Primitive.Conv2dInputGrad(s[0], s[1], s[2], s[3], w, weight, out, null, dx));
        for (Buffer result : List.of(out, dx)) {
          float[] values = new float[result.size()];
          device.read(result, values);
          for (float value : values) { // all of them, in as many sums as there is room for
            y[at % N] = 31 * y[at % N] + value;
            at++;
          }
        }
      }
    }
  }

  private static void logistic(float[] unused, int xo, float[] y, int yo, int n) {
    try (CpuDevice device = new CpuDevice(1)) {
      Buffer x = device.allocate(ElementType.REAL, 3 * 1037);
      Buffer loss = device.allocate(ElementType.REAL, 1);
      Buffer dx = device.allocate(ElementType.REAL, x.size());
      device.write(normal(x.size(), 7), x);
      device.run(new Primitive.LogisticLoss(1, 1037, List.of(1.0, 0.0, 0.3), x, loss, dx));
      float[] gradient = new float[dx.size()];
      device.read(dx, gradient);
      System.arraycopy(gradient, 0, y, 1, gradient.length);
      float[] value = new float[1];
      device.read(loss, value);
      y[0] = value[0];
    }
  }

  private static float[] normal(int size, int key) {
    float[] x = new float[size];
    RandomFills.normal(x, 0, 0, size, new Philox.Key(key, 0, 0, 0), 0f, 1f);
    return x;
  }

  private static String digest(String name, Loop loop) {
    float[] x = VectorMathTest.awkward(N);
    float[] y = new float[N];
    loop.run(x, 0, y, 0, N);
    return name + " " + sha256(y) + "\n";
  }

  private static String sha256(float[] y) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * y.length);
    for (float v : y) {
      bytes.putInt(Float.floatToRawIntBits(v));
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.array());
      return HexFormat.of().formatHex(Arrays.copyOf(hash, 16));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
