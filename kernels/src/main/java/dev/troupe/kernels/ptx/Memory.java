package dev.troupe.kernels.ptx;

import java.util.Arrays;

/**
 * A stretch of memory, in words of 4 bytes, with what is known about each word: which of its bytes
 * have been written, who wrote it last and who read it.
 *
 * <p>An access is remembered as a stamp: the number of the block (which no other block of any
 * launch has), the time (barriers and warp barriers of the block so far), how many have read, and
 * the thread. Stamps of blocks of earlier launches are smaller than those of later ones.
 */
final class Memory {
  /** All bytes of a word have been written. */
  static final int WRITTEN = 15;

  /** The word belongs to no variable. */
  static final int RED_ZONE = 0x40;

  /** The word waits for {@code cp.async} to be waited for. */
  static final int IN_FLIGHT = 0x20;

  static final int THREAD_BITS = 10;
  static final long THREAD = (1L << THREAD_BITS) - 1;
  static final long ATOMIC = 1L << THREAD_BITS;
  static final int KIND_SHIFT = THREAD_BITS + 1;
  static final long KIND = 3L << KIND_SHIFT;
  static final long MANY_OF_WARP = 1L << KIND_SHIFT;
  static final long MANY_OF_BLOCK = 2L << KIND_SHIFT;
  static final long MANY_OF_GRID = 3L << KIND_SHIFT;
  static final int TIME_SHIFT = KIND_SHIFT + 2;
  static final int TIME_BITS = 24;
  static final int BLOCK_SHIFT = TIME_SHIFT + TIME_BITS;
  static final int MOST_BLOCKS = 1 << (63 - BLOCK_SHIFT);
  static final int MOST_TIME = 1 << TIME_BITS;

  final long address;
  final long bytes;
  private final boolean shadow;
  int[] words; // null while it is released, like the next
  byte[] state; // WRITTEN bits, RED_ZONE, IN_FLIGHT
  long[] writers; // null where threads share nothing
  long[] readers;
  boolean released; // to the pool, or freed
  boolean freed;

  Memory(long address, long bytes, boolean shadow) {
    this.address = address;
    this.bytes = bytes;
    this.shadow = shadow;
    renew();
  }

  /** Ends its release: nothing has been written yet. */
  void renew() {
    int n = Math.toIntExact((bytes + 3) / 4);
    words = new int[n];
    state = new byte[n];
    writers = shadow ? new long[n] : null;
    readers = shadow ? new long[n] : null;
    released = false;
  }

  /**
   * Forbids all accesses. A pool keeps memory of every size that was ever asked for, and with what
   * is known about them four bytes take 21: only addresses are kept.
   */
  void release() {
    released = true;
    words = null;
    state = null;
    writers = null;
    readers = null;
  }

  /** Marks all bytes as written, or as not. */
  void markAll(boolean written) {
    Arrays.fill(state, (byte) (written ? WRITTEN : 0));
  }

  /** Marks a range of bytes as written. */
  void markWritten(long offset, long count) {
    long end = offset + count;
    for (long at = offset; at < end; ) {
      if ((at & 3) == 0 && at + 4 <= end) {
        state[(int) (at >> 2)] = WRITTEN;
        at += 4;
      } else {
        state[(int) (at >> 2)] |= (byte) (1 << (at & 3));
        at++;
      }
    }
  }

  /** Forgets who accessed what. */
  void forget() {
    if (writers != null) {
      Arrays.fill(writers, 0);
      Arrays.fill(readers, 0);
    }
  }

  int getByte(long offset) {
    return words[(int) (offset >> 2)] >>> (8 * (offset & 3)) & 0xff;
  }

  void setByte(long offset, int value) {
    int i = (int) (offset >> 2);
    int shift = (int) (8 * (offset & 3));
    words[i] = words[i] & ~(0xff << shift) | (value & 0xff) << shift;
  }
}
