package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.A_STRIDE;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.MAX_DEPTH;
import static dev.troupe.kernels.cpu.Tiles.MAX_ROWS;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

import java.util.Arrays;

/**
 * A convolution while it runs: for each {@link PixelView} the product of the weights, {@code [out,
 * taps · channels]}, by the pixels under them, {@code [taps · channels, results]}, by the inner
 * loops of the matrix product. Results are counted through the images of a member, so that vectors
 * are full however small images are.
 *
 * <p>Weights are packed once, into strips that are read where they lie. A task computes some
 * results of one member: panel after panel of pixels is packed, some of them at a time, which then
 * stay in the second-level cache while strip after strip passes.
 *
 * <p>Each result is one chain of fused multiply-adds over tap rows, tap columns and channels, which
 * starts from 0 or from the bias.
 */
final class PixelProduct implements Workers.Task {
  private static final ThreadLocal<PixelProduct> OF_THREAD =
      ThreadLocal.withInitial(PixelProduct::new);

  /** Most panels of pixels at a time, and most floats in them. */
  private static final int GROUP = 16;

  private static final int GROUP_FLOATS = 192 << 10;

  /** Tasks for each thread that even out a thread that is held up. */
  private static final int TASKS_PER_THREAD = 4;

  /** Multiply-adds that are worth a task of their own (a few microseconds). */
  private static final long TASK_WORK = 200_000;

  /** Floats of packed weights at a time; members beyond that wait. */
  private static final int MOST_PACKED = 1 << 24;

  /** Floats of a strip of packed weights, for one block of the reduced dimension. */
  private static final int STRIP = MAX_ROWS * A_STRIDE;

  /** Channels whose weights are packed together: few enough for the first-level cache. */
  private static final int CHANNELS = 16;

  private static final float[] ZEROS = new float[WIDTH];

  private final Workers.Task packTask = this::pack;

  private PixelView[] views;
  private int batch;
  private int channels;
  private int out;
  private float[] x;
  private int xOff;
  private int xStride; // from member to member
  private float[] weight;
  private int weightOff;
  private int weightTaps;
  private boolean transposed; // the weight lies as [channels, out, taps]
  private float[] bias;
  private int biasOff;
  private float[] y;
  private int yOff;

  private int strips;
  private int[] starts = new int[0];
  private int[] packedOff = new int[1]; // of each view's strips in those of a member
  private float[] packed = new float[0];
  private int firstMember;
  private int parts; // tasks of a member

  private PixelProduct() {}

  static PixelProduct ofThisThread() {
    return OF_THREAD.get();
  }

  void source(int images, int channelsOfImage, float[] array, int off, int memberStride) {
    batch = images;
    channels = channelsOfImage;
    x = array;
    xOff = off;
    xStride = memberStride;
  }

  void weight(boolean channelsFirst, int taps, float[] array, int off) {
    transposed = channelsFirst;
    weightTaps = taps;
    weight = array;
    weightOff = off;
  }

  void result(int channelsOfResult, float[] biasArray, int biasOffset, float[] array, int off) {
    out = channelsOfResult;
    bias = biasArray;
    biasOff = biasOffset;
    y = array;
    yOff = off;
  }

  /** Lets go of the operands. */
  void clear() {
    views = null;
    x = null;
    weight = null;
    bias = null;
    y = null;
  }

  void run(Workers workers, int members, PixelView... all) {
    if (members == 0 || batch == 0 || out == 0) {
      return;
    }
    views = all;
    if (starts.length <= Tiles.maxStrips(out)) {
      starts = new int[Tiles.maxStrips(out) + 1];
    }
    strips = Tiles.planStrips(out, starts);
    if (packedOff.length <= all.length) {
      packedOff = new int[all.length + 1];
    }
    long work = 0;
    int groups = 1;
    int panels = 1;
    for (int v = 0; v < all.length; v++) {
      int blocks = blocks(all[v]);
      packedOff[v + 1] = packedOff[v] + Math.multiplyExact(strips * STRIP, blocks);
      work += (long) all[v].results() * all[v].taps() * channels;
      groups = Math.max(groups, Math.ceilDiv(panels(all[v]), group(all[v])));
      panels = Math.max(panels, panels(all[v]));
    }
    work *= (long) batch * out * members;
    int size = packedOff[all.length];
    int wave = Math.clamp(size == 0 ? members : MOST_PACKED / size, 1, members);
    if (packed.length < wave * size) {
      packed = new float[wave * size];
    }
    int even = Math.ceilDiv(workers.threads() * TASKS_PER_THREAD, wave);
    parts = Math.clamp(even, groups, Math.max(groups, panels));
    boolean alone = workers.threads() == 1 || work < 2 * TASK_WORK;
    for (firstMember = 0; firstMember < members; firstMember += wave) {
      int some = Math.min(wave, members - firstMember);
      if (alone) {
        for (int i = 0; i < some * strips; i++) {
          pack(i);
        }
        for (int i = 0; i < some * parts; i++) {
          run(i);
        }
      } else {
        workers.run(some * strips, packTask);
        workers.run(some * parts, this);
      }
    }
  }

