package dev.troupe.kernels;

/**
 * Philox4x32-10, the counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy as
 * 1, 2, 3" (SC 2011). All devices draw from it alike: element i of the tensor that member e draws
 * at one step from one stream takes word {@code i % 4} of the block with
 *
 * <ul>
 *   <li>key {@code (low half of the seed, high half of the seed)} and
 *   <li>counter {@code (i / 4, step, stream, member)}.
 * </ul>
 *
 * <p>Two tensors have no word in common unless seed, step, stream and member are all equal, so
 * every use of random numbers has a stream of its own.
 */
public final class Philox {
  /** Multipliers of counter words 0 and 2. */
  public static final int MULTIPLIER_0 = 0xD2511F53;

  /** See {@link #MULTIPLIER_0}. */
  public static final int MULTIPLIER_1 = 0xCD9E8D57;

  /** What the key words grow by from round to round. */
  public static final int WEYL_0 = 0x9E3779B9;

  /** See {@link #WEYL_0}. */
  public static final int WEYL_1 = 0xBB67AE85;

  /** Number of rounds. */
  public static final int ROUNDS = 10;

  private static final long LOW = 0xFFFFFFFFL;

  /**
   * What names one member's random tensor.
   *
   * @param seed seed of the run
   * @param step number of the training step, or of the epoch
   * @param stream what the numbers are for
   * @param member member of the ensemble
   */
  public record Key(long seed, int step, int stream, int member) {}

  private Philox() {}

  /**
   * One block of four words.
   *
   * @param c0 counter, word 0, and so on
   * @param k0 key, word 0
   * @param k1 key, word 1
   * @param out where the four words go
   * @param at index of the first of them
   */
  public static void block(int c0, int c1, int c2, int c3, int k0, int k1, int[] out, int at) {
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (c0 & LOW) * (MULTIPLIER_0 & LOW);
      long p1 = (c2 & LOW) * (MULTIPLIER_1 & LOW);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[at] = c0;
    out[at + 1] = c1;
    out[at + 2] = c2;
    out[at + 3] = c3;
  }

  /**
   * Block number {@code index} of the tensor named by {@code key}: the words of elements 4·index to
   * 4·index + 3.
   */
  public static void block(Key key, int index, int[] out, int at) {
    block(
        index, key.step, key.stream, key.member, (int) key.seed, (int) (key.seed >>> 32), out, at);
  }
}
