package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PhiloxTest {
  @Test
  void knownAnswers() {
    // Random123's kat_vectors for philox4x32 with 10 rounds
    assertThat(block(0, 0, 0, 0, 0, 0)).isEqualTo("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    assertThat(block(-1, -1, -1, -1, -1, -1)).isEqualTo("408f276d 41c83b0e a20bc7c6 6d5451fd");
    assertThat(block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0))
        .isEqualTo("d16cfe09 94fdcceb 5001e420 24126ea1");
  }

  @Test
  void keyAndCounterAreWhatTheTextSays() {
    int[] words = new int[6];
    Philox.block(
        new Philox.Key(0x299f31d0_a4093822L, 0x85a308d3, 0x13198a2e, 0x03707344),
        0x243f6a88,
        words,
        1);
    assertThat(words).containsExactly(0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1, 0);
  }

  @Test
  void keysThatDifferGiveDifferentWords() {
    Set<Long> seen = new HashSet<>();
    int[] words = new int[4];
    long[] seeds = {0, 1, 2, 1L << 32, 1L << 33, -1};
    int[] small = {0, 1, 2, 3, 1 << 16, Integer.MIN_VALUE};
    int blocks = 0;
    for (long seed : seeds) {
      for (int step : small) {
        for (int stream : small) {
          for (int member : small) {
            for (int index : small) {
              Philox.block(new Philox.Key(seed, step, stream, member), index, words, 0);
              seen.add((long) words[0] << 32 | words[1] & 0xFFFFFFFFL);
              seen.add((long) words[2] << 32 | words[3] & 0xFFFFFFFFL);
              blocks++;
            }
          }
        }
      }
    }
    assertThat(seen).hasSize(2 * blocks);
  }

  private static String block(int c0, int c1, int c2, int c3, int k0, int k1) {
    int[] w = new int[4];
    Philox.block(c0, c1, c2, c3, k0, k1, w, 0);
    return "%08x %08x %08x %08x".formatted(w[0], w[1], w[2], w[3]);
  }
}
