package dev.troupe.bench;

import dev.troupe.gan.AffineNet;
import dev.troupe.gan.AxisGaussians;
import dev.troupe.gan.GanTrainer;
import dev.troupe.gan.MixGan;
import dev.troupe.gan.MixGanTrainer;
import dev.troupe.gan.PointGan;
import dev.troupe.gan.Source;
import dev.troupe.gan.image.ClassifierTrainer;
import dev.troupe.gan.image.Dcgan;
import dev.troupe.gan.image.ImageFeed;
import dev.troupe.gan.image.ImageTable;
import dev.troupe.gan.image.ResNet;
import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.Window;
import dev.troupe.kernels.cpu.Gemm;
import dev.troupe.kernels.cpu.PackedMatrix;
import dev.troupe.kernels.cpu.Workers;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Optimiser;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.Arrays;

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

  /** A function of each element. */
  static Work elementwise(WorkSpec.Elementwise spec, int members, Device device) {
    int size = members * WorkSpec.Elementwise.SIZE;
    Buffer x = DeviceWork.filled(device, members, spec.input());
    Buffer y = device.allocate(ElementType.REAL, size);
    Primitive primitive =
        switch (spec.function()) {
          case EXP -> new Primitive.Map(Unary.EXP, 0, 0, x, y);
          case TANH -> new Primitive.Map(Unary.TANH, 0, 0, x, y);
          case SIGMOID -> new Primitive.Map(Unary.SIGMOID, 0, 0, x, y);
          case SOFTPLUS -> new Primitive.Map(Unary.SOFTPLUS, 0, 0, x, y);
          case ADD -> {
            Buffer b = DeviceWork.filled(device, members, spec.secondInput());
            yield new Primitive.Zip(Binary.ADD, 0, Broadcast.contiguous(size, 2), x, b, y);
          }
        };
    return DeviceWork.of(spec, members, device, primitive);
  }

  /** A convolution, or one of its gradients. */
  static Work convolution(WorkSpec.Convolution spec, int members, Device device) {
    Window window =
        Window.of(spec.height(), spec.width(), spec.kernel(), spec.stride(), spec.padding());
    int batch = spec.batch();
    int in = spec.in();
    int out = spec.out();
    Buffer x = DeviceWork.filled(device, members, spec.images());
    Buffer weight = DeviceWork.filled(device, members, spec.weight());
    Buffer dy = DeviceWork.filled(device, members, spec.gradients());
    Buffer result =
        device.allocate(
            ElementType.REAL,
            switch (spec.direction()) {
              case FORWARD -> dy.size();
              case INPUT -> x.size();
              case WEIGHT -> weight.size();
            });
    Primitive primitive =
        switch (spec.direction()) {
          case FORWARD -> {
            Buffer bias = DeviceWork.filled(device, members, new float[out]);
            yield new Primitive.Conv2d(members, batch, in, out, window, x, weight, bias, result);
          }
          case INPUT -> {
            Buffer bias = DeviceWork.filled(device, members, new float[in]);
            yield new Primitive.Conv2dInputGrad(
                members, batch, in, out, window, weight, dy, bias, result);
          }
          case WEIGHT ->
              new Primitive.Conv2dWeightGrad(members, batch, in, out, window, x, dy, result);
        };
    return DeviceWork.of(spec, members, device, primitive);
  }

  /** A step of the trainer that the experiment uses, discriminator first. */
  static Work grid2d(WorkSpec.Grid2d spec, int members, Device device) {
    Scope scope = Scope.open(device, spec.name());
    State state = new State(scope, 1, Rng.firstMembers(members));
    PointGan networks =
        new PointGan(WorkSpec.Grid2d.GENERATOR_WIDTH, WorkSpec.Grid2d.DISCRIMINATOR_WIDTH, 1);
    Tensor points = scope.of(Shape.of(WorkSpec.Grid2d.POINTS, WorkSpec.Grid2d.DATA), spec.points());
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
    GanTrainer trainer = new GanTrainer(networks.create(state), config, points, 1);
    return DeviceWork.training(spec, members, scope, () -> {}, trainer::step);
  }

  /** An iteration of the trainer that the experiments use. */
  static Work artificial(WorkSpec.Artificial spec, Device device) {
    Scope scope = Scope.open(device, spec.name());
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
    MixGanTrainer trainer = new MixGanTrainer(gan, config, data, 1);
    return DeviceWork.training(spec, 1, scope, () -> {}, trainer::step);
  }

  /** A step of the trainer that the experiment uses, discriminator first. */
  static Work dcgan32(WorkSpec.Dcgan32 spec, int members, Device device) {
    Scope scope = Scope.open(device, spec.name());
    int size = WorkSpec.Dcgan32.SIZE;
    int batch = WorkSpec.Dcgan32.BATCH;
    ImageTable table = ImageTable.of(scope, WorkSpec.Dcgan32.CHANNELS, size, size, spec.images());
    ImageFeed feed = new ImageFeed(scope, table, members, batch);
    GanTrainer.Config config =
        new GanTrainer.Config(
            batch,
            1,
            new GanTrainer.Updates(false, 1, false, true),
            Schedule.constant(WorkSpec.Dcgan32.LEARNING_RATE),
            AdamSettings.DEFAULT.withBetas(WorkSpec.Dcgan32.BETA1, WorkSpec.Dcgan32.BETA2));
    State state = new State(scope, 1, Rng.firstMembers(members));
    GanTrainer trainer =
        new GanTrainer(Dcgan.small(WorkSpec.Dcgan32.CHANNELS).create(state), config, feed, 1);
    Runnable feeding = feeding(feed, members, batch, WorkSpec.Dcgan32::index);
    return DeviceWork.training(spec, members, scope, feeding, trainer::step);
  }

  /** A step of the trainer that the experiment uses. */
  static Work resNet18(WorkSpec.ResNet18 spec, int members, Device device) {
    Scope scope = Scope.open(device, spec.name());
    int size = WorkSpec.ResNet18.SIZE;
    int batch = WorkSpec.ResNet18.BATCH;
    ImageTable table = ImageTable.of(scope, WorkSpec.ResNet18.CHANNELS, size, size, spec.images());
    int[] labels = new int[WorkSpec.ResNet18.IMAGES];
    Arrays.setAll(labels, WorkSpec.ResNet18::label);
    ImageFeed feed = new ImageFeed(scope, table, labels, members, batch);
    ClassifierTrainer trainer =
        new ClassifierTrainer(
            new State(scope, 1, Rng.firstMembers(members)),
            s ->
                ResNet.resNet18(
                    s,
                    WorkSpec.ResNet18.CHANNELS,
                    WorkSpec.ResNet18.CLASSES,
                    WorkSpec.ResNet18.WIDTH),
            (s, p) ->
                Optimiser.sgd(
                    s,
                    p,
                    Schedule.constant(WorkSpec.ResNet18.LEARNING_RATE),
                    WorkSpec.ResNet18.MOMENTUM,
                    false,
                    0),
            feed,
            1);
    Runnable feeding = feeding(feed, members, batch, WorkSpec.ResNet18::index);
    return DeviceWork.training(spec, members, scope, feeding, trainer::step);
  }

  /** Which image of the table a member sees. */
  private interface Index {
    int of(int member, long step, int i);
  }

  /** Sets the images of one step after the other. */
  private static Runnable feeding(ImageFeed feed, int members, int batch, Index index) {
    long[] step = {0};
    return () -> {
      int[] indices = new int[members * batch];
      Arrays.setAll(indices, i -> index.of(i / batch, step[0], i % batch));
      feed.set(indices);
      step[0]++;
    };
  }
}
