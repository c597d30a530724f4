package dev.troupe.kernels.ptx;

import java.util.Arrays;

/** The copies that lanes of a warp have begun with {@code cp.async} and not waited for. */
final class AsyncCopies {
  private static final int OPEN = -1;

  private int count;
  private int[] lanes = new int[64];
  private int[] words = new int[64];
  private int[] lengths = new int[64];
  private int[] groups = new int[64];
  private final int[] committed = new int[Warp.LANES];

  void clear() {
    count = 0;
    Arrays.fill(committed, 0);
  }

  void add(int lane, int word, int length) {
    if (count == lanes.length) {
      lanes = Arrays.copyOf(lanes, 2 * count);
      words = Arrays.copyOf(words, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
      groups = Arrays.copyOf(groups, 2 * count);
    }
    lanes[count] = lane;
    words[count] = word;
    lengths[count] = length;
    groups[count] = OPEN;
    count++;
  }

  /** {@code cp.async.commit_group}. */
  void commit(int mask) {
    for (int i = 0; i < count; i++) {
      if (groups[i] == OPEN && (mask >>> lanes[i] & 1) != 0) {
        groups[i] = committed[lanes[i]];
      }
    }
    for (int m = mask; m != 0; m &= m - 1) {
      committed[Integer.numberOfTrailingZeros(m)]++;
    }
  }

  /**
   * {@code cp.async.wait_group}: all but the newest {@code pending} groups of each lane are done.
   */
  void await(Warp w, int mask, int pending) {
    finish(w, mask, pending, false);
  }

  /** {@code cp.async.wait_all}. */
  void awaitAll(Warp w, int mask) {
    finish(w, mask, 0, true);
  }

  private void finish(Warp w, int mask, int pending, boolean open) {
    int kept = 0;
    Memory shared = w.block.shared;
    for (int i = 0; i < count; i++) {
      int lane = lanes[i];
      boolean done =
          (mask >>> lane & 1) != 0
              && (groups[i] == OPEN ? open : groups[i] < committed[lane] - pending);
      if (done) {
        for (int k = words[i]; k < words[i] + lengths[i]; k++) {
          shared.state[k] = Memory.WRITTEN;
          shared.writers[k] = w.stamp + lane;
        }
      } else {
        lanes[kept] = lane;
        words[kept] = words[i];
        lengths[kept] = lengths[i];
        groups[kept] = groups[i];
        kept++;
      }
    }
    count = kept;
  }
}
