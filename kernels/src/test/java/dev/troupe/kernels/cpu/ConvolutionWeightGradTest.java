package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Garbage;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the weight gradient of a convolution promises besides its values. */
final class ConvolutionWeightGradTest {
  private static final long MOST_BYTES = 64 << 10;

  /** Sizes of one member; the comment says what the batch is cut into. */
  @ParameterizedTest
  @CsvSource({
    "17, 17, 5, 16, 3, 1, 1", // chunks of units of two images
    "2, 20, 7, 4, 3, 1, 1", // a unit of few windows
    "5, 3, 14, 32, 4, 2, 1", // few channels
    "3, 40, 33, 8, 4, 2, 1", // one unit
    "70, 5, 100, 4, 4, 1, 0", // an image under one window
    "33, 20, 7, 9, 1, 2, 0", // a projection
  })
  void aMemberHasTheBitsThatItHasAlone(
      int batch, int in, int out, int size, int kernel, int stride, int pad) {
    Window s = Window.of(size, size, kernel, stride, pad);
    int members = 5;
    Random random = new Random(3);
    float[] x = normal(random, members * batch * in * s.pixels());
    float[] dy = normal(random, members * batch * out * s.windows());
    float[] all;
    try (CpuDevice device = new CpuDevice(3)) {
      all = weightGrad(device, members, batch, in, out, s, x, dy);
    }
    try (CpuDevice device = new CpuDevice(1)) {
      for (int e = 0; e < members; e++) {
        assertThat(part(all, e, members))
            .as("member %d", e)
            .isEqualTo(
                weightGrad(
                    device, 1, batch, in, out, s, part(x, e, members), part(dy, e, members)));
      }
    }
  }

  /** Objects are made until all is compiled, and not after that. */
  @Test
  void takesNoHeap() {
    Window s = Window.of(8, 8, 4, 2, 1);
    try (CpuDevice device = new CpuDevice(2)) {
      Buffer x = device.allocate(ElementType.REAL, 40 * 20 * s.pixels());
      Buffer dy = device.allocate(ElementType.REAL, 40 * 30 * s.windows());
      Buffer dweight = device.allocate(ElementType.REAL, 20 * 30 * s.taps());
      Primitive op = new Primitive.Conv2dWeightGrad(1, 40, 20, 30, s, x, dy, dweight);
      long bytes =
          Garbage.settled(
              MOST_BYTES,
              () -> {
                for (int i = 0; i < 50; i++) {
                  device.run(op);
                }
              });
      assertThat(bytes).as("bytes for 50 weight gradients").isLessThanOrEqualTo(MOST_BYTES);
    }
  }

  private static float[] weightGrad(
      CpuDevice device, int members, int batch, int in, int out, Window s, float[] x, float[] dy) {
    Buffer xs = device.allocate(ElementType.REAL, x.length);
    Buffer dys = device.allocate(ElementType.REAL, dy.length);
    Buffer dweight = device.allocate(ElementType.REAL, members * out * in * s.taps());
    device.write(x, xs);
    device.write(dy, dys);
    device.run(new Primitive.Conv2dWeightGrad(members, batch, in, out, s, xs, dys, dweight));
    float[] result = new float[dweight.size()];
    device.read(dweight, result);
    return result;
  }

  private static float[] part(float[] all, int part, int parts) {
    int size = all.length / parts;
    return Arrays.copyOfRange(all, part * size, (part + 1) * size);
  }

  private static float[] normal(Random random, int size) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
