package dev.troupe.kernels.cases;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Makes the buffers of a case on one device: the same values, all of them exact in float32, for the
 * same seed. Every buffer is a slice in the middle of a larger one, so that offsets count and a
 * write outside is seen; some begin at a multiple of 16 bytes, others up to 12 bytes behind one.
 */
public final class Inputs {
  private static final int PAD = 36;
  private static final int MARK = 1234567;

  final Random random;
  private final Device device;
  private final boolean exact;
  private final Random places;
  private final List<Padded> whole = new ArrayList<>();

  /** A buffer whose first and last elements, so many each, lie around a case's. */
  private record Padded(Buffer buffer, int pad) {}

  /** Slices in the middle of larger buffers. */
  public Inputs(Device device, long seed) {
    this(device, seed, false);
  }

  /**
   * For a device that sees by itself what lies outside a buffer, or was not written.
   *
   * @param exact buffers of their own instead of slices of larger ones; the first one of a
   *     primitive's results is not written
   */
  public Inputs(Device device, long seed, boolean exact) {
    this.device = device;
    this.random = new Random(seed);
    this.exact = exact;
    this.places = new Random(~seed); // of its own, so that they change no values
  }

  /** A buffer, and what it held at first. */
  public record Real(Buffer buffer, double[] v) {
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

  /** Whole numbers up to {@code most} of both signs, with some of {@code special}, if any. */
  Real whole(int size, int most, double... special) {
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      boolean ordinary = special.length == 0 || random.nextInt(8) > 0;
      values[i] =
          ordinary ? random.nextInt(-most, most + 1) : special[random.nextInt(special.length)];
    }
    return real(values);
  }

  /** A buffer with these values. */
  public Buffer int32(int... values) {
    Buffer buffer = outInt32(values.length);
    device.write(values, buffer);
    return buffer;
  }

  Buffer indices(int size, int bound) {
    return int32(random.ints(size, 0, bound).toArray());
  }

  /** A buffer to be filled. */
  public Buffer out(int size) {
    int pad = pad();
    Buffer padded = device.allocate(ElementType.REAL, size + 2 * pad);
    if (pad > 0) {
      double[] marks = new double[padded.size()];
      Arrays.fill(marks, MARK);
      device.write(marks, padded);
    }
    whole.add(new Padded(padded, pad));
    return padded.slice(pad, size);
  }

  private int pad() {
    return exact ? 0 : PAD + places.nextInt(4);
  }

  Buffer outInt32(int size) {
    int pad = pad();
    Buffer padded = device.allocate(ElementType.INT32, size + 2 * pad);
    if (pad > 0) {
      int[] marks = new int[padded.size()];
      Arrays.fill(marks, MARK);
      device.write(marks, padded);
    }
    whole.add(new Padded(padded, pad));
    return padded.slice(pad, size);
  }

  /** Fails if anything lies where no buffer was, and gives all back. */
  void checkAndRelease(String what) {
    for (Padded one : whole) {
      Buffer padded = one.buffer;
      int pad = one.pad;
      int end = padded.size() - pad;
      if (pad == 0) {
        device.release(padded);
        continue;
      }
      for (Buffer edge : List.of(padded.slice(0, pad), padded.slice(end, pad))) {
        if (edge.type() == ElementType.REAL) {
          double[] values = new double[pad];
          device.read(edge, values);
          check(Arrays.stream(values).allMatch(v -> v == MARK), what);
        } else {
          int[] values = new int[pad];
          device.read(edge, values);
          check(Arrays.stream(values).allMatch(v -> v == MARK), what);
        }
      }
      device.release(padded);
    }
    whole.clear();
  }

  private static void check(boolean unwritten, String what) {
    if (!unwritten) {
      throw new AssertionError(what + ": writes outside its buffers");
    }
  }
}
