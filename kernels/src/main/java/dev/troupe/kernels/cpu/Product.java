package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.MAX_DEPTH;
import static dev.troupe.kernels.cpu.Tiles.MAX_ROWS;
import static dev.troupe.kernels.cpu.Tiles.STRIP;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

import java.util.Arrays;

/**
 * One batched product while it runs: its operands, how it is cut into tasks, and what a task does.
 *
 * <p>A task is some panels of B against one block of rows of A, whose strips the thread copies once
 * and keeps in its second-level cache. A member is one task where there are enough members, so that
 * each thread takes whole members.
 */
final class Product implements Workers.Task {
  /** Floats of A that one thread packs at a time: half of a second-level cache of 2 MB. */
  private static final int BLOCK_FLOATS = 256 * 1024;

  /** Reduced elements per pass over C. */
  private static final int PASS_DEPTH = 1024;

  /** Multiply-adds that are worth a task of their own (a few microseconds). */
  private static final long TASK_WORK = 200_000;

  private static final float[] ZEROS = new float[WIDTH];

  private static final ThreadLocal<Product> OF_THREAD = ThreadLocal.withInitial(Product::new);

  /** Result columns up to which the product is computed transposed, to keep vectors full. */
  private static final int NARROW = 4;

  private boolean transA;
  private float[] a;
  private int aOff;
  private int aBatch;
  private boolean transB;
  private float[] b;
  private int bOff;
  private int bBatch;
  private PackedMatrix packed;
  private float[] bias;
  private int biasOff;
  private int biasBatch;
  private boolean accumulate;
  private float[] c;
  private int cOff;
  private int cBatch;

  private int m;
  private int n;
  private int k;

  /** C is written transposed: {@code n} counts its rows. */
  private boolean transC;

  // The pass: k from..to, in blocks of depth.
  private int kFrom;
  private int kTo;
  private int depth;

  private int panels;
  private int rowBlocks;
  private int blockRows;
  private int groups; // of panels, per block of rows
  private int wholeMembers; // members that are one task each

  /** Counts runs, so that a thread knows whether its strips are those of this one. */
  private long run;

  private Product() {}

  static Product ofThisThread() {
    return OF_THREAD.get();
  }

  void left(boolean trans, float[] array, int off, int batchStride) {
    transA = trans;
    a = array;
    aOff = off;
    aBatch = batchStride;
  }

  void right(boolean trans, float[] array, int off, int batchStride) {
    transB = trans;
    b = array;
    bOff = off;
    bBatch = batchStride;
  }

  void right(PackedMatrix matrix) {
    packed = matrix;
  }

  void result(
      float[] biasArray,
      int biasOffset,
      int biasStride,
      boolean add,
      float[] array,
      int off,
      int batchStride) {
    bias = biasArray;
    biasOff = biasOffset;
    biasBatch = biasStride;
    accumulate = add;
    c = array;
    cOff = off;
    cBatch = batchStride;
  }

  /** Lets go of the operands. */
  void clear() {
    a = null;
    b = null;
    bias = null;
    c = null;
    packed = null;
  }

  void run(Workers workers, int batch, int rows, int columns, int reduced) {
    m = rows;
    n = columns;
    k = reduced;
    transC = false;
    if (batch == 0 || m == 0 || n == 0) {
      return;
    }
    if (k == 0) {
      start(batch);
      return;
    }
    if (packed == null && n <= NARROW && m > n) {
      swap();
    }
    panels = Math.ceilDiv(n, WIDTH);
    for (int from = 0; from < k; from += PASS_DEPTH) {
      kFrom = from;
      kTo = Math.min(k, from + PASS_DEPTH);
      int length = kTo - kFrom;
      depth = Math.ceilDiv(length, Math.ceilDiv(length, MAX_DEPTH));
      rowBlocks = (int) Math.ceilDiv((long) m * length, BLOCK_FLOATS);
      blockRows = Math.ceilDiv(Math.ceilDiv(m, rowBlocks), MAX_ROWS) * MAX_ROWS;
      rowBlocks = Math.ceilDiv(m, blockRows);
      run++;
      boolean small = workers.threads() == 1 || (long) m * n * length * batch < 2 * TASK_WORK;
      int tasks = cut(small ? 1 : workers.threads(), batch, length);
      if (small) {
        for (int task = 0; task < tasks; task++) {
          run(task);
        }
      } else {
        workers.run(tasks, this);
      }
    }
  }

  /** Decides on tasks and returns their number. */
  private int cut(int threads, int batch, int length) {
    wholeMembers = batch - batch % threads;
    int rest = batch - wholeMembers;
    long blockWork = (long) Math.min(m, blockRows) * n * length;
    groups = Math.clamp(blockWork / TASK_WORK, 1, panels);
    return wholeMembers + rest * rowBlocks * groups;
  }

