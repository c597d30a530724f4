package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.ALIGN;
import static dev.troupe.kernels.cpu.Tiles.COLUMN_STEP;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.MAX_DEPTH;
import static dev.troupe.kernels.cpu.Tiles.MAX_ROWS;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;
import static dev.troupe.kernels.cpu.Tiles.WIDTH;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The gradient of a convolution by an input of few channels, or a transposed convolution to them:
 * so few that they would leave tiles empty. Of each image what every tap contributes is one matrix
 * product, {@code weightᵀ [in · taps, out] · dy [out, windows]}; its rows are added, tap by tap, to
 * planes of the result, one for each phase of the stride, and then put in their places.
 */
final class FewResults implements Workers.Task {
  /** Panels of dy that are packed at a time. */
  private static final int PANELS = 16;

  /** Tasks for each thread that even out a thread that is held up. */
  private static final int TASKS_PER_THREAD = 4;

  private static final float[] ZEROS = new float[WIDTH];

  private static final ThreadLocal<Memory> MEMORY = ThreadLocal.withInitial(Memory::new);

  /** Working memory that a thread keeps. */
  private static final class Memory {
    private float[] products = new float[0];
    private float[] planes = new float[0];
    private float[] strips = new float[0];
  }

  private final Primitive.Conv2dInputGrad op;
  private final Window window;
  private final HostBuffer weight;
  private final HostBuffer dy;
  private final HostBuffer bias; // null for none
  private final HostBuffer dx;
  private final int parts;

  /** Rows of the product. */
  private final int rows;

  /** Distance of its rows. */
  private final int rowStep;

  // planes of a channel, [down, across, height, width]
  private final int down;
  private final int across;
  private final int height;
  private final int width;

  private FewResults(
      Primitive.Conv2dInputGrad op,
      HostBuffer weight,
      HostBuffer dy,
      HostBuffer bias,
      HostBuffer dx,
      int threads) {
    this.op = op;
    this.window = op.window();
    this.weight = weight;
    this.dy = dy;
    this.bias = bias;
    this.dx = dx;
    this.parts = Math.min(op.batch(), Math.ceilDiv(threads * TASKS_PER_THREAD, op.members()));
    this.rows = op.in() * window.taps();
    this.rowStep = Math.ceilDiv(window.windows(), WIDTH) * WIDTH;
    this.down = Math.min(window.strideHeight(), window.kernelHeight());
    this.across = Math.min(window.strideWidth(), window.kernelWidth());
    this.height = window.outHeight() + (window.kernelHeight() - 1) / window.strideHeight();
    this.width = window.outWidth() + (window.kernelWidth() - 1) / window.strideWidth();
  }

  static boolean suits(Primitive.Conv2dInputGrad op) {
    return op.in() <= 8 && op.in() > 0 && op.out() > 0 && op.out() <= MAX_DEPTH && op.batch() > 0;
  }

  static void run(
      Workers workers,
      Primitive.Conv2dInputGrad op,
      HostBuffer weight,
      HostBuffer dy,
      HostBuffer bias,
      HostBuffer dx) {
    if (op.members() > 0) {
      FewResults task = new FewResults(op, weight, dy, bias, dx, workers.threads());
      workers.run(op.members() * task.parts, task);
    }
  }

  /** Some images of a member. */
  @Override
  public void run(int task) {
    int member = task / parts;
    int part = task % parts;
    Scratch scratch = Scratch.ofThisThread();
    scratch.plan(rows);
    Memory memory = MEMORY.get();
    memory.strips = Tiles.grown(memory.strips, scratch.count * op.out() * COLUMN_STEP);
    memory.products = Tiles.grown(memory.products, (rows + MAX_ROWS) * rowStep);
    memory.planes = Tiles.grown(memory.planes, down * across * height * width);
    int weights = weight.offset() + member * op.out() * rows;
    for (int s = 0; s < scratch.count; s++) {
      int first = scratch.starts[s];
      int count = scratch.starts[s + 1] - first;
      int to = ALIGN + s * op.out() * COLUMN_STEP;
      Packing.columnStrip(
          weight.floats(), weights + first, rows, count, op.out(), memory.strips, to);
    }
    int from = ConvolutionProduct.share(op.batch(), part, parts);
    int end = ConvolutionProduct.share(op.batch(), part + 1, parts);
    for (int n = from; n < end; n++) {
      int image = member * op.batch() + n;
      multiply(scratch, memory, dy.offset() + image * op.out() * window.windows());
      for (int c = 0; c < op.in(); c++) {
        float start = bias == null ? 0 : bias.floats()[bias.offset() + member * op.in() + c];
        add(memory, c, start);
        place(memory.planes, start, dx.offset() + (image * op.in() + c) * window.pixels());
      }
    }
  }

