package dev.troupe.kernels.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import dev.troupe.kernels.ptx.PtxMachine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A member of an ensemble has the same bits as that member alone, wherever its part of a buffer
 * begins; and the same on every variant of a kernel, in whatever order warps run. Sizes are such
 * that many members get other tiles than one.
 */
class MemberBitsTest {
  /** Makes a primitive for some members out of parts of the inputs. */
  private interface Maker {
    Primitive of(Device device, int from, int members, List<Buffer> outs);
  }

  private final Random random = new Random(7);

  private float[] normal(int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  private int[] below(int bound, int n) {
    return random.ints(n, 0, bound).toArray();
  }

  private static Buffer part(Device device, float[] all, int from, int size) {
    // An odd place, so that rows are not aligned.
    Buffer buffer = device.allocate(ElementType.REAL, size + 1).slice(1, size);
    device.write(Arrays.copyOfRange(all, from, from + size), buffer);
    return buffer;
  }

  private static Buffer part(Device device, int[] all, int from, int size) {
    Buffer buffer = device.allocate(ElementType.INT32, size);
    device.write(Arrays.copyOfRange(all, from, from + size), buffer);
    return buffer;
  }

  private static Buffer out(Device device, int size, List<Buffer> outs) {
    Buffer buffer = device.allocate(ElementType.REAL, size);
    outs.add(buffer);
    return buffer;
  }

  private static List<float[]> run(
      PtxMachine machine, Precision precision, Maker maker, int from, int members) {
    try (Device device = new GpuDevice(machine, precision, true)) {
      List<Buffer> outs = new ArrayList<>();
      device.run(maker.of(device, from, members, outs));
      List<float[]> results = new ArrayList<>();
      for (Buffer out : outs) {
        float[] values = new float[out.size()];
        device.read(out, values);
        results.add(values);
      }
      return results;
    }
  }

  private static void check(int members, Maker maker) {
    check(members, Precision.FP32, maker);
    List<float[]> all = run(new PtxMachine(), Precision.FP32, maker, 0, members);
    List<float[]> of75 = run(new PtxMachine(75), Precision.FP32, maker, 0, members);
    for (int k = 0; k < all.size(); k++) {
      assertThat(of75.get(k)).as("result %d of sm_75", k).isEqualTo(all.get(k));
    }
  }

  private static void check(int members, Precision precision, Maker maker) {
    List<float[]> all = run(new PtxMachine(), precision, maker, 0, members);
    for (int e : new int[] {0, members - 1}) {
      List<float[]> alone = run(new PtxMachine(), precision, maker, e, 1);
      for (int k = 0; k < all.size(); k++) {
        int size = alone.get(k).length;
        assertThat(Arrays.copyOfRange(all.get(k), e * size, (e + 1) * size))
            .as("result %d of member %d of %d", k, e, members)
            .isEqualTo(alone.get(k));
      }
    }
    List<float[]> shuffled = run(PtxMachine.shuffled(3), precision, maker, 0, members);
    for (int k = 0; k < all.size(); k++) {
      assertThat(shuffled.get(k)).as("result %d in another order", k).isEqualTo(all.get(k));
    }
  }

  @Test
  void matMul() {
    int members = 64;
    int m = 33;
    int n = 67;
    int k = 37;
    float[] a = normal(members * m * k);
    float[] b = normal(members * k * n);
    float[] bias = normal(members * n);
    for (boolean transposed : new boolean[] {false, true}) {
      Maker maker =
          (device, from, count, outs) ->
              new Primitive.MatMul(
                  count,
                  m,
                  n,
                  k,
                  transposed,
                  !transposed,
                  false,
                  false,
                  part(device, a, from * m * k, count * m * k),
                  part(device, b, from * k * n, count * k * n),
                  part(device, bias, from * n, count * n),
                  out(device, count * m * n, outs));
      check(members, maker);
      check(members, Precision.TF32, maker);
    }
  }

  @Test
  void matMulOfManyTerms() {
    int members = 3;
    int m = 17;
    int n = 5;
    int k = 1300; // in parts of their own
    float[] a = normal(members * m * k);
    float[] b = normal(members * k * n);
    Maker maker =
        (device, from, count, outs) ->
            new Primitive.MatMul(
                count,
                m,
                n,
                k,
                false,
                false,
                false,
                false,
                part(device, a, from * m * k, count * m * k),
                part(device, b, from * k * n, count * k * n),
                null,
                out(device, count * m * n, outs));
    check(members, maker);
    check(members, Precision.TF32, maker);
  }

  /** Four members get tiles of 128 x 256, two of 128 x 128, one alone of 64 x 128. */
  @Test
  void largeMatMulOfTensorCores() {
    int members = 4;
    int side = 1024;
    int k = 17;
    float[] a = normal(members * side * k);
    float[] b = normal(members * side * k);
    Maker maker =
        (device, from, count, outs) ->
            new Primitive.MatMul(
                count,
                side,
                side,
                k,
                true,
                false,
                false,
                false,
                part(device, a, from * side * k, count * side * k),
                part(device, b, from * side * k, count * side * k),
                null,
                out(device, count * side * side, outs));
    float[] all = run(new PtxMachine(), Precision.TF32, maker, 0, members).getFirst();
    for (int last : new int[] {1, 2}) {
      int from = members - last;
      float[] alone = run(PtxMachine.shuffled(3), Precision.TF32, maker, from, last).getFirst();
      assertThat(Arrays.copyOfRange(all, from * side * side, all.length)).isEqualTo(alone);
    }
  }

  /**
   * Sizes for which many members get 64 x 64 tiles, and one gets 32 x 32; then up to 4 channels.
   */
  @Test
  void convolutions() {
    int members = 33;
    int batch = 7;
    for (int out : new int[] {37, 3}) {
      int in = out == 3 ? 3 : 34;
      Window window = new Window(9, 7, 2, 3, 2, 2, 1, 1, 5, 4);
      int xs = batch * in * window.pixels();
      int weights = out * in * window.taps();
      int ys = batch * out * window.windows();
      float[] x = normal(members * xs);
      float[] weight = normal(members * weights);
      float[] bias = normal(members * Math.max(in, out));
      float[] y = normal(members * ys);
      Maker forward =
          (device, from, count, outs) ->
              new Primitive.Conv2d(
                  count,
                  batch,
                  in,
                  out,
                  window,
                  part(device, x, from * xs, count * xs),
                  part(device, weight, from * weights, count * weights),
                  part(device, bias, from * out, count * out),
                  out(device, count * ys, outs));
      Maker inputGrad =
          (device, from, count, outs) ->
              new Primitive.Conv2dInputGrad(
                  count,
                  batch,
                  in,
                  out,
                  window,
                  part(device, weight, from * weights, count * weights),
                  part(device, y, from * ys, count * ys),
                  part(device, bias, from * in, count * in),
                  out(device, count * xs, outs));
      Maker weightGrad =
          (device, from, count, outs) ->
              new Primitive.Conv2dWeightGrad(
                  count,
                  batch,
                  in,
                  out,
                  window,
                  part(device, x, from * xs, count * xs),
                  part(device, y, from * ys, count * ys),
                  out(device, count * weights, outs));
      for (Maker maker : List.of(forward, inputGrad, weightGrad)) {
        check(members, maker);
        check(members, Precision.TF32, maker);
      }
    }
  }

  @Test
  void linearGrad() {
    int members = 40; // 64 x 64 tiles for all, 32 x 32 for one
    int batch = 33;
    int in = 65;
    for (int units : new int[] {2, 40}) {
      float[] x = normal(members * batch * in);
      float[] weight = normal(members * in * units);
      float[] dy = normal(members * batch * units);
      check(
          members,
          (device, from, count, outs) ->
              new Primitive.LinearGrad(
                  count,
                  batch,
                  in,
                  units,
                  part(device, x, from * batch * in, count * batch * in),
                  part(device, weight, from * in * units, count * in * units),
                  part(device, dy, from * batch * units, count * batch * units),
                  out(device, count * batch * in, outs),
                  out(device, count * in * units, outs),
                  out(device, count * units, outs)));
    }
  }

  @Test
  void linearMaxout() {
    int members = 128;
    int batch = 5;
    int in = 35;
    int units = 9;
    int pieces = 5;
    float[] weight = normal(members * in * pieces * units);
    float[] x = normal(members * batch * in);
    float[] dy = normal(members * batch * units);
    int[] index = below(pieces, members * batch * units);
    float[] bias = normal(members * pieces * units);
    Maker forward =
        (device, from, count, outs) ->
            new Primitive.LinearMaxout(
                count,
                batch,
                in,
                units,
                pieces,
                part(device, x, from * batch * in, count * batch * in),
                part(device, weight, from * in * pieces * units, count * in * pieces * units),
                part(device, bias, from * pieces * units, count * pieces * units),
                out(device, count * batch * units, outs),
                device.allocate(ElementType.INT32, count * batch * units));
    check(members, forward);
    check(members, Precision.TF32, forward);
    check(
        members,
        (device, from, count, outs) ->
            new Primitive.LinearMaxoutInputGrad(
                count,
                batch,
                in,
                units,
                pieces,
                part(device, weight, from * in * pieces * units, count * in * pieces * units),
                part(device, index, from * batch * units, count * batch * units),
                part(device, dy, from * batch * units, count * batch * units),
                out(device, count * batch * in, outs)));
    check(
        members,
        (device, from, count, outs) ->
            new Primitive.LinearMaxoutGrad(
                count,
                batch,
                in,
                units,
                pieces,
                part(device, x, from * batch * in, count * batch * in),
                part(device, weight, from * in * pieces * units, count * in * pieces * units),
                part(device, index, from * batch * units, count * batch * units),
                part(device, dy, from * batch * units, count * batch * units),
                out(device, count * batch * in, outs),
                out(device, count * in * pieces * units, outs),
                out(device, count * pieces * units, outs)));
    check(
        members,
        (device, from, count, outs) ->
            new Primitive.LinearMaxoutWeightGrad(
                count,
                batch,
                in,
                units,
                pieces,
                part(device, x, from * batch * in, count * batch * in),
                part(device, index, from * batch * units, count * batch * units),
                part(device, dy, from * batch * units, count * batch * units),
                out(device, count * in * pieces * units, outs),
                out(device, count * pieces * units, outs)));
  }

  @Test
  void sums() {
    int members = 7;
    for (int[] sizes : new int[][] {{37, 1}, {37, 5}, {1200, 1}, {1100, 2}, {9001, 1}}) {
      int size = sizes[0];
      int inner = sizes[1];
      float[] x = normal(members * size * inner);
      check(
          members,
          (device, from, count, outs) ->
              new Primitive.Sum(
                  count,
                  size,
                  inner,
                  0.1,
                  part(device, x, from * size * inner, count * size * inner),
                  out(device, count * inner, outs)));
    }
  }

  @Test
  void batchNorm() {
    int members = 5;
    for (int[] sizes : new int[][] {{11, 9, 1}, {260, 3, 1}, {2100, 2, 1}, {3, 2, 7}}) {
      int batch = sizes[0];
      int channels = sizes[1];
      int spatial = sizes[2];
      int perMember = batch * channels * spatial;
      float[] x = normal(members * perMember);
      float[] gamma = normal(members * channels);
      float[] beta = normal(members * channels);
      check(
          members,
          (device, from, count, outs) ->
              new Primitive.BatchNorm(
                  count,
                  batch,
                  channels,
                  spatial,
                  1e-4,
                  0.2,
                  part(device, x, from * perMember, count * perMember),
                  part(device, gamma, from * channels, count * channels),
                  part(device, beta, from * channels, count * channels),
                  out(device, count * perMember, outs),
                  out(device, count * channels, outs),
                  out(device, count * channels, outs)));
    }
  }
}
