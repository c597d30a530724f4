package dev.troupe.bench;

import dev.troupe.bench.GpuDevices.Buffers;
import dev.troupe.bench.GpuDevices.Libraries;
import dev.troupe.bench.GpuDevices.Opened;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.Window;
import dev.troupe.kernels.gpu.Dnn;
import dev.troupe.kernels.gpu.Dnn.Pass;
import dev.troupe.kernels.gpu.GpuDevice;
import java.util.Arrays;
import java.util.List;

/** The convolutions of {@link GpuCheck}: those of DCGAN and of ResNet-18, on 32 x 32 images. */
final class GpuConvolutions {
  /** What {@link GpuFindings.ByDnn#worst} must be below. */
  static final double LIMIT = 4;

  /** The same with TF32; factors that are cut off instead of rounded are further off. */
  static final double TF32_LIMIT = 16;

  private static final double UNIT = 0x1p-24;
  private static final double TF32_UNIT = 0x1p-10;

  private final GpuTimings timings;
  private final GpuRun run;
  private final GpuDevices devices;
  private final List<Precision> precisions;

  GpuConvolutions(GpuTimings timings, GpuRun run, GpuDevices devices, List<Precision> precisions) {
    this.timings = timings;
    this.run = run;
    this.devices = devices;
    this.precisions = precisions;
  }

  /** Square images and kernels. */
  private record Shape(
      int members, int batch, int in, int out, int size, int kernel, int stride, int padding) {
    Window window() {
      return Window.of(size, size, kernel, stride, padding);
    }

    Dnn.Convolution one(Pass pass, Precision precision) {
      return new Dnn.Convolution(pass, precision, batch, in, out, window());
    }

    double flops() {
      return 2.0 * members * one(Pass.FORWARD, Precision.FP32).multiplications();
    }

    /** As {@code bench/peers/conv2d_torch.py} takes it. */
    String work(Pass pass) {
      return "%s:%d,%d,%d,%d,%d,%d,%d,%d"
          .formatted(
              switch (pass) {
                case FORWARD -> "forward";
                case INPUT_GRAD -> "input";
                case WEIGHT_GRAD -> "weight";
              },
              members,
              batch,
              in,
              out,
              size,
              kernel,
              stride,
              padding);
    }
  }

  private List<Shape> shapes() {
    return run.quick
        ? List.of(new Shape(2, 3, 4, 8, 4, 3, 1, 1))
        : List.of(
            new Shape(1, 64, 3, 64, 32, 4, 2, 1),
            new Shape(1, 64, 64, 128, 16, 4, 2, 1),
            new Shape(8, 64, 64, 128, 16, 4, 2, 1),
            new Shape(1, 64, 128, 256, 8, 4, 2, 1),
            new Shape(8, 64, 128, 256, 8, 4, 2, 1),
            new Shape(1, 128, 64, 64, 32, 3, 1, 1),
            new Shape(1, 128, 128, 128, 16, 3, 1, 1),
            new Shape(1, 128, 256, 256, 8, 3, 1, 1),
            new Shape(1, 128, 512, 512, 4, 3, 1, 1),
            new Shape(1, 128, 64, 128, 32, 3, 2, 1),
            new Shape(1, 128, 64, 128, 32, 1, 2, 0));
  }

  /** What they are called; whether or not they are timed. */
  List<String> works() {
    return shapes().stream()
        .flatMap(shape -> Arrays.stream(Pass.values()).map(shape::work))
        .toList();
  }

  void run(List<GpuFindings.Convolution> found) {
    for (Precision precision : precisions) {
      for (Shape shape : shapes()) {
        for (Pass pass : Pass.values()) {
          run.attempt(
              shape.work(pass) + " " + precision,
              () -> found.add(convolution(pass, shape, precision)),
              devices::close);
        }
      }
    }
  }