  private int reduced(PixelView view) {
    return view.taps() * channels;
  }

  private int blocks(PixelView view) {
    return Math.ceilDiv(reduced(view), MAX_DEPTH);
  }

  private int panels(PixelView view) {
    return Math.ceilDiv(batch * view.results(), WIDTH);
  }

  /** Panels that are packed at a time. */
  private int group(PixelView view) {
    int blocks = blocks(view);
    if (blocks == 0) {
      return GROUP;
    }
    int floats = WIDTH * Math.ceilDiv(reduced(view), blocks);
    if (blocks > 1) {
      floats += strips * MAX_ROWS * WIDTH;
    }
    return Math.clamp(GROUP_FLOATS / floats, 1, GROUP);
  }

  private static int share(int total, int part, int parts) {
    return (int) ((long) total * part / parts);
  }

  /** Packs a strip of the weights of a member, for all views. */
  private void pack(int task) {
    int member = task / strips;
    int s = task % strips;
    for (int v = 0; v < views.length; v++) {
      int blocks = blocks(views[v]);
      if (blocks > 0) {
        int at = member * packedOff[views.length] + packedOff[v] + s * blocks * STRIP;
        pack(views[v], firstMember + member, s, Math.ceilDiv(reduced(views[v]), blocks), at);
        zeroRows(s, blocks, at);
      }
    }
  }

  private void pack(PixelView view, int member, int s, int depth, int to) {
    int base = weightOff + member * out * channels * weightTaps;
    int channelStep = weightTaps * (transposed ? out : 1);
    int rowStep = weightTaps * (transposed ? 1 : channels);
    for (int first = 0; first < channels; first += CHANNELS) {
      int count = Math.min(CHANNELS, channels - first);
      for (int tap = 0; tap < view.taps(); tap++) {
        int place =
            view.firstTap()
                + tap / view.tapColumns() * view.tapRowStep()
                + tap % view.tapColumns() * view.tapColumnStep();
        int from = base + first * channelStep + place;
        int k = tap * channels + first;
        int done = 0;
        while (done < count) {
          int block = (k + done) / depth;
          int within = k + done - block * depth;
          int run = Math.min(count - done, depth - within);
          for (int i = starts[s]; i < starts[s + 1]; i++) {
            int at = to + block * STRIP + (i - starts[s]) * A_STRIDE + within;
            int source = from + i * rowStep + done * channelStep;
            for (int c = 0; c < run; c++) {
              packed[at + c] = weight[source + c * channelStep];
            }
          }
          done += run;
        }
      }
    }
  }

  /** Rows of a tile that the strip does not fill. */
  private void zeroRows(int s, int blocks, int at) {
    int rows = starts[s + 1] - starts[s];
    int from = rows * A_STRIDE;
    int to = Tiles.tileRows(rows) * A_STRIDE;
    for (int block = 0; block < blocks; block++) {
      Arrays.fill(packed, at + block * STRIP + from, at + block * STRIP + to, 0f);
    }
  }

  @Override
  public void run(int task) {
    int member = task / parts;
    int part = task % parts;
    Scratch scratch = Scratch.ofThisThread();
    for (int v = 0; v < views.length; v++) {
      int panels = panels(views[v]);
      int from = share(panels, part, parts);
      int count = share(panels, part + 1, parts) - from;
      int groups = Math.ceilDiv(count, group(views[v]));
      for (int g = 0; g < groups; g++) {
        group(
            scratch, member, v, from + share(count, g, groups), from + share(count, g + 1, groups));
      }
    }
  }

