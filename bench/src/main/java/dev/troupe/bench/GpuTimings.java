package dev.troupe.bench;

import dev.troupe.bench.GpuDevices.Buffers;
import dev.troupe.bench.GpuDevices.Libraries;
import dev.troupe.bench.GpuDevices.Opened;
import dev.troupe.gan.GanTrainer;
import dev.troupe.gan.PointGan;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.gpu.Blas;
import dev.troupe.kernels.gpu.GpuBuffer;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The matrix products and training steps of {@link GpuCheck}, by the device's own clock. */
final class GpuTimings {
  private static final int[] MEMBERS = {1, 8, 25};

  private final GpuRun run;
  private final GpuDevices devices;
  private final List<Precision> precisions;
  private final boolean quick;
  private final int repetitions;

  GpuTimings(GpuRun run, GpuDevices devices, List<Precision> precisions) {
    this.run = run;
    this.devices = devices;
    this.precisions = precisions;
    this.quick = run.quick;
    this.repetitions = quick ? 2 : 21;
  }

  /**
   * Times single runs; before each the caches are filled with what it does not use. The last that
   * touches them is a read, so that the run does not wait for them to be written back.
   */
  double median(GpuDevice device, Runnable work) {
    int side = quick ? 4 : 1 << 13; // a sweep of 256 MiB
    try (Buffers buffers = new Buffers(device)) {
      Buffer sweep = buffers.empty((long) side * side);
      Primitive read = new Primitive.Sum(side, side, 1, 1, sweep, buffers.empty(side));
      work.run();
      double[] seconds = new double[repetitions];
      for (int i = 0; i < repetitions; i++) {
        device.run(new Primitive.Fill(i, sweep));
        device.run(read);
        seconds[i] = device.seconds(work);
      }
      return Timings.median(seconds);
    }
  }

  // ---------------------------------------------------------------- matrix products

  record Size(int batch, int m, int n, int k) {
    double flops() {
      return 2.0 * batch * m * n * k;
    }

    long a() {
      return (long) batch * m * k;
    }

    long b() {
      return (long) batch * k * n;
    }

    long c() {
      return (long) batch * m * n;
    }

    @Override
    public String toString() {
      return batch + " x " + m + " x " + n + " x " + k;
    }
  }

  /** What is multiplied: factors as they are, one of them transposed, or a layer's. */
  private enum Kind {
    MATMUL("matmul"),
    B_TRANSPOSED("matmul, b transposed"),
    A_TRANSPOSED("matmul, a transposed"),
    LINEAR_GRAD("linearGrad"),
    LINEAR_MAXOUT("linearMaxout");

    static final int PIECES = 5;

    final String label;

    Kind(String label) {
      this.label = label;
    }

    double flops(Size s) {
      return this == LINEAR_GRAD ? 2 * s.flops() : s.flops();
    }
  }

  private record Work(Kind kind, Size size) {
    @Override
    public String toString() {
      return kind.label + " " + size;
    }
  }

  /** The products of grid2d for one GAN and for 25, square ones, then those of layers. */
  private List<Work> works() {
    List<Work> works = new ArrayList<>();
    if (quick) {
      for (Kind kind : Kind.values()) {
        works.add(new Work(kind, new Size(2, 20, 25, 17)));
      }
      return works;
    }
    Size one = new Size(1, 100, 400, 400);
    Size many = new Size(25, 100, 400, 400);
    Size oneMaxout = new Size(1, 200, 1_000, 200);
    Size manyMaxout = new Size(25, 200, 1_000, 200);
    Size large = new Size(1, 4_096, 4_096, 4_096);
    for (Size size :
        List.of(
            one,
            many,
            oneMaxout,
            manyMaxout,
            new Size(1, 1_024, 1_024, 1_024),
            new Size(16, 1_024, 1_024, 1_024),
            large,
            new Size(1, 8_192, 8_192, 8_192))) {
      works.add(new Work(Kind.MATMUL, size));
    }
    for (Kind kind : List.of(Kind.B_TRANSPOSED, Kind.A_TRANSPOSED, Kind.LINEAR_GRAD)) {
      List.of(one, many, large).forEach(size -> works.add(new Work(kind, size)));
    }
    List.of(oneMaxout, manyMaxout).forEach(size -> works.add(new Work(Kind.LINEAR_MAXOUT, size)));
    return works;
  }

  void products(List<GpuFindings.Product> found) {
    for (Precision precision : precisions) {
      for (Work work : works()) {
        run.attempt(
            work + " " + precision, () -> found.add(product(work, precision)), devices::close);
      }
    }
  }

  private GpuFindings.Product product(Work work, Precision precision) {
    Size s = work.size;
    double own = own(work, precision);
    double blas = blas(work, precision);
    return new GpuFindings.Product(
        work.kind.label,
        s.batch,
        s.m,
        s.n,
        s.k,
        precision.toString(),
        own,
        blas,
        blas == 0 ? 0 : own / blas);
  }

  /** A device that has our own kernels alone. */
  GpuDevice own(Precision precision) {
    return devices.get(precision, Libraries.NONE).device();
  }

  private double own(Work work, Precision precision) {
    GpuDevice device = own(precision);
    try (Buffers buffers = new Buffers(device)) {
      Primitive primitive = primitive(work, buffers);
      return work.kind.flops(work.size) / median(device, () -> device.run(primitive)) * 1e-9;
    }
  }

