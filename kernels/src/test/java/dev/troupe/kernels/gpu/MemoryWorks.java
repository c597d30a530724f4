package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Primitives of ordinary sizes, large enough that full warps and full tiles outweigh what is cut
 * off, small enough for the interpreter. Buffers begin at multiples of 256 bytes, as tensors do.
 */
final class MemoryWorks {
  private static final int N = 1 << 14; // elements of what has no shape

  /** A primitive, and what it is in words. */
  record Work(String label, Function<Buffers, Primitive> primitive) {}

  /** Makes buffers with numbers. */
  static final class Buffers {
    private final Device device;
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Buffer> all = new ArrayList<>();

    Buffers(Device device) {
      this.device = device;
    }

    private Buffer empty(ElementType type, int size) {
      Buffer buffer = device.allocate(type, size);
      all.add(buffer);
      return buffer;
    }

    Buffer empty(int size) {
      return empty(ElementType.REAL, size);
    }

    Buffer places(int size) {
      return empty(ElementType.INT32, size);
    }

    /** From 0.5 to 1.5. */
    Buffer real(int size) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) random.nextDouble(0.5, 1.5);
      }
      Buffer buffer = empty(size);
      device.write(values, buffer);
      return buffer;
    }

    /** Below {@code bound}. */
    Buffer indices(int size, int bound) {
      Buffer buffer = places(size);
      device.write(random.ints(size, 0, bound).toArray(), buffer);
      return buffer;
    }

    Buffer of(int... values) {
      Buffer buffer = places(values.length);
      device.write(values, buffer);
      return buffer;
    }

    void release() {
      all.forEach(device::release);
    }
  }

  private final List<Work> works = new ArrayList<>();
  private final Precision precision;

  private MemoryWorks(Precision precision) {
    this.precision = precision;
  }

  private void add(String label, Function<Buffers, Primitive> primitive) {
    works.add(new Work(label, primitive));
  }

  /** All that run in float32. */
  static List<Work> all() {
    MemoryWorks works = new MemoryWorks(Precision.FP32);
    works.elementwise();
    works.layout();
    works.indexing();
    works.reductions();
    works.softmax();
    works.batchNorm();
    works.pooling();
    works.randomAndState();
    works.maxoutGradients();
    works.products();
    works.convolutions();
    return works.works;
  }

  /** Those that tensor cores compute. */
  static List<Work> ofTensorCores() {
    MemoryWorks works = new MemoryWorks(Precision.TF32);
    works.products();
    works.convolutions();
    return works.works;
  }

  // ---------------------------------------------------------------- elements

  private void elementwise() {
    add(N + " elements", b -> new Primitive.Fill(1, b.empty(N)));
    add(N + " elements", b -> new Primitive.Copy(b.real(N), b.empty(N)));
    add(N + " elements", b -> new Primitive.Copy(b.real(N), b.places(N)));
    add(N + " elements", b -> new Primitive.Copy(b.indices(N, 9), b.empty(N)));
    for (Unary f : Unary.values()) {
      add(N + " elements", b -> new Primitive.Map(f, 0.5, 1, b.real(N), b.empty(N)));
    }
    for (Binary f : Binary.values()) {
      Broadcast by = Broadcast.contiguous(N, 2);
      add(N + " elements", b -> new Primitive.Zip(f, 2, by, b.real(N), b.real(N), b.empty(N)));
    }
    zip("a row, [128, 128] and [128]", 128, 128, 1, 128);
    zip("a column, [128, 128] and [128, 1]", 128, 128, 128, 1);
    zip("a row of odd length, [128, 127] and [127]", 128, 127, 1, 127);
    add(
        N + " elements",
        b ->
            new Primitive.Select(
                Broadcast.contiguous(N, 3), b.real(N), b.real(N), b.real(N), b.empty(N)));
  }

  private void zip(String label, int rows, int columns, int ofRows, int ofColumns) {
    int[] all = {rows, columns};
    Broadcast by = Broadcast.of(all, all, new int[] {ofRows, ofColumns});
    add(
        label,
        b ->
            new Primitive.Zip(
                Binary.ADD,
                0,
                by,
                b.real(rows * columns),
                b.real(ofRows * ofColumns),
                b.empty(rows * columns)));
  }

  private void layout() {
    permute("[16, 32, 64] to [32, 16, 64]", new int[] {32, 16, 64}, new int[] {64, 2048, 1});
    permute("[16, 32, 49] to [32, 16, 49]", new int[] {32, 16, 49}, new int[] {49, 1568, 1});
    permute("a transposition, [4096, 3]", new int[] {3, 4096}, new int[] {1, 3});
    permute("a transposition, [400, 100]", new int[] {100, 400}, new int[] {1, 100});
    permute("a transposition, [256, 256]", new int[] {256, 256}, new int[] {1, 256});
    permute("8 transpositions, [512, 512]", new int[] {8, 512, 512}, new int[] {262144, 1, 512});
    add(
        "100 rows of 64 and of 32",
        b -> new Primitive.Concat(100, List.of(b.real(6400), b.real(3200)), b.empty(9600)));
    add(
        "128 rows of 96 from rows of 128",
        b -> new Primitive.CopyRows(128, 96, 128, 128, b.real(N), b.real(N)));
    add(
        "128 rows of 95 from rows of 127",
        b -> new Primitive.CopyRows(128, 95, 127, 127, b.real(N), b.real(N)));
  }

  private void permute(String label, int[] sizes, int[] strides) {
    int n = 1;
    for (int size : sizes) {
      n *= size;
    }
    int size = n;
    add(label, b -> new Primitive.Permute(sizes, strides, b.real(size), b.empty(size)));
  }

  private void indexing() {
    add(
        "one of 10 in each of 1024 rows",
        b ->
            new Primitive.TakeAlong(
                1024, 10, 1, b.real(10240), b.indices(1024, 10), b.empty(1024)));
    add(
        "one of 10 rows in each of 1024 columns",
        b ->
            new Primitive.TakeAlong(
                1, 10, 1024, b.real(10240), b.indices(1024, 10), b.empty(1024)));
    add(
        "one of 10 in each of 1024 rows",
        b ->
            new Primitive.PutAlong(1024, 10, 1, b.real(1024), b.indices(1024, 10), b.empty(10240)));
    gather("256 rows of 64", 256, 64);
    gather("1024 rows of 2", 1024, 2);
    gather("256 rows of 63", 256, 63);
    add(
        "1024 rows of 64 to 16",
        b ->
            new Primitive.ScatterAdd(
                1, 1, 16, 64, 1024, b.real(65536), b.indices(1024, 16), b.empty(1024)));
    add(
        "1024 indices of empty rows",
        b -> new Primitive.Gather(1, 1, 16, 0, 1024, b.empty(0), b.indices(1024, 16), b.empty(0)));
  }

  private void gather(String label, int rows, int width) {
    int n = rows * width;
    add(
        label,
        b ->
            new Primitive.Gather(
                1, 1, rows, width, rows, b.real(n), b.indices(rows, rows), b.empty(n)));
  }

  // ---------------------------------------------------------------- rows and columns

  private void reductions() {
    for (int[] shape :
        new int[][] {
          {4096, 4, 1},
          {1, 16, 4096},
          {1024, 16, 1},
          {64, 400, 1},
          {2, 65536, 1},
          {1, 2048, 64},
          {8, 512, 3}
        }) {
      reduce(shape[0], shape[1], shape[2]);
    }
  }

  private void reduce(int outer, int size, int inner) {
    String label = "the middle of [" + outer + ", " + size + ", " + inner + "]";
    int n = outer * size * inner;
    int of = outer * inner;
    add(label, b -> new Primitive.Sum(outer, size, inner, 1, b.real(n), b.empty(of)));
    for (boolean largest : new boolean[] {true, false}) {
      add(
          label,
          b ->
              new Primitive.Extreme(
                  largest, outer, size, inner, b.real(n), b.empty(of), b.places(of)));
    }
  }

  private void softmax() {
    for (int[] shape : new int[][] {{1024, 10}, {256, 200}, {32, 1000}, {8, 4096}, {4, 10000}}) {
      int rows = shape[0];
      int size = shape[1];
      int n = rows * size;
      String label = rows + " rows of " + size;
      add(label, b -> new Primitive.Softmax(false, rows, size, b.real(n), b.empty(n)));
      add(
          label,
          b -> new Primitive.SoftmaxGrad(false, rows, size, b.real(n), b.real(n), b.empty(n)));
    }
    add(
        "4 members, 2 parts of 1000",
        b ->
            new Primitive.LogisticLoss(
                4, 1000, List.of(1.0, 0.0), b.real(8000), b.empty(4), b.empty(8000)));
  }

  private void batchNorm() {
    batchNorm(100, 400, 1);
    batchNorm(1024, 64, 1);
    batchNorm(4096, 64, 1);
    batchNorm(16, 32, 64);
    batchNorm(16, 32, 49);
    batchNorm(32, 32, 256);
    batchNorm(64, 8, 256);
  }

  private void batchNorm(int batch, int channels, int spatial) {
    int n = batch * channels * spatial;
    String label = "[" + batch + ", " + channels + (spatial == 1 ? "]" : ", " + spatial + "]");
    add(
        label,
        b ->
            new Primitive.BatchNorm(
                1,
                batch,
                channels,
                spatial,
                1e-4,
                0,
                b.real(n),
                b.real(channels),
                b.real(channels),
                b.empty(n),
                b.empty(channels),
                b.empty(channels)));
    add(
        label,
        b ->
            new Primitive.BatchNormGrad(
                1,
                batch,
                channels,
                spatial,
                1e-4,
                0,
                b.real(n),
                b.real(channels),
                b.real(n),
                b.real(channels),
                b.real(channels),
                b.real(n),
                b.empty(n),
                b.empty(channels),
                b.empty(channels)));
  }

  private void pooling() {
    pool("2 x 2 of 32 planes of 32 x 32", 32, Window.of(32, 32, 2, 2, 0));
    pool("3 x 3, stride 2, of 32 planes of 32 x 32", 32, Window.of(32, 32, 3, 2, 1));
    pool("all of 512 planes of 7 x 7", 512, Window.of(7, 7, 7, 1, 0));
  }

  private void pool(String label, int planes, Window w) {
    int n = planes * w.pixels();
    int of = planes * w.windows();
    add(label, b -> new Primitive.MaxPool(planes, w, b.real(n), b.empty(of), b.places(of)));
    add(label, b -> new Primitive.SumPool(planes, w, 0.25, b.real(n), b.empty(of)));
    add(label, b -> new Primitive.SumPoolGrad(planes, w, 0.25, b.real(of), b.empty(n)));
  }

  // ---------------------------------------------------------------- random numbers, state

  private void randomAndState() {
    for (Distribution d : Distribution.values()) {
      add(
          N + " elements",
          b ->
              new Primitive.Random(
                  d,
                  d == Distribution.INTEGER ? 10 : 0.5,
                  1,
                  1,
                  1,
                  b.of(1),
                  b.of(0),
                  N,
                  d == Distribution.INTEGER ? b.places(N) : b.empty(N)));
    }
    add(
        "8 batches of 128 of 1000",
        b ->
            new Primitive.ShuffledBatch(
                1, 1, b.of(3), b.of(0, 1, 2, 3, 4, 5, 6, 7), 1000, 128, b.places(1024)));
    add("1024 counters", b -> new Primitive.Increment(b.of(new int[1024])));
    add(
        "1024 numbers",
        b -> new Primitive.RingPut(4, b.of(1), List.of(b.real(1024)), b.real(4096)));
    add(
        "400 x 400 and 400 weights",
        b ->
            new Primitive.Adam(
                0.9,
                0.999,
                1e-8,
                false,
                0,
                b.real(1),
                b.of(1),
                List.of(b.real(160000), b.real(400)),
                List.of(b.real(160000), b.real(400)),
                List.of(b.real(160000), b.real(400)),
                List.of(b.real(160000), b.real(400))));
    add(
        "400 x 400 and 400 weights",
        b ->
            new Primitive.Sgd(
                0.9,
                false,
                0,
                b.real(1),
                List.of(b.real(160000), b.real(400)),
                List.of(b.real(160000), b.real(400)),
                List.of(b.real(160000), b.real(400))));
  }

  private static String members(int count) {
    return count == 1 ? "1 member" : count + " members";
  }

  private static String linear(int members, int batch, int in, int out) {
    return "%s, %d x %d to %d".formatted(members(members), batch, in, out);
  }

  // ---------------------------------------------------------------- linear maxout, backward

  private void maxoutGradients() {
    maxoutGradients(1, 50, 100, 100, 5);
    maxoutGradients(128, 16, 128, 8, 5);
    int pieces = 65;
    add(
        linear(1, 64, 32, 16) + " of 65 pieces",
        b ->
            new Primitive.LinearMaxoutInputGrad(
                1,
                64,
                32,
                16,
                pieces,
                b.real(32 * pieces * 16),
                b.indices(64 * 16, pieces),
                b.real(64 * 16),
                b.empty(64 * 32)));
  }

  private void maxoutGradients(int members, int batch, int in, int units, int pieces) {
    String label = linear(members, batch, in, units) + " of " + pieces + " pieces";
    int xs = members * batch * in;
    int ws = members * in * pieces * units;
    int ys = members * batch * units;
    add(
        label,
        b ->
            new Primitive.LinearMaxoutInputGrad(
                members,
                batch,
                in,
                units,
                pieces,
                b.real(ws),
                b.indices(ys, pieces),
                b.real(ys),
                b.empty(xs)));
    add(
        label,
        b ->
            new Primitive.LinearMaxoutWeightGrad(
                members,
                batch,
                in,
                units,
                pieces,
                b.real(xs),
                b.indices(ys, pieces),
                b.real(ys),
                b.empty(ws),
                b.empty(members * pieces * units)));
    add(
        label,
        b ->
            new Primitive.LinearMaxoutGrad(
                members,
                batch,
                in,
                units,
                pieces,
                b.real(xs),
                b.real(ws),
                b.indices(ys, pieces),
                b.real(ys),
                b.empty(xs),
                b.empty(ws),
                b.empty(members * pieces * units)));
  }

  // ---------------------------------------------------------------- products

  private void products() {
    boolean tensorCores = precision == Precision.TF32; // which have an entry for each transposition
    for (int flags = 0; flags < 4; flags++) {
      boolean transA = flags % 2 == 1;
      boolean transB = flags / 2 == 1;
      product(1, 100, 96, 64, transA, transB);
      if (flags == 0 || tensorCores) {
        product(64, 64, 128, 24, transA, transB);
        product(1, 1152, 1024, 24, transA, transB);
      }
      if (tensorCores) {
        product(2, 1024, 1024, 24, transA, transB);
        product(4, 1024, 1024, 24, transA, transB);
      }
    }
    product(1, 32, 32, 4096, false, false); // in parts
    if (!tensorCores) {
      product(1, 512, 64, 2, false, false);
      product(1, 512, 64, 16, false, true);
      product(1, 512, 1, 400, false, false);
      product(1, 512, 3, 400, false, false);
      linearGrad(1, 100, 400, 1);
      linearGrad(1, 64, 48, 48);
      linearGrad(64, 40, 40, 40);
      maxout(1, 100, 2, 200, 5);
      maxout(1, 64, 64, 48, 5);
      maxout(16, 64, 24, 96, 5);
    }
  }

  private void product(int members, int m, int n, int k, boolean transA, boolean transB) {
    String label =
        "%s, %s by %s"
            .formatted(
                members(members),
                transA ? "transposed [" + k + ", " + m + "]" : "[" + m + ", " + k + "]",
                transB ? "transposed [" + n + ", " + k + "]" : "[" + k + ", " + n + "]");
    add(
        label,
        b ->
            new Primitive.MatMul(
                members,
                m,
                n,
                k,
                transA,
                transB,
                false,
                false,
                b.real(members * m * k),
                b.real(members * k * n),
                b.real(members * n),
                b.empty(members * m * n)));
  }

  private void linearGrad(int members, int batch, int in, int out) {
    add(
        linear(members, batch, in, out),
        b ->
            new Primitive.LinearGrad(
                members,
                batch,
                in,
                out,
                b.real(members * batch * in),
                b.real(members * in * out),
                b.real(members * batch * out),
                b.empty(members * batch * in),
                b.empty(members * in * out),
                b.empty(members * out)));
  }

  private void maxout(int members, int batch, int in, int units, int pieces) {
    add(
        linear(members, batch, in, units) + " of " + pieces + " pieces",
        b ->
            new Primitive.LinearMaxout(
                members,
                batch,
                in,
                units,
                pieces,
                b.real(members * batch * in),
                b.real(members * in * pieces * units),
                b.real(members * pieces * units),
                b.empty(members * batch * units),
                b.places(members * batch * units)));
  }

  private void convolutions() {
    convolution(8, 16, 32, Window.of(8, 8, 3, 1, 1), 3);
    convolution(8, 32, 16, Window.of(16, 16, 4, 2, 1), 3);
    convolution(32, 2, 64, Window.of(16, 16, 3, 1, 1), 1);
    convolution(9, 2, 128, Window.of(32, 32, 3, 1, 1), 1);
    if (precision == Precision.FP32) {
      convolution(8, 3, 32, Window.of(16, 16, 4, 2, 1), 3);
      convolution(8, 1, 8, Window.of(16, 16, 3, 1, 1), 3);
      convolution(8, 16, 4, Window.of(8, 8, 2, 2, 0), 3);
      convolution(1, 8, 8, Window.of(4, 4, 4, 1, 0), 3);
    }
  }

  private void convolution(int batch, int in, int out, Window w, int passes) {
    String label =
        "%s %d x %d x %d to %d x %d x %d, %d x %d"
            .formatted(
                batch == 1 ? "1 image" : batch + " images",
                in,
                w.height(),
                w.width(),
                out,
                w.outHeight(),
                w.outWidth(),
                w.kernelHeight(),
                w.kernelWidth());
    int xs = batch * in * w.pixels();
    int ws = out * in * w.taps();
    int ys = batch * out * w.windows();
    add(
        label + ", forward",
        b ->
            new Primitive.Conv2d(
                1, batch, in, out, w, b.real(xs), b.real(ws), b.real(out), b.empty(ys)));
    if (passes > 1) {
      add(
          label + ", input's gradient",
          b ->
              new Primitive.Conv2dInputGrad(
                  1, batch, in, out, w, b.real(ws), b.real(ys), null, b.empty(xs)));
      add(
          label + ", weight's gradient",
          b ->
              new Primitive.Conv2dWeightGrad(
                  1, batch, in, out, w, b.real(xs), b.real(ys), b.empty(ws)));
    }
  }
}
