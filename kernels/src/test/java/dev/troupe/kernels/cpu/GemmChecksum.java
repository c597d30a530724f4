package dev.troupe.kernels.cpu;

import java.util.SplittableRandom;

/**
 * Products of many shapes, reduced to one number; run in a virtual machine of its own by the tests.
 */
final class GemmChecksum {
  private static final int[][] SHAPES = {
    {100, 70, 90}, {13, 400, 40}, {100, 2, 60}, {2, 100, 77}, {33, 31, 530}, {1, 65, 9}, {50, 1, 40}
  };

  private GemmChecksum() {}

  /** Prints the number of vector lanes and the checksum. */
  public static void main(String[] args) {
    System.out.println(Tiles.LANES + " " + Long.toHexString(checksum()));
  }

  static long checksum() {
    long hash = 0;
    try (Workers workers = new Workers(2)) {
      SplittableRandom random = new SplittableRandom(7);
      for (int[] shape : SHAPES) {
        int m = shape[0];
        int n = shape[1];
        int k = shape[2];
        float[] a = values(random, 2 * m * k);
        float[] b = values(random, 2 * k * n);
        float[] bias = values(random, n);
        for (int t = 0; t < 4; t++) {
          float[] c = new float[2 * m * n];
          Gemm.multiply(
              workers,
              (t & 1) != 0,
              (t & 2) != 0,
              2,
              m,
              n,
              k,
              a,
              0,
              m * k,
              b,
              0,
              k * n,
              bias,
              0,
              0,
              false,
              c,
              0,
              m * n);
          for (float value : c) {
            hash = hash * 0x5DEECE66DL + Float.floatToRawIntBits(value) + 11;
          }
        }
      }
    }
    return hash;
  }

  private static float[] values(SplittableRandom random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return values;
  }
}
