package dev.troupe.kernels.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.Unary;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the GPU kernels of elementwise functions, layout, indexing and random numbers write has the
 * bits that {@code cpu} writes, whatever shapes, broadcasts and alignments.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SameBitsAsCpuTest {
  private static final int ROUNDS = 60;

  /** Around the four elements of a thread and the 256 of the smallest block. */
  private static final int[] SIZES = {1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 255, 256, 257, 260, 1023};

  private static final float[] SPECIAL = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0f,
    -0f,
    1f,
    -1f,
    0.5f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    88.8f,
    -103.5f,
    0x1p18f
  };

  private Device cpu;
  private Device ptx;

  @BeforeAll
  void open() {
    cpu = new CpuDevice(1);
    ptx = new GpuDevice(new PtxMachine());
  }

  @AfterAll
  void close() {
    cpu.close();
    ptx.close();
  }

  /** Makes the buffers of a primitive: the same contents on each device, at the same offsets. */
  private static final class Maker {
    static final float MARK = 1234567f;

    final Random random;
    final Device device;
    final List<Buffer> whole = new ArrayList<>();

    Maker(Device device, long seed) {
      this.device = device;
      this.random = new Random(seed);
    }

    int below(int bound) {
      return random.nextInt(bound);
    }

    /** In half of the cases as good a place as any, otherwise up to three elements beyond one. */
    private Buffer cut(Buffer padded, int size) {
      whole.add(padded);
      return padded.slice(random.nextBoolean() ? 0 : below(4), size);
    }

    Buffer reals(float... values) {
      Buffer padded = device.allocate(ElementType.REAL, values.length + 4);
      float[] marks = new float[padded.size()];
      Arrays.fill(marks, MARK);
      device.write(marks, padded);
      Buffer buffer = cut(padded, values.length);
      device.write(values, buffer);
      return buffer;
    }

    /** Numbers of all sizes, with special ones among them. */
    Buffer reals(int size) {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] =
            switch (below(8)) {
              case 0 -> SPECIAL[below(SPECIAL.length)];
              case 1 -> Float.intBitsToFloat(random.nextInt());
              case 2 -> (float) random.nextGaussian() * 30;
              default -> (float) random.nextGaussian();
            };
        values[i] = Float.isNaN(values[i]) ? Float.NaN : values[i];
      }
      return reals(values);
    }

    Buffer ints(int... values) {
      Buffer padded = device.allocate(ElementType.INT32, values.length + 4);
      int[] marks = new int[padded.size()];
      Arrays.fill(marks, (int) MARK);
      device.write(marks, padded);
      Buffer buffer = cut(padded, values.length);
      device.write(values, buffer);
      return buffer;
    }

    Buffer ints(int size, int bound) {
      return ints(random.ints(size, 0, bound).toArray());
    }

    void release() {
      whole.forEach(device::release);
    }
  }

  /** All that its buffers hold afterwards, what lies around them included. */
  private static List<int[]> bits(Device device, long seed, Function<Maker, Primitive> build) {
    Maker maker = new Maker(device, seed);
    Primitive primitive = build.apply(maker);
    device.run(primitive);
    List<int[]> contents = new ArrayList<>();
    for (Buffer buffer : maker.whole) {
      int[] bits = new int[buffer.size()];
      if (buffer.type() == ElementType.INT32) {
        device.read(buffer, bits);
      } else {
        float[] values = new float[buffer.size()];
        device.read(buffer, values);
        for (int i = 0; i < bits.length; i++) {
          bits[i] = Float.floatToIntBits(values[i]); // any NaN is a NaN
        }
      }
      contents.add(bits);
    }
    maker.release();
    return contents;
  }

  private void same(String what, long seed, Function<Maker, Primitive> build) {
    List<int[]> expected = bits(cpu, seed, build);
    List<int[]> actual = bits(ptx, seed, build);
    for (int k = 0; k < expected.size(); k++) {
      assertThat(actual.get(k))
          .as("%s, round %d, buffer %d", what, seed, k)
          .isEqualTo(expected.get(k));
    }
  }

  @ParameterizedTest
  @EnumSource(Unary.class)
  void map(Unary f) {
    float[] constants = {0.25f, 1.5f, -0.5f, 2f, 3f, 0f, 1f, -1f, 2.2f, Float.NaN, -7f};
    for (int round = 0; round < SIZES.length; round++) {
      int size = SIZES[round];
      float p = constants[round % constants.length];
      same(
          f.name(),
          round,
          make -> {
            Buffer x = make.reals(size);
            Buffer y = make.below(4) == 0 ? x : make.reals(size);
            return new Primitive.Map(f, p, 1.5, x, y);
          });
    }
  }

  /** The one NaN that elementary functions give, bit for bit. */
  @Test
  void elementaryFunctionsGiveOneNan() {
    for (Unary f :
        List.of(
            Unary.SQRT,
            Unary.RSQRT,
            Unary.EXP,
            Unary.LOG,
            Unary.SIN,
            Unary.COS,
            Unary.TANH,
            Unary.SIGMOID,
            Unary.SOFTPLUS,
            Unary.POW)) {
      Buffer x = ptx.allocate(ElementType.REAL, 4);
      float odd = Float.intBitsToFloat(0xffabcdef);
      ptx.write(new float[] {odd, -odd, Float.NaN, Float.intBitsToFloat(0x7fffffff)}, x);
      ptx.run(new Primitive.Map(f, 2.5, 0, x, x));
      float[] y = new float[4];
      ptx.read(x, y);
      for (float v : y) {
        assertThat(Float.floatToRawIntBits(v)).as(f.name()).isEqualTo(0x7fc00000);
      }
      ptx.release(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Binary.class)
  void zip(Binary f) {
    for (int round = 0; round < ROUNDS; round++) {
      same(
          f.name(),
          round,
          make -> {
            Broadcast by = broadcast(make, 2);
            Buffer a = make.reals(by.extent(0));
            Buffer b = make.reals(by.extent(1));
            Buffer y = by.isContiguous(1) && make.below(3) == 0 ? b : make.reals(by.size());
            return new Primitive.Zip(f, 0.375, by, a, b, y);
          });
    }
  }

  @Test
  void select() {
    for (int round = 0; round < 2 * ROUNDS; round++) {
      same(
          "select",
          round,
          make -> {
            Broadcast by = broadcast(make, 3);
            return new Primitive.Select(
                by,
                make.reals(by.extent(0)),
                make.reals(by.extent(1)),
                make.reals(by.extent(2)),
                make.reals(by.size()));
          });
    }
  }

  /** Up to seven dimensions, any of which may be repeated by any input, or none at all. */
  private static Broadcast broadcast(Maker make, int inputs) {
    if (make.below(5) == 0) {
      return Broadcast.contiguous(SIZES[make.below(SIZES.length)], inputs);
    }
    int rank = 1 + make.below(7);
    int most = rank == 1 ? 1500 : rank == 2 ? 70 : rank == 3 ? 15 : rank == 4 ? 8 : 4;
    int[] result = new int[rank];
    int[][] dimensions = new int[inputs][rank];
    for (int d = 0; d < rank; d++) {
      result[d] = 1 + make.below(most);
      if (d == rank - 1 && make.random.nextBoolean()) {
        result[d] = 4 * (1 + result[d] / 4); // so that four neighbours are read at once
      }
      for (int k = 0; k < inputs; k++) {
        dimensions[k][d] = make.below(3) == 0 ? 1 : result[d];
      }
    }
    return Broadcast.of(result, dimensions);
  }

  @Test
  void fillAndCopy() {
    for (int round = 0; round < 8 * SIZES.length; round++) {
      int size = SIZES[round % SIZES.length];
      int kind = round / SIZES.length;
      same(
          "fill and copy",
          round,
          make ->
              switch (kind) {
                case 0 -> new Primitive.Fill(0.1, make.reals(size));
                case 1 -> new Primitive.Fill(-2.75, make.ints(size, 9));
                case 2 -> new Primitive.Copy(make.reals(size), make.reals(size));
                case 3 -> new Primitive.Copy(make.ints(size, 1 << 30), make.ints(size, 9));
                case 4 -> new Primitive.Copy(make.reals(size), make.ints(size, 9));
                case 5 -> new Primitive.Copy(make.ints(size, 1 << 30), make.reals(size));
                case 6 -> new Primitive.Increment(make.ints(size, Integer.MAX_VALUE));
                default ->
                    new Primitive.RingPut(
                        3,
                        make.ints(1, 1 << 30),
                        List.of(make.reals(size), make.reals(2)),
                        make.reals(3 * (size + 2)));
              });
    }
  }

  /** Permutations of up to six axes, long and short ones. */
  @Test
  void permute() {
    for (int round = 0; round < 4 * ROUNDS; round++) {
      same(
          "permute",
          round,
          make -> {
            int rank = 1 + make.below(6);
            int most = rank < 3 ? 70 : rank == 3 ? 24 : 6;
            int[] from = new int[rank]; // sizes of x
            int size = 1;
            for (int d = 0; d < rank; d++) {
              from[d] = 1 + make.below(most);
              size *= from[d];
            }
            List<Integer> order = new ArrayList<>();
            for (int d = 0; d < rank; d++) {
              order.add(make.below(order.size() + 1), d);
            }
            int[] sizes = new int[rank];
            int[] strides = new int[rank];
            for (int d = 0; d < rank; d++) {
              sizes[d] = from[order.get(d)];
              strides[d] = 1;
              for (int inner = order.get(d) + 1; inner < rank; inner++) {
                strides[d] *= from[inner];
              }
            }
            boolean real = make.random.nextBoolean();
            return new Primitive.Permute(
                sizes,
                strides,
                real ? make.reals(size) : make.ints(size, 1 << 30),
                real ? make.reals(size) : make.ints(size, 9));
          });
    }
  }

  /** So much that large tiles are taken, some of which are cut off. */
  @Test
  void transposeMuch() {
    int[][] shapes = {{600, 9, 70}, {1, 1500, 1470}}; // [batch, rows, columns] of x
    for (int[] s : shapes) {
      same(
          "permute " + Arrays.toString(s),
          0,
          make ->
              new Primitive.Permute(
                  new int[] {s[0], s[2], s[1]},
                  new int[] {s[1] * s[2], 1, s[2]},
                  make.ints(s[0] * s[1] * s[2], 1 << 30),
                  make.ints(s[0] * s[1] * s[2], 9)));
    }
  }

  @Test
  void copyRows() {
    for (int round = 0; round < ROUNDS; round++) {
      same(
          "copyRows",
          round,
          make -> {
            int unit = make.random.nextBoolean() ? 4 : 1;
            int rows = make.below(20);
            int width = unit * make.below(40);
            int xStride = width + unit * make.below(3);
            int yStride = width + unit * make.below(3);
            return new Primitive.CopyRows(
                rows,
                width,
                xStride,
                yStride,
                make.reals(rows * xStride),
                make.reals(rows * yStride));
          });
    }
  }

  @Test
  void takeAndPutAlong() {
    for (int round = 0; round < ROUNDS; round++) {
      boolean take = round % 2 == 0;
      same(
          take ? "takeAlong" : "putAlong",
          round,
          make -> {
            int outer = make.below(20);
            int size = 1 + make.below(12);
            int inner = make.random.nextBoolean() ? 1 : 1 + make.below(40);
            Buffer index = make.ints(outer * inner, size);
            Buffer wide = make.reals(outer * size * inner);
            Buffer narrow = make.reals(outer * inner);
            return take
                ? new Primitive.TakeAlong(outer, size, inner, wide, index, narrow)
                : new Primitive.PutAlong(outer, size, inner, narrow, index, wide);
          });
    }
  }

  @Test
  void gatherAndScatterAdd() {
    for (int round = 0; round < 2 * ROUNDS; round++) {
      boolean gather = round % 2 == 0;
      same(
          gather ? "gather" : "scatterAdd",
          round,
          make -> {
            int batch = 1 + make.below(4);
            int tables = make.random.nextBoolean() ? 1 : batch;
            int rows = 1 + make.below(15);
            int width = make.random.nextBoolean() ? 4 * make.below(18) : make.below(70);
            int count = make.below(80);
            Buffer index = make.ints(batch * count, rows);
            Buffer table = make.reals(tables * rows * width);
            Buffer x = make.reals(batch * count * width);
            return gather
                ? new Primitive.Gather(batch, tables, rows, width, count, table, index, x)
                : new Primitive.ScatterAdd(batch, tables, rows, width, count, x, index, table);
          });
    }
  }

  @ParameterizedTest
  @EnumSource(Distribution.class)
  void random(Distribution distribution) {
    for (int round = 0; round < 2 * SIZES.length; round++) {
      int size = SIZES[round % SIZES.length];
      boolean second = round >= SIZES.length;
      double p =
          switch (distribution) {
            case BERNOULLI -> second ? 0.3 : 0.999;
            case INTEGER -> second ? 10 : Integer.MAX_VALUE;
            default -> second ? -3 : 0;
          };
      same(
          distribution.name(),
          round,
          make -> {
            Buffer step = make.ints(make.random.nextInt());
            Buffer member = make.ints(4, 0, 1 << 20);
            Buffer y =
                distribution == Distribution.INTEGER
                    ? make.ints(3 * size, 9)
                    : make.reals(3 * size);
            long seed = make.random.nextLong();
            int stream = make.random.nextInt();
            return new Primitive.Random(
                distribution, p, second ? 0.7 : 1, seed, stream, step, member, size, y);
          });
    }
  }

  @Test
  void shuffledBatch() {
    int[][] sizes = {{1, 1}, {2, 1}, {10, 3}, {10, 10}, {1025, 33}, {300, 257}, {100_000, 129}};
    for (int round = 0; round < 3 * sizes.length; round++) {
      int[] s = sizes[round % sizes.length];
      same(
          "shuffledBatch",
          round,
          make -> {
            Buffer step = make.ints(make.random.nextInt());
            Buffer member = make.ints(0, 7, 1 << 20);
            return new Primitive.ShuffledBatch(
                make.random.nextLong(), 5, step, member, s[0], s[1], make.ints(3 * s[1], 9));
          });
    }
  }
}
