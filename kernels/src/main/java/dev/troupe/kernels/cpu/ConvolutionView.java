package dev.troupe.kernels.cpu;

import dev.troupe.kernels.Window;

/**
 * A convolution that writes every {@code stepRow}-th row and {@code stepColumn}-th column of its
 * result: {@link dev.troupe.kernels.Primitive.Conv2d}, or one phase of its gradient by the input.
 * With (q, r) counting the results, (a, b) the taps and c the channels of the source,
 *
 * <pre>{@code
 * y[m, startRow + q·stepRow, startColumn + r·stepColumn] = bias[m] + Σ over a, b, c in this order of
 *     x[c, firstRow + q·strideRow + a, firstColumn + r·strideColumn + b] ·
 *     weight[m, c, firstTap + a·tapRowStep + b·tapColumnStep]
 * }</pre>
 *
 * where x is 0 outside its image.
 */
record ConvolutionView(
    int height,
    int width,
    int strideRow,
    int strideColumn,
    int firstRow,
    int firstColumn,
    int tapRows,
    int tapColumns,
    int firstTap,
    int tapRowStep,
    int tapColumnStep,
    int rows,
    int columns,
    int toHeight,
    int toWidth,
    int startRow,
    int startColumn,
    int stepRow,
    int stepColumn) {

  static ConvolutionView forward(Window s) {
    return new ConvolutionView(
        s.height(),
        s.width(),
        s.strideHeight(),
        s.strideWidth(),
        -s.padTop(),
        -s.padLeft(),
        s.kernelHeight(),
        s.kernelWidth(),
        0,
        s.kernelWidth(),
        1,
        s.outHeight(),
        s.outWidth(),
        s.outHeight(),
        s.outWidth(),
        0,
        0,
        1,
        1);
  }

  /**
   * The gradient by the input at the rows h with {@code (h + padTop) mod strideHeight = row}, and
   * columns likewise. Only every {@code strideHeight}-th tap meets them, the last one first.
   */
  static ConvolutionView phase(Window s, int row, int column) {
    int tapRows = taps(s.kernelHeight(), s.strideHeight(), row);
    int tapColumns = taps(s.kernelWidth(), s.strideWidth(), column);
    int skippedRows = skipped(s.padTop(), s.strideHeight(), row);
    int skippedColumns = skipped(s.padLeft(), s.strideWidth(), column);
    int startRow = skippedRows * s.strideHeight() + row - s.padTop();
    int startColumn = skippedColumns * s.strideWidth() + column - s.padLeft();
    int lastTapRow = row + s.strideHeight() * (tapRows - 1);
    int lastTapColumn = column + s.strideWidth() * (tapColumns - 1);
    return new ConvolutionView(
        s.outHeight(),
        s.outWidth(),
        1,
        1,
        skippedRows - (tapRows - 1),
        skippedColumns - (tapColumns - 1),
        tapRows,
        tapColumns,
        lastTapRow * s.kernelWidth() + lastTapColumn,
        -s.strideHeight() * s.kernelWidth(),
        -s.strideWidth(),
        results(s.height(), s.strideHeight(), startRow),
        results(s.width(), s.strideWidth(), startColumn),
        s.height(),
        s.width(),
        startRow,
        startColumn,
        s.strideHeight(),
        s.strideWidth());
  }

  private static int taps(int kernel, int stride, int phase) {
    return Math.max(0, Math.ceilDiv(kernel - phase, stride));
  }

  /** Positions of a phase that lie in the padding before the image. */
  private static int skipped(int pad, int stride, int phase) {
    return Math.max(0, Math.ceilDiv(pad - phase, stride));
  }

  private static int results(int size, int stride, int start) {
    return Math.max(0, Math.ceilDiv(size - start, stride));
  }

  int taps() {
    return tapRows * tapColumns;
  }

  /** Results of an image. */
  int results() {
    return rows * columns;
  }

  int toPixels() {
    return toHeight * toWidth;
  }

  /** The results of an image are neighbours. */
  boolean dense() {
    return stepRow == 1 && stepColumn == 1;
  }

  boolean strided() {
    return strideRow * strideColumn > 1;
  }
}