  /** What the taps contribute of an image, {@code [in · taps, windows]}. */
  private void multiply(Scratch scratch, Memory memory, int image) {
    int depth = op.out();
    float[] panels = scratch.panels(PANELS * WIDTH * depth);
    for (int column = 0; column < window.windows(); column += PANELS * WIDTH) {
      int columns = Math.min(PANELS * WIDTH, window.windows() - column);
      Packing.panels(dy.floats(), image + column, window.windows(), columns, depth, panels, ALIGN);
      for (int s = 0; s < scratch.count; s++) {
        int first = scratch.starts[s];
        int tileRows = Tiles.tileRows(scratch.starts[s + 1] - first);
        for (int i = 0; i < columns; i += WIDTH) {
          ConvolutionProduct.multiply(
              tileRows,
              Packing.panelWidth(Math.min(WIDTH, columns - i)),
              depth,
              memory.strips,
              ALIGN + s * depth * COLUMN_STEP,
              panels,
              ALIGN + i * depth,
              ZEROS,
              0,
              0,
              memory.products,
              ALIGN + first * rowStep + column + i,
              rowStep);
        }
      }
    }
  }

  /** Adds the taps of a channel to its planes. */
  private void add(Memory memory, int channel, float start) {
    Arrays.fill(memory.planes, ALIGN, ALIGN + down * across * height * width, start);
    for (int tap = 0; tap < window.taps(); tap++) {
      int kh = tap / window.kernelWidth();
      int kw = tap % window.kernelWidth();
      int plane = kh % window.strideHeight() * across + kw % window.strideWidth();
      int row = plane * height + kh / window.strideHeight();
      int to = ALIGN + row * width + kw / window.strideWidth();
      int from = ALIGN + (channel * window.taps() + tap) * rowStep;
      for (int i = 0; i < window.outWidth(); i += LANES) {
        int some = Math.min(LANES, window.outWidth() - i);
        addColumns(memory.products, from + i, some, memory.planes, to + i);
      }
    }
  }

  /** Up to {@link Tiles#LANES} columns of all rows of windows. */
  private void addColumns(float[] x, int from, int count, float[] y, int to) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, count);
    for (int r = 0; r < window.outHeight(); r++) {
      FloatVector.fromArray(SPECIES, y, to + r * width, mask)
          .add(FloatVector.fromArray(SPECIES, x, from + r * window.outWidth(), mask))
          .intoArray(y, to + r * width, mask);
    }
  }

  /** Copies planes to a channel of the result; no window covers what is in none. */
  private void place(float[] planes, float start, int to) {
    float[] y = dx.floats();
    int stride = window.strideWidth();
    boolean covered =
        down == window.strideHeight()
            && across == stride
            && height * window.strideHeight() >= window.height() + window.padTop()
            && width * stride >= window.width() + window.padLeft();
    for (int h = 0; h < window.height(); h++) {
      int i = (h + window.padTop()) % window.strideHeight();
      int q = (h + window.padTop()) / window.strideHeight();
      int line = to + h * window.width();
      if (!covered) {
        Arrays.fill(y, line, line + window.width(), start);
      }
      for (int j = 0; j < across && i < down && q < height; j++) {
        int begin = Math.ceilDiv(Math.max(0, window.padLeft() - j), stride);
        int end = Math.min(width, Math.ceilDiv(window.width() + window.padLeft() - j, stride));
        int from = ALIGN + ((i * across + j) * height + q) * width;
        int at = line + j - window.padLeft();
        for (int r = begin; r < end; r++) {
          y[at + r * stride] = planes[from + r];
        }
      }
    }
  }
}
