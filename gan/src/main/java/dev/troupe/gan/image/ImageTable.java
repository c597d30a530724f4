package dev.troupe.gan.image;

import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.ShapeException;
import dev.troupe.tensor.Tensor;

/**
 * Images on the device, which all members share; each takes those that its indices name.
 *
 * @param tensor [M, C, H, W], float32
 */
public record ImageTable(Tensor tensor) {
  /** Checks the rank. */
  public ImageTable {
    if (tensor.shape().rank() != 4 || tensor.size() == 0) {
      throw new ShapeException(
          "imageTable: images are " + tensor.shape() + ", expected [M, C, H, W], not empty");
    }
  }

  /**
   * Copies images to the device.
   *
   * @param pixels [M, C, H, W], scaled
   */
  public static ImageTable of(Scope scope, int channels, int height, int width, float[] pixels) {
    int size = channels * height * width;
    if (size < 1 || pixels.length % size != 0) {
      throw new ShapeException(
          "imageTable: "
              + pixels.length
              + " numbers are no images of "
              + Shape.of(channels, height, width));
    }
    Shape shape = Shape.of(pixels.length / size, channels, height, width);
    return new ImageTable(scope.of(shape, pixels));
  }

  /** M, how many images. */
  public int size() {
    return tensor.shape().dim(0);
  }
}
