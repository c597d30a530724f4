package dev.troupe.autograd.ops;

import dev.troupe.kernels.Window;

/**
 * How the windows of a convolution or a pooling move over an image: their stride and what pads the
 * image. {@code Slide.by(2).padded(1)} is PyTorch's {@code stride=2, padding=1}, {@code
 * Slide.by(2).same()} TensorFlow's {@code 'SAME'}, {@code Slide.by(1)} its {@code 'VALID'}.
 *
 * @param strideHeight pixels from a window to the next one below
 * @param strideWidth pixels from a window to the next one on the right
 * @param top rows of padding above
 * @param bottom rows of padding below; with {@code left} and {@code right} as for columns
 * @param automatic padding so that there are {@code ceil(size / stride)} windows along each axis,
 *     the odd row or column below or on the right; the four numbers are 0 then
 */
public record Slide(
    int strideHeight,
    int strideWidth,
    int top,
    int bottom,
    int left,
    int right,
    boolean automatic) {

  /** Steps of {@code stride} both ways, without padding. */
  public static Slide by(int stride) {
    return by(stride, stride);
  }

  /** Steps of their own down and to the right, without padding. */
  public static Slide by(int strideHeight, int strideWidth) {
    return new Slide(strideHeight, strideWidth, 0, 0, 0, 0, false);
  }

  /** With as much padding on all four sides. */
  public Slide padded(int padding) {
    return padded(padding, padding, padding, padding);
  }

  /** With padding of its own on each side. */
  public Slide padded(int top, int bottom, int left, int right) {
    return new Slide(strideHeight, strideWidth, top, bottom, left, right, false);
  }

  /** With TensorFlow's {@code 'SAME'} padding. */
  public Slide same() {
    return new Slide(strideHeight, strideWidth, 0, 0, 0, 0, true);
  }

  /** The windows over an image of this size. */
  Window over(String op, int height, int width, int kernelHeight, int kernelWidth) {
    check(op, kernelHeight, kernelWidth);
    int outHeight = windows(height, kernelHeight, strideHeight, top + bottom);
    int outWidth = windows(width, kernelWidth, strideWidth, left + right);
    Require.that(
        outHeight > 0 && outWidth > 0,
        "%s: a window of %dx%d does not fit into an image of %dx%d with %s",
        op,
        kernelHeight,
        kernelWidth,
        height,
        width,
        padding());
    return new Window(
        height,
        width,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        automatic ? missing(height, kernelHeight, strideHeight, outHeight) / 2 : top,
        automatic ? missing(width, kernelWidth, strideWidth, outWidth) / 2 : left,
        outHeight,
        outWidth);
  }

  /** The smallest image with so many windows over it; the largest with {@link #same}. */
  Window under(String op, int outHeight, int outWidth, int kernelHeight, int kernelWidth) {
    check(op, kernelHeight, kernelWidth);
    int height =
        automatic
            ? outHeight * strideHeight
            : (outHeight - 1) * strideHeight + kernelHeight - top - bottom;
    int width =
        automatic
            ? outWidth * strideWidth
            : (outWidth - 1) * strideWidth + kernelWidth - left - right;
    Require.that(
        height > 0 && width > 0,
        "%s: %dx%d windows of %dx%d with %s leave no image",
        op,
        outHeight,
        outWidth,
        kernelHeight,
        kernelWidth,
        padding());
    return over(op, height, width, kernelHeight, kernelWidth);
  }

  private void check(String op, int kernelHeight, int kernelWidth) {
    Require.that(
        strideHeight > 0 && strideWidth > 0,
        "%s: stride is %dx%d, expected at least 1",
        op,
        strideHeight,
        strideWidth);
    Require.that(
        Math.min(Math.min(top, bottom), Math.min(left, right)) >= 0
            && Math.max(top, bottom) < kernelHeight
            && Math.max(left, right) < kernelWidth,
        "%s: %s, expected 0 or more and less than the kernel's %dx%d",
        op,
        padding(),
        kernelHeight,
        kernelWidth);
  }

  private int windows(int size, int kernel, int stride, int padding) {
    if (automatic) {
      return Math.ceilDiv(size, stride);
    }
    return size + padding < kernel ? 0 : (size + padding - kernel) / stride + 1;
  }

  /** What 'SAME' adds to an axis. */
  private static int missing(int size, int kernel, int stride, int windows) {
    return Math.max(0, (windows - 1) * stride + kernel - size);
  }

  private String padding() {
    return automatic
        ? "padding 'SAME'"
        : "padding " + top + ", " + bottom + " x " + left + ", " + right;
  }
}
