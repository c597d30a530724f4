package dev.troupe.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Values;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IndexingTest {
  private final ReferenceDevice device = new ReferenceDevice();
  private final Values values = new Values(device);

  @Test
  void takesAlong() {
    Buffer x = values.real(1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60); // [2, 3, 2]
    Buffer y = values.realOfSize(4);
    device.run(new Primitive.TakeAlong(2, 3, 2, x, values.int32(2, 0, 1, 1), y));
    assertThat(values.of(y)).containsExactly(3, 10, 5, 50);
  }

  @Test
  void putsAlong() {
    Buffer y = values.realOfSize(12);
    device.run(
        new Primitive.PutAlong(2, 3, 2, values.real(1, 2, 3, 4), values.int32(2, 0, 1, 1), y));
    assertThat(values.of(y)).containsExactly(0, 2, 0, 0, 1, 0, 0, 0, 3, 4, 0, 0);
  }

  @Test
  void gathersRows() {
    Buffer table = values.real(1, 2, 3, 4, 5, 6); // [3, 2]
    Buffer index = values.int32(2, 0, 0, 1); // [2, 2]
    Buffer y = values.realOfSize(8);
    device.run(new Primitive.Gather(2, 1, 3, 2, 2, table, index, y));
    assertThat(values.of(y)).containsExactly(5, 6, 1, 2, 1, 2, 3, 4);
    Buffer tables = values.real(1, 2, 3, 4, 5, 6); // [2, 3, 1]
    Buffer z = values.realOfSize(4);
    device.run(new Primitive.Gather(2, 2, 3, 1, 2, tables, index, z));
    assertThat(values.of(z)).containsExactly(3, 1, 4, 5);
  }

  @Test
  void scatterAddsInOrder() {
    Buffer index = values.int32(1, 1, 1, 0); // [2, 2]
    Buffer table = values.real(9, 9, 9);
    // In this order 1e20 swallows the 1; in another it would not.
    device.run(
        new Primitive.ScatterAdd(2, 1, 3, 1, 2, values.real(1, 1e20, -1e20, 7), index, table));
    assertThat(values.of(table)).containsExactly(7, 0, 0);
    Buffer tables = values.realOfSize(6);
    device.run(new Primitive.ScatterAdd(2, 2, 3, 1, 2, values.real(1, 2, 3, 4), index, tables));
    assertThat(values.of(tables)).containsExactly(0, 3, 0, 4, 3, 0);
  }

  @Test
  void areAdjoint() {
    Random random = new Random(3);
    for (int n = 0; n < 200; n++) {
      int outer = 1 + random.nextInt(4);
      int size = 1 + random.nextInt(5);
      int inner = 1 + random.nextInt(4);
      Buffer index = values.int32(random.ints((long) outer * inner, 0, size).toArray());
      double[] x = Values.normal(random, outer * size * inner);
      double[] dy = Values.normal(random, outer * inner);
      Buffer y = values.realOfSize(dy.length);
      Buffer dx = values.realOfSize(x.length);
      device.run(new Primitive.TakeAlong(outer, size, inner, values.real(x), index, y));
      device.run(new Primitive.PutAlong(outer, size, inner, values.real(dy), index, dx));
      adjoint(x, values.of(dx), values.of(y), dy);

      int tables = random.nextBoolean() ? 1 : outer;
      Buffer rows = values.int32(random.ints((long) outer * inner, 0, size).toArray());
      double[] table = Values.normal(random, tables * size * 3);
      double[] dz = Values.normal(random, outer * inner * 3);
      Buffer z = values.realOfSize(dz.length);
      Buffer dTable = values.realOfSize(table.length);
      device.run(new Primitive.Gather(outer, tables, size, 3, inner, values.real(table), rows, z));
      device.run(
          new Primitive.ScatterAdd(outer, tables, size, 3, inner, values.real(dz), rows, dTable));
      adjoint(table, values.of(dTable), values.of(z), dz);
    }
  }

  /** For a linear f: ⟨f(x), dy⟩ = ⟨x, fᵀ(dy)⟩. */
  private static void adjoint(double[] x, double[] dx, double[] y, double[] dy) {
    assertThat(Values.dot(x, dx)).isCloseTo(Values.dot(y, dy), within(1e-12));
  }

  @Test
  void refusesIndicesOutside() {
    Buffer x = values.realOfSize(20); // [1, 10, 2]
    Buffer y = values.realOfSize(2);
    refused(
        "takeAlong: index 10 at position 1 is outside [0, 10)",
        new Primitive.TakeAlong(1, 10, 2, x, values.int32(9, 10), y));
    refused(
        "putAlong: index -1 at position 0 is outside [0, 10)",
        new Primitive.PutAlong(1, 10, 2, y, values.int32(-1, 10), x));
    Buffer four = values.realOfSize(4);
    refused(
        "gather: index 12 at position 3 is outside [0, 10)",
        new Primitive.Gather(2, 2, 10, 1, 2, x, values.int32(0, 9, 1, 12), four));
    refused(
        "scatterAdd: index 12 at position 3 is outside [0, 10)",
        new Primitive.ScatterAdd(2, 2, 10, 1, 2, four, values.int32(0, 9, 1, 12), x));
  }

  private void refused(String message, Primitive primitive) {
    assertThatThrownBy(() -> device.run(primitive))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage(message);
  }

  @Test
  void putsIntoTheRing() {
    Buffer ring = values.real(0, 0, 0, 0, 0, 0); // [3, 2]
    for (int step = 2; step < 5; step++) {
      List<Buffer> row = List.of(values.real(step), values.real(-step));
      device.run(new Primitive.RingPut(3, values.int32(step), row, ring));
    }
    assertThat(values.of(ring)).containsExactly(3, -3, 4, -4, 2, -2);
    device.run(new Primitive.RingPut(3, values.int32(-1), List.of(values.real(8, 9)), ring));
    assertThat(values.of(ring)).containsExactly(3, -3, 4, -4, 8, 9);
  }
}