  /** C^T = op(B)^T · op(A)^T. */
  private void swap() {
    boolean trans = transA;
    float[] array = a;
    int off = aOff;
    int stride = aBatch;
    left(!transB, b, bOff, bBatch);
    right(!trans, array, off, stride);
    int rows = m;
    m = n;
    n = rows;
    transC = true;
  }

  /** C for an empty sum. */
  private void start(int batch) {
    for (int member = 0; member < batch && !accumulate; member++) {
      for (int i = 0; i < m; i++) {
        int at = cOff + member * cBatch + i * n;
        if (bias == null) {
          Arrays.fill(c, at, at + n, 0f);
        } else {
          System.arraycopy(bias, biasOff + member * biasBatch, c, at, n);
        }
      }
    }
  }

  @Override
  public void run(int task) {
    Scratch scratch = Scratch.ofThisThread();
    if (task < wholeMembers) {
      for (int block = 0; block < rowBlocks; block++) {
        block(scratch, task, block, 0, panels);
      }
    } else {
      int rest = task - wholeMembers;
      int group = rest % groups;
      int block = rest / groups % rowBlocks;
      int member = wholeMembers + rest / groups / rowBlocks;
      int from = (int) ((long) panels * group / groups);
      int to = (int) ((long) panels * (group + 1) / groups);
      block(scratch, member, block, from, to);
    }
  }

  private void block(Scratch scratch, int member, int block, int fromPanel, int toPanel) {
    packLeft(scratch, member, block);
    for (int panel = fromPanel; panel < toPanel; panel++) {
      panel(scratch, member, block * blockRows, panel);
    }
  }

  /** Copies the strips of a block of rows, for every block of k of this pass. */
  private void packLeft(Scratch scratch, int member, int block) {
    if (scratch.holds(this, run, member, block)) {
      return;
    }
    int first = block * blockRows;
    int strips = scratch.plan(Math.min(blockRows, m - first));
    int blocks = Math.ceilDiv(kTo - kFrom, depth);
    float[] strip = scratch.strips(strips * blocks * STRIP);
    int base = aOff + member * aBatch;
    int at = 0;
    for (int from = kFrom; from < kTo; from += depth) {
      int length = Math.min(depth, kTo - from);
      for (int s = 0; s < strips; s++) {
        int i = first + scratch.starts[s];
        int rows = scratch.starts[s + 1] - scratch.starts[s];
        if (transA) {
          Packing.columnStrip(a, base + from * m + i, m, rows, length, strip, at);
        } else {
          Packing.rowStrip(
              a, base + i * k + from, k, rows, Tiles.tileRows(rows), length, strip, at);
        }
        at += STRIP;
      }
    }
    scratch.hold(this, run, member, block);
  }

  /** One panel of B against the strips at hand. */
  private void panel(Scratch scratch, int member, int firstRow, int panel) {
    int j = panel * WIDTH;
    int columns = Math.min(WIDTH, n - j);
    int width = Packing.panelWidth(columns);
    int strips = scratch.count;
    int[] starts = scratch.starts;
    int cBase = cOff + member * cBatch;
    int stripBlock = 0;
    for (int from = kFrom; from < kTo; from += depth) {
      int length = Math.min(depth, kTo - from);
      boolean begin = from == kFrom;
      boolean end = from + length == kTo;
      float[] right = scratch.panel;
      int rightOff = 0;
      boolean fuse = false;
      int source = 0;
      if (packed != null) {
        right = packed.data();
        rightOff = packed.panelOffset(packed.batch() == 1 ? 0 : member, panel) + from * width;
      } else if (transB) {
        Packing.transposedPanel(
            b, bOff + member * bBatch + j * k + from, k, columns, length, right, 0);
      } else {
        source = bOff + member * bBatch + from * n + j;
        fuse = columns == WIDTH;
        if (!fuse) {
          Packing.panel(b, source, n, columns, length, right, 0);
        }
      }
      for (int s = 0; s < strips; s++) {
        int i = firstRow + starts[s];
        int rows = starts[s + 1] - starts[s];
        int tileRows = Tiles.tileRows(rows);
        boolean edge = transC || columns != width || rows != tileRows;
        float[] in;
        int inOff = 0;
        int inStride = 0;
        if (!begin) {
          in = scratch.sums;
          inOff = s * MAX_ROWS * WIDTH;
          inStride = WIDTH;
        } else if (edge) {
          in = scratch.tile;
          inStride = WIDTH;
          startTile(in, member, i, rows, j, columns);
        } else if (kFrom > 0 || accumulate) {
          in = c;
          inOff = cBase + i * n + j;
          inStride = n;
        } else if (bias != null) {
          in = bias;
          inOff = biasOff + member * biasBatch + j;
        } else {
          in = ZEROS;
        }
        float[] out;
        int outOff = 0;
        int outStride = WIDTH;
        if (!end) {
          out = scratch.sums;
          outOff = s * MAX_ROWS * WIDTH;
        } else if (edge) {
          out = scratch.tile;
        } else {
          out = c;
          outOff = cBase + i * n + j;
          outStride = n;
        }
        float[] left = scratch.strips;
        int leftOff = (stripBlock + s) * STRIP;
        if (fuse && s == 0) {
          fused(
              tileRows, length, left, leftOff, source, right, in, inOff, inStride, out, outOff,
              outStride);
        } else if (width == LANES) {
          half(
              tileRows, length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
              outStride);
        } else {
          full(
              tileRows, length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
              outStride);
        }
        if (end && edge) {
          endTile(out, member, i, rows, j, columns);
        }
      }
      stripBlock += strips;
    }
  }

