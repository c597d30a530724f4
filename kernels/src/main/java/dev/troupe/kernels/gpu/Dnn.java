package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Window;

/**
 * A library of convolutions that a machine may have beside our own kernels. It knows no members:
 * several of them are as many calls, where our own kernels make one launch.
 */
public interface Dnn {
  /** Its name and version. */
  String description();

  /**
   * Loads what computing needs; does nothing the second time.
   *
   * @throws OutOfMemoryError if there is no room for that
   */
  void open();

  /** Which of image, weight and result is computed from the other two. */
  enum Pass {
    /** As {@link dev.troupe.kernels.Primitive.Conv2d}. */
    FORWARD,
    /** As {@link dev.troupe.kernels.Primitive.Conv2dInputGrad}. */
    INPUT_GRAD,
    /** As {@link dev.troupe.kernels.Primitive.Conv2dWeightGrad}. */
    WEIGHT_GRAD
  }

  /**
   * What one member computes: x [batch, in, height, width], weight [out, in, kernelHeight,
   * kernelWidth] and y [batch, out, outHeight, outWidth], one of them from the other two.
   */
  record Convolution(Pass pass, Precision precision, int batch, int in, int out, Window window) {
    /** Elements of x. */
    public long x() {
      return (long) batch * in * window.pixels();
    }

    /** Elements of the weight. */
    public long weight() {
      return (long) out * in * window.taps();
    }

    /** Elements of y. */
    public long y() {
      return (long) batch * out * window.windows();
    }

    /** Multiplications, with padding counted. */
    public long multiplications() {
      return y() * in * window.taps();
    }

    /** The same of several members, without a bias, as a primitive. */
    public Primitive primitive(int members, Buffer x, Buffer weight, Buffer y) {
      return switch (pass) {
        case FORWARD -> new Primitive.Conv2d(members, batch, in, out, window, x, weight, null, y);
        case INPUT_GRAD ->
            new Primitive.Conv2dInputGrad(members, batch, in, out, window, weight, y, null, x);
        case WEIGHT_GRAD ->
            new Primitive.Conv2dWeightGrad(members, batch, in, out, window, x, y, weight);
      };
    }

    @Override
    public String toString() {
      return pass + " of " + batch + " images, " + in + " to " + out + " channels, " + window;
    }
  }

  /**
   * Whether it is to compute this, once for each member. What it does not take, because our own
   * kernels are expected to be faster or because it cannot, is theirs.
   */
  boolean takes(int members, Convolution convolution);

  /** Bytes of working memory for what it takes. */
  long workspace(Convolution convolution);

  /**
   * Computes what it takes for members that lie one behind another, each array of each member at a
   * multiple of 16 bytes. Adds up in an order that the same sizes on the same GPU always give.
   *
   * @param x its address, and so on
   * @param add whether to add to what is there instead of replacing it
   * @param workspace the address of {@link #workspace} bytes, or 0
   */
  void run(
      int members,
      Convolution convolution,
      long x,
      long weight,
      long y,
      boolean add,
      long workspace);
}
