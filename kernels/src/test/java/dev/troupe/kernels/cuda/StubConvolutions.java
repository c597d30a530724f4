package dev.troupe.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.OutOfMemoryException;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import dev.troupe.kernels.gpu.Dnn;
import dev.troupe.kernels.gpu.Dnn.Pass;
import dev.troupe.kernels.gpu.GpuBuffer;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.util.List;

/** The part of {@link StubProgram} whose libcudnn.so.9 is a stub, too. */
final class StubConvolutions {
  private StubConvolutions() {}

  private record Shape(int members, int batch, int in, int out, Window window) {
    Dnn.Convolution one(Pass pass) {
      return new Dnn.Convolution(pass, Precision.FP32, batch, in, out, window);
    }
  }

  /** Its three arrays on a device, of small integers: all sums are exact. */
  private record Arrays(Shape shape, Buffer x, Buffer weight, Buffer y) {
    static Arrays on(Device device, Shape s) {
      Dnn.Convolution one = s.one(Pass.FORWARD);
      return new Arrays(
          s,
          upload(device, s.members * one.x(), 7),
          upload(device, s.members * one.weight(), 11),
          upload(device, s.members * one.y(), 13));
    }

    private static Buffer upload(Device device, long size, int modulus) {
      float[] values = StubProgram.counting((int) size, modulus);
      Buffer buffer = device.allocate(ElementType.REAL, values.length);
      device.write(values, buffer);
      return buffer;
    }

    Primitive primitive(Pass pass) {
      return shape.one(pass).primitive(shape.members, x, weight, y);
    }

    Buffer result(Pass pass) {
      return switch (pass) {
        case FORWARD -> y;
        case INPUT_GRAD -> x;
        case WEIGHT_GRAD -> weight;
      };
    }
  }

  private static float[] values(Device device, Buffer buffer) {
    float[] values = new float[buffer.size()];
    device.read(buffer, values);
    return values;
  }

  private static final Shape UNEVEN =
      new Shape(3, 2, 2, 4, new Window(5, 6, 3, 2, 2, 1, 1, 0, 3, 5));

  /** Strides, padding, members and all passes, against the reference. */
  static void members() {
    Shape[] shapes = {
      UNEVEN,
      new Shape(1, 3, 2, 5, new Window(6, 5, 2, 3, 3, 1, 0, 1, 2, 5)), // not all pixels covered
      new Shape(2, 2, 3, 4, new Window(8, 8, 4, 4, 2, 2, 1, 1, 4, 4)),
    };
    CudaMachine machine = CudaMachine.withCudnnEverywhere();
    try (GpuDevice device = new GpuDevice(machine);
        Device reference = new ReferenceDevice()) {
      assertThat(device.description()).endsWith("; convolutions of much work by cuDNN 9.5.1");
      for (Shape shape : shapes) {
        for (Pass pass : Pass.values()) {
          Arrays expected = Arrays.on(reference, shape);
          Arrays found = Arrays.on(device, shape);
          reference.run(expected.primitive(pass));
          device.run(found.primitive(pass));
          assertThat(values(device, found.result(pass)))
              .as("%s of %s", pass, shape)
              .isEqualTo(values(reference, expected.result(pass)));
        }
      }
      adds(device, machine.dnn(), Pass.FORWARD);
      adds(device, machine.dnn(), Pass.INPUT_GRAD);

      Arrays arrays = Arrays.on(device, UNEVEN);
      long before = device.memory().allocations();
      List<KernelTime> times = device.profile(() -> device.run(arrays.primitive(Pass.FORWARD)));
      assertThat(times).hasSize(3);
      assertThat(times.getLast().kernel()).isEqualTo("cudnnConvolutionForward");
      assertThat(times.getLast().shape()).isEqualTo(UNEVEN.one(Pass.FORWARD).toString());
      // While a step is captured the stub of the driver refuses copies and to wait.
      try (CapturedStep step = device.capture(() -> device.run(arrays.primitive(Pass.FORWARD)))) {
        step.run();
      }
      assertThat(device.memory().allocations()).isEqualTo(before); // the workspace is pooled
    }
  }

