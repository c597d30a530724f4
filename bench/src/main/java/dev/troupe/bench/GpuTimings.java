package dev.troupe.bench;

import dev.troupe.gan.GanTrainer;
import dev.troupe.gan.PointGan;
import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.gpu.Blas;
import dev.troupe.kernels.gpu.GpuBuffer;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.gpu.Machine;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** The timings of {@link GpuCheck}, by the device's own clock. */
final class GpuTimings {
  private static final int[] MEMBERS = {1, 8, 25};

  private final Supplier<Machine> machines;
  private final Supplier<Machine> withoutLibraries;
  private final boolean quick;
  private final int repetitions;

  GpuTimings(Supplier<Machine> machines, Supplier<Machine> withoutLibraries, boolean quick) {
    this.machines = machines;
    this.withoutLibraries = withoutLibraries;
    this.quick = quick;
    this.repetitions = quick ? 2 : 21;
  }

  // ---------------------------------------------------------------- memory

  /** Elements of the arrays: 64 MiB each, as the bars ask for at least. */
  private int elements() {
    return quick ? 1 << 12 : 1 << 24;
  }

  /** Times single runs, with a sweep through memory in between that empties the caches. */
  double median(GpuDevice device, Runnable work) {
    return median(device, sweep(device), work);
  }

