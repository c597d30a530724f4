package dev.troupe.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HostArrayTest {
  @Test
  void sharesValuesAndKeepsItsShape() {
    float[] values = {1, 2, 3, 4, 5, 6};
    int[] shape = {2, 3};
    HostArray array = HostArray.of(values, shape);
    shape[0] = 7;
    array.shape()[0] = 8;
    assertThat(array.shape()).containsExactly(2, 3);
    assertThat(array.floats()).isSameAs(values);
    assertThat(array.size()).isEqualTo(6);
    assertThat(array).hasToString("F32 [2, 3]");
  }

  @Test
  void refusesShapesThatDoNotFit() {
    assertThatThrownBy(() -> HostArray.of(new float[5], 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("HostArray: shape [2, 3] does not fit 5 values");
    assertThatThrownBy(() -> HostArray.of(new float[0]))
        .hasMessage("HostArray: shape [] does not fit 0 values");
    assertThatThrownBy(() -> HostArray.of(new int[6], -2, -3))
        .hasMessage("HostArray: shape [-2, -3] has a negative length");
    assertThatThrownBy(() -> HostArray.of(new int[1], new int[65]))
        .hasMessage("HostArray: rank is 65, at most 64 expected");
    // 65536 * 65536 is 0 in 32 bits
    assertThatThrownBy(() -> HostArray.of(new int[0], 65536, 65536))
        .hasMessage("HostArray: shape [65536, 65536] does not fit 0 values");
  }

  @Test
  void refusesAnotherType() {
    assertThatThrownBy(() -> HostArray.of(new long[2], 2).floats())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("HostArray: is I64 [2], asked for as F32");
  }

  @Test
  void countsElementsWithoutOverflow() {
    assertThat(HostArray.elements()).isEqualTo(1);
    assertThat(HostArray.elements(3, 5)).isEqualTo(15);
    assertThat(HostArray.elements(Integer.MAX_VALUE, Integer.MAX_VALUE, 0)).isZero();
    assertThat(HostArray.elements(65536, 65536)).isEqualTo(-1);
    assertThat(HostArray.elements(Integer.MAX_VALUE, Integer.MAX_VALUE, 2, 2)).isEqualTo(-1);
  }
}