  /** A result that is there already, as where there is a bias. */
  private static void adds(GpuDevice device, Dnn dnn, Pass pass) {
    Arrays arrays = Arrays.on(device, UNEVEN);
    Buffer result = arrays.result(pass);
    float[] there = values(device, result);
    device.run(arrays.primitive(pass));
    float[] expected = values(device, result);
    for (int i = 0; i < expected.length; i++) {
      expected[i] += there[i];
    }
    device.write(there, result);
    Dnn.Convolution one = UNEVEN.one(pass);
    GpuBuffer working = device.allocate(ElementType.REAL, 300);
    assertThat(dnn.workspace(one)).isBetween(0L, working.bytes());
    dnn.run(
        UNEVEN.members,
        one,
        address(arrays.x),
        address(arrays.weight),
        address(arrays.y),
        true,
        working.address());
    assertThat(values(device, result)).isEqualTo(expected);
  }

  private static long address(Buffer buffer) {
    return ((GpuBuffer) buffer).address();
  }

  /** What our own kernels compute although there is a library. */
  static void own() {
    Window square = new Window(8, 8, 4, 4, 2, 2, 1, 1, 4, 4);
    try (GpuDevice device = new GpuDevice(CudaMachine.withCudnnEverywhere())) {
      Window same = new Window(8, 8, 5, 5, 2, 2, 1, 1, 4, 4); // 'SAME': 1 above, 2 below
      forward(device, new Shape(1, 2, 3, 8, same));
      forward(device, new Shape(3, 1, 3, 5, new Window(5, 5, 3, 3, 1, 1, 1, 1, 5, 5)));
      forward(device, new Shape(1, 2, 3, 13, square));
    }
    try (GpuDevice device = new GpuDevice(new CudaMachine(), Precision.TF32, true)) {
      forward(device, new Shape(1, 2, 3, 8, square));
      forward(device, new Shape(1, 16, 128, 64, square)); // 2²⁵ multiplications
    }
    try (CudaMachine machine = new CudaMachine()) {
      Dnn dnn = machine.dnn();
      assertThat(dnn).isSameAs(machine.dnn());
      dnn.open();
      Dnn.Convolution small = new Shape(1, 16, 127, 64, square).one(Pass.WEIGHT_GRAD);
      Dnn.Convolution medium = new Shape(1, 16, 128, 64, square).one(Pass.WEIGHT_GRAD);
      Dnn.Convolution large = new Shape(1, 512, 128, 64, square).one(Pass.WEIGHT_GRAD);
      assertThat(medium.multiplications()).isEqualTo(Cudnn.ONE_FROM);
      assertThat(large.multiplications()).isEqualTo(Cudnn.EACH_FROM);
      assertThat(dnn.takes(1, small)).isFalse();
      assertThat(dnn.takes(1, medium)).isTrue();
      assertThat(dnn.takes(2, medium)).isFalse();
      assertThat(dnn.takes(2, large)).isTrue();
    }
    try (CudaMachine machine = CudaMachine.withoutLibraries()) {
      assertThat(machine.dnn()).isNull();
    }
  }

  private static void forward(GpuDevice device, Shape shape) {
    device.run(Arrays.on(device, shape).primitive(Pass.FORWARD));
  }

  static void failure(String message) {
    assertThatThrownBy(
            () -> {
              try (GpuDevice device = new GpuDevice(CudaMachine.withCudnnEverywhere())) {
                Arrays arrays = Arrays.on(device, UNEVEN);
                device.run(arrays.primitive(Pass.FORWARD));
                values(device, arrays.y);
              }
            })
        .hasMessage(message);
  }

  /** On a GPU of 2,000,000 bytes, of which cuDNN's handle needs 300,000. */
  static void full() {
    try (GpuDevice device = new GpuDevice(CudaMachine.withCudnnEverywhere())) {
      Buffer large = device.allocate(ElementType.REAL, 450_000);
      assertThatThrownBy(() -> forward(device, UNEVEN))
          .isInstanceOf(OutOfMemoryException.class)
          .hasMessageStartingWith("cuda: no memory for a library of convolutions; ");
      device.release(large);
      forward(device, UNEVEN);
    }
  }
}
