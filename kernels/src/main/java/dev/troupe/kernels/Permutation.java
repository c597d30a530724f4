package dev.troupe.kernels;

/**
 * A keyed bijection of [0, n) that stores nothing but its round keys: position p of a shuffled
 * epoch holds item {@link #index index(p)}. A balanced Feistel network permutes the smallest [0,
 * 4^k) that holds [0, n); a result of n or more goes through it again ("cycle walking", Black and
 * Rogaway 2002), fewer than four times on average.
 *
 * <p>The network splits a number into halves of k bits and runs {@value #ROUNDS} rounds
 *
 * <pre>(left, right) → (right, left ⊕ mix(right ⊕ key[round]))</pre>
 *
 * where mix(v) takes the low k bits of two multiplications as in {@link Philox}: v ← high(v·M0) ⊕
 * low(v·M0), then the same with M1, where high and low are the halves of the 64-bit product, and v
 * ← v ⊕ v/2^16 before each. The round keys are the words of blocks 0 to 2 of Philox with the
 * counter (block, epoch, stream, member). Feistel rounds with halves of two bits and more are even
 * permutations, which would show for small n; so 0 and 1 change places before the first round if
 * the first word of block 3 is odd.
 */
public final class Permutation {
  static final int ROUNDS = 12;

  private static final long LOW = 0xFFFFFFFFL;

  private final int size;
  private final int halfBits;
  private final int[] keys = new int[ROUNDS + 4];
  private final int swap;

  /**
   * Makes the permutation of one epoch.
   *
   * @param size n, at least 1
   * @param key seed, epoch (as the step), stream and member
   * @throws IllegalArgumentException if {@code size < 1}
   */
  public Permutation(int size, Philox.Key key) {
    if (size < 1) {
      throw new IllegalArgumentException("permutation: size is " + size + ", expected 1 or more");
    }
    this.size = size;
    this.halfBits = halfBits(size);
    for (int i = 0; i < keys.length; i += 4) {
      Philox.block(key, i / 4, keys, i);
    }
    this.swap = size > 1 ? keys[ROUNDS] & 1 : 0;
  }

  /** The k of the smallest 4^k that holds [0, size), for {@code size} of at least 1. */
  public static int halfBits(int size) {
    return (33 - Integer.numberOfLeadingZeros(size - 1)) / 2;
  }

  /**
   * The item at one position.
   *
   * @param position in [0, n)
   * @throws IndexOutOfBoundsException if it is not
   */
  public int index(int position) {
    if (position < 0 || position >= size) {
      throw new IndexOutOfBoundsException(
          "permutation: position is " + position + ", expected 0 to " + (size - 1));
    }
    int v = position;
    do {
      v = network(v);
    } while (Integer.compareUnsigned(v, size) >= 0);
    return v;
  }

  /**
   * The items at {@code count} positions from {@code first} on, to {@code out[at]} and following.
   */
  public void fill(int first, int count, int[] out, int at) {
    for (int i = 0; i < count; i++) {
      out[at + i] = index(first + i);
    }
  }

  /**
   * One item without keeping the round keys: {@code new Permutation(size, key).index(position)}.
   */
  public static int permute(int position, int size, Philox.Key key) {
    return new Permutation(size, key).index(position);
  }

  private int network(int v) {
    int mask = (1 << halfBits) - 1;
    v ^= (v & ~1) == 0 ? swap : 0;
    int left = v >>> halfBits;
    int right = v & mask;
    for (int round = 0; round < ROUNDS; round++) {
      int next = left ^ (mix(right ^ keys[round]) & mask);
      left = right;
      right = next;
    }
    return left << halfBits | right;
  }

  private static int mix(int v) {
    return multiply(multiply(v, Philox.MULTIPLIER_0), Philox.MULTIPLIER_1);
  }

  private static int multiply(int v, int multiplier) {
    long product = ((v ^ v >>> 16) & LOW) * (multiplier & LOW);
    return (int) (product >>> 32) ^ (int) product;
  }
}
