package dev.troupe.kernels.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What kernels are told of sizes and strides. */
class WalkTest {
  /**
   * For all n that an element's number can be, not only for those of sizes that fit into a test.
   */
  @Test
  void dividesByMultiplication() {
    Random random = new Random(1);
    for (int round = 0; round < 200_000; round++) {
      int by = Math.max(2, random.nextInt(1, Integer.MAX_VALUE) >>> random.nextInt(31));
      divides(Integer.MAX_VALUE, by);
      divides(random.nextInt(Integer.MAX_VALUE) >>> random.nextInt(31), by);
      int multiple = Integer.MAX_VALUE / by * by;
      divides(multiple, by);
      divides(multiple - 1, by);
    }
    for (int by : new int[] {2, 3, 1 << 30, (1 << 30) + 1, Integer.MAX_VALUE}) {
      for (int n = 0; n < 10; n++) {
        divides(n, by);
        divides(Integer.MAX_VALUE - n, by);
      }
    }
  }

  private static void divides(int n, int by) {
    long high = n * Integer.toUnsignedLong(Walk.magic(by)) >>> 32;
    assertThat(high >>> Walk.shift(by)).as("%d / %d", n, by).isEqualTo(n / by);
  }

  @Test
  void mergesDimensionsAndLeavesOutThoseOfSizeOne() {
    Walk walk = new Walk(2);
    walk.set(new int[] {2, 1, 3, 4}, new int[][] {{12, 7, 4, 1}, {0, 7, 4, 1}});
    assertThat(walk.rank()).isEqualTo(2);
    assertThat(walk.size(0)).isEqualTo(12);
    assertThat(walk.size(1)).isEqualTo(2);
    assertThat(walk.stride(0, 1)).isEqualTo(12);
    assertThat(walk.stride(1, 1)).isZero();
    assertThat(walk.elements()).isEqualTo(24);
    assertThat(walk.pieces()).isEqualTo(1);
  }

  @Test
  void dividesManyDimensionsIntoPieces() {
    int rank = Walk.RANK + 2;
    int[] sizes = new int[rank];
    int[][] strides = new int[1][rank];
    for (int d = 0; d < rank; d++) {
      sizes[d] = 3;
      strides[0][d] = d % 2 == 0 ? 0 : d; // no two can be merged
    }
    Walk walk = new Walk(1);
    walk.set(sizes, strides);
    assertThat(walk.rank()).isEqualTo(rank);
    assertThat(walk.pieces()).isEqualTo(9);
    assertThat(walk.elements()).isEqualTo(243);
    assertThat(walk.offset(0, 5)).isEqualTo(2 * 4L); // one axis repeats, one has stride 1
    assertThat(walk.offset(5)).isEqualTo(5 * 243 * 4L);
  }

  @Test
  void anEmptyResultHasNoPieces() {
    Walk walk = new Walk(1);
    walk.set(new int[] {3, 0, 2}, new int[][] {{0, 2, 1}});
    assertThat(walk.pieces()).isZero();
  }
}
