package dev.troupe.kernels.ptx;

/** What a whole warp does with small matrices. */
final class MatrixOps {
  private static final int ROWS = 16;
  private static final int COLUMNS = 8;

  private MatrixOps() {}

  /** What the factors of a product are. */
  enum Factor {
    /** One of 32 bits in a register, whose lowest 13 are not looked at. */
    TF32(1),
    /** Two in a register, the first in the low half. */
    F16(2),
    /** Likewise. */
    BF16(2);

    /** How many are in a register. */
    final int packed;

    Factor(int packed) {
      this.packed = packed;
    }

    float value(int register, int which) {
      int half = register >>> 16 * which;
      return switch (this) {
        case TF32 -> Float.intBitsToFloat(register & ~0x1fff);
        case F16 -> Float.float16ToFloat((short) half);
        case BF16 -> Float.intBitsToFloat(half << 16);
      };
    }
  }

  /**
   * {@code mma.sync.m16n8k*}: D = A·B + C. Products are exact; they are added up in double and
   * rounded once, as in no GPU. Which lane has which element in which register stands in the PTX
   * manual, section "Matrix Fragments for mma.m16n8k*".
   */
  static final class MatrixProduct extends Op {
    private final Factor factor;
    private final int k;
    private final boolean half; // C and D are of f16, two in a register; otherwise of f32
    private final int[] d; // registers: [16, 8]
    private final int[] a; // [16, k]
    private final int[] b; // [k, 8]
    private final int[] c; // [16, 8]

    MatrixProduct(Factor factor, int k, boolean half, int[] d, int[] a, int[] b, int[] c) {
      this.factor = factor;
      this.k = k;
      this.half = half;
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    @Override
    void run(Warp w, int mask) {
      if (mask != -1) {
        w.waitForLanes(mask);
        return;
      }
      for (int[] operand : new int[][] {a, b, c}) {
        for (int r : operand) {
          if (w.known32[r] != -1) {
            throw w.unknownRegister(this, -1);
          }
        }
      }
      double[] x = new double[ROWS * k];
      double[] y = new double[k * COLUMNS];
      double[] sum = new double[ROWS * COLUMNS];
      for (int lane = 0; lane < LANES; lane++) {
        int group = lane >> 2;
        for (int p = 0; p < factor.packed; p++) {
          int in = factor.packed * (lane & 3) + p; // of 4 or 8 along k
          for (int i = 0; i < a.length; i++) {
            int row = group + 8 * (i & 1);
            int at = 4 * factor.packed * (i >> 1) + in;
            x[row * k + at] = factor.value(w.r32[a[i]][lane], p);
          }
          for (int i = 0; i < b.length; i++) {
            y[(4 * factor.packed * i + in) * COLUMNS + group] = factor.value(w.r32[b[i]][lane], p);
          }
        }
        for (int i = 0; i < 4; i++) {
          int bits = w.r32[c[half ? i >> 1 : i]][lane];
          sum[place(lane, i)] = half ? Factor.F16.value(bits, i & 1) : Float.intBitsToFloat(bits);
        }
      }
      for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < COLUMNS; column++) {
          for (int i = 0; i < k; i++) {
            sum[row * COLUMNS + column] += x[row * k + i] * y[i * COLUMNS + column];
          }
        }
      }
      for (int lane = 0; lane < LANES; lane++) {
        for (int i = 0; i < d.length; i++) {
          w.r32[d[i]][lane] =
              half
                  ? (int) Conversions.half(sum[place(lane, 2 * i)])
                      | (int) Conversions.half(sum[place(lane, 2 * i + 1)]) << 16
                  : Floats.bits((float) sum[place(lane, i)]);
        }
      }
      for (int r : d) {
        w.known32[r] = -1;
      }
    }

    /** Where the i-th of a lane's four elements is in C and D. */
    private static int place(int lane, int i) {
      return ((lane >> 2) + 8 * (i >> 1)) * COLUMNS + 2 * (lane & 3) + (i & 1);
    }

    @Override
    boolean ready(Warp w, int mask) {
      return mask == -1;
    }
  }

  /**
   * {@code ldmatrix}: matrices of 8 x 8 elements of 16 bits. Lane 8 m + r has the address of row r
   * of matrix m, 16 bytes; each lane gets two neighbouring elements of a row of each matrix, or of
   * a column if they are transposed.
   */
  static final class LoadMatrix extends MemoryOp {
    private final int[] d; // one register for each matrix
    private final boolean transposed;

    LoadMatrix(Space space, int[] d, boolean transposed, Base base) {
      super(space, 16, base);
      this.d = d;
      this.transposed = transposed;
    }

    @Override
    void run(Warp w, int mask) {
      if (mask != -1) {
        w.waitForLanes(mask);
        return;
      }
      int rows = 8 * d.length;
      checkAddressKnown(w, addressed());
      memory = null;
      int[][] words = new int[rows][4]; // two elements in each
      for (int row = 0; row < rows; row++) {
        resolve(w, row);
        for (int i = 0; i < 4; i++) {
          words[row][i] = loadWord(w, row, (int) (at >> 2) + i);
        }
      }
      for (int m = 0; m < d.length; m++) {
        for (int lane = 0; lane < LANES; lane++) {
          int line = lane >> 2;
          int in = lane & 3;
          w.r32[d[m]][lane] =
              transposed
                  ? element(words[8 * m + 2 * in], line)
                      | element(words[8 * m + 2 * in + 1], line) << 16
                  : words[8 * m + line][in];
        }
        w.known32[d[m]] = -1;
      }
    }

    /** The lanes that have the address of a row. */
    int addressed() {
      return -1 >>> LANES - 8 * d.length;
    }

    private static int element(int[] row, int column) {
      return row[column >> 1] >>> 16 * (column & 1) & 0xffff;
    }

    @Override
    boolean ready(Warp w, int mask) {
      return mask == -1;
    }
  }
}