  /** Fills a scratch tile with the values that C starts from, and zeros around them. */
  private void startTile(float[] tile, int member, int i, int rows, int j, int columns) {
    Arrays.fill(tile, 0f);
    boolean add = kFrom > 0 || accumulate;
    if (!add && bias == null) {
      return;
    }
    int at = add ? cOff + member * cBatch : biasOff + member * biasBatch;
    for (int r = 0; r < rows; r++) {
      for (int q = 0; q < columns; q++) {
        int row = transC ? j + q : i + r;
        int column = transC ? i + r : j + q;
        tile[r * WIDTH + q] = add ? c[at + row * (transC ? m : n) + column] : bias[at + column];
      }
    }
  }

  /** Copies the part of a scratch tile that lies inside C. */
  private void endTile(float[] tile, int member, int i, int rows, int j, int columns) {
    int at = cOff + member * cBatch;
    for (int r = 0; r < rows; r++) {
      for (int q = 0; q < columns; q++) {
        c[at + (transC ? (j + q) * m + i + r : (i + r) * n + j + q)] = tile[r * WIDTH + q];
      }
    }
  }

  private void fused(
      int tileRows,
      int length,
      float[] left,
      int leftOff,
      int source,
      float[] right,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    if (transA) {
      switch (tileRows) {
        case 13 ->
            Tile13.columnFused(
                length, left, leftOff, b, source, n, right, 0, in, inOff, inStride, out, outOff,
                outStride);
        case 12 ->
            Tile12.columnFused(
                length, left, leftOff, b, source, n, right, 0, in, inOff, inStride, out, outOff,
                outStride);
        default ->
            Tile6.columnFused(
                length, left, leftOff, b, source, n, right, 0, in, inOff, inStride, out, outOff,
                outStride);
      }
    } else {
      switch (tileRows) {
        case 13 ->
            Tile13.rowFused(
                length, left, leftOff, b, source, n, right, 0, in, inOff, inStride, out, outOff,
                outStride);
        case 12 ->
            Tile12.rowFused(
                length, left, leftOff, b, source, n, right, 0, in, inOff, inStride, out, outOff,
                outStride);
        default ->
            Tile6.rowFused(
                length, left, leftOff, b, source, n, right, 0, in, inOff, inStride, out, outOff,
                outStride);
      }
    }
  }

  private void full(
      int tileRows,
      int length,
      float[] left,
      int leftOff,
      float[] right,
      int rightOff,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    if (transA) {
      switch (tileRows) {
        case 13 ->
            Tile13.column(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
        case 12 ->
            Tile12.column(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
        default ->
            Tile6.column(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
      }
    } else {
      switch (tileRows) {
        case 13 ->
            Tile13.row(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
        case 12 ->
            Tile12.row(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
        default ->
            Tile6.row(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
      }
    }
  }

  private void half(
      int tileRows,
      int length,
      float[] left,
      int leftOff,
      float[] right,
      int rightOff,
      float[] in,
      int inOff,
      int inStride,
      float[] out,
      int outOff,
      int outStride) {
    if (transA) {
      switch (tileRows) {
        case 13 ->
            Tile13.columnHalf(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
        case 12 ->
            Tile12.columnHalf(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
        default ->
            Tile6.columnHalf(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
      }
    } else {
      switch (tileRows) {
        case 13 ->
            Tile13.rowHalf(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
        case 12 ->
            Tile12.rowHalf(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
        default ->
            Tile6.rowHalf(
                length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
                outStride);
      }
    }
  }
}
