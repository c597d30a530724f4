package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Garbage;
import dev.troupe.kernels.Philox;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What convolutions owe to the machine: compiled loops, no garbage, and members of their own. */
final class ConvolutionMachineTest {
  /** Bytes a call: geometry and the tasks of a thread pool. Vectors as objects are a million. */
  private static final long MOST_BYTES = 4096;

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

  private record Layer(String name, Primitive primitive, double work) {}

  /** A layer for each way in which pixels are brought into vectors. */
  private static List<Layer> layers(CpuDevice device) {
    List<Layer> layers = new ArrayList<>();
    add(layers, device, "rows", 2, 32, 26, 32, 3, 1, 1);
    add(layers, device, "images", 32, 32, 26, 8, 3, 1, 1);
    add(layers, device, "images with a stride", 32, 32, 26, 8, 4, 2, 1);
    add(layers, device, "neighbouring pixels", 8, 24, 26, 8, 3, 1, 1);
    add(layers, device, "pixels of lines", 8, 24, 26, 16, 4, 2, 1);
    add(layers, device, "vectors of lines", 4, 24, 26, 32, 3, 2, 1);
    add(layers, device, "projection", 4, 24, 26, 32, 1, 2, 0);
    add(layers, device, "gathered pixels", 8, 24, 26, 9, 3, 1, 0);
    return layers;
  }

  private static void add(
      List<Layer> layers,
      CpuDevice device,
      String name,
      int batch,
      int in,
      int out,
      int size,
      int kernel,
      int stride,
      int pad) {
    Window w = Window.of(size, size, kernel, stride, pad);
    Buffer x = device.allocate(ElementType.REAL, batch * in * w.pixels());
    Buffer weight = device.allocate(ElementType.REAL, out * in * w.taps());
    Buffer bias = device.allocate(ElementType.REAL, out);
    Buffer y = device.allocate(ElementType.REAL, batch * out * w.windows());
    for (Buffer buffer : List.of(x, weight, bias, y)) {
      device.run(new Primitive.Fill(0, buffer));
    }
    double work = (double) y.size() * in * w.taps();
    layers.add(
        new Layer(name, new Primitive.Conv2d(1, batch, in, out, w, x, weight, bias, y), work));
    layers.add(
        new Layer(
            name + ", input gradient",
            new Primitive.Conv2dInputGrad(1, batch, in, out, w, weight, y, null, x),
            work));
  }

  /** A loop that C2 gave up on is a hundred times slower than this allows. */
  @Test
  void convolutionsReachTheSpeedOfCompiledCode() {
    float[] a = new float[4096];
    double plain = 0;
    for (long end = System.nanoTime() + 300_000_000; System.nanoTime() < end; ) {
      long begin = System.nanoTime();
      a[0] = plainLoop(a);
      plain = Math.max(plain, a.length / (double) (System.nanoTime() - begin));
    }
    try (CpuDevice device = new CpuDevice(1)) {
      for (Layer layer : layers(device)) {
        double best = 0;
        long end = System.nanoTime() + PATIENCE;
        for (int call = 0; call < 5 || best <= 4 * plain && System.nanoTime() < end; call++) {
          long begin = System.nanoTime();
          device.run(layer.primitive);
          best = Math.max(best, layer.work / (System.nanoTime() - begin));
        }
        assertThat(best)
            .as("%s beside four times a plain loop", layer.name)
            .isGreaterThan(4 * plain);
      }
    }
  }

  @Test
  void aMemberHasTheBitsThatItHasAlone() {
    int[][] sizes = { // batch, in, out, size, kernel, stride, pad
      {1, 32, 14, 32, 3, 1, 1}, {17, 32, 14, 6, 4, 2, 1}, {5, 3, 14, 7, 3, 2, 1}
    };
    int members = 3;
    for (int[] s : sizes) {
      try (CpuDevice all = new CpuDevice(2);
          CpuDevice one = new CpuDevice(1)) {
        Window w = Window.of(s[3], s[3], s[4], s[5], s[6]);
        int image = s[0] * s[1] * w.pixels();
        int kernels = s[1] * s[2] * w.taps();
        int result = s[0] * s[2] * w.windows();
        Buffer x = normal(all, members * image, 1);
        Buffer weight = normal(all, members * kernels, 2);
        Buffer bias = normal(all, members * s[2], 3);
        Buffer y = all.allocate(ElementType.REAL, members * result);
        Buffer dx = all.allocate(ElementType.REAL, members * image);
        all.run(new Primitive.Conv2d(members, s[0], s[1], s[2], w, x, weight, bias, y));
        all.run(new Primitive.Conv2dInputGrad(members, s[0], s[1], s[2], w, weight, y, null, dx));
        for (int e = 0; e < members; e++) {
          Buffer x1 = copy(all, x.slice(e * image, image), one);
          Buffer weight1 = copy(all, weight.slice(e * kernels, kernels), one);
          Buffer bias1 = copy(all, bias.slice(e * s[2], s[2]), one);
          Buffer y1 = one.allocate(ElementType.REAL, result);
          Buffer dx1 = one.allocate(ElementType.REAL, image);
          one.run(new Primitive.Conv2d(1, s[0], s[1], s[2], w, x1, weight1, bias1, y1));
          one.run(new Primitive.Conv2dInputGrad(1, s[0], s[1], s[2], w, weight1, y1, null, dx1));
          assertThat(values(one, y1)).isEqualTo(values(all, y.slice(e * result, result)));
          assertThat(values(one, dx1)).isEqualTo(values(all, dx.slice(e * image, image)));
        }
      }
    }
  }

  private static Buffer normal(CpuDevice device, int size, int key) {
    float[] values = new float[size];
    RandomFills.normal(values, 0, 0, size, new Philox.Key(key, 0, 0, 0), 0f, 1f);
    Buffer buffer = device.allocate(ElementType.REAL, size);
    device.write(values, buffer);
    return buffer;
  }

  private static Buffer copy(CpuDevice from, Buffer buffer, CpuDevice to) {
    Buffer copy = to.allocate(ElementType.REAL, buffer.size());
    to.write(values(from, buffer), copy);
    return copy;
  }

  private static float[] values(CpuDevice device, Buffer buffer) {
    float[] values = new float[buffer.size()];
    device.read(buffer, values);
    return values;
  }

  private static float plainLoop(float[] a) {
    float sum = 0;
    for (float value : a) {
      sum += value * value;
    }
    return sum;
  }

  /**
   * In a JVM of its own, with the options of this one: what other tests run before decides what is
   * inlined here, and so how long vectors stay objects.
   */
  @Test
  void nothingLargeIsAllocatedInTheSteadyState() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ConvolutionMachineTest.class.getName());
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String bytes = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).isZero();
    assertThat(Long.parseLong(bytes.strip()))
        .as("bytes a convolution")
        .isLessThanOrEqualTo(MOST_BYTES);
  }

  /** Prints the bytes that a convolution allocates, once they are few, or for a minute many. */
  public static void main(String[] args) {
    try (CpuDevice device = new CpuDevice(2)) {
      List<Layer> layers = layers(device);
      int calls = 10 * layers.size();
      // Vectors are objects until the loops are compiled.
      long bytes =
          Garbage.settled(
              calls * MOST_BYTES,
              () -> {
                for (int i = 0; i < calls; i++) {
                  device.run(layers.get(i % layers.size()).primitive);
                }
              });
      System.out.println(bytes / calls);
    }
  }
}
