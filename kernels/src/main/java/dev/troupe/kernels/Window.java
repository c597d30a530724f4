package dev.troupe.kernels;

/**
 * How a window slides over an image: the geometry of convolutions and pooling. The window at
 * ({@code oh}, {@code ow}) covers the pixels ({@code oh · strideHeight - padTop + kh}, {@code ow ·
 * strideWidth - padLeft + kw}) for {@code kh < kernelHeight}, {@code kw < kernelWidth}; what lies
 * outside the image is padding. Padding at the bottom and on the right follows from the number of
 * windows. Pixels that no window covers are allowed.
 *
 * @param height of the image
 * @param width of the image
 * @param kernelHeight of the window
 * @param kernelWidth of the window
 * @param strideHeight from a window to the next one below
 * @param strideWidth from a window to the next one on the right
 * @param padTop rows above the image that the first windows cover, less than {@code kernelHeight}
 * @param padLeft columns left of it, less than {@code kernelWidth}
 * @param outHeight number of windows below each other
 * @param outWidth number of windows beside each other
 */
public record Window(
    int height,
    int width,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int padTop,
    int padLeft,
    int outHeight,
    int outWidth) {

  /**
   * Checks that each window covers at least one pixel of the image.
   *
   * @throws IllegalArgumentException if one does not, or a size is not positive
   */
  public Window {
    line("height", height, kernelHeight, strideHeight, padTop, outHeight);
    line("width", width, kernelWidth, strideWidth, padLeft, outWidth);
    Check.count("window", "pixels", height, width);
    Check.count("window", "windows", outHeight, outWidth);
    Check.count("window", "taps", kernelHeight, kernelWidth);
  }

  /**
   * A square kernel, the same in both directions, and as many windows as fit.
   *
   * @param padding on all four sides
   */
  public static Window of(int height, int width, int kernel, int stride, int padding) {
    return new Window(
        height,
        width,
        kernel,
        kernel,
        stride,
        stride,
        padding,
        padding,
        (height + 2 * padding - kernel) / stride + 1,
        (width + 2 * padding - kernel) / stride + 1);
  }

  private static void line(String what, int size, int kernel, int stride, int pad, int windows) {
    Check.atLeast("window", what, size, 1);
    Check.atLeast("window", "kernel " + what, kernel, 1);
    Check.atLeast("window", "stride over the " + what, stride, 1);
    Check.atLeast("window", "number of windows over the " + what, windows, 1);
    if (pad < 0 || pad >= kernel) {
      throw new IllegalArgumentException(
          "window: padding of the "
              + what
              + " is "
              + pad
              + ", expected 0 or more and less than the kernel's "
              + kernel);
    }
    long last = (windows - 1L) * stride - pad;
    if (last >= size) {
      throw new IllegalArgumentException(
          "window: the last of "
              + windows
              + " windows over the "
              + what
              + " begins at "
              + last
              + ", expected less than "
              + size);
    }
  }

  /** Pixels of the image. */
  public int pixels() {
    return height * width;
  }

  /** Number of windows. */
  public int windows() {
    return outHeight * outWidth;
  }

  /** Pixels of a window. */
  public int taps() {
    return kernelHeight * kernelWidth;
  }

  /** Such as {@code 32x32 by 4x4, stride 2x2, padding 1x1, to 16x16}. */
  @Override
  public String toString() {
    return by(height, width)
        + " by "
        + by(kernelHeight, kernelWidth)
        + ", stride "
        + by(strideHeight, strideWidth)
        + ", padding "
        + by(padTop, padLeft)
        + ", to "
        + by(outHeight, outWidth);
  }

  private static String by(int a, int b) {
    return a + "x" + b;
  }
}
