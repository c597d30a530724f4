package dev.troupe.kernels;

import java.util.Arrays;

/**
 * How the elements of a contiguous result are paired with the elements of its inputs: element
 * {@code (i0, i1, …)} of the result takes element {@code Σ i_d · strides[k][d]} of input {@code k}.
 * A stride of 0 repeats an input along that dimension. Neighbouring dimensions that can be walked
 * as one are already merged, so most ops have one to three.
 *
 * @param sizes the result's dimensions, outermost first; never empty
 * @param strides one row for each input, each as long as {@code sizes}
 */
public record Broadcast(int[] sizes, int[][] strides) {
  private static final int[] ONE = {1};

  /** Checks that the rows fit, and that no element lies before the first. */
  public Broadcast {
    if (sizes.length == 0) {
      throw new IllegalArgumentException("broadcast: no sizes, expected at least one");
    }
    long size = 1;
    for (int s : sizes) {
      Check.atLeast("broadcast", "a size", s, 0);
      size = Math.min(size * s, 1L << 31);
    }
    if (size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "broadcast: sizes " + Arrays.toString(sizes) + " have too many elements");
    }
    for (int[] row : strides) {
      if (row.length != sizes.length) {
        throw new IllegalArgumentException(
            "broadcast: " + row.length + " strides for " + sizes.length + " sizes");
      }
      for (int s : row) {
        Check.atLeast("broadcast", "a stride", s, 0);
      }
    }
  }

  /** Every input is laid out as the result of {@code size} elements. */
  public static Broadcast contiguous(int size, int inputs) {
    int[][] strides = new int[inputs][];
    Arrays.fill(strides, ONE);
    return new Broadcast(new int[] {size}, strides);
  }

  /** How many elements the result has. */
  public int size() {
    int n = 1;
    for (int s : sizes) {
      n *= s;
    }
    return n;
  }

  /** The number of elements that input {@code k} must have; 0 where the result is empty. */
  public int extent(int k) {
    long last = 0;
    for (int d = 0; d < sizes.length; d++) {
      if (sizes[d] == 0) {
        return 0;
      }
      last += (long) (sizes[d] - 1) * strides[k][d];
    }
    return Math.toIntExact(last + 1);
  }

  /** Whether input {@code k} lies as the result does. */
  public boolean isContiguous(int k) {
    int expected = 1;
    for (int d = sizes.length - 1; d >= 0; d--) {
      if (sizes[d] != 1 && strides[k][d] != expected) {
        return false;
      }
      expected *= sizes[d];
    }
    return true;
  }

  /**
   * The pairing of inputs of the given dimensions with a result of dimensions {@code result}, by
   * NumPy's rule: shapes are aligned at their last axis, and an axis of size 1 is repeated. The
   * caller has checked that they fit.
   */
  public static Broadcast of(int[] result, int[]... inputs) {
    int rank = result.length;
    int[] sizes = new int[Math.max(rank, 1)];
    int[][] strides = new int[inputs.length][sizes.length];
    int[] natural = new int[inputs.length];
    Arrays.fill(natural, 1);
    // Walk from the last axis outwards; an axis merges with the one inside it where every input
    // allows.
    int at = sizes.length; // first used position
    for (int d = rank - 1; d >= 0; d--) {
      int size = result[d];
      if (size == 1) {
        continue;
      }
      boolean merge = at < sizes.length;
      int[] s = new int[inputs.length];
      for (int k = 0; k < inputs.length; k++) {
        int axis = d - (rank - inputs[k].length);
        int own = axis < 0 ? 1 : inputs[k][axis];
        s[k] = own == 1 ? 0 : natural[k];
        natural[k] *= own;
        merge &= at < sizes.length && s[k] == strides[k][at] * sizes[at];
      }
      if (merge) {
        sizes[at] *= size;
      } else {
        at--;
        sizes[at] = size;
        for (int k = 0; k < inputs.length; k++) {
          strides[k][at] = s[k];
        }
      }
    }
    if (at == sizes.length) {
      at--;
      sizes[at] = 1;
      for (int[] row : strides) {
        row[at] = 1;
      }
    }
    int from = at;
    int[][] cut = new int[inputs.length][];
    for (int k = 0; k < inputs.length; k++) {
      cut[k] = Arrays.copyOfRange(strides[k], from, sizes.length);
    }
    return new Broadcast(Arrays.copyOfRange(sizes, from, sizes.length), cut);
  }
}
