package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.MAX_DEPTH;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

import java.util.Arrays;

/**
 * One batched product while it runs: its operands, how it is cut into tasks, and what a task does.
 *
 * <p>A task computes some rows by some panels of columns of one member, without regard to other
 * tasks. For each block of k it packs a group of panels of B, which then stays in the second-level
 * cache, and strip after strip of A, which stays in the first. A member is one task where there are
 * enough members, so that each thread takes whole members.
 */
final class Product implements Workers.Task {
  /** Panels of B that are packed at a time: 1 MB at most, half of a second-level cache. */
  private static final int GROUP = 16;

  /** Rows and panels of a task below which packing would cost more than even sharing gains. */
  private static final int TASK_ROWS = 256;

  private static final int TASK_PANELS = 8;

  /** Tasks for each thread that even out a thread that is held up. */
  private static final int TASKS_PER_THREAD = 4;

  /** Multiply-adds that are worth a task of their own (a few microseconds). */
  private static final long TASK_WORK = 200_000;

  /**
   * Most steps of the reduced dimension at a time where A is transposed: a strip of columns then
   * leaves room for a panel in the first-level cache, which makes 1024 x 1024 x 512 faster by a
   * tenth. Rows of a plain A do as well with {@link Tiles#MAX_DEPTH}.
   */
  private static final int COLUMN_DEPTH = 256;

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
  private float slope;
  private boolean accumulate;
  private float[] c;
  private int cOff;
  private int cBatch;

  private int m;
  private int n;
  private int k;

  /** C is written transposed: {@code n} counts its rows. */
  private boolean transC;

  /** Few rows by a plain B. */
  private boolean thin;

