package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory of captured steps: less than the sum of its buffers, and the same bits. */
class PlacementTest {
  @Test
  void placesOfTheSameTimeDoNotMeet() {
    Random random = new Random(3);
    Arena arena = new Arena(ElementType.REAL);
    record Taken(Arena.Place place, int first, int last) {}
    List<Taken> all = new ArrayList<>();
    for (int moment = 0; moment < 300; moment++) {
      int last = moment + random.nextInt(20);
      all.add(new Taken(arena.place(random.nextInt(5000), moment, last), moment, last));
    }
    int end = 0;
    long sum = 0;
    for (Taken a : all) {
      assertThat(a.place.offset() % 16).isZero();
      end = Math.max(end, a.place.offset() + a.place.size());
      sum += a.place.size();
      for (Taken b : all) {
        if (a != b && a.first <= b.last && b.first <= a.last) {
          int from = Math.max(a.place.offset(), b.place.offset());
          int to = Math.min(a.place.offset() + a.place.size(), b.place.offset() + b.place.size());
          assertThat(to - from).as("%s and %s", a, b).isLessThanOrEqualTo(0);
        }
      }
    }
    assertThat(end).isLessThan((int) (sum / 5));
  }

  /** Random steps: chains of primitives on buffers that are taken and released at random. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 4", "2, 4", "2, 5", "3, 8", "4, 11", "2, 1"})
  void randomStepsHaveTheSameBits(int threads, int members) {
    for (int seed = 0; seed < 20; seed++) {
      int[][] plain = random(new CpuDevice(threads, false), members, seed);
      int[][] replayed = random(new CpuDevice(threads), members, seed);
      assertThat(replayed).as("seed %d", seed).isDeepEqualTo(plain);
    }
  }

  private static int[][] random(Device device, int members, int seed) {
    try (device) {
      Buffer member = device.allocate(ElementType.INT32, members);
      Buffer counter = device.allocate(ElementType.INT32, 1);
      device.write(new int[members], member);
      device.write(new int[1], counter);
      List<Buffer> kept = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Buffer buffer = device.allocate(ElementType.REAL, members * 12);
        device.run(new Primitive.Fill(i + 1, buffer));
        kept.add(buffer);
      }
      Runnable body = () -> step(device, new Random(seed), members, member, counter, kept);
      try (CapturedStep step = device.capture(body)) {
        for (int i = 0; i < 3; i++) {
          step.run();
        }
      }
      return kept.stream().map(buffer -> bits(device, buffer)).toArray(int[][]::new);
    }
  }

  private static int[] bits(Device device, Buffer buffer) {
    float[] values = new float[buffer.size()];
    device.read(buffer, values);
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      assertThat(values[i]).isFinite();
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  private static void step(
      Device device, Random random, int e, Buffer member, Buffer counter, List<Buffer> kept) {
    List<Buffer> taken = new ArrayList<>();
    List<Buffer> known = new ArrayList<>(kept); // [e, 12] each
    for (int i = 0; i < 40; i++) {
      Buffer x = known.get(random.nextInt(known.size()));
      Buffer y = known.get(random.nextInt(known.size()));
      boolean fresh = random.nextInt(3) > 0;
      Buffer to =
          fresh ? device.allocate(ElementType.REAL, e * 12) : kept.get(random.nextInt(kept.size()));
      switch (random.nextInt(9)) {
        case 0 -> {
          if (x != to) { // Permute does not work in place
            device.run(new Primitive.Permute(new int[] {12, e}, new int[] {1, 12}, x, to));
          } else {
            device.run(new Primitive.Fill(0.25, to));
          }
        }
        case 1 -> {
          Buffer sum = device.allocate(ElementType.REAL, 12);
          taken.add(sum);
          device.run(new Primitive.Sum(1, e, 12, 0.1, x, sum));
          device.run(new Primitive.Permute(new int[] {e, 12}, new int[] {0, 1}, sum, to));
        }
        case 2 ->
            device.run(
                new Primitive.Random(Distribution.UNIFORM, -1, 1, 7, i, counter, member, 12, to));
        case 3 -> {
          device.run(new Primitive.CopyRows(e, 5, 12, 12, x, to));
          int rest = e * 12 - 5;
          device.run(new Primitive.CopyRows(e, 7, 12, 12, y.slice(5, rest), to.slice(5, rest)));
        }
        case 4 -> {
          Buffer product = device.allocate(ElementType.REAL, e * 9);
          taken.add(product);
          device.run(
              new Primitive.MatMul(e, 3, 3, 4, false, false, false, false, x, y, null, product));
          device.run(new Primitive.Fill(0.5, to));
          device.run(new Primitive.CopyRows(e, 9, 9, 12, product, to));
        }
        case 5 -> {
          device.run(new Primitive.Increment(counter));
          device.run(new Primitive.Map(Unary.SIN, 0, 0, x, to));
        }
        default -> device.run(new Primitive.Map(Unary.TANH, 0, 0, x, to));
      }
      if (fresh) {
        taken.add(to);
        known.add(to);
      }
      if (random.nextInt(4) == 0 && known.size() > kept.size() + 1) {
        Buffer gone = known.remove(kept.size() + random.nextInt(known.size() - kept.size()));
        taken.remove(gone);
        device.release(gone);
      }
    }
    taken.forEach(device::release);
  }
}