  private GpuFindings.Convolution convolution(Pass pass, Shape shape, Precision precision) {
    return new GpuFindings.Convolution(
        shape.work(pass),
        precision.toString(),
        own(pass, shape, precision),
        timings.blas(product(pass, shape), precision),
        byDnn(pass, shape, precision));
  }

  /** The product of matrices with as many multiplications, but for the tails of phases. */
  private static GpuTimings.Size product(Pass pass, Shape s) {
    int windows = s.batch * s.window().windows();
    int taps = s.window().taps();
    return switch (pass) {
      case FORWARD -> new GpuTimings.Size(s.members, s.out, windows, s.in * taps);
      case WEIGHT_GRAD -> new GpuTimings.Size(s.members, s.out, s.in * taps, windows);
      case INPUT_GRAD -> {
        int phases = Math.min(taps, s.stride * s.stride);
        yield new GpuTimings.Size(s.members, s.in, windows * phases, s.out * taps / phases);
      }
    };
  }

  private double own(Pass pass, Shape s, Precision precision) {
    GpuDevice device = timings.own(precision);
    try (Buffers buffers = new Buffers(device)) {
      return gflops(device, primitive(buffers, pass, s), s);
    }
  }

  private double gflops(GpuDevice device, Primitive primitive, Shape s) {
    return s.flops() / timings.median(device, () -> device.run(primitive)) * 1e-9;
  }

  /** By the machine's library; null where it has none, or that cannot compute this. */
  private GpuFindings.ByDnn byDnn(Pass pass, Shape s, Precision precision) {
    Opened opened = devices.get(precision, Libraries.EVERYWHERE);
    GpuDevice device = opened.device();
    Dnn dnn = opened.machine().dnn();
    if (dnn == null || !dnn.takes(s.members, s.one(pass, precision))) {
      return null;
    }
    try (Buffers buffers = new Buffers(device)) {
      Primitive primitive = primitive(buffers, pass, s);
      float[] found = result(device, primitive);
      boolean repeats = Arrays.equals(found, result(device, primitive));
      boolean tf32 = precision == Precision.TF32;
      return new GpuFindings.ByDnn(
          gflops(device, primitive, s),
          worst(pass, s, tf32, found),
          tf32 ? TF32_LIMIT : LIMIT,
          repeats);
    }
  }

  /** See {@link GpuFindings.ByDnn}. */
  private double worst(Pass pass, Shape s, boolean tf32, float[] found) {
    GpuDevice own = timings.own(Precision.FP32);
    try (Buffers buffers = new Buffers(own)) {
      Primitive primitive = primitive(buffers, pass, s);
      float[] expected = result(own, primitive);
      for (Buffer factor : primitive.reads()) {
        own.run(new Primitive.Map(Unary.ABS, 0, 0, factor, factor));
      }
      float[] terms = result(own, primitive); // the sums of their absolute values
      double root =
          Math.sqrt(
              s.one(pass, Precision.FP32).multiplications() * s.members / (double) terms.length);
      double unit = (root + 8) * UNIT + (tf32 ? TF32_UNIT / root : 0);
      double worst = 0;
      for (int i = 0; i < found.length; i++) {
        double off = Math.abs((double) found[i] - expected[i]);
        double c = off == 0 ? 0 : off / (unit * terms[i]);
        worst = Double.isNaN(c) ? Double.POSITIVE_INFINITY : Math.max(worst, c);
      }
      return worst;
    }
  }

  private static float[] result(GpuDevice device, Primitive primitive) {
    device.run(primitive);
    Buffer result = primitive.writes().getFirst();
    float[] values = new float[result.size()];
    device.read(result, values);
    return values;
  }

  /** Of normal numbers. */
  private static Primitive primitive(Buffers buffers, Pass pass, Shape s) {
    Dnn.Convolution one = s.one(pass, Precision.FP32);
    Buffer x = buffers.normal(s.members * one.x());
    Buffer weight = buffers.normal(s.members * one.weight());
    Buffer y = buffers.normal(s.members * one.y());
    return one.primitive(s.members, x, weight, y);
  }
}
