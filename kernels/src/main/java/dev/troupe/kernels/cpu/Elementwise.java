package dev.troupe.kernels.cpu;

import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import java.util.Arrays;

/** Map, Zip and Select: the walk over broadcast inputs; the arithmetic is in the loops. */
final class Elementwise {
  /** Elements that are worth a task of their own. */
  static final int GRAIN = 8192;

  /**
   * A repeated value is spread over a piece of this length, so that every loop has plain arrays to
   * read.
   */
  private static final int PIECE = 1024;

  private static final ThreadLocal<float[][]> SPREAD =
      ThreadLocal.withInitial(() -> new float[3][PIECE]);

  private Elementwise() {}

  /** How many rows of {@code elementsEach} are worth a task of their own. */
  static int grain(int elementsEach) {
    return Math.max(1, GRAIN / Math.max(1, elementsEach));
  }

  static void map(Workers workers, Primitive.Map op, HostBuffer xs, HostBuffer ys) {
    float[] x = xs.floats();
    float[] y = ys.floats();
    int xo = xs.offset();
    int yo = ys.offset();
    workers.runRanges(
        ys.size(), GRAIN, (from, to) -> map(op, x, xo + from, y, yo + from, to - from));
  }

  private static void map(Primitive.Map op, float[] x, int xo, float[] y, int yo, int n) {
    float p = (float) op.p();
    float q = (float) op.q();
    switch (op.f()) {
      case AFFINE -> UnaryLoops.affine(x, xo, p, q, y, yo, n);
      case ABS -> UnaryLoops.abs(x, xo, y, yo, n);
      case SIGN -> UnaryLoops.sign(x, xo, y, yo, n);
      case STEP -> UnaryLoops.step(x, xo, p, y, yo, n);
      case SQUARE -> UnaryLoops.square(x, xo, y, yo, n);
      case RECIPROCAL -> UnaryLoops.reciprocal(x, xo, y, yo, n);
      case SQRT -> MathLoops.sqrt(x, xo, y, yo, n);
      case RSQRT -> MathLoops.rsqrt(x, xo, y, yo, n);
      case EXP -> MathLoops.exp(x, xo, y, yo, n);
      case LOG -> MathLoops.log(x, xo, y, yo, n);
      case SIN -> MathLoops.sin(x, xo, y, yo, n);
      case COS -> MathLoops.cos(x, xo, y, yo, n);
      case TANH -> MathLoops.tanh(x, xo, y, yo, n);
      case SIGMOID -> MathLoops.sigmoid(x, xo, y, yo, n);
      case SOFTPLUS -> MathLoops.softplus(x, xo, y, yo, n);
      case RELU -> UnaryLoops.relu(x, xo, y, yo, n);
      case LEAKY_RELU -> UnaryLoops.leakyRelu(x, xo, p, y, yo, n);
      case POW -> Power.pow(x, xo, p, y, yo, n);
      case CLAMP -> UnaryLoops.clamp(x, xo, p, q, y, yo, n);
      case INSIDE -> UnaryLoops.inside(x, xo, p, q, y, yo, n);
    }
  }

  static void zip(Workers workers, Primitive.Zip op, HostBuffer as, HostBuffer bs, HostBuffer ys) {
    float[] a = as.floats();
    float[] b = bs.floats();
    float[] y = ys.floats();
    int ao = as.offset();
    int bo = bs.offset();
    int yo = ys.offset();
    Broadcast by = op.by();
    Binary f = op.f();
    float p = (float) op.p();
    int last = by.sizes().length - 1;
    int[] stridesA = by.strides()[0];
    int[] stridesB = by.strides()[1];
    if (last == 0 && stridesA[0] == 1 && stridesB[0] == 1) {
      workers.runRanges(
          ys.size(),
          GRAIN,
          (from, to) -> zip(f, p, a, ao + from, b, bo + from, y, yo + from, to - from));
      return;
    }
    int width = by.sizes()[last];
    rows(
        workers,
        by,
        (row, from, n) -> {
          float[][] spread = SPREAD.get();
          int aAt = ao + offset(by, 0, row);
          int bAt = bo + offset(by, 1, row);
          int yAt = yo + row * width;
          boolean spreadA = spread(a, aAt, stridesA[last], spread[0], n);
          boolean spreadB = spread(b, bAt, stridesB[last], spread[1], n);
          int step = spreadA || spreadB ? PIECE : n;
          for (int i = from; i < from + n; i += step) {
            int count = Math.min(step, from + n - i);
            zip(
                f,
                p,
                spreadA ? spread[0] : a,
                spreadA ? 0 : aAt + i,
                spreadB ? spread[1] : b,
                spreadB ? 0 : bAt + i,
                y,
                yAt + i,
                count);
          }
        });
  }

