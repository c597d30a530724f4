package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.ALIGN;
import static dev.troupe.kernels.cpu.Tiles.A_STRIDE;
import static dev.troupe.kernels.cpu.Tiles.MAX_DEPTH;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The gradient of a convolution's weight as a matrix product: {@code dweight [out, in · taps] = dy
 * [out, windows] · columns [windows, in · taps]}, in the inner loops of {@link Tiles}. The reduced
 * dimension runs over the windows of all images.
 *
 * <p>A strip of A is some rows of dy. A panel of B has up to {@link Tiles#WIDTH} channels of x side
 * by side, its rows are the pixels under one column of taps (kw) for each window in turn. The taps
 * of that column, one below the other, see the same panel from another row on, as the windows' rows
 * follow each other in it: x is copied once for each kw and not once for each tap. With a stride
 * over the height, rows of the image that no tap has in common are kept apart ("phases"). Images of
 * few windows are taken several at a time, row by row in turn ({@code [outHeight, images,
 * outWidth]}), so that the inner loops have a long way to go, and dy is copied to strips once for
 * all tasks. Rows of windows whose tap is in the padding are left out. A projection that skips
 * pixels packs only those that it sees. Few channels would leave panels empty: {@link FewChannels}.
 *
 * <p>Where there is little to share out otherwise, the batch is cut into chunks, whose results are
 * added in their order. Chunks and the order of windows follow from the sizes of one member, so
 * bits do not depend on threads, vector width or other members.
 */
final class ConvolutionWeightGrad implements Workers.Task {
  /** Windows that are packed at a time, about. */
  private static final int UNIT = MAX_DEPTH;

  /** Floats of panels that are packed at a time, about: half of a second-level cache. */
  private static final int PANELS = 1 << 18;

  /** Tasks of a member that even out a thread that is held up, where there are blocks for them. */
  private static final int TASKS = 8;

  /** Tiles of a task that make a copied strip of dy worth while. */
  private static final int TILES = 4;

  /** Windows of a unit from which its strips are made for all tasks at once. */
  private static final int LEAST_ORDERED = MAX_DEPTH / 4;

  /** Floats of the strips of all units and members up to which that is done. */
  private static final int MOST_ORDERED = 1 << 28;

  private static final int MOST_CHUNKS = 16;

  /** Windows that are worth a chunk. */
  private static final int CHUNK_WINDOWS = 2048;

  private static final int CHUNK_WINDOWS_OF_FEW = 4096;

  /** Floats of the results of all chunks of a member, at most, where there are several. */
  private static final int CHUNK_RESULTS = 1 << 20;

  private static final float[] ZEROS = new float[WIDTH];

  private static final ThreadLocal<Memory> MEMORY = ThreadLocal.withInitial(Memory::new);

  /** Working memory that a thread keeps. */
  private static final class Memory {
    private float[] columns = new float[0];
    private float[] results = new float[0];
    private float[] images = new float[0];

    /** One image, or the windows of a unit, with channels side by side. */
    float[] columns(int floats) {
      columns = Tiles.grown(columns, floats);
      return columns;
    }

    /** What chunks came to. */
    float[] results(int floats) {
      results = Tiles.grown(results, floats);
      return results;
    }

    /** All of dy as strips. */
    float[] images(int floats) {
      images = Tiles.grown(images, floats);
      return images;
    }
  }

  private final Window window;
  private final int batch;
  private final int in;
  private final int out;
  private final float[] x;
  private final int xOff;
  private final float[] dweight;
  private final int dweightOff;

  /** Too few channels for panels. */
  private final boolean few;

  /** One tap and pixels that are not seen: windows follow each other image by image. */
  private final boolean projection;

  /** Taps that see one panel. */
  private final int heads;

  /** Rows of windows' height in a panel. */
  private final int rows;

  /** Images of a unit; the last may have fewer. */
  private final int images;

  private final int units;
  private final int chunks;

  /** Blocks of {@link Tiles#WIDTH} channels, each of {@link #wide} panels. */
  private final int blocks;

  private final int wide;

  /** Shares of the blocks, each the matter of one task. */
  private final int groups;

  /** Floats of the results of one panel under one tap. */
  private final int tileColumn;

  private final float[] dy;
  private final int dyOff;

  /** Several images of a unit are windows of one row: dy is copied in their order first. */
  private final boolean ordered;

  private float[] strips; // of all units, where ordered
  private float[] partial;

  private ConvolutionWeightGrad(
      Primitive.Conv2dWeightGrad op, HostBuffer xs, HostBuffer dys, HostBuffer dweights) {
    window = op.window();
    batch = op.batch();
    in = op.in();
    out = op.out();
    x = xs.floats();
    xOff = xs.offset();
    dy = dys.floats();
    dyOff = dys.offset();
    dweight = dweights.floats();
    dweightOff = dweights.offset();
    few = FewChannels.suits(in);
    projection = window.taps() == 1 && (window.strideHeight() > 1 || window.strideWidth() > 1);
    heads = few ? 1 : window.kernelHeight();
    int bottom = 0;
    for (int kh = 0; kh < heads; kh++) {
      bottom = Math.max(bottom, row(kh) + window.outHeight());
    }
    rows = bottom;
    images = Math.clamp((few ? Dots.DEPTH : UNIT) / window.windows(), 1, batch);
    units = Math.ceilDiv(batch, images);
    ordered =
        images > 1
            && !few
            && !projection
            && images * window.windows() >= LEAST_ORDERED
            && (long) op.members() * units * out * A_STRIDE <= MOST_ORDERED;
    long most =
        Math.min(
            MOST_CHUNKS,
            (long) batch * window.windows() / (few ? CHUNK_WINDOWS_OF_FEW : CHUNK_WINDOWS));
    int fit = CHUNK_RESULTS / Math.max(1, out * in * window.taps());
    chunks = Math.clamp(Math.min(most, fit), 1, units);
    blocks = Math.ceilDiv(few ? in * window.taps() : in, WIDTH);
    wide = few ? 1 : window.kernelWidth();
    int each = Math.max(1, PANELS / (panelSize(images) * wide));
    int least = Math.min(blocks * wide * heads / TILES, Math.ceilDiv(TASKS, chunks));
    groups = few ? 1 : Math.clamp(least, Math.ceilDiv(blocks, each), blocks);
    tileColumn = (out + Tiles.MAX_ROWS) * WIDTH;
  }

  static void run(
      Workers workers,
      Primitive.Conv2dWeightGrad op,
      HostBuffer x,
      HostBuffer dy,
      HostBuffer dweight) {
    Window s = op.window();
    int size = op.out() * op.in() * s.taps();
    if (op.members() * size == 0) {
      return;
    }
    if (op.batch() == 0) {
      int at = dweight.offset();
      Arrays.fill(dweight.floats(), at, at + op.members() * size, 0f);
      return;
    }
    if (s.windows() == 1 && s.taps() == s.pixels() && s.padTop() == 0 && s.padLeft() == 0) {
      Gemm.multiply( // each image is a column
          workers,
          true,
          false,
          op.members(),
          op.out(),
          op.in() * s.taps(),
          op.batch(),
          dy.floats(),
          dy.offset(),
          op.batch() * op.out(),
          x.floats(),
          x.offset(),
          op.batch() * op.in() * s.taps(),
          null,
          0,
          0,
          false,
          dweight.floats(),
          dweight.offset(),
          size);
      return;
    }
    new ConvolutionWeightGrad(op, x, dy, dweight).run(workers, op.members());
  }

  private void run(Workers workers, int members) {
    Memory memory = MEMORY.get();
    if (ordered) {
      strips = memory.images((members * units * out + Tiles.MAX_ROWS) * A_STRIDE);
      workers.run(members * units, unit -> order(unit / units, unit % units));
    }
    if (chunks > 1) {
      partial = memory.results(members * chunks * results(blocks));
    }
    workers.run(members * chunks * groups, this);
    if (chunks > 1) {
      int strips = Math.ceilDiv(out, 16);
      workers.run(
          members * strips,
          task -> {
            int member = task / strips;
            int from = task % strips * 16;
            int at = ALIGN + member * chunks * results(blocks);
            finish(partial, at, chunks, member, 0, blocks, from, Math.min(out, from + 16));
          });
    }
  }

  /** Floats of the results of {@code count} blocks. */
  private int results(int count) {
    return count * wide * heads * tileColumn;
  }

  /** First row of a panel that tap kh sees. */
  private int row(int kh) {
    int stride = window.strideHeight();
    int at = kh / stride;
    for (int phase = 0; phase < kh % stride; phase++) {
      at += rowsOf(phase);
    }
    return at;
  }

  /** Rows of the image under the taps {@code phase}, {@code phase + stride}, .. of all windows. */
  private int rowsOf(int phase) {
    return window.outHeight() + (window.kernelHeight() - 1 - phase) / window.strideHeight();
  }

  private int panelSize(int count) {
    return rows * count * window.outWidth() * WIDTH;
  }

  private int imagesOf(int unit) {
    return Math.min(images, batch - unit * images);
  }

  /** dy of a unit as rows of strips. */
  private void order(int member, int unit) {
    int count = imagesOf(unit);
    int image = (member * batch + unit * images) * out;
    for (int n = 0; n < count; n++, image += out) {
      for (int o = 0; o < out; o++) {
        order(image + o, n, count, strips, orderedRow(member, unit, o));
      }
    }
  }

  /** A channel of image n of a unit to its windows in a row of a strip. */
  private void order(int channel, int n, int count, float[] row, int at) {
    int w = window.outWidth();
    int from = dyOff + channel * window.windows();
    if (projection) {
      System.arraycopy(dy, from, row, at + n * window.windows(), window.windows());
    } else {
      rows(dy, from, w, window.outHeight(), w, row, at + n * w, count * w, (count - n) * w);
    }
  }

  private int orderedRow(int member, int unit, int o) {
    return ALIGN + ((member * units + unit) * out + o) * A_STRIDE;
  }

  /** Copies rows of which each may be followed by anything, up to {@code room} floats. */
  private static void rows(
      float[] from,
      int at,
      int step,
      int rows,
      int length,
      float[] to,
      int toAt,
      int toStep,
      int room) {
    int rounded = Math.ceilDiv(length, Tiles.LANES) * Tiles.LANES;
    if (rounded <= room && at + (rows - 1) * step + rounded <= from.length) {
      for (int j = 0; j < length; j += Tiles.LANES) {
        for (int r = 0; r < rows; r++) {
          FloatVector.fromArray(Tiles.SPECIES, from, at + r * step + j)
              .intoArray(to, toAt + r * toStep + j);
        }
      }
    } else {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(from, at + r * step, to, toAt + r * toStep, length);
      }
    }
  }

  /** A chunk of the batch by a group of blocks. */
  @Override
  public void run(int task) {
    int group = task % groups;
    int chunk = task / groups % chunks;
    int member = task / groups / chunks;
    int from = share(blocks, group, groups);
    int to = share(blocks, group + 1, groups);
    Scratch scratch = Scratch.ofThisThread();
    scratch.plan(out);
    float[] results = partial;
    int at = ALIGN + (member * chunks + chunk) * results(blocks) + results(from);
    if (chunks == 1) {
      results = MEMORY.get().results(results(to - from));
      at = ALIGN;
    }
    int first = share(units, chunk, chunks);
    int last = share(units, chunk + 1, chunks);
    if (few) {
      sumDots(member, first, last, results, at);
    }
    for (int unit = first; unit < last && !few; unit++) {
      int count = imagesOf(unit);
      float[] panels = scratch.panels((to - from) * wide * panelSize(count));
      if (projection) {
        packPixels(member, unit * images, count, from, to, panels);
      } else {
        packChannels(member, unit * images, count, from, to, panels);
      }
      multiply(scratch, member, unit, from, to, panels, results, at, unit == first);
    }
    if (chunks == 1) {
      finish(results, at, 1, member, from, to, 0, out);
    }
  }

  /** A chunk of the batch, with few channels. */
  private void sumDots(int member, int first, int last, float[] results, int at) {
    FewChannels sums = FewChannels.start(in, out, window);
    for (int unit = first; unit < last; unit++) {
      int image = member * batch + unit * images;
      int from = xOff + image * in * window.pixels();
      sums.add(x, from, imagesOf(unit), dy, dyOff + image * out * window.windows());
    }
    for (int q = 0; q < in * window.taps(); q++) {
      for (int o = 0; o < out; o++) {
        results[at + q / WIDTH * tileColumn + o * WIDTH + q % WIDTH] = sums.result(o, q);
      }
    }
  }

  private static int share(int total, int part, int parts) {
    return (int) ((long) total * part / parts);
  }

  // ---------------------------------------------------------------- panels

  private int columnsOf(int block) {
    return Math.min(WIDTH, (few ? in * window.taps() : in) - block * WIDTH);
  }

  /** Panels whose columns are channels. */
  private void packChannels(int member, int first, int count, int from, int to, float[] panels) {
    int pixels = window.pixels();
    float[] image = MEMORY.get().columns(pixels * WIDTH);
    for (int n = 0; n < count; n++) {
      int at = ALIGN;
      for (int block = from; block < to; block++) {
        int columns = columnsOf(block);
        int width = Packing.panelWidth(columns);
        int source = xOff + ((member * batch + first + n) * in + block * WIDTH) * pixels;
        Packing.transposedPanel(x, source, pixels, columns, pixels, image, ALIGN);
        for (int kw = 0; kw < wide; kw++) {
          packImage(image, kw, n, count, width, panels, at);
          at += panelSize(count);
        }
      }
    }
  }

  /** One image [height, width, channels] to a panel, as the taps of column kw see it. */
  private void packImage(
      float[] image, int kw, int n, int count, int width, float[] panel, int at) {
    int stride = window.strideHeight();
    int run = window.outWidth() * width;
    int to = at + n * run;
    for (int phase = 0; phase < Math.min(stride, heads); phase++) {
      for (int j = 0; j < rowsOf(phase); j++) {
        int h = j * stride + phase - window.padTop();
        if (h >= 0 && h < window.height()) {
          packRow(image, ALIGN + h * window.width() * width, kw, width, panel, to);
        }
        to += count * run;
      }
    }
  }

  private void packRow(float[] image, int line, int kw, int width, float[] panel, int at) {
    int stride = window.strideWidth();
    int shift = kw - window.padLeft();
    int begin = begin(shift);
    int end = end(shift);
    Arrays.fill(panel, at, at + begin * width, 0f);
    if (stride == 1) {
      System.arraycopy(
          image, line + (begin + shift) * width, panel, at + begin * width, (end - begin) * width);
    } else {
      for (int ow = begin; ow < end; ow++) {
        copy(image, line + (ow * stride + shift) * width, width, panel, at + ow * width);
      }
    }
    Arrays.fill(panel, at + end * width, at + window.outWidth() * width, 0f);
  }

  private static void copy(float[] from, int at, int width, float[] to, int toAt) {
    for (int lane = 0; lane < width; lane += Tiles.LANES) {
      FloatVector.fromArray(Tiles.SPECIES, from, at + lane).intoArray(to, toAt + lane);
    }
  }

  /** First window in a row whose pixel {@code shift} to the right lies in the image. */
  private int begin(int shift) {
    return Math.min(window.outWidth(), Math.ceilDiv(Math.max(0, -shift), window.strideWidth()));
  }

  /** One past the last such window. */
  private int end(int shift) {
    int end = Math.ceilDiv(Math.max(0, window.width() - shift), window.strideWidth());
    return Math.max(begin(shift), Math.min(window.outWidth(), end));
  }

  /** First row of windows whose pixels under row {@code kh} of taps lie in the image. */
  private int top(int kh) {
    int above = window.padTop() - kh;
    return Math.min(window.outHeight(), Math.ceilDiv(Math.max(0, above), window.strideHeight()));
  }

  /** One past the last such row. */
  private int bottom(int kh) {
    int below = window.height() + window.padTop() - kh;
    int end = Math.ceilDiv(Math.max(0, below), window.strideHeight());
    return Math.max(top(kh), Math.min(window.outHeight(), end));
  }

  /** Panels of a projection, whose columns are channels and whose rows the pixels that it sees. */
  private void packPixels(int member, int first, int count, int from, int to, float[] panels) {
    int depth = count * window.windows();
    float[] lines = MEMORY.get().columns(WIDTH * depth);
    int at = ALIGN;
    for (int block = from; block < to; block++) {
      int columns = columnsOf(block);
      for (int q = 0; q < columns; q++) {
        int line = ALIGN + q * depth;
        for (int n = 0; n < count; n++) {
          int image = (member * batch + first + n) * in + block * WIDTH + q;
          Planes.everyNth(
              window.strideWidth(),
              x,
              xOff + image * window.pixels(),
              window.strideHeight() * window.width(),
              window.outHeight(),
              window.outWidth(),
              lines,
              line + n * window.windows(),
              window.outWidth());
        }
      }
      Packing.transposedPanel(lines, ALIGN, depth, columns, depth, panels, at);
      at += panelSize(count);
    }
  }

  // ---------------------------------------------------------------- products

  /** Adds what a unit contributes to some blocks, or starts with it. */
  private void multiply(
      Scratch scratch,
      int member,
      int unit,
      int from,
      int to,
      float[] panels,
      float[] results,
      int resultsAt,
      boolean start) {
    int count = imagesOf(unit);
    int line = count * window.outWidth(); // windows of a row
    int windows = window.outHeight() * line;
    int image = member * batch + unit * images;
    int a = dyOff + image * out * window.windows();
    int parts = Math.ceilDiv(windows, MAX_DEPTH);
    for (int part = 0; part < parts; part++) {
      int k = share(windows, part, parts);
      int end = share(windows, part + 1, parts);
      int depth = end - k;
      boolean zero = start && part == 0;
      for (int s = 0; s < scratch.count; s++) {
        int i = scratch.starts[s];
        int height = scratch.starts[s + 1] - i;
        int tileRows = Tiles.tileRows(height);
        float[] strip = scratch.strip;
        int stripAt = 0;
        if (ordered) {
          strip = strips;
          stripAt = orderedRow(member, unit, i);
        } else if (count > 1) {
          orderedStrip(image, i, height, tileRows, count, strip);
        } else {
          Packing.rowStrip(dy, a + i * windows + k, windows, height, tileRows, depth, strip, 0);
        }
        int panel = ALIGN;
        int tiles = resultsAt + i * WIDTH;
        for (int block = from; block < to; block++) {
          int width = Packing.panelWidth(columnsOf(block));
          for (int kw = 0; kw < wide; kw++) {
            for (int kh = 0; kh < heads; kh++) {
              int first = Math.max(k, top(kh) * line);
              int length = Math.max(0, Math.min(end, bottom(kh) * line) - first);
              int tile = tiles + (kh * wide + kw) * tileColumn;
              int l = stripAt + first - k;
              int b = panel + (row(kh) * line + first) * width;
              float[] begin = zero ? ZEROS : results;
              int beginAt = zero ? 0 : tile;
              int beginStep = zero ? 0 : WIDTH;
              if (width == WIDTH) {
                Tiles.row(
                    tileRows, length, strip, l, panels, b, begin, beginAt, beginStep, results, tile,
                    WIDTH);
              } else {
                Tiles.rowHalf(
                    tileRows, length, strip, l, panels, b, begin, beginAt, beginStep, results, tile,
                    WIDTH);
              }
            }
            panel += panelSize(count);
          }
          tiles += wide * heads * tileColumn;
        }
      }
    }
  }

  /** As {@link Packing#rowStrip}, of rows that lie in {@code count} images. */
  private void orderedStrip(int image, int i, int height, int tileRows, int count, float[] strip) {
    for (int n = 0; n < count; n++) {
      for (int r = 0; r < height; r++) {
        order((image + n) * out + i + r, n, count, strip, r * A_STRIDE);
      }
    }
    for (int r = height; r < tileRows; r++) {
      Arrays.fill(strip, r * A_STRIDE, r * A_STRIDE + count * window.windows(), 0f);
    }
  }

  /** Adds up chunks for some blocks of channels and some rows, and puts them in their places. */
  private void finish(
      float[] results,
      int at,
      int count,
      int member,
      int fromBlock,
      int toBlock,
      int fromRow,
      int toRow) {
    int taps = wide * heads; // 1 where columns are taps
    int step = results(blocks);
    for (int o = fromRow; o < toRow; o++) {
      int to = dweightOff + (member * out + o) * in * window.taps();
      int tiles = at + o * WIDTH;
      for (int block = fromBlock; block < toBlock; block++) {
        int columns = columnsOf(block);
        for (int tap = 0; tap < taps && count > 1; tap++) {
          int tile = tiles + tap * tileColumn;
          for (int chunk = 1; chunk < count; chunk++) {
            BinaryLoops.add(results, tile, results, tile + chunk * step, results, tile, WIDTH);
          }
        }
        int place = to + block * WIDTH * taps;
        if (taps >= Transposition.BLOCK) {
          Transposition.transpose(results, tiles, tileColumn, taps, columns, dweight, place, taps);
        } else {
          for (int tap = 0; tap < taps; tap++) {
            for (int q = 0; q < columns; q++) {
              dweight[place + tap + q * taps] = results[tiles + tap * tileColumn + q];
            }
          }
        }
        tiles += taps * tileColumn;
      }
    }
  }
}