  private int panels;
  private int wholeMembers; // members that are one task each
  private int groups; // tasks of any other member: groups of panels by blocks of rows
  private int rowBlocks;

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
      float slopeBelowZero,
      boolean add,
      float[] array,
      int off,
      int batchStride) {
    bias = biasArray;
    biasOff = biasOffset;
    biasBatch = biasStride;
    slope = slopeBelowZero;
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
    if (k == 1) { // a row is a column
      transA = true;
      transB = false;
    }
    thin = packed == null && !transB && m <= Thin.ROWS;
    panels = Math.ceilDiv(n, thin ? Thin.WIDTH : WIDTH);
    int threads = workers.threads();
    if (threads == 1 || (long) m * n * k * batch < 2 * TASK_WORK) {
      wholeMembers = batch;
      for (int member = 0; member < batch; member++) {
        run(member);
      }
    } else {
      wholeMembers = batch - batch % threads;
      workers.run(wholeMembers + (batch - wholeMembers) * cut(threads), this);
    }
  }

  /** Cuts a member into tasks and returns their number. */
  private int cut(int threads) {
    long most = Math.max(1, (long) m * n * k / TASK_WORK);
    int wanted = (int) Math.min(most, (long) threads * TASKS_PER_THREAD);
    rowBlocks = Math.clamp(m / TASK_ROWS, 1, wanted);
    groups = Math.min(wanted, threads);
    groups = Math.max(groups, Math.min(Math.ceilDiv(wanted, rowBlocks), panels / TASK_PANELS));
    groups = Math.clamp(groups, 1, panels);
    return groups * rowBlocks;
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
      activate(member, 0, m, 0, n);
    }
  }

  @Override
  public void run(int task) {
    Scratch scratch = Scratch.ofThisThread();
    if (task < wholeMembers) {
      block(scratch, task, 0, m, 0, panels);
    } else {
      int rest = task - wholeMembers;
      int block = rest % rowBlocks;
      int group = rest / rowBlocks % groups;
      int member = wholeMembers + rest / rowBlocks / groups;
      block(
          scratch,
          member,
          share(m, block, rowBlocks),
          share(m, block + 1, rowBlocks),
          share(panels, group, groups),
          share(panels, group + 1, groups));
    }
  }

  private static int share(int total, int part, int parts) {
    return (int) ((long) total * part / parts);
  }

  /** Some rows by some panels of a member. */
  private void block(
      Scratch scratch, int member, int fromRow, int toRow, int fromPanel, int toPanel) {
    if (thin) {
      thinBlock(scratch, member, fromPanel, toPanel);
      return;
    }
    scratch.plan(toRow - fromRow);
    int count = Math.ceilDiv(toPanel - fromPanel, GROUP);
    int most = transA ? COLUMN_DEPTH : MAX_DEPTH;
    int depth = Math.ceilDiv(k, Math.ceilDiv(k, most));
    for (int i = 0; i < count; i++) {
      int from = fromPanel + share(toPanel - fromPanel, i, count);
      int to = fromPanel + share(toPanel - fromPanel, i + 1, count);
      for (int start = 0; start < k; start += depth) {
        group(scratch, member, fromRow, from, to, start, Math.min(depth, k - start));
      }
    }
  }

  private void thinBlock(Scratch scratch, int member, int fromPanel, int toPanel) {
    int rowStride = transA ? 1 : k;
    int stepStride = transA ? m : 1;
    for (int start = 0; start < k; start += Thin.MAX_DEPTH) {
      int depth = Math.min(Thin.MAX_DEPTH, k - start);
      int from = aOff + member * aBatch + start * stepStride;
      Thin.pack(a, from, rowStride, stepStride, m, depth, scratch.strip);
      for (int panel = fromPanel; panel < toPanel; panel++) {
        int j = panel * Thin.WIDTH;
        int columns = Math.min(Thin.WIDTH, n - j);
        float[] tile = scratch.tile;
        startTile(tile, Thin.WIDTH, member, 0, m, j, columns, start > 0 || accumulate);
        int source = bOff + member * bBatch + start * n + j;
        Thin.tile(depth, scratch.strip, b, source, n, columns, tile);
        endTile(tile, Thin.WIDTH, member, 0, m, j, columns);
      }
    }
    int j = fromPanel * Thin.WIDTH;
    activate(member, 0, m, j, Math.min(toPanel * Thin.WIDTH, n) - j);
  }

  /** Rows, a group of panels, and a block of k. */
  private void group(
      Scratch scratch, int member, int fromRow, int fromPanel, int toPanel, int start, int depth) {
    float[] right;
    int rightOff; // of panel fromPanel
    int rightStep; // from panel to panel
    if (packed != null) {
      int packedMember = packed.batch() == 1 ? 0 : member;
      right = packed.data();
      rightStep = k * WIDTH;
      rightOff = packed.panelOffset(packedMember, fromPanel);
    } else {
      right = scratch.panels((toPanel - fromPanel) * depth * WIDTH);
      rightStep = depth * WIDTH;
      rightOff = Tiles.ALIGN;
      packRight(right, member, fromPanel, toPanel, start, depth);
    }
    float[] strip = scratch.strip;
    int aBase = aOff + member * aBatch;
    for (int s = 0; s < scratch.count; s++) {
      int i = fromRow + scratch.starts[s];
      int rows = scratch.starts[s + 1] - scratch.starts[s];
      int tileRows = Tiles.tileRows(rows);
      if (transA) {
        Packing.columnStrip(a, aBase + start * m + i, m, rows, depth, strip, 0);
      } else {
        Packing.rowStrip(a, aBase + i * k + start, k, rows, tileRows, depth, strip, 0);
      }
      for (int panel = fromPanel; panel < toPanel; panel++) {
        int at = rightOff + (panel - fromPanel) * rightStep;
        if (packed != null) {
          at += start * Packing.panelWidth(Math.min(WIDTH, n - panel * WIDTH));
        }
        tile(scratch, member, i, rows, tileRows, panel, right, at, start, depth);
      }
      if (start + depth == k) { // while the strip's results are in the cache
        int j = fromPanel * WIDTH;
        activate(member, i, rows, j, Math.min(toPanel * WIDTH, n) - j);
      }
    }
  }

  private void packRight(
      float[] right, int member, int fromPanel, int toPanel, int start, int depth) {
    int base = bOff + member * bBatch;
    if (transB) {
      for (int panel = fromPanel; panel < toPanel; panel++) {
        int j = panel * WIDTH;
        int columns = Math.min(WIDTH, n - j);
        int at = Tiles.ALIGN + (panel - fromPanel) * depth * WIDTH;
        Packing.transposedPanel(b, base + j * k + start, k, columns, depth, right, at);
      }
    } else {
      int j = fromPanel * WIDTH;
      int columns = Math.min(toPanel * WIDTH, n) - j;
      Packing.panels(b, base + start * n + j, n, columns, depth, right, Tiles.ALIGN);
    }
  }

  /** One tile of C, over a block of k. */
  private void tile(
      Scratch scratch,
      int member,
      int i,
      int rows,
      int tileRows,
      int panel,
      float[] right,
      int rightOff,
      int start,
      int depth) {
    int j = panel * WIDTH;
    int columns = Math.min(WIDTH, n - j);
    int width = Packing.panelWidth(columns);
    boolean add = start > 0 || accumulate;
    int cAt = cOff + member * cBatch + i * n + j;
    float[] in;
    int inOff = 0;
    int inStride = 0;
    float[] out = c;
    int outOff = cAt;
    int outStride = n;
    boolean edge = transC || columns != width || rows != tileRows;
    if (edge) {
      in = scratch.tile;
      inStride = WIDTH;
      startTile(in, WIDTH, member, i, rows, j, columns, add);
      out = in;
      outOff = 0;
      outStride = WIDTH;
    } else if (add) {
      in = c;
      inOff = cAt;
      inStride = n;
    } else if (bias != null) {
      in = bias;
      inOff = biasOff + member * biasBatch + j;
    } else {
      in = ZEROS;
    }
    if (width == LANES) {
      half(
          tileRows,
          depth,
          scratch.strip,
          0,
          right,
          rightOff,
          in,
          inOff,
          inStride,
          out,
          outOff,
          outStride);
    } else {
      full(
          tileRows,
          depth,
          scratch.strip,
          0,
          right,
          rightOff,
          in,
          inOff,
          inStride,
          out,
          outOff,
          outStride);
    }
    if (edge) {
      endTile(out, WIDTH, member, i, rows, j, columns);
    }
  }

  /** Fills a scratch tile with the values that C starts from, and zeros around them. */
  private void startTile(
      float[] tile, int width, int member, int i, int rows, int j, int columns, boolean add) {
    Arrays.fill(tile, 0f);
    if (!add && bias == null) {
      return;
    }
    int at = add ? cOff + member * cBatch : biasOff + member * biasBatch;
    float[] from = add ? c : bias;
    for (int r = 0; r < rows; r++) {
      int to = r * width;
      if (!transC) {
        System.arraycopy(from, at + (add ? (i + r) * n : 0) + j, tile, to, columns);
        continue;
      }
      int step = add ? m : 0;
      for (int q = 0; q < columns; q++) {
        tile[to + q] = from[at + (j + q) * step + i + r];
      }
    }
  }

  /** Copies the part of a scratch tile that lies inside C. */
  private void endTile(float[] tile, int width, int member, int i, int rows, int j, int columns) {
    int at = cOff + member * cBatch;
    for (int r = 0; r < rows; r++) {
      int from = r * width;
      if (!transC) {
        System.arraycopy(tile, from, c, at + (i + r) * n + j, columns);
        continue;
      }
      for (int q = 0; q < columns; q++) {
        c[at + (j + q) * m + i + r] = tile[from + q];
      }
    }
  }

  /** Activates a part of C. */
  private void activate(int member, int i, int rows, int j, int columns) {
    if (slope == 1) {
      return;
    }
    int at = cOff + member * cBatch;
    if (transC) {
      for (int q = j; q < j + columns; q++) {
        UnaryLoops.leakyRelu(c, at + q * m + i, slope, c, at + q * m + i, rows);
      }
    } else {
      for (int r = i; r < i + rows; r++) {
        UnaryLoops.leakyRelu(c, at + r * n + j, slope, c, at + r * n + j, columns);
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
      Tiles.column(
          tileRows, length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
          outStride);
    } else {
      Tiles.row(
          tileRows, length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
          outStride);
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
      Tiles.columnHalf(
          tileRows, length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
          outStride);
    } else {
      Tiles.rowHalf(
          tileRows, length, left, leftOff, right, rightOff, in, inOff, inStride, out, outOff,
          outStride);
    }
  }
}
