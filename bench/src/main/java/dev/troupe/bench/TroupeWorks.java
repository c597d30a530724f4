package dev.troupe.bench;

import dev.troupe.gan.AffineNet;
import dev.troupe.gan.AxisGaussians;
import dev.troupe.gan.GanTrainer;
import dev.troupe.gan.MixGan;
import dev.troupe.gan.MixGanTrainer;
import dev.troupe.gan.PointGan;
import dev.troupe.gan.Source;
import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.Window;
import dev.troupe.kernels.cpu.Gemm;
import dev.troupe.kernels.cpu.PackedMatrix;
import dev.troupe.kernels.cpu.Workers;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/** Troupe's own side of each kind of work. */
final class TroupeWorks {
  private TroupeWorks() {}

  /**
   * The matrix product of the CPU kernels; B is packed in each step unless the spec says otherwise.
   */
  static final class Sgemm implements Work {
    private final WorkSpec.Sgemm spec;
    private final int members;
    private final Workers workers;
    private final float[] a;
    private final float[] b;
    private final float[] c;
    private final PackedMatrix packed; // null unless packed beforehand

    Sgemm(WorkSpec.Sgemm spec, int members, int threads) {
      this.spec = spec;
      this.members = members;
      this.workers = new Workers(threads);
      this.a = repeated(spec.a(), members);
      this.b = repeated(spec.b(), members);
      this.c = new float[members * spec.m() * spec.n()];
      this.packed =
          spec.packedB()
              ? new PackedMatrix(members, spec.k(), spec.n())
                  .pack(workers, false, b, 0, spec.k() * spec.n())
              : null;
    }

    private static float[] repeated(float[] x, int times) {
      float[] out = new float[Math.multiplyExact(x.length, times)];
      for (int i = 0; i < times; i++) {
        System.arraycopy(x, 0, out, i * x.length, x.length);
      }
      return out;
    }

    @Override
    public String name() {
      return spec.name();
    }

    @Override
    public void step() {
      int m = spec.m();
      int n = spec.n();
      int k = spec.k();
      if (packed != null) {
        Gemm.multiplyPacked(
            workers, false, members, m, a, 0, m * k, packed, null, 0, 0, false, c, 0, m * n);
      } else {
        Gemm.multiply(
            workers, false, false, members, m, n, k, a, 0, m * k, b, 0, k * n, null, 0, 0, false, c,
            0, m * n);
      }
    }

    @Override
    public double flops() {
      return spec.flops(members);
    }

    @Override
    public void close() {
      workers.close();
    }
  }

  /** One primitive of the CPU device. */
  static final class Elementwise implements Work {
    private final WorkSpec.Elementwise spec;
    private final int members;
    private final Device device;
    private final Primitive primitive;

    Elementwise(WorkSpec.Elementwise spec, int members, Device device) {
      this.spec = spec;
      this.members = members;
      this.device = device;
      int size = WorkSpec.Elementwise.SIZE;
      Buffer x = filled(spec.input());
      Buffer y = device.allocate(ElementType.REAL, members * size);
      this.primitive =
          switch (spec.function()) {
            case EXP -> new Primitive.Map(Unary.EXP, 0, 0, x, y);
            case TANH -> new Primitive.Map(Unary.TANH, 0, 0, x, y);
            case SIGMOID -> new Primitive.Map(Unary.SIGMOID, 0, 0, x, y);
            case SOFTPLUS -> new Primitive.Map(Unary.SOFTPLUS, 0, 0, x, y);
            case ADD ->
                new Primitive.Zip(
                    Binary.ADD,
                    0,
                    Broadcast.contiguous(members * size, 2),
                    x,
                    filled(spec.secondInput()),
                    y);
          };
    }

    private Buffer filled(float[] values) {
      Buffer buffer = device.allocate(ElementType.REAL, members * values.length);
      for (int i = 0; i < members; i++) {
        device.write(values, buffer.slice(i * values.length, values.length));
      }
      return buffer;
    }

    @Override
    public String name() {
      return spec.name();
    }

    @Override
    public void step() {
      device.run(primitive);
      device.synchronize();
    }

    @Override
    public double flops() {
      return spec.flops(members);
    }

    @Override
    public void close() {
      device.close();
    }
  }

  /** One primitive of a device. */
  static final class Convolution implements Work {
    private final WorkSpec.Convolution spec;
    private final int members;
    private final Device device;
    private final Primitive primitive;

