package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.MAX_DEPTH;
import static dev.troupe.kernels.cpu.Tiles.MAX_ROWS;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

/** What one thread keeps between tasks of a {@link Product}, and from product to product. */
final class Scratch {
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  /** Strips of A. */
  float[] strips = new float[0];

  /** Number of strips in a block of rows, and the row at which each begins. */
  int count;

  int[] starts = new int[0];

  /** One packed panel of B. */
  final float[] panel = new float[MAX_DEPTH * WIDTH];

  /** Sums of the tiles below one panel, between two blocks of k. */
  float[] sums = new float[0];

  /** A tile that reaches over the edge of C. */
  final float[] tile = new float[MAX_ROWS * WIDTH];

  // Whose strips these are.
  private Product owner;
  private long run;
  private int member;
  private int block;

  private Scratch() {}

  static Scratch ofThisThread() {
    return OF_THREAD.get();
  }

  boolean holds(Product product, long productRun, int ofMember, int ofBlock) {
    return owner == product && run == productRun && member == ofMember && block == ofBlock;
  }

  void hold(Product product, long productRun, int ofMember, int ofBlock) {
    owner = product;
    run = productRun;
    member = ofMember;
    block = ofBlock;
  }

  /** Plans the strips of {@code rows} rows and returns their number. */
  int plan(int rows) {
    owner = null;
    int most = Tiles.maxStrips(rows);
    if (starts.length <= most) {
      starts = new int[most + 1];
      sums = new float[most * MAX_ROWS * WIDTH];
    }
    count = Tiles.planStrips(rows, starts);
    return count;
  }

  float[] strips(int floats) {
    if (strips.length < floats) {
      strips = new float[floats];
    }
    return strips;
  }
}
