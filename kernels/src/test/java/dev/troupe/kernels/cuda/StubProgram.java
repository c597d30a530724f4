package dev.troupe.kernels.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.DeviceUnavailableException;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Garbage;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.OutOfMemoryException;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Blas;
import dev.troupe.kernels.gpu.GpuBuffer;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.gpu.Grid;
import dev.troupe.kernels.gpu.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What {@link CudaMachineTest} runs in a process of its own, whose libcuda.so.1 is a stub. */
final class StubProgram {
  private StubProgram() {}

  /** Runs the check of that name; ends with 1 if it fails. */
  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "copies" -> copies();
      case "launches" -> launches();
      case "graphs" -> graphs();
      case "ranges" -> ranges();
      case "failing ranges" -> failingRanges(args[1]);
      case "memory" -> memory();
      case "failures" -> failures(args[1], args[2]);
      case "products" -> products();
      case "full products" -> fullProducts();
      case "unclosed products" -> unclosedProducts();
      case "untimed" -> untimed();
      case "old driver" -> oldDriver();
      case "failing replay" -> failingReplay();
      case "spoilt context" -> spoiltContext();
      case "convolutions" -> StubConvolutions.members();
      case "small convolutions" -> StubConvolutions.own();
      case "full convolution" -> StubConvolutions.full();
      case "failing convolution" -> StubConvolutions.failure(args[1]);
      case "no libraries" -> noLibraries();
      case "profile" -> profile();
      case "failing profile" -> failingProfile();
      case "no driver" -> noDriver();
      default -> throw new IllegalArgumentException(args[0]);
    }
    System.out.println("passed");
  }

  private static void copies() {
    try (GpuDevice device = new GpuDevice(new CudaMachine())) {
      float[] values = new float[3_000_000]; // three pieces of pinned memory
      for (int i = 0; i < values.length; i++) {
        values[i] = i;
      }
      GpuBuffer buffer = device.allocate(ElementType.REAL, values.length);
      device.write(values, buffer);
      Arrays.fill(values, 7);
      float[] back = new float[values.length];
      device.read(buffer, back);
      for (int i = 0; i < back.length; i++) {
        assertThat(back[i]).isEqualTo((float) i);
      }
      float[] part = new float[2];
      device.read(buffer.slice(2_000_001, 2), part);
      assertThat(part).containsExactly(2_000_001, 2_000_002);
    }
  }

  private static void launches() throws IOException {
    try (CudaMachine machine = new CudaMachine()) {
      assertThat(machine.description()).isEqualTo("Stub, sm_86, driver for CUDA 12.6");
      assertThat(machine.properties())
          .containsEntry("memory, bytes", Integer.toString(1 << 30))
          .containsEntry("multiprocessors", "16")
          .containsEntry("clock, kHz", "13");
      assertThat(machine.freeBytes()).isEqualTo(1 << 30);
      String ptx;
      try (InputStream in = GpuDevice.class.getResourceAsStream("state.ptx")) {
        ptx = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
      Kernel kernel = machine.load("state", ptx, "increment");
      assertThatThrownBy(() -> machine.load("state", ptx, "decrement"))
          .hasMessageStartingWith("state.ptx: ")
          .hasMessageContaining("no entry decrement");
      assertThatThrownBy(() -> machine.load("other", ptx + "// refused", "increment"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("other.ptx: the driver refuses it for sm_86: ptxas: line 7 is refused");
      long x = machine.allocate(20);
      Arguments arguments = new Arguments();
      assertThatThrownBy(() -> machine.launch(kernel, Grid.of(1, 32), 0, arguments.put(x)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("increment of state.ptx: arguments of 8 bytes, expected 12");
      int[] values = {1, 2, 3, 4, 5};
      machine.write(java.lang.foreign.MemorySegment.ofArray(values), x);
      machine.launch(kernel, new Grid(3, 2, 1, 8, 4, 2), 0, arguments.clear().put(x).put(5));
      machine.launch(kernel, Grid.of(1, 64), 64 << 10, arguments.clear().put(x).put(4));
      machine.read(x, java.lang.foreign.MemorySegment.ofArray(values));
      assertThat(values).containsExactly(3, 4, 5, 6, 6);

      Grid grid = Grid.of(1, 32);
      Runnable launches =
          () -> {
            for (int i = 0; i < 1_000; i++) {
              machine.launch(kernel, grid, 0, arguments.clear().put(x).put(5));
            }
          };
      assertThat(Garbage.settled(999, launches)).as("garbage of 1,000 launches").isLessThan(1_000);
    }
  }

  private static void graphs() {
    try (GpuDevice device = new GpuDevice(new CudaMachine())) {
      GpuBuffer counter = device.allocate(ElementType.INT32, 2);
      device.write(new int[] {10, 20}, counter);
      Runnable step =
          () -> {
            GpuBuffer temporary = device.allocate(ElementType.INT32, 4);
            device.run(new Primitive.Increment(temporary));
            device.run(new Primitive.Increment(counter));
            device.release(temporary);
          };
      CapturedStep captured = device.capture(step);
      assertThat(ints(device, counter)).containsExactly(10, 20);
      Device.MemoryUse before = device.memory();
      for (int i = 0; i < 50; i++) {
        captured.run();
      }
      assertThat(ints(device, counter)).containsExactly(60, 70);
      assertThat(device.memory()).isEqualTo(before);
      assertThatThrownBy(() -> device.capture(() -> ints(device, counter)))
          .hasMessageContaining("while a step is captured, expected none");
      CapturedStep second = device.capture(step); // after one that failed
      second.run();
      second.close();
      captured.close();
      assertThatThrownBy(captured::run).hasMessage("cuda: the captured step is closed");
      assertThat(ints(device, counter)).containsExactly(61, 71);
    }
  }

  private static void ranges() {
    try (GpuDevice device = new GpuDevice(new CudaMachine())) {
      GpuBuffer counter = device.allocate(ElementType.INT32, 3);
      device.run(new Primitive.Increment(counter));
      CapturedStep step =
          device.capture(() -> {
            device.run(new Primitive.Increment(counter));
            device.run(new Primitive.Fill(1, counter));
          });
      step.run();
      step.run();
    }
  }

  private static void failingRanges(String call) {
    try (CudaMachine machine = new CudaMachine();
        GpuDevice device = new GpuDevice(machine)) {
      GpuBuffer counter = device.allocate(ElementType.INT32, 3);
      Primitive increment = new Primitive.Increment(counter);
      assertThatThrownBy(
              () -> {
                if (call.equals("cuLaunchKernel")) {
                  device.run(increment);
                } else {
                  device.capture(() -> device.run(increment)).run();
                }
              })
          .hasMessageContaining(call);
      machine.ranges().within("after", () -> {});
    }
  }

  private static int[] ints(Device device, GpuBuffer buffer) {
    int[] values = new int[buffer.size()];
    device.read(buffer, values);
    return values;
  }

  /** With a GPU of 1,000,000 bytes. */
  private static void memory() {
    try (GpuDevice device = new GpuDevice(new CudaMachine())) {
      GpuBuffer large = device.allocate(ElementType.REAL, 200_000);
      device.release(large);
      device.allocate(ElementType.REAL, 150_000); // only once large has been let go
      assertThatThrownBy(() -> device.allocate(ElementType.REAL, 100_001))
          .isInstanceOf(OutOfMemoryException.class)
          .hasMessage(
              "cuda: no memory for 400004 bytes; 600016 are live, 0 were pooled, 399984 of the"
                  + " GPU's 1000000 are free; in use are 1 REAL of 150000, 1 INT32 of 4");
    }
  }

  private static void failures(String call, String message) {
    assertThatThrownBy(
            () -> {
              try (GpuDevice device = new GpuDevice(new CudaMachine())) {
                GpuBuffer counter = device.allocate(ElementType.INT32, 3);
                device.write(new int[3], counter);
                try (CapturedStep step =
                    device.capture(() -> device.run(new Primitive.Increment(counter)))) {
                  step.run();
                }
                device.run(new Primitive.Increment(counter));
                ints(device, counter);
              }
            })
        .as(call)
        .hasMessageStartingWith(message);
  }

  /** Every combination of transposed and shared factors, row-major, against the plain loop. */
  private static void products() {
    try (CudaMachine machine = new CudaMachine()) {
      Blas blas = machine.blas();
      assertThat(blas).isSameAs(machine.blas());
      assertThat(blas.description()).isEqualTo("cuBLAS 12.6.4");
      int batch = 2;
      int m = 3;
      int n = 5;
      int k = 4;
      for (int which = 0; which < 16; which++) {
        boolean transA = (which & 1) != 0;
        boolean transB = (which & 2) != 0;
        boolean sharedA = (which & 4) != 0;
        boolean sharedB = (which & 8) != 0;
        float[] a = counting((sharedA ? 1 : batch) * m * k, 7);
        float[] b = counting((sharedB ? 1 : batch) * k * n, 11);
        float[] c = counting(batch * m * n, 13);
        float[] expected = c.clone();
        for (int e = 0; e < batch; e++) {
          for (int row = 0; row < m; row++) {
            for (int col = 0; col < n; col++) {
              for (int i = 0; i < k; i++) {
                int atA = (sharedA ? 0 : e * m * k) + (transA ? i * m + row : row * k + i);
                int atB = (sharedB ? 0 : e * k * n) + (transB ? col * k + i : i * n + col);
                expected[(e * m + row) * n + col] += a[atA] * b[atB];
              }
            }
          }
        }
        long deviceA = upload(machine, a);
        long deviceB = upload(machine, b);
        long deviceC = upload(machine, c);
        Precision precision = which == 15 ? Precision.TF32 : Precision.FP32;
        blas.multiply(
            precision, batch, m, n, k, transA, transB, sharedA, sharedB, deviceA, deviceB, 1,
            deviceC);
        machine.read(deviceC, java.lang.foreign.MemorySegment.ofArray(c));
        assertThat(c).as("%s", which).isEqualTo(expected); // small integers: exact
      }
    }
  }

  static float[] counting(int count, int modulus) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i * 5 % modulus;
    }
    return values;
  }

  private static long upload(CudaMachine machine, float[] values) {
    long address = machine.allocate(4L * values.length);
    machine.write(java.lang.foreign.MemorySegment.ofArray(values), address);
    return address;
  }

  /** With a GPU of 35,000,000 bytes, of which cuBLAS wants 33,554,432. */
  private static void fullProducts() {
    try (GpuDevice device = new GpuDevice(new CudaMachine())) {
      GpuBuffer a = device.allocate(ElementType.REAL, 330 * 330);
      GpuBuffer c = device.allocate(ElementType.REAL, 330 * 330);
      GpuBuffer more = device.allocate(ElementType.REAL, 250_000);
      Primitive product =
          new Primitive.MatMul(1, 330, 330, 330, false, false, false, false, a, a, null, c);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> device.run(product))
            .isInstanceOf(OutOfMemoryException.class)
            .hasMessageStartingWith(
                "cuda: no memory for the workspace of matrix products; 1871216 are live, ");
      }
      device.release(more);
      device.run(product); // by cuBLAS: the pool has been emptied for it
    }
  }

  private static void unclosedProducts() {
    CudaMachine machine = new CudaMachine();
    assertThat(machine.blas()).isNotNull();
    assertThatThrownBy(machine::close)
        .hasMessage("cuda: cublasDestroy (): CUBLAS_STATUS_NOT_INITIALIZED");
  }

  private static void untimed() {
    try (GpuDevice device = new GpuDevice(new CudaMachine())) {
      assertThatThrownBy(() -> device.seconds(() -> {}))
          .hasMessageStartingWith("cuda: cuEventDestroy (a timing): CUDA_ERROR_ILLEGAL_ADDRESS");
    }
  }

  private static void oldDriver() {
    assertThatThrownBy(CudaMachine::new)
        .isInstanceOf(DeviceUnavailableException.class)
        .hasMessage("cuda: the driver is for CUDA 11.4, expected 11.5 or later");
  }

  private static void failingReplay() {
    CudaMachine machine = new CudaMachine();
    GpuDevice device = new GpuDevice(machine);
    GpuBuffer counter = device.allocate(ElementType.INT32, 3);
    device.run(new Primitive.Increment(counter));
    CapturedStep step = device.capture(() -> device.run(new Primitive.Fill(1, counter)));
    assertThatThrownBy(machine::synchronize)
        .hasMessageContaining("the last launch was increment of state.ptx, (1, 1, 1) of (256");
    step.run();
    assertThatThrownBy(machine::synchronize)
        .hasMessageContaining("the last launch was a step of 1 nodes");
  }

  private static void spoiltContext() {
    GpuDevice device = new GpuDevice(new CudaMachine());
    GpuDevice other = new GpuDevice(new CudaMachine());
    GpuBuffer counter = device.allocate(ElementType.INT32, 3);
    device.capture(() -> device.run(new Primitive.Fill(1, counter))); // left for close
    device.run(new Primitive.Increment(counter));
    assertThatThrownBy(device::synchronize)
        .hasMessageContaining("the last launch was increment of state.ptx");
    assertThatThrownBy(other::synchronize).hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS");
    assertThatThrownBy(device::close).hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS");
    other.close();
    try (GpuDevice next = new GpuDevice(new CudaMachine())) {
      next.run(new Primitive.Fill(1, next.allocate(ElementType.REAL, 3)));
      next.synchronize();
    }
  }

  private static void profile() {
    try (GpuDevice device = new GpuDevice(new CudaMachine())) {
      GpuBuffer counter = device.allocate(ElementType.INT32, 300);
      Runnable step =
          () -> {
            device.run(new Primitive.Increment(counter));
            device.run(new Primitive.Increment(counter.slice(0, 7)));
          };
      List<KernelTime> times = device.profile(step);
      assertThat(times).extracting(KernelTime::kernel).containsExactly("increment", "increment");
      assertThat(times.getFirst().shape()).isEqualTo("(2, 1, 1) of (256, 1, 1)");
      assertThat(times).allSatisfy(time -> assertThat(time.seconds()).isPositive());
      assertThat(device.seconds(step)).isPositive();
    }
  }

  private static void failingProfile() {
    GpuDevice device = new GpuDevice(new CudaMachine());
    GpuBuffer counter = device.allocate(ElementType.INT32, 3);
    Runnable increments =
        () -> {
          device.run(new Primitive.Increment(counter));
          device.run(new Primitive.Increment(counter));
        };
    Runnable refused =
        () -> {
          increments.run();
          device.run(new Primitive.Copy(counter.slice(0, 1), counter.slice(1, 1)));
        };
    assertThatThrownBy(() -> device.profile(refused))
        .hasMessageStartingWith("cuda: cuLaunchKernel (copy of elementwise.ptx, ")
        .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
    Runnable spoilt =
        () -> {
          device.run(new Primitive.Fill(1, counter)); // shows in the next launch
          increments.run();
        };
    assertThatThrownBy(() -> device.profile(spoilt))
        .hasMessageStartingWith("cuda: cuLaunchKernel (increment of state.ptx, ")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
  }

  private static void noLibraries() {
    try (CudaMachine machine = new CudaMachine();
        GpuDevice device = new GpuDevice(machine)) {
      assertThat(machine.blas()).isNull();
      assertThat(machine.dnn()).isNull();
      assertThat(device.description())
          .endsWith("; matrix products by own kernels; convolutions by own kernels");
    }
  }

  private static void noDriver() {
    assertThatThrownBy(CudaMachine::new)
        .isInstanceOf(DeviceUnavailableException.class)
        .hasMessage(
            "cuda: NVIDIA's driver (libcuda.so.1) cannot be loaded; install it, or take --device"
                + " cpu or ptx");
    assertThatThrownBy(CudaMachine::new).hasMessageStartingWith("cuda: NVIDIA's driver");
  }
}
