package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.ALIGN;
import static dev.troupe.kernels.cpu.Tiles.COLUMN_STEP;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.MAX_DEPTH;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;
import static dev.troupe.kernels.cpu.Transposition.BLOCK;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * A convolution while it runs: for each {@link ConvolutionView} the product of the weights, {@code
 * [out, taps · channels]}, by the pixels under them, {@code [taps · channels, results]}, by the
 * inner loops of the matrix product. Weights are packed first; then tasks compute some results of
 * one member each, by {@link ImageLanes} where a member has enough images and channels, by {@link
 * RowLanes} where rows are wide, and by {@link PixelLanes} elsewhere.
 *
 * <p>Each result is one chain of fused multiply-adds over tap rows, tap columns and channels, which
 * starts from 0 or from the bias. What lies in the padding is left out or multiplied by 0.
 */
final class ConvolutionProduct implements Workers.Task {
  private static final ThreadLocal<ConvolutionProduct> OF_THREAD =
      ThreadLocal.withInitial(ConvolutionProduct::new);

  /** Images and channels from which vectors of images are faster than vectors of pixels. */
  private static final int LEAST_IMAGES = 16;

  static final int LEAST_CHANNELS = 32;

  /** Pixels of an image up to which they are also faster if there is a stride. */
  private static final int MOST_SPLIT = 256;

  /** Results in a row, or a divisor of them, from which rows of pixels fill all kinds of tiles. */
  private static final int ROW = 32;

  /** Tasks for each thread that even out a thread that is held up. */
  private static final int TASKS_PER_THREAD = 4;

  /** Multiply-adds that are worth a task of their own (a few microseconds). */
  private static final long TASK_WORK = 200_000;

  /** Floats of packed weights at a time; members beyond that wait. */
  private static final int MOST_PACKED = 1 << 24;

  /** Columns of weights that are packed together: few enough for the first-level cache. */
  private static final int CHANNEL_COLUMNS = 256;

  private final Workers.Task packTask = this::pack;

  ConvolutionView[] views;
  int batch;
  int channels;
  int out;
  float[] x;
  float[] bias; // null for none
  float[] y;
  private int xOff;
  private float[] weight;
  private int weightOff;
  private int weightTaps;
  private boolean transposed; // the weight lies as [channels, out, taps]
  private int biasOff;
  private int yOff;

  /** Vectors go over the pixels of a row, and each row of taps is packed by itself. */
  private boolean byRows;

  /** Vectors go over images, and each row of taps is packed by itself. */
  private boolean byImages;

  /** The strips of the weights: their first rows, and {@code out} after the last. */
  int strips;

  int[] starts = new int[0];
  float[] packed = new float[0];
  private int[] packedOff = new int[1]; // of each view's strips in those of a member
  private int firstMember; // of those whose weights are packed
  private int parts; // tasks of a member

  private ConvolutionProduct() {}

  static ConvolutionProduct ofThisThread() {
    return OF_THREAD.get();
  }