    Convolution(WorkSpec.Convolution spec, int members, Device device) {
      this.spec = spec;
      this.members = members;
      this.device = device;
      Window window =
          new Window(
              spec.height(),
              spec.width(),
              spec.kernel(),
              spec.kernel(),
              spec.stride(),
              spec.stride(),
              spec.padding(),
              spec.padding(),
              spec.outHeight(),
              spec.outWidth());
      int batch = spec.batch();
      int in = spec.in();
      int out = spec.out();
      Buffer x = filled(spec.images());
      Buffer weight = filled(spec.weight());
      Buffer dy = filled(spec.gradients());
      Buffer result =
          device.allocate(
              ElementType.REAL,
              switch (spec.direction()) {
                case FORWARD -> dy.size();
                case INPUT -> x.size();
                case WEIGHT -> weight.size();
              });
      this.primitive =
          switch (spec.direction()) {
            case FORWARD ->
                new Primitive.Conv2d(
                    members, batch, in, out, window, x, weight, filled(new float[out]), result);
            case INPUT ->
                new Primitive.Conv2dInputGrad(
                    members, batch, in, out, window, weight, dy, filled(new float[in]), result);
            case WEIGHT ->
                new Primitive.Conv2dWeightGrad(members, batch, in, out, window, x, dy, result);
          };
    }

    private Buffer filled(float[] values) {
      Buffer buffer = device.allocate(ElementType.REAL, Math.multiplyExact(members, values.length));
      for (int i = 0; i < members; i++) {
        device.write(values, buffer.slice(i * values.length, values.length));
      }
      return buffer;
    }

    @Override
    public String name() {
      return spec.name();
    }

    @Override
    public void step() {
      device.run(primitive);
      device.synchronize();
    }

    @Override
    public double flops() {
      return spec.flops(members);
    }

    @Override
    public void close() {
      device.close();
    }
  }

  /** A step of the trainer that the experiment uses, discriminator first. */
  static final class Grid2d implements Work {
    private final WorkSpec.Grid2d spec = new WorkSpec.Grid2d();
    private final Device device;
    private final Scope scope;
    private final GanTrainer trainer;
    private final CapturedStep step;

    Grid2d(int members, Device device) {
      this.device = device;
      this.scope = Scope.open(device, "grid2d");
      State state = new State(scope, 1, Rng.firstMembers(members));
      PointGan networks =
          new PointGan(WorkSpec.Grid2d.GENERATOR_WIDTH, WorkSpec.Grid2d.DISCRIMINATOR_WIDTH, 1);
      Tensor points =
          scope.of(Shape.of(WorkSpec.Grid2d.POINTS, WorkSpec.Grid2d.DATA), spec.points());
      AdamSettings adam =
          AdamSettings.DEFAULT
              .withBetas(WorkSpec.Grid2d.BETA1, WorkSpec.Grid2d.BETA2)
              .withFoldedCorrection();
      GanTrainer.Config config =
          new GanTrainer.Config(
              WorkSpec.Grid2d.BATCH,
              1,
              GanTrainer.Updates.ALTERNATING,
              Schedule.constant(WorkSpec.Grid2d.LEARNING_RATE),
              adam);
      this.trainer = new GanTrainer(networks.create(state), config, points, 1);
      this.step = CapturedStep.of(device, trainer::step);
    }

    @Override
    public String name() {
      return spec.name();
    }

    @Override
    public void step() {
      step.run();
      device.synchronize();
    }

    @Override
    public double flops() {
      return spec.flops(trainer.gan().members());
    }

    @Override
    public void close() {
      step.close();
      scope.close();
      device.close();
    }
  }

  /** An iteration of the trainer that the experiments use. */
  static final class Artificial implements Work {
    private final WorkSpec.Artificial spec;
    private final Device device;
    private final Scope scope;
    private final CapturedStep step;

    Artificial(WorkSpec.Artificial spec, Device device) {
      this.spec = spec;
      this.device = device;
      this.scope = Scope.open(device, spec.name());
      int f = WorkSpec.Artificial.FEATURES;
      int layers = WorkSpec.Artificial.MAPS + 1;
      double slope = WorkSpec.Artificial.SLOPE;
      MixGan gan =
          new MixGan(
              scope,
              1,
              spec.generators(),
              spec.discriminators(),
              new AffineNet(f, f, f, layers, slope),
              new AffineNet(f, f, 1, layers, slope),
              Initialiser.glorotUniform());
      MixGanTrainer.Config config =
          new MixGanTrainer.Config(
              WorkSpec.Artificial.BATCH,
              WorkSpec.Artificial.CRITIC_UPDATES,
              spec.penalised() ? WorkSpec.Artificial.LAMBDA : 0,
              Schedule.constant(WorkSpec.Artificial.RATE_G),
              Schedule.constant(WorkSpec.Artificial.RATE_D),
              AdamSettings.DEFAULT.withBetas(WorkSpec.Artificial.BETA1, WorkSpec.Artificial.BETA2),
              100);
      Source data = new AxisGaussians(scope, WorkSpec.Artificial.MODES, f, WorkSpec.Artificial.SD);
      this.step = CapturedStep.of(device, new MixGanTrainer(gan, config, data, 1)::step);
    }

    @Override
    public String name() {
      return spec.name();
    }

    @Override
    public void step() {
      step.run();
      device.synchronize();
    }

    @Override
    public double flops() {
      return spec.flops(1);
    }

    @Override
    public void close() {
      step.close();
      scope.close();
      device.close();
    }
  }
}
