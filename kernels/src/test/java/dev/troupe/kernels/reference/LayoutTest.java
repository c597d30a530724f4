package dev.troupe.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Values;
import org.junit.jupiter.api.Test;

class LayoutTest {
  private final ReferenceDevice device = new ReferenceDevice();
  private final Values values = new Values(device);

  @Test
  void permutes() {
    Buffer x = values.real(0, 1, 2, 3, 4, 5); // [2, 3], read as [3, 2]
    Buffer y = values.realOfSize(6);
    device.run(new Primitive.Permute(new int[] {3, 2}, new int[] {1, 3}, x, y));
    assertThat(values.of(y)).containsExactly(0, 3, 1, 4, 2, 5);
    Buffer i = values.int32(0, 1, 2, 3, 4, 5, 6, 7); // [a, b, c], read as [c, a, b]
    Buffer j = values.int32OfSize(8);
    device.run(new Primitive.Permute(new int[] {2, 2, 2}, new int[] {1, 4, 2}, i, j));
    assertThat(values.intsOf(j)).containsExactly(0, 2, 4, 6, 1, 3, 5, 7);
  }

  @Test
  void copiesRowsAndNothingElse() {
    Buffer x = values.real(1, 2, 3, 4, 5, 6); // 2 rows at stride 3
    Buffer y = values.real(0, 0, 0, 0, 0, 0, 0, 0); // 2 rows at stride 4
    device.run(new Primitive.CopyRows(2, 2, 3, 4, x.slice(1, 5), y.slice(2, 6)));
    assertThat(values.of(y)).containsExactly(0, 0, 2, 3, 0, 0, 5, 6);
    Buffer i = values.int32(1, 2, 3);
    Buffer j = values.int32(0, 0, 0, 0, 0);
    device.run(new Primitive.CopyRows(3, 1, 1, 2, i, j));
    assertThat(values.intsOf(j)).containsExactly(1, 0, 2, 0, 3);
    device.run(new Primitive.CopyRows(0, 5, 5, 5, i, j));
    device.run(new Primitive.CopyRows(2, 0, 0, 0, i, j));
    assertThat(values.intsOf(j)).containsExactly(1, 0, 2, 0, 3);
  }
}
