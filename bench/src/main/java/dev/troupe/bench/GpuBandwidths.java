package dev.troupe.bench;

import dev.troupe.bench.GpuDevices.Buffers;
import dev.troupe.bench.GpuDevices.Libraries;
import dev.troupe.bench.GpuDevices.Opened;
import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.Window;
import dev.troupe.kernels.gpu.GpuBuffer;
import dev.troupe.kernels.gpu.GpuDevice;
import java.util.List;
import java.util.function.Function;

/**
 * The kernels of {@link GpuCheck} that memory limits, beside the machine's own copy of as many
 * bytes, timed the same way. What counts is what a kernel has to move at least: each input read
 * once, each result written once; inputs of batch norm twice where its channels are too long to be
 * held between their statistics and the result.
 */
final class GpuBandwidths {
  private final GpuTimings timings;
  private final GpuRun run;
  private final GpuDevices devices;

  GpuBandwidths(GpuTimings timings, GpuRun run, GpuDevices devices) {
    this.timings = timings;
    this.run = run;
    this.devices = devices;
  }

  /**
   * A primitive to be timed.
   *
   * @param bytes that it has to move, or 0 for all that it reads and writes
   * @param computes whether a warp's instruction stands for less than the 3.6 bytes that an H100
   *     moves in its time, as docs/kernel-memory.md counts them
   */
  private record Work(
      String label, long bytes, boolean computes, Function<Buffers, Primitive> primitive) {
    Work(String label, long bytes, Function<Buffers, Primitive> primitive) {
      this(label, bytes, false, primitive);
    }

    Work(String label, Function<Buffers, Primitive> primitive) {
      this(label, 0, primitive);
    }

    static Work computing(String label, Function<Buffers, Primitive> primitive) {
      return new Work(label, 0, true, primitive);
    }
  }

  /** Elements of the larger arrays: 64 and 256 MiB. */
  private int[] sizes() {
    return run.quick ? new int[] {1 << 12} : new int[] {1 << 24, 1 << 26};
  }

  void run(List<GpuFindings.Copy> copies, List<GpuFindings.Bandwidth> found) {
    for (int n : sizes()) {
      run.attempt("copy of " + n, () -> copies.add(copy(n)), devices::close);
      double rate =
          copies.stream()
              .filter(c -> c.bytes() == 4L * n)
              .mapToDouble(GpuFindings.Copy::gbPerSecond)
              .findFirst()
              .orElse(0);
      for (Work work : works(n)) {
        run.attempt(work.label + " of " + n, () -> found.add(time(work, n, rate)), devices::close);
      }
      run.attempt("fold of " + n, () -> found.add(fold(n, rate)), devices::close);
    }
  }

  private GpuFindings.Copy copy(int n) {
    Opened opened = devices.get(Precision.FP32, Libraries.NONE);
    try (Buffers buffers = new Buffers(opened.device())) {
      long from = ((GpuBuffer) buffers.normal(n)).address();
      long to = ((GpuBuffer) buffers.normal(n)).address();
      double seconds =
          timings.median(opened.device(), () -> opened.machine().copy(from, to, 4L * n));
      return new GpuFindings.Copy(4L * n, seconds, 2 * 4L * n / seconds * 1e-9);
    }
  }

  private GpuFindings.Bandwidth time(Work work, int n, double copyRate) {
    GpuDevice device = timings.own(Precision.FP32);
    try (Buffers buffers = new Buffers(device)) {
      Primitive primitive = work.primitive.apply(buffers);
      double seconds = timings.median(device, () -> device.run(primitive));
      long bytes = work.bytes;
      if (bytes == 0) {
        bytes += primitive.reads().stream().mapToLong(b -> 4L * b.size()).sum();
        bytes += primitive.writes().stream().mapToLong(b -> 4L * b.size()).sum();
      }
      return found(work.label, n, bytes, work.computes, seconds, copyRate);
    }
  }

  private static GpuFindings.Bandwidth found(
      String label, int n, long bytes, boolean computes, double seconds, double copyRate) {
    double rate = bytes / seconds * 1e-9;
    return new GpuFindings.Bandwidth(
        label, 4L * n, bytes, computes, seconds, rate, copyRate == 0 ? 0 : rate / copyRate);
  }

