package dev.troupe.kernels.gpu;

/**
 * How a kernel finds the inputs of a contiguous result's elements: {@link
 * dev.troupe.kernels.Broadcast} as {@code walk.cuh} has it. Dimensions are counted from the
 * innermost outwards, those of size 1 are left out, and neighbours that can be walked as one are
 * merged. What is more than {@value #RANK} dimensions is divided into pieces of so many, which are
 * launched one by one; that is rare.
 *
 * <p>One record for each kernel family, set anew for each launch, so that none makes garbage.
 */
final class Walk {
  /** Dimensions of a piece. */
  static final int RANK = 5;

  private static final int MOST = 64;

  private final int inputs;
  private final int[] size = new int[MOST];
  private final int[][] stride;
  private int rank;
  private int pieces;
  private int n; // elements of a piece

  Walk(int inputs) {
    this.inputs = inputs;
    this.stride = new int[inputs][MOST];
  }

  /**
   * Takes over sizes, outermost first, and one row of strides for each input; an empty result has
   * no pieces.
   */
  void set(int[] sizes, int[][] strides) {
    rank = 0;
    for (int d = sizes.length - 1; d >= 0; d--) {
      if (sizes[d] == 0) {
        pieces = 0;
        return;
      }
      if (sizes[d] > 1 && !merge(sizes[d], strides, d)) {
        add(sizes[d], strides, d);
      }
    }
    n = 1;
    pieces = 1;
    for (int d = 0; d < rank; d++) {
      if (d < RANK) {
        n *= size[d];
      } else {
        pieces *= size[d];
      }
    }
  }

  private boolean merge(int more, int[][] strides, int d) {
    boolean can = rank > 0;
    for (int k = 0; can && k < inputs; k++) {
      can = strides[k][d] == stride[k][rank - 1] * size[rank - 1];
    }
    if (can) {
      size[rank - 1] *= more;
    }
    return can;
  }

  private void add(int next, int[][] strides, int d) {
    if (rank == MOST) {
      throw new IllegalArgumentException("walk: more than " + MOST + " dimensions");
    }
    size[rank] = next;
    for (int k = 0; k < inputs; k++) {
      stride[k][rank] = strides[k][d];
    }
    rank++;
  }

  /** How many launches it takes. */
  int pieces() {
    return pieces;
  }

  /** Elements of the result in a piece. */
  int elements() {
    return n;
  }

  /** The size of dimension {@code d}, 1 beyond the outermost. */
  int size(int d) {
    return d < rank ? size[d] : 1;
  }

  /** The stride of input {@code k} along dimension {@code d}, 0 beyond the outermost. */
  int stride(int k, int d) {
    return d < rank ? stride[k][d] : 0;
  }

  /** Dimensions that are left, 0 for a single element. */
  int rank() {
    return rank;
  }

  /** How many bytes beyond its first element the part of input {@code k} for a piece begins. */
  long offset(int k, int piece) {
    long elements = 0;
    int rest = piece;
    for (int d = RANK; d < rank; d++) {
      elements += (long) (rest % size[d]) * stride[k][d];
      rest /= size[d];
    }
    return elements * Float.BYTES;
  }

  /** How many bytes beyond its first element a piece of the result begins. */
  long offset(int piece) {
    return (long) piece * n * Float.BYTES;
  }

  /** Whether input {@code k}, which begins at {@code address}, can be read four by four. */
  private boolean isVector(int k, long address) {
    if (stride(k, 0) == 0) {
      return true;
    }
    boolean vector = stride(k, 0) == 1 && isAligned(address);
    for (int d = 1; d < rank; d++) {
      vector &= stride[k][d] % 4 == 0;
    }
    return vector;
  }

  static boolean isAligned(long address) {
    return (address & 15) == 0;
  }

  /**
   * Whether four neighbours of the result, which begins at {@code address}, are written at once.
   */
  private boolean isVector(long address) {
    return isAligned(address) && (rank <= 1 || size[0] % 4 == 0);
  }

  /** Appends the record for inputs and a result at these addresses. */
  void put(Launcher launcher, long x, long y) {
    put(launcher, isVector(y) && isVector(0, x));
  }

  /** See {@link #put(Launcher, long, long)}. */
  void put(Launcher launcher, long a, long b, long y) {
    put(launcher, isVector(y) && isVector(0, a) && isVector(1, b));
  }

  /** See {@link #put(Launcher, long, long)}. */
  void put(Launcher launcher, long a, long b, long c, long y) {
    put(launcher, isVector(y) && isVector(0, a) && isVector(1, b) && isVector(2, c));
  }

  /** Appends the record for two inputs of which the second one is written, in place of a result. */
  void putStrided(Launcher launcher, long x, long y) {
    put(launcher, (rank <= 1 || size[0] % 4 == 0) && isVector(0, x) && isVector(1, y));
  }

  /** Appends the record for a kernel that goes element by element. */
  void putScalar(Launcher launcher) {
    put(launcher, false);
  }

  private void put(Launcher launcher, boolean vector) {
    launcher.put(n).put(vector ? 1 : 0);
    for (int d = 0; d < RANK - 1; d++) {
      if (d < rank - 1) {
        launcher.putDivisor(size[d]);
      } else {
        launcher.put(0).put(0).put(0);
      }
    }
    for (int k = 0; k < inputs; k++) {
      for (int d = 0; d < RANK; d++) {
        launcher.put(stride(k, d));
      }
    }
  }

  /** The factor whose product with n, shifted by 32 + {@link #shift}, is n / by for n ≥ 0. */
  static int magic(int by) {
    return (int) ((1L << (32 + shift(by))) / by + 1);
  }

  /** See {@link #magic}. */
  static int shift(int by) {
    return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(by - 1); // log2, rounded up, less 1
  }
}