  void source(int images, int channelsOfImage, float[] array, int off) {
    batch = images;
    channels = channelsOfImage;
    x = array;
    xOff = off;
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

  void run(Workers workers, int members, ConvolutionView... all) {
    if (members == 0 || batch == 0 || out == 0) {
      return;
    }
    views = all;
    ConvolutionView any = all[0];
    byRows =
        all.length == 1
            && any.dense()
            && !any.strided()
            && any.tapRows() > 1
            && any.columns() % ROW == 0
            && channels >= LEAST_CHANNELS;
    byImages =
        !byRows
            && batch >= LEAST_IMAGES
            && channels >= LEAST_CHANNELS
            && weightTaps > 1
            && (!any.strided() || any.height() * any.width() <= MOST_SPLIT);
    if (starts.length <= Tiles.maxStrips(out)) {
      starts = new int[Tiles.maxStrips(out) + 1];
    }
    strips = Tiles.planStrips(out, starts);
    if (packedOff.length <= all.length) {
      packedOff = new int[all.length + 1];
    }
    long work = 0;
    for (int v = 0; v < all.length; v++) {
      packedOff[v + 1] =
          packedOff[v] + Math.multiplyExact(strips * segments(v) * blocks(v), blockFloats(v));
      work += (long) all[v].results() * all[v].taps() * channels;
    }
    work *= (long) batch * out * members;
    int size = packedOff[all.length];
    int wave = Math.clamp(size == 0 ? members : MOST_PACKED / size, 1, members);
    if (packed.length < wave * size) {
      packed = new float[wave * size];
    }
    int tasks = workers.threads() == 1 ? 1 : workers.threads() * TASKS_PER_THREAD;
    int wanted = Math.ceilDiv(tasks, wave);
    parts =
        byRows
            ? RowLanes.parts(this, wanted)
            : byImages ? ImageLanes.parts(this, wanted) : PixelLanes.parts(this, wanted);
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

  @Override
  public void run(int task) {
    if (byRows) {
      RowLanes.run(this, task / parts, task % parts, parts);
    } else if (byImages) {
      ImageLanes.run(this, task / parts, task % parts, parts);
    } else {
      PixelLanes.run(this, task / parts, task % parts, parts);
    }
  }

  /** Pieces of the reduced dimension that are packed by themselves. */
  int segments(int v) {
    return byImages || byRows ? views[v].tapRows() : 1;
  }

  /** Length of a segment. */
  int segment(int v) {
    return (byImages || byRows ? views[v].tapColumns() : views[v].taps()) * channels;
  }

  /** Blocks of a segment: as many as strips can hold it in. */
  int blocks(int v) {
    return Math.ceilDiv(segment(v), MAX_DEPTH);
  }

  /** Length of a block; the last one of a segment may be shorter. */
  int depth(int v) {
    return Math.ceilDiv(segment(v), Math.max(1, blocks(v)));
  }

  /** Floats of a packed block of a strip: columns, so that they are read one after the other. */
  private int blockFloats(int v) {
    return depth(v) * COLUMN_STEP;
  }

  /** Where a block of a strip of packed weights begins. */
  int packedOff(int member, int v, int s, int segment, int block) {
    int place = (s * segments(v) + segment) * blocks(v) + block;
    return member * packedOff[views.length] + packedOff[v] + place * blockFloats(v);
  }

  /** Where image 0 of a member begins. */
  int xOff(int member) {
    return xOff + (firstMember + member) * batch * channels * views[0].height() * views[0].width();
  }

  /** Where result 0 of a member begins. */
  int yOff(int member) {
    return yOff + (firstMember + member) * batch * out * views[0].toPixels();
  }

  /** Where strips of the bias begin, or 0. */
  float bias(int member, int channel) {
    return bias == null ? 0 : bias[biasOff + (firstMember + member) * out + channel];
  }

  /** Packs a strip of the weights of a member, for all views. */
  private void pack(int task) {
    int member = task / strips;
    int s = task % strips;
    int some = Math.clamp(CHANNEL_COLUMNS / weightTaps, 1, Math.max(1, channels));
    float[] columns = Scratch.ofThisThread().panels((some * weightTaps + BLOCK) * COLUMN_STEP);
    for (int first = 0; first < channels; first += some) {
      int count = Math.min(some, channels - first);
      transpose(member, s, first, count, columns);
      for (int v = 0; v < views.length; v++) {
        place(member, v, s, first, count, columns);
      }
    }
    for (int v = 0; v < views.length; v++) {
      zeroRows(member, v, s);
    }
  }

  /** The weights of a strip as columns, {@code [count, taps, COLUMN_STEP]}. */
  private void transpose(int member, int s, int first, int count, float[] columns) {
    int from = weightOff + (firstMember + member) * out * channels * weightTaps;
    int rows = starts[s + 1] - starts[s];
    if (transposed) {
      from += (first * out + starts[s]) * weightTaps;
      for (int c = 0; c < count; c++) {
        int at = ALIGN + c * weightTaps * COLUMN_STEP;
        transpose(from + c * out * weightTaps, weightTaps, rows, weightTaps, columns, at);
      }
    } else {
      from += (starts[s] * channels + first) * weightTaps;
      transpose(from, channels * weightTaps, rows, count * weightTaps, columns, ALIGN);
    }
  }

  /** Some rows to columns; whole blocks reach over the edges, as far as the array goes. */
  private void transpose(int from, int step, int rows, int length, float[] columns, int at) {
    int rounded = Math.ceilDiv(length, BLOCK) * BLOCK;
    boolean whole = rows <= BLOCK && from + (BLOCK - 1) * step + rounded <= weight.length;
    int depth = whole ? rounded : 0;
    int done = Transposition.blocks(weight, from, step, depth, columns, at, COLUMN_STEP);
    for (int k = done; k < length; k++) {
      for (int r = 0; r < rows; r++) {
        columns[at + k * COLUMN_STEP + r] = weight[from + r * step + k];
      }
    }
  }

  /** Copies columns to where the product reads them. */
  private void place(int member, int v, int s, int first, int count, float[] columns) {
    ConvolutionView view = views[v];
    boolean byRow = byImages || byRows;
    int depth = depth(v);
    for (int tap = 0; tap < view.taps(); tap++) {
      int row = tap / view.tapColumns();
      int column = tap % view.tapColumns();
      int from = view.firstTap() + row * view.tapRowStep() + column * view.tapColumnStep();
      int k = (byRow ? column : tap) * channels + first;
      int done = 0;
      while (done < count) {
        int block = (k + done) / depth;
        int within = k + done - block * depth;
        int run = Math.min(count - done, depth - within);
        int to = packedOff(member, v, s, byRow ? row : 0, block) + within * COLUMN_STEP;
        copy(columns, ALIGN + (done * weightTaps + from) * COLUMN_STEP, run, packed, to);
        done += run;
      }
    }
  }

  /** Copies one tap's column of each channel. */
  private void copy(float[] columns, int from, int count, float[] to, int at) {
    int step = weightTaps * COLUMN_STEP;
    for (int lane = 0; lane < COLUMN_STEP; lane += LANES) {
      for (int c = 0; c < count; c++) {
        FloatVector.fromArray(SPECIES, columns, from + c * step + lane)
            .intoArray(to, at + c * COLUMN_STEP + lane);
      }
    }
  }

  /** Rows of a tile that the strip does not fill. */
  private void zeroRows(int member, int v, int s) {
    int rows = starts[s + 1] - starts[s];
    int tileRows = Tiles.tileRows(rows);
    int from = packedOff(member, v, s, 0, 0);
    int end = from + segments(v) * blocks(v) * blockFloats(v);
    for (int at = from; at < end && rows < tileRows; at += COLUMN_STEP) {
      Arrays.fill(packed, at + rows, at + tileRows, 0f);
    }
  }

  /** One tile of results over a block of the reduced dimension; {@link Tiles} has the layouts. */
  static void multiply(
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
            Tile13.columnHalf(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
        case 12 ->
            Tile12.columnHalf(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
        default ->
            Tile6.columnHalf(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
      }
    } else {
      switch (tileRows) {
        case 13 -> Tile13.column(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
        case 12 -> Tile12.column(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
        default -> Tile6.column(depth, a, aOff, b, bOff, in, inOff, inStride, to, toOff, toStride);
      }
    }
  }

  static int share(int total, int part, int parts) {
    return (int) ((long) total * part / parts);
  }
}