  /** The kernel that adds up the parts of products with a long k; it follows on them at once. */
  private GpuFindings.Bandwidth fold(int n, double copyRate) {
    int side = 32;
    int batch = run.quick ? 1 : n >> 17;
    int k = run.quick ? 2_048 : 1 << 16;
    GpuDevice device = timings.own(Precision.FP32);
    try (Buffers buffers = new Buffers(device)) {
      Buffer a = buffers.normal((long) side * k);
      Buffer b = buffers.normal((long) side * k);
      Buffer c = buffers.empty((long) batch * side * side);
      Primitive product =
          new Primitive.MatMul(batch, side, side, k, false, false, true, true, a, b, null, c);
      device.run(product);
      double seconds =
          device.profile(() -> device.run(product)).stream()
              .filter(t -> t.kernel().equals("matmul_fold"))
              .mapToDouble(KernelTime::seconds)
              .sum();
      if (seconds == 0) {
        throw new IllegalStateException("gpu-check: the product was not folded");
      }
      long parts = (long) c.size() * Math.min(128, k / 512);
      return found("fold of a product", n, 4 * (parts + c.size()), false, seconds, copyRate);
    }
  }

  private List<Work> works(int n) {
    int width = run.quick ? 64 : 4_096;
    int rows = n / width;
    int few = run.quick ? 16 : 1_024; // rows that batch norm holds in registers
    int narrow = 64;
    int side = run.quick ? 8 : 32;
    Window two = Window.of(side, side, 2, 2, 0);
    int planes = n / two.pixels();
    int windows = planes * two.windows();
    int batch = run.quick ? 4 : 64;
    int channels = planes / batch;
    return List.of(
        new Work("Fill", b -> new Primitive.Fill(1, b.empty(n))),
        new Work("Copy", b -> new Primitive.Copy(b.normal(n), b.empty(n))),
        map("RELU", Unary.RELU, n),
        map("EXP", Unary.EXP, n),
        map("TANH", Unary.TANH, n),
        new Work(
            "ADD",
            b ->
                new Primitive.Zip(
                    Binary.ADD,
                    0,
                    Broadcast.contiguous(n, 2),
                    b.normal(n),
                    b.normal(n),
                    b.empty(n))),
        new Work(
            "ADD of a row",
            b ->
                new Primitive.Zip(
                    Binary.ADD,
                    0,
                    Broadcast.of(
                        new int[] {rows, width}, new int[] {rows, width}, new int[] {width}),
                    b.normal(n),
                    b.normal(width),
                    b.empty(n))),
        new Work(
            "Select",
            b ->
                new Primitive.Select(
                    Broadcast.contiguous(n, 3), b.normal(n), b.normal(n), b.normal(n), b.empty(n))),
        new Work(
            "Permute",
            b ->
                new Primitive.Permute(
                    new int[] {width, rows}, new int[] {1, width}, b.normal(n), b.empty(n))),
        new Work(
            "CopyRows",
            8L * rows * (width - 4),
            b -> new Primitive.CopyRows(rows, width - 4, width, width, b.normal(n), b.normal(n))),
        new Work(
            "Sum of rows", b -> new Primitive.Sum(rows, width, 1, 1, b.normal(n), b.empty(rows))),
        new Work(
            "Sum of columns",
            b -> new Primitive.Sum(1, rows, width, 1, b.normal(n), b.empty(width))),
        new Work(
            "Extreme",
            b ->
                new Primitive.Extreme(
                    true,
                    rows,
                    width,
                    1,
                    b.normal(n),
                    b.empty(rows),
                    b.empty(ElementType.INT32, rows))),
        new Work(
            "Gather",
            b ->
                new Primitive.Gather(
                    1,
                    1,
                    n / narrow,
                    narrow,
                    n / narrow,
                    b.normal(n),
                    b.indices(n / narrow, n / narrow),
                    b.empty(n))),
        new Work(
            "ScatterAdd",
            b ->
                new Primitive.ScatterAdd(
                    1,
                    1,
                    16,
                    narrow,
                    n / narrow,
                    b.normal(n),
                    b.indices(n / narrow, 16),
                    b.empty(16L * narrow))),
        new Work(
            "TakeAlong of pairs",
            b ->
                new Primitive.TakeAlong(
                    n / 2, 2, 1, b.normal(n), b.indices(n / 2, 2), b.empty(n / 2))),
        new Work(
            "PutAlong of pairs",
            b ->
                new Primitive.PutAlong(
                    n / 2, 2, 1, b.normal(n / 2), b.indices(n / 2, 2), b.empty(n))),
        new Work(
            "Softmax", b -> new Primitive.Softmax(false, rows, width, b.normal(n), b.empty(n))),
        new Work(
            "SoftmaxGrad",
            b ->
                new Primitive.SoftmaxGrad(
                    false, rows, width, b.positive(n), b.normal(n), b.empty(n))),
        Work.computing(
            "LogisticLoss",
            b ->
                new Primitive.LogisticLoss(
                    rows, width / 2, List.of(1.0, 0.0), b.normal(n), b.empty(rows), b.empty(n))),
        batchNorm("BatchNorm of " + few + " rows", few, n / few, 1),
        batchNorm("BatchNorm of " + rows + " rows", rows, width, 1),
        batchNorm("BatchNorm of images", batch, channels, two.pixels()),
        batchNormGrad("BatchNormGrad of " + few + " rows", few, n / few, 1),
        batchNormGrad("BatchNormGrad of " + rows + " rows", rows, width, 1),
        batchNormGrad("BatchNormGrad of images", batch, channels, two.pixels()),
        new Work(
            "MaxPool",
            b ->
                new Primitive.MaxPool(
                    planes,
                    two,
                    b.normal(n),
                    b.empty(windows),
                    b.empty(ElementType.INT32, windows))),
        new Work(
            "SumPool",
            b -> new Primitive.SumPool(planes, two, 0.25, b.normal(n), b.empty(windows))),
        new Work(
            "SumPoolGrad",
            b -> new Primitive.SumPoolGrad(planes, two, 0.25, b.normal(windows), b.empty(n))),
        Work.computing(
            "LinearMaxoutInputGrad",
            b -> {
              int units = run.quick ? 8 : 200;
              int of = n / (5 * units * units); // members with square weights
              return new Primitive.LinearMaxoutInputGrad(
                  of,
                  10,
                  units,
                  units,
                  5,
                  b.normal(5L * of * units * units),
                  b.indices(10L * of * units, 5),
                  b.normal(10L * of * units),
                  b.empty(10L * of * units));
            }),
        new Work(
            "LinearMaxoutWeightGrad",
            b -> {
              int units = run.quick ? 8 : 200;
              int of = n / (5 * units * units);
              return new Primitive.LinearMaxoutWeightGrad(
                  of,
                  10,
                  units,
                  units,
                  5,
                  b.normal(10L * of * units),
                  b.indices(10L * of * units, 5),
                  b.normal(10L * of * units),
                  b.empty(5L * of * units * units),
                  b.empty(5L * of * units));
            }),
        Work.computing(
            "Random, normal",
            b ->
                new Primitive.Random(
                    Distribution.NORMAL, 0, 1, 1, 1, b.of(1), b.of(0), n, b.empty(n))),
        new Work(
            "Adam",
            b ->
                new Primitive.Adam(
                    0.9,
                    0.999,
                    1e-8,
                    false,
                    0,
                    b.positive(1),
                    b.of(1),
                    List.of(b.normal(n)),
                    List.of(b.normal(n)),
                    List.of(b.normal(n)),
                    List.of(b.positive(n)))),
        new Work(
            "Sgd with momentum",
            b ->
                new Primitive.Sgd(
                    0.9,
                    false,
                    0,
                    b.positive(1),
                    List.of(b.normal(n)),
                    List.of(b.normal(n)),
                    List.of(b.normal(n)))));
  }

