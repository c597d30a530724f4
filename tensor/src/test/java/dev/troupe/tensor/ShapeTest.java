package dev.troupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void sizesAndAxes() {
    Shape s = Shape.of(8, 100, 2);
    assertThat(s.rank()).isEqualTo(3);
    assertThat(s.size()).isEqualTo(1600);
    assertThat(s.dim(0)).isEqualTo(8);
    assertThat(s.dim(-1)).isEqualTo(2);
    assertThat(s.axis(-3)).isZero();
    assertThat(s.product(0, 2)).isEqualTo(800);
    assertThat(s.product(1, 1)).isEqualTo(1);
    assertThat(s).hasToString("[8, 100, 2]");
    refused(() -> s.dim(3), "shape: no axis 3 in [8, 100, 2]");
    refused(() -> s.dim(-4), "shape: no axis -4 in [8, 100, 2]");
  }

  @Test
  void scalarsAndEmptyShapes() {
    assertThat(Shape.of()).isSameAs(Shape.SCALAR);
    assertThat(Shape.SCALAR.size()).isEqualTo(1);
    assertThat(Shape.SCALAR).hasToString("[]");
    assertThat(Shape.of(3).without(0)).isSameAs(Shape.SCALAR);
    assertThat(Shape.of(3, 0, 5).size()).isZero();
    assertThat(Shape.of(0).rank()).isEqualTo(1);
  }

  @Test
  void variations() {
    Shape s = Shape.of(2, 3, 4);
    assertThat(s.with(1, 7)).isEqualTo(Shape.of(2, 7, 4));
    assertThat(s.with(-1, 7)).isEqualTo(Shape.of(2, 3, 7));
    assertThat(s.with(1, 3)).isSameAs(s);
    assertThat(s.withMatrix(5, 6)).isEqualTo(Shape.of(2, 5, 6));
    assertThat(s.withMatrix(3, 4)).isSameAs(s);
    assertThat(s.without(0)).isEqualTo(Shape.of(3, 4));
    assertThat(s.without(-1)).isEqualTo(Shape.of(2, 3));
    assertThat(s.insert(0, 9)).isEqualTo(Shape.of(9, 2, 3, 4));
    assertThat(s.insert(3, 9)).isEqualTo(Shape.of(2, 3, 4, 9));
    assertThat(s).isEqualTo(Shape.of(2, 3, 4)).hasSameHashCodeAs(Shape.of(2, 3, 4));
    assertThat(s).isNotEqualTo(Shape.of(2, 12)).isNotEqualTo("[2, 3, 4]");
    refused(() -> Shape.of(3).withMatrix(1, 2), "shape: no axis -2 in [3]");
  }

  @Test
  void nobodyChangesAShape() {
    int[] dims = {2, 3};
    Shape s = Shape.of(dims);
    dims[0] = 9;
    s.dims()[1] = 9;
    assertThat(s).isEqualTo(Shape.of(2, 3));
  }

  @Test
  void whatIsTooLargeOrNegativeIsRefused() {
    assertThat(Shape.of(Integer.MAX_VALUE).size()).isEqualTo(Integer.MAX_VALUE);
    refused(
        () -> Shape.of(1 << 16, 1 << 15),
        "shape: [65536, 32768] has more than 2147483647 elements");
    refused(
        () -> Shape.of(1 << 30, 1 << 30, 1 << 30),
        "shape: [1073741824, 1073741824, 1073741824] has more than 2147483647 elements");
    // Even where an axis of 0 makes it empty: its other axes would still overflow.
    refused(
        () -> Shape.of(0, 1 << 16, 1 << 15),
        "shape: [0, 65536, 32768] has more than 2147483647 elements");
    refused(() -> Shape.of(2, -1), "shape: negative axis in [2, -1]");
    refused(() -> Shape.of(2).with(0, -1), "shape: negative axis in [-1]");
    refused(
        () -> Shape.of(1 << 16).insert(0, 1 << 16),
        "shape: [65536, 65536] has more than 2147483647 elements");
  }

  @Test
  void broadcasting() {
    same(Shape.of(2, 3), Shape.of(2, 3), Shape.of(2, 3));
    same(Shape.of(2, 3), Shape.of(3), Shape.of(2, 3));
    same(Shape.of(2, 1), Shape.of(1, 3), Shape.of(2, 3));
    same(Shape.of(4, 1, 3), Shape.of(2, 1), Shape.of(4, 2, 3));
    same(Shape.SCALAR, Shape.of(2), Shape.of(2));
    same(Shape.SCALAR, Shape.SCALAR, Shape.SCALAR);
    same(Shape.of(0, 3), Shape.of(1, 3), Shape.of(0, 3));
    same(Shape.of(1), Shape.of(0), Shape.of(0));
    assertThat(Shape.broadcast("f", Shape.of(2, 1, 1), Shape.of(3, 1), Shape.of(4)))
        .isEqualTo(Shape.of(2, 3, 4));
    refused(
        () -> Shape.broadcast("add", Shape.of(2, 3), Shape.of(4)),
        "add: shapes do not broadcast, [2, 3] and [4]");
    refused(
        () -> Shape.broadcast("add", Shape.of(0), Shape.of(2)),
        "add: shapes do not broadcast, [0] and [2]");
    refused(
        () -> Shape.broadcast("add", Shape.of(1 << 16, 1), Shape.of(1 << 16)),
        "shape: [65536, 65536] has more than 2147483647 elements");
  }

  private static void same(Shape a, Shape b, Shape expected) {
    assertThat(Shape.broadcast("f", a, b)).isEqualTo(expected);
    assertThat(Shape.broadcast("f", b, a)).isEqualTo(expected);
  }

  private static void refused(Runnable body, String message) {
    assertThatThrownBy(body::run).isInstanceOf(ShapeException.class).hasMessage(message);
  }
}