  /** A group of panels. */
  private void group(Scratch scratch, int member, int v, int fromPanel, int toPanel) {
    PixelView view = views[v];
    int blocks = blocks(view);
    int depth = blocks == 0 ? 0 : Math.ceilDiv(reduced(view), blocks);
    int total = batch * view.results();
    int count = toPanel - fromPanel;
    int panelFloats = count * depth * WIDTH;
    int sumFloats = blocks > 1 ? count * strips * MAX_ROWS * WIDTH : 0;
    int firstImage = fromPanel * WIDTH / view.results();
    int lastImage = (Math.min(toPanel * WIDTH, total) - 1) / view.results();
    int imageFloats = channels * view.planes() * view.planePixels();
    boolean split = view.planes() > 1;
    int splitFloats = split ? (lastImage - firstImage + 1) * imageFloats : 0;
    float[] room = scratch.panels(panelFloats + sumFloats + splitFloats);
    int sums = Tiles.ALIGN + panelFloats;
    float[] from = x;
    int fromOff = xOff + (firstMember + member) * xStride;
    if (split) {
      int to = sums + sumFloats;
      int size = channels * view.height() * view.width();
      for (int n = firstImage; n <= lastImage; n++) {
        PixelPacking.split(
            view, channels, x, fromOff + n * size, room, to + (n - firstImage) * imageFloats);
      }
      from = room;
      fromOff = to - firstImage * imageFloats;
    }
    int strip = member * packedOff[views.length] + packedOff[v];
    int[] offsets = scratch.ints(count * WIDTH);
    offsets(view, fromPanel * WIDTH, Math.min(toPanel * WIDTH, total), offsets);
    int to = yOff + (firstMember + member) * batch * out * view.toPixels();
    for (int block = 0; block < Math.max(1, blocks); block++) {
      int start = block * depth;
      int length = Math.min(depth, reduced(view) - start);
      for (int panel = fromPanel; panel < toPanel; panel++) {
        int columns = Math.min(WIDTH, total - panel * WIDTH);
        int width = Packing.panelWidth(columns);
        int at = Tiles.ALIGN + (panel - fromPanel) * depth * WIDTH;
        for (int lane = 0; lane < width; lane += LANES) {
          int first = panel * WIDTH + lane;
          int some = Math.min(LANES, total - first);
          scratch.pixels.vector(
              view, channels, from, fromOff, first, some, start, length, room, at + lane, width);
        }
      }
      for (int s = 0; s < strips; s++) {
        int i = starts[s];
        int rows = starts[s + 1] - i;
        int tileRows = Tiles.tileRows(rows);
        startTile(scratch.start, firstMember + member, i, rows);
        for (int panel = fromPanel; panel < toPanel; panel++) {
          int columns = Math.min(WIDTH, total - panel * WIDTH);
          int width = Packing.panelWidth(columns);
          int j = panel - fromPanel;
          int sum = sums + (s * count + j) * MAX_ROWS * WIDTH;
          boolean last = block >= blocks - 1;
          int at = to + offsets[j * WIDTH] + i * view.toPixels();
          boolean direct =
              view.dense()
                  && rows == tileRows
                  && columns == width
                  && panel * WIDTH % view.results() + columns <= view.results();
          float[] target = last ? direct ? y : scratch.tile : room;
          multiply(
              tileRows,
              width,
              length,
              packed,
              strip + (s * blocks + block) * STRIP,
              room,
              Tiles.ALIGN + j * depth * WIDTH,
              block > 0 ? room : bias == null ? ZEROS : scratch.start,
              block > 0 ? sum : 0,
              block > 0 || bias != null ? WIDTH : 0,
              target,
              last ? direct ? at : 0 : sum,
              last && direct ? view.toPixels() : WIDTH);
          if (last && !direct) {
            endTile(
                scratch.tile, view, offsets, j * WIDTH, rows, columns, to + i * view.toPixels());
          }
        }
      }
    }
  }

  /** Where results lie, seen from channel 0 of image 0. */
  private void offsets(PixelView view, int from, int to, int[] offsets) {
    int image = from / view.results();
    int q = from % view.results() / view.columns();
    int r = from % view.results() % view.columns();
    for (int t = from; t < to; t++) {
      offsets[t - from] =
          image * out * view.toPixels()
              + (view.startRow() + q * view.stepRow()) * view.toWidth()
              + view.startColumn()
              + r * view.stepColumn();
      if (++r == view.columns()) {
        r = 0;
        if (++q == view.rows()) {
          q = 0;
          image++;
        }
      }
    }
  }

  /** Fills a scratch tile with the bias. */
  private void startTile(float[] tile, int member, int i, int rows) {
    if (bias != null) {
      for (int r = 0; r < rows; r++) {
        Arrays.fill(tile, r * WIDTH, (r + 1) * WIDTH, bias[biasOff + member * out + i + r]);
      }
      Arrays.fill(tile, rows * WIDTH, tile.length, 0f);
    }
  }

  /** Copies a scratch tile to the places of its results. */
  private void endTile(
      float[] tile, PixelView view, int[] offsets, int first, int rows, int columns, int to) {
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < columns; j++) {
        y[to + r * view.toPixels() + offsets[first + j]] = tile[r * WIDTH + j];
      }
    }
  }

  private static void multiply(
      int tileRows,
      int width,
      int depth,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      float[] in,
      int inOff,
      int inStride,
      float[] to,
      int toOff,
      int toStride) {
    if (width == LANES) {
      switch (tileRows) {
        case 13 ->
            Tile13.rowHalf(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
        case 12 ->
            Tile12.rowHalf(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
        default -> Tile6.rowHalf(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
      }
    } else {
      switch (tileRows) {
        case 13 -> Tile13.row(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
        case 12 -> Tile12.row(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
        default -> Tile6.row(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
      }
    }
  }
}