  private static Work map(String label, Unary f, int n) {
    return new Work(label, b -> new Primitive.Map(f, 0, 0, b.normal(n), b.empty(n)));
  }

  /** Whether a block holds the elements of a channel, as {@code batch_norm.cu} says. */
  private static boolean isHeld(int batch, int spatial) {
    return (long) batch * spatial <= (spatial == 1 ? 1_024 : 8_192);
  }

  private static Work batchNorm(String label, int batch, int channels, int spatial) {
    int n = batch * channels * spatial;
    boolean held = isHeld(batch, spatial);
    return new Work(
        held ? label : label + ", x twice",
        held ? 0 : 4L * 3 * n, // x, x, y
        b ->
            new Primitive.BatchNorm(
                1,
                batch,
                channels,
                spatial,
                1e-4,
                0,
                b.normal(n),
                b.normal(channels),
                b.normal(channels),
                b.empty(n),
                b.empty(channels),
                b.empty(channels)));
  }

  private static Work batchNormGrad(String label, int batch, int channels, int spatial) {
    int n = batch * channels * spatial;
    boolean held = isHeld(batch, spatial);
    return new Work(
        held ? label : label + ", x, y and dy twice",
        held ? 0 : 4L * 7 * n, // x, y and dy, the same again, dx
        b ->
            new Primitive.BatchNormGrad(
                1,
                batch,
                channels,
                spatial,
                1e-4,
                0,
                b.normal(n),
                b.normal(channels),
                b.normal(n),
                b.normal(channels),
                b.positive(channels),
                b.normal(n),
                b.empty(n),
                b.empty(channels),
                b.empty(channels)));
  }
}