  private static void zip(
      Binary f, float p, float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
    switch (f) {
      case ADD -> BinaryLoops.add(a, ao, b, bo, y, yo, n);
      case SUB -> BinaryLoops.sub(a, ao, b, bo, y, yo, n);
      case MUL -> BinaryLoops.mul(a, ao, b, bo, y, yo, n);
      case DIV -> BinaryLoops.div(a, ao, b, bo, y, yo, n);
      case MIN -> BinaryLoops.min(a, ao, b, bo, y, yo, n);
      case MAX -> BinaryLoops.max(a, ao, b, bo, y, yo, n);
      case GREATER -> BinaryLoops.greater(a, ao, b, bo, y, yo, n);
      case GREATER_EQUAL -> BinaryLoops.greaterEqual(a, ao, b, bo, y, yo, n);
      case EQUAL -> BinaryLoops.equal(a, ao, b, bo, y, yo, n);
      case ADD_SCALED -> BinaryLoops.addScaled(a, ao, b, bo, p, y, yo, n);
      case LERP -> BinaryLoops.lerp(a, ao, b, bo, p, y, yo, n);
      case TANH_GRAD -> BinaryLoops.tanhGrad(a, ao, b, bo, y, yo, n);
      case SIGMOID_GRAD -> BinaryLoops.sigmoidGrad(a, ao, b, bo, y, yo, n);
      case SOFTPLUS_GRAD -> BinaryLoops.softplusGrad(a, ao, b, bo, y, yo, n);
      case RELU_GRAD -> BinaryLoops.reluGrad(a, ao, b, bo, y, yo, n);
      case LEAKY_RELU_GRAD -> BinaryLoops.leakyReluGrad(a, ao, b, bo, p, y, yo, n);
    }
  }

  static void select(
      Workers workers,
      Primitive.Select op,
      HostBuffer condition,
      HostBuffer as,
      HostBuffer bs,
      HostBuffer ys) {
    float[] c = condition.floats();
    float[] a = as.floats();
    float[] b = bs.floats();
    float[] y = ys.floats();
    Broadcast by = op.by();
    int last = by.sizes().length - 1;
    int width = by.sizes()[last];
    int cs = by.strides()[0][last];
    int sa = by.strides()[1][last];
    int sb = by.strides()[2][last];
    rows(
        workers,
        by,
        (row, from, n) -> {
          int cAt = condition.offset() + offset(by, 0, row);
          int aAt = as.offset() + offset(by, 1, row);
          int bAt = bs.offset() + offset(by, 2, row);
          int yAt = ys.offset() + row * width;
          for (int i = from; i < from + n; i++) {
            y[yAt + i] = c[cAt + i * cs] != 0 ? a[aAt + i * sa] : b[bAt + i * sb];
          }
        });
  }

  /** Elements [from, from + n) of one row: a run along the innermost dimension. */
  interface Row {
    void run(int row, int from, int n);
  }

  /** Runs over all rows, cutting long ones and joining short ones into tasks. */
  static void rows(Workers workers, Broadcast by, Row body) {
    int width = by.sizes()[by.sizes().length - 1];
    int size = by.size();
    if (size == 0) {
      return;
    }
    int rows = size / width;
    if (rows == 1) {
      workers.runRanges(width, GRAIN, (from, to) -> body.run(0, from, to - from));
      return;
    }
    workers.runRanges(
        rows,
        grain(width),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            body.run(row, 0, width);
          }
        });
  }

  /** Where a row of input {@code k} begins. */
  static int offset(Broadcast by, int k, int row) {
    int at = 0;
    int rest = row;
    int[] sizes = by.sizes();
    int[] strides = by.strides()[k];
    for (int d = sizes.length - 2; d >= 0; d--) {
      int next = rest / sizes[d];
      at += (rest - next * sizes[d]) * strides[d];
      rest = next;
    }
    return at;
  }

  /** Spreads a repeated element over {@code into}; false where the input is not repeated. */
  private static boolean spread(float[] x, int at, int stride, float[] into, int n) {
    if (stride != 0) {
      return false;
    }
    Arrays.fill(into, 0, Math.min(n, PIECE), x[at]);
    return true;
  }
}