  private double median(GpuDevice device, Buffer sweep, Runnable work) {
    work.run();
    double[] seconds = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      device.run(new Primitive.Fill(i, sweep));
      seconds[i] = device.seconds(work);
    }
    return Timings.median(seconds);
  }

  private Buffer sweep(GpuDevice device) {
    return device.allocate(ElementType.REAL, quick ? 16 : 1 << 26);
  }

  /** What the machine's own copy reaches, reading and writing. */
  double copyGbPerSecond() {
    try (Machine machine = machines.get()) {
      long bytes = 4L * elements() * (quick ? 1 : 4);
      long from = machine.allocate(bytes);
      long to = machine.allocate(bytes);
      machine.write(java.lang.foreign.MemorySegment.ofArray(new byte[1 << 10]), from);
      machine.copy(from, to, bytes);
      double[] seconds = new double[repetitions];
      for (int i = 0; i < repetitions; i++) {
        seconds[i] = machine.seconds(() -> machine.copy(from, to, bytes));
      }
      return 2 * bytes / Timings.median(seconds) * 1e-9;
    }
  }

  List<GpuFindings.Bandwidth> kernels(double copyGbPerSecond) {
    List<GpuFindings.Bandwidth> found = new ArrayList<>();
    try (GpuDevice device = new GpuDevice(machines.get())) {
      Buffer sweep = sweep(device);
      for (Primitive primitive : memoryBound(device)) {
        double seconds = median(device, sweep, () -> device.run(primitive));
        long bytes = 0;
        for (Buffer buffer : primitive.reads()) {
          bytes += 4L * buffer.size();
        }
        for (Buffer buffer : primitive.writes()) {
          bytes += 4L * buffer.size();
        }
        double rate = bytes / seconds * 1e-9;
        found.add(
            new GpuFindings.Bandwidth(
                label(primitive), bytes, seconds, rate, rate / copyGbPerSecond));
      }
    }
    return found;
  }

  private static String label(Primitive primitive) {
    return primitive instanceof Primitive.Sum sum
        ? "Sum of " + (sum.inner() == 1 ? "rows" : "columns")
        : primitive.name();
  }

  private List<Primitive> memoryBound(GpuDevice device) {
    int n = elements();
    int width = quick ? 64 : 4_096;
    int rows = n / width;
    Buffer x = filled(device, n);
    Buffer y = device.allocate(ElementType.REAL, n);
    Buffer z = filled(device, n);
    Buffer m = filled(device, n);
    Buffer v = filled(device, n);
    Buffer perRow = device.allocate(ElementType.REAL, rows);
    Buffer perColumn = device.allocate(ElementType.REAL, width);
    Buffer index = device.allocate(ElementType.INT32, rows);
    Buffer rate = filled(device, 1);
    Buffer step = device.allocate(ElementType.INT32, 1);
    Buffer member = device.allocate(ElementType.INT32, 1);
    device.write(new int[] {1}, step);
    device.write(new int[] {0}, member);
    int channels = width;
    Buffer gamma = filled(device, channels);
    Buffer beta = filled(device, channels);
    Buffer mean = filled(device, channels);
    Buffer variance = filled(device, channels);
    Buffer dgamma = device.allocate(ElementType.REAL, channels);
    Buffer dbeta = device.allocate(ElementType.REAL, channels);
    return List.of(
        new Primitive.Fill(1, y),
        new Primitive.Copy(x, y),
        new Primitive.Map(Unary.RELU, 0, 0, x, y),
        new Primitive.Map(Unary.EXP, 0, 0, x, y),
        new Primitive.Map(Unary.TANH, 0, 0, x, y),
        new Primitive.Zip(Binary.ADD, 0, Broadcast.contiguous(n, 2), x, z, y),
        new Primitive.Permute(new int[] {width, rows}, new int[] {1, width}, x, y),
        new Primitive.Sum(rows, width, 1, 1, x, perRow),
        new Primitive.Sum(1, rows, width, 1, x, perColumn),
        new Primitive.Extreme(true, rows, width, 1, x, perRow, index),
        new Primitive.Softmax(false, rows, width, x, y),
        new Primitive.BatchNorm(1, rows, channels, 1, 1e-4, 0, x, gamma, beta, y, dgamma, dbeta),
        new Primitive.BatchNormGrad(
            1, rows, channels, 1, 1e-4, 0, x, gamma, z, mean, variance, m, y, dgamma, dbeta),
        new Primitive.Random(Distribution.NORMAL, 0, 1, 1, 1, step, member, n, y),
        new Primitive.Adam(
            0.9,
            0.999,
            1e-8,
            false,
            0,
            rate,
            step,
            List.of(y),
            List.of(x),
            List.of(m),
            List.of(v)));
  }

  static Buffer filled(GpuDevice device, int size) {
    Buffer buffer = device.allocate(ElementType.REAL, size);
    device.run(new Primitive.Fill(0.5, buffer));
    return buffer;
  }

  // ---------------------------------------------------------------- matrix products

  record Size(int batch, int m, int n, int k) {
    double flops() {
      return 2.0 * batch * m * n * k;
    }
  }

  /** The products of grid2d for one GAN and for 25, then square ones. */
  private List<Size> sizes() {
    return quick
        ? List.of(new Size(2, 20, 24, 17))
        : List.of(
            new Size(1, 100, 400, 400),
            new Size(25, 100, 400, 400),
            new Size(1, 100, 1_000, 200),
            new Size(25, 200, 1_000, 200),
            new Size(1, 1_024, 1_024, 1_024),
            new Size(16, 1_024, 1_024, 1_024),
            new Size(1, 4_096, 4_096, 4_096),
            new Size(1, 8_192, 8_192, 8_192));
  }

  List<GpuFindings.Product> products() {
    List<GpuFindings.Product> found = new ArrayList<>();
    for (Precision precision : Precision.values()) {
      for (Size size : sizes()) {
        double own = own(size, precision);
        double blas = blas(size, precision);
        found.add(
            new GpuFindings.Product(
                size.batch,
                size.m,
                size.n,
                size.k,
                precision.toString(),
                own,
                blas,
                blas == 0 ? 0 : own / blas));
      }
    }
    return found;
  }

  /** A device that has our own kernels alone. */
  GpuDevice own(Precision precision) {
    return new GpuDevice(withoutLibraries.get(), precision, true);
  }

  private double own(Size s, Precision precision) {
    try (GpuDevice device = own(precision)) {
      Buffer a = filled(device, s.batch * s.m * s.k);
      Buffer b = filled(device, s.batch * s.k * s.n);
      Buffer c = device.allocate(ElementType.REAL, s.batch * s.m * s.n);
      Primitive product =
          new Primitive.MatMul(s.batch, s.m, s.n, s.k, false, false, false, false, a, b, null, c);
      double seconds = median(device, () -> device.run(product));
      return s.flops() / seconds * 1e-9;
    }
  }

  /** 0 where the machine has no library. */
  double blas(Size s, Precision precision) {
    Machine machine = machines.get();
    try (GpuDevice device = new GpuDevice(machine)) {
      Blas blas = machine.blas();
      if (blas == null) {
        return 0;
      }
      GpuBuffer a = (GpuBuffer) filled(device, s.batch * s.m * s.k);
      GpuBuffer b = (GpuBuffer) filled(device, s.batch * s.k * s.n);
      GpuBuffer c = device.allocate(ElementType.REAL, s.batch * s.m * s.n);
      Runnable product =
          () ->
              blas.multiply(
                  precision,
                  s.batch,
                  s.m,
                  s.n,
                  s.k,
                  false,
                  false,
                  false,
                  false,
                  a.address(),
                  b.address(),
                  0,
                  c.address());
      return s.flops() / median(device, product) * 1e-9;
    }
  }

  // ---------------------------------------------------------------- training steps

  /** A trainer of grid2d as the benchmark has it; narrow and with few points where it is quick. */
  static GanTrainer trainer(Scope scope, int members, boolean quick) {
    State state = new State(scope, 1, Rng.firstMembers(members));
    PointGan networks =
        quick
            ? new PointGan(12, 8, 1)
            : new PointGan(WorkSpec.Grid2d.GENERATOR_WIDTH, WorkSpec.Grid2d.DISCRIMINATOR_WIDTH, 1);
    int points = quick ? 500 : WorkSpec.Grid2d.POINTS;
    float[] values = new WorkSpec.Grid2d().points();
    Tensor data =
        scope.of(
            Shape.of(points, WorkSpec.Grid2d.DATA),
            Arrays.copyOf(values, points * WorkSpec.Grid2d.DATA));
    AdamSettings adam =
        AdamSettings.DEFAULT
            .withBetas(WorkSpec.Grid2d.BETA1, WorkSpec.Grid2d.BETA2)
            .withFoldedCorrection();
    GanTrainer.Config config =
        new GanTrainer.Config(
            quick ? 20 : WorkSpec.Grid2d.BATCH,
            1,
            GanTrainer.Updates.ALTERNATING,
            Schedule.constant(WorkSpec.Grid2d.LEARNING_RATE),
            adam);
    return new GanTrainer(networks.create(state), config, data, 1);
  }

  List<GpuFindings.Step> steps() {
    List<GpuFindings.Step> found = new ArrayList<>();
    for (Precision precision : Precision.values()) {
      for (int members : quick ? new int[] {1, 2} : MEMBERS) {
        for (boolean graph : new boolean[] {false, true}) {
          found.add(step(members, precision, graph));
        }
      }
    }
    return found;
  }

  private GpuFindings.Step step(int members, Precision precision, boolean graph) {
    int steps = quick ? 2 : graph ? 2_000 : 200;
    try (GpuDevice device = new GpuDevice(machines.get(), precision, graph);
        Scope scope = Scope.open(device, "step")) {
      GanTrainer trainer = trainer(scope, members, quick);
      trainer.step();
      int launches = device.profile(trainer::step).size();
      try (CapturedStep step = CapturedStep.of(device, trainer::step)) {
        Runnable some =
            () -> {
              for (int i = 0; i < steps; i++) {
                step.run();
              }
            };
        some.run();
        double seconds = device.seconds(some);
        return new GpuFindings.Step(
            members, precision.toString(), graph, launches, 1e3 * seconds / steps);
      }
    }
  }
}
