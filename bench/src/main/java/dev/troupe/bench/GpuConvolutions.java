package dev.troupe.bench;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import dev.troupe.kernels.gpu.GpuDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The convolutions of {@link GpuCheck}: those of DCGAN and of ResNet-18, on 32 x 32 images. */
final class GpuConvolutions {
  private final GpuTimings timings;
  private final boolean quick;

  GpuConvolutions(GpuTimings timings, boolean quick) {
    this.timings = timings;
    this.quick = quick;
  }

  private enum Kind {
    FORWARD,
    INPUT,
    WEIGHT
  }

  /** Square images and kernels. */
  private record Shape(
      int members, int batch, int in, int out, int size, int kernel, int stride, int padding) {
    Window window() {
      int windows = (size + 2 * padding - kernel) / stride + 1;
      return new Window(
          size, size, kernel, kernel, stride, stride, padding, padding, windows, windows);
    }

    double flops() {
      return 2.0 * members * batch * out * window().windows() * in * window().taps();
    }

    /** As {@code bench/peers/conv2d_torch.py} takes it. */
    String work(Kind kind) {
      return "%s:%d,%d,%d,%d,%d,%d,%d,%d"
          .formatted(
              kind.name().toLowerCase(Locale.ROOT),
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
    return quick
        ? List.of(new Shape(2, 3, 5, 6, 4, 3, 1, 1))
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

  List<GpuFindings.Convolution> run() {
    List<GpuFindings.Convolution> found = new ArrayList<>();
    for (Precision precision : Precision.values()) {
      for (Shape shape : shapes()) {
        for (Kind kind : Kind.values()) {
          found.add(
              new GpuFindings.Convolution(
                  shape.work(kind),
                  precision.toString(),
                  own(kind, shape, precision),
                  timings.blas(product(kind, shape), precision)));
        }
      }
    }
    return found;
  }

  /** The product of matrices with as many multiplications, but for the tails of phases. */
  private static GpuTimings.Size product(Kind kind, Shape s) {
    int windows = s.batch * s.window().windows();
    int taps = s.window().taps();
    return switch (kind) {
      case FORWARD -> new GpuTimings.Size(s.members, s.out, windows, s.in * taps);
      case WEIGHT -> new GpuTimings.Size(s.members, s.out, s.in * taps, windows);
      case INPUT -> {
        int phases = Math.min(taps, s.stride * s.stride);
        yield new GpuTimings.Size(s.members, s.in, windows * phases, s.out * taps / phases);
      }
    };
  }

  private double own(Kind kind, Shape s, Precision precision) {
    try (GpuDevice device = timings.own(precision)) {
      Window w = s.window();
      Buffer x = GpuTimings.filled(device, s.members * s.batch * s.in * w.pixels());
      Buffer weight = GpuTimings.filled(device, s.members * s.out * s.in * w.taps());
      Buffer y = GpuTimings.filled(device, s.members * s.batch * s.out * w.windows());
      Primitive primitive =
          switch (kind) {
            case FORWARD ->
                new Primitive.Conv2d(s.members, s.batch, s.in, s.out, w, x, weight, null, y);
            case INPUT ->
                new Primitive.Conv2dInputGrad(
                    s.members, s.batch, s.in, s.out, w, weight, y, null, x);
            case WEIGHT ->
                new Primitive.Conv2dWeightGrad(s.members, s.batch, s.in, s.out, w, x, y, weight);
          };
      double seconds = timings.median(device, () -> device.run(primitive));
      return s.flops() / seconds * 1e-9;
    }
  }
}
