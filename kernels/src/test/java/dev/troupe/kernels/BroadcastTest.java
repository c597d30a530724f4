package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BroadcastTest {
  @Test
  void pairsElementsByNumpysRule() {
    Random random = new Random(11);
    int merged = 0;
    for (int n = 0; n < 50_000; n++) {
      int[] result = new int[random.nextInt(6)];
      for (int d = 0; d < result.length; d++) {
        result[d] = random.nextInt(12) == 0 ? 0 : 1 + random.nextInt(4);
      }
      int[][] inputs = new int[1 + random.nextInt(3)][];
      for (int k = 0; k < inputs.length; k++) {
        int rank = random.nextInt(result.length + 1);
        inputs[k] = Arrays.copyOfRange(result, result.length - rank, result.length);
        for (int d = 0; d < rank; d++) {
          if (random.nextInt(3) == 0) {
            inputs[k][d] = 1;
          }
        }
      }
      Broadcast by = Broadcast.of(result, inputs);
      String what =
          Arrays.toString(result)
              + " from "
              + Arrays.deepToString(inputs)
              + ": "
              + Arrays.toString(by.sizes())
              + Arrays.deepToString(by.strides());
      assertThat(by.size()).as(what).isEqualTo(product(result));
      for (int k = 0; k < inputs.length; k++) {
        if (by.size() > 0) {
          assertThat(by.extent(k)).as(what).isEqualTo(product(inputs[k]));
        } else {
          assertThat(by.extent(k)).as(what).isLessThanOrEqualTo(product(inputs[k]));
        }
        boolean same = true;
        for (int i = 0; i < by.size(); i++) {
          int expected = numpy(result, inputs[k], i);
          assertThat(walk(by, k, i)).as(what).isEqualTo(expected);
          same &= expected == i;
        }
        if (by.size() > 0) {
          assertThat(by.isContiguous(k)).as(what).isEqualTo(same);
        }
      }
      // Neighbours that could be walked as one are merged, and nothing of size 1 is left.
      if (by.size() > 0) {
        for (int d = 0; d + 1 < by.sizes().length; d++) {
          boolean could = by.sizes()[d] == 1 || by.sizes()[d + 1] == 1;
          boolean all = true;
          for (int[] row : by.strides()) {
            all &= row[d] == row[d + 1] * by.sizes()[d + 1];
          }
          assertThat(could || all).as(what).isFalse();
        }
        merged += by.sizes().length < result.length ? 1 : 0;
      }
    }
    assertThat(merged).isGreaterThan(1000);
  }

  private static int product(int[] sizes) {
    return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
  }

  /**
   * The rule in its plainest form: the coordinates of the result, with 0 where the input has size
   * 1.
   */
  private static int numpy(int[] result, int[] input, int i) {
    int at = 0;
    int step = 1;
    for (int d = 1; d <= result.length; d++) {
      int coordinate = i % result[result.length - d];
      i /= result[result.length - d];
      if (d <= input.length) {
        int own = input[input.length - d];
        at += (own == 1 ? 0 : coordinate) * step;
        step *= own;
      }
    }
    return at;
  }

  private static int walk(Broadcast by, int k, int i) {
    int at = 0;
    for (int d = by.sizes().length - 1; d >= 0; d--) {
      at += i % by.sizes()[d] * by.strides()[k][d];
      i /= by.sizes()[d];
    }
    return at;
  }

  @Test
  void contiguousIsTheIdentity() {
    Broadcast by = Broadcast.contiguous(5, 2);
    assertThat(by.size()).isEqualTo(5);
    assertThat(by.extent(1)).isEqualTo(5);
    assertThat(by.isContiguous(0)).isTrue();
    assertThat(Broadcast.contiguous(0, 1).extent(0)).isZero();
  }

  @Test
  void refusesWhatWouldLeaveTheBuffers() {
    refused(new int[0], new int[][] {{}}, "broadcast: no sizes, expected at least one");
    refused(new int[] {-1}, new int[][] {{1}}, "broadcast: a size is -1, expected at least 0");
    refused(new int[] {2}, new int[][] {{-1}}, "broadcast: a stride is -1, expected at least 0");
    refused(new int[] {2, 3}, new int[][] {{1}}, "broadcast: 1 strides for 2 sizes");
    refused(
        new int[] {65536, 65536},
        new int[][] {{0, 0}},
        "broadcast: sizes [65536, 65536] have too many elements");
  }

  private static void refused(int[] sizes, int[][] strides, String message) {
    assertThatThrownBy(() -> new Broadcast(sizes, strides))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