  private static Primitive primitive(Work work, Buffers buffers) {
    Size s = work.size;
    boolean transA = work.kind == Kind.A_TRANSPOSED;
    boolean transB = work.kind == Kind.B_TRANSPOSED;
    Buffer a = buffers.normal(s.a());
    Buffer b = buffers.normal(s.b());
    int units = s.n / Kind.PIECES;
    long results = (long) s.batch * s.m * units;
    return switch (work.kind) {
      case MATMUL, A_TRANSPOSED, B_TRANSPOSED ->
          new Primitive.MatMul(
              s.batch,
              s.m,
              s.n,
              s.k,
              transA,
              transB,
              false,
              false,
              a,
              b,
              null,
              buffers.empty(s.c()));
      case LINEAR_GRAD ->
          new Primitive.LinearGrad(
              s.batch,
              s.m,
              s.k,
              s.n,
              a,
              b,
              buffers.normal(s.c()),
              buffers.empty(s.a()),
              buffers.empty(s.b()),
              null);
      case LINEAR_MAXOUT ->
          new Primitive.LinearMaxout(
              s.batch,
              s.m,
              s.k,
              units,
              Kind.PIECES,
              a,
              b,
              buffers.normal((long) s.batch * s.n),
              buffers.empty(results),
              buffers.empty(ElementType.INT32, results));
    };
  }

  /** GFLOP/s of a plain product; 0 where the machine has no library. */
  double blas(Size s, Precision precision) {
    return blas(new Work(Kind.MATMUL, s), precision);
  }

  /** The products of that work alone; 0 where the machine has no library. */
  private double blas(Work work, Precision precision) {
    Opened opened = devices.get(Precision.FP32, Libraries.USUAL);
    GpuDevice device = opened.device();
    Blas blas = opened.machine().blas();
    if (blas == null) {
      return 0;
    }
    try (Buffers buffers = new Buffers(device)) {
      Runnable products = products(work, precision, blas, buffers);
      return work.kind.flops(work.size) / median(device, products) * 1e-9;
    }
  }

  private static Runnable products(Work work, Precision p, Blas blas, Buffers buffers) {
    Size s = work.size;
    boolean transA = work.kind == Kind.A_TRANSPOSED;
    boolean transB = work.kind == Kind.B_TRANSPOSED;
    long a = address(buffers.normal(s.a()));
    long b = address(buffers.normal(s.b()));
    long c = address(buffers.normal(s.c()));
    if (work.kind != Kind.LINEAR_GRAD) {
      return () ->
          blas.multiply(p, s.batch, s.m, s.n, s.k, transA, transB, false, false, a, b, 0, c);
    }
    long da = address(buffers.empty(s.a()));
    long db = address(buffers.empty(s.b()));
    return () -> {
      blas.multiply(p, s.batch, s.m, s.k, s.n, false, true, false, false, c, b, 0, da);
      blas.multiply(p, s.batch, s.k, s.n, s.m, true, false, false, false, a, c, 0, db);
    };
  }

  private static long address(Buffer buffer) {
    return ((GpuBuffer) buffer).address();
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

  void steps(List<GpuFindings.Step> found) {
    for (Precision precision : precisions) {
      for (int members : quick ? new int[] {1, 2} : MEMBERS) {
        for (boolean graph : new boolean[] {false, true}) {
          run.attempt(
              members + " members at " + precision + (graph ? " as a graph" : ""),
              () -> found.add(step(members, precision, graph)),
              devices::close);
        }
      }
    }
  }

  private GpuFindings.Step step(int members, Precision precision, boolean graph) {
    int steps = quick ? 2 : graph ? 2_000 : 200;
    GpuDevice device = devices.get(precision, Libraries.USUAL).device();
    try (Scope scope = Scope.open(device, "step")) {
      GanTrainer trainer = trainer(scope, members, quick);
      trainer.step();
      int launches = device.profile(trainer::step).size();
      try (CapturedStep step =
          graph ? CapturedStep.of(device, trainer::step) : CapturedStep.plain(trainer::step)) {
        Runnable some =
            () -> {
              for (int i = 0; i < steps; i++) {
                step.run();
              }
            };
        some.run();
        double seconds = device.seconds(some);
        return new GpuFindings.Step(
            members,
            precision.toString(),
            graph,
            launches,
            1e3 * seconds / steps,
            graph ? List.of() : kernels(device, trainer));
      }
    }
  }

  /** Of several steps, each kernel's median. */
  private List<GpuFindings.StepKernel> kernels(GpuDevice device, GanTrainer trainer) {
    Map<String, double[]> seconds = new TreeMap<>();
    Map<String, Integer> launches = new TreeMap<>();
    int steps = quick ? 1 : 5;
    for (int i = 0; i < steps; i++) {
      launches.clear();
      for (KernelTime time : device.profile(trainer::step)) {
        seconds.computeIfAbsent(time.kernel(), _ -> new double[steps])[i] += time.seconds();
        launches.merge(time.kernel(), 1, Integer::sum);
      }
    }
    return launches.entrySet().stream()
        .map(kernel ->
            new GpuFindings.StepKernel(
                kernel.getKey(),
                kernel.getValue(),
                1e6 * Timings.median(seconds.get(kernel.getKey()))))
        .sorted(Comparator.comparingDouble(GpuFindings.StepKernel::microseconds).reversed())
        .toList();
  }
}
