package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Makes the buffers of a case on one device: the same values, all of them exact in float32, for the
 * same seed. Every buffer is a slice in the middle of a larger one, so that offsets count and a
 * write outside is seen.
 */
final class Inputs {
  private static final int PAD = 37;
  private static final int MARK = 1234567;

  final Random random;
  private final Device device;
  private final List<Buffer> whole = new ArrayList<>();

  Inputs(Device device, long seed) {
    this.device = device;
    this.random = new Random(seed);
  }

  /** A buffer, and what it held at first. */
  record Real(Buffer buffer, double[] v) {
    double at(int i) {
      return v[i];
    }
  }

  /** A buffer with these values, rounded to float32. */
  Real real(double... values) {
    double[] rounded = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = (float) values[i];
    }
    Buffer buffer = out(values.length);
    device.write(rounded, buffer);
    return new Real(buffer, rounded);
  }

  Real normal(int size) {
    return normal(size, 0, 1);
  }

  Real normal(int size, double mean, double deviation) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = mean + deviation * random.nextGaussian();
    }
    return real(values);
  }

  Real positive(int size) {
    return real(random.doubles(size, 0.01, 3).toArray());
  }

  /** Normal numbers with some of {@code special} strewn among them. */
  Real strewn(int size, double... special) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      boolean ordinary = random.nextInt(8) > 0;
      values[i] = ordinary ? random.nextGaussian() : special[random.nextInt(special.length)];
    }
    return real(values);
  }

  Buffer int32(int... values) {
    Buffer buffer = outInt32(values.length);
    device.write(values, buffer);
    return buffer;
  }

  Buffer indices(int size, int bound) {
    return int32(random.ints(size, 0, bound).toArray());
  }

  /** A buffer to be filled. */
  Buffer out(int size) {
    Buffer padded = device.allocate(ElementType.REAL, size + 2 * PAD);
    double[] marks = new double[padded.size()];
    Arrays.fill(marks, MARK);
    device.write(marks, padded);
    whole.add(padded);
    return padded.slice(PAD, size);
  }

  Buffer outInt32(int size) {
    Buffer padded = device.allocate(ElementType.INT32, size + 2 * PAD);
    int[] marks = new int[padded.size()];
    Arrays.fill(marks, MARK);
    device.write(marks, padded);
    whole.add(padded);
    return padded.slice(PAD, size);
  }

  /** Fails if anything lies where no buffer was, and gives all back. */
  void checkAndRelease(String what) {
    for (Buffer padded : whole) {
      int end = padded.size() - PAD;
      for (Buffer edge : List.of(padded.slice(0, PAD), padded.slice(end, PAD))) {
        if (edge.type() == ElementType.REAL) {
          double[] values = new double[PAD];
          device.read(edge, values);
          assertThat(values).as("%s: outside its buffers", what).containsOnly(MARK);
        } else {
          int[] values = new int[PAD];
          device.read(edge, values);
          assertThat(values).as("%s: outside its buffers", what).containsOnly(MARK);
        }
      }
      device.release(padded);
    }
    whole.clear();
  }
}
