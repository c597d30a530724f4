package dev.troupe.gan.image;

import dev.troupe.autograd.ops.Ops;
import dev.troupe.autograd.ops.Slide;
import dev.troupe.gan.Gan;
import dev.troupe.gan.Latent;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Layers;
import dev.troupe.nn.State;
import dev.troupe.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * DCGAN (Radford et al. 2015) for square images in [-1, 1]. The generator projects z to a map of
 * {@code size / 2^levels} pixels a side, and each of {@code levels} transposed convolutions doubles
 * the side and halves the channels; batch norm and ReLU follow all but the last, tanh that. The
 * discriminator is its mirror image, with leaky ReLU 0.2 and no batch norm in its first layer. All
 * convolutions have stride 2 and padding such that they halve or double exactly.
 *
 * @param channels of an image
 * @param size pixels along a side
 * @param latent what z is
 * @param levels convolutions with stride 2 in each network
 * @param widthG channels of the generator's last hidden map; {@code widthG · 2^(levels - 1)} in the
 *     first
 * @param widthD channels of the discriminator's first map
 * @param kernel side of all kernels, 4 or 5 as a rule
 * @param biased whether layers in front of batch norm have a bias, as in the code that the paper
 *     used; it changes nothing but the number of parameters
 * @param truncated whether the discriminator's convolutions begin as truncated normal numbers;
 *     everything else is normal, all with standard deviation 0.02
 */
public record Dcgan(
    int channels,
    int size,
    Latent latent,
    int levels,
    int widthG,
    int widthD,
    int kernel,
    boolean biased,
    boolean truncated) {
  private static final double INITIAL_SD = 0.02;
  private static final double EPSILON = 1e-5;
  private static final double STATISTICS_RATE = 0.1;
  private static final double SLOPE = 0.2;

  /** Checks the sizes. */
  public Dcgan {
    if (channels < 1 || levels < 1 || widthG < 1 || widthD < 1 || latent.size() < 1) {
      throw new IllegalArgumentException(
          "dcgan: "
              + channels
              + " channels, latent size "
              + latent.size()
              + ", "
              + levels
              + " levels, widths "
              + widthG
              + " and "
              + widthD
              + ", expected 1 or more of each");
    }
    if (levels > 20 || size < 1 << levels || size % (1 << levels) != 0) {
      throw new IllegalArgumentException(
          "dcgan: images of " + size + " pixels a side do not halve " + levels + " times");
    }
    if (kernel < 2) {
      throw new IllegalArgumentException("dcgan: kernel is " + kernel + ", expected 2 or more");
    }
  }

  /**
   * The networks of the TensorFlow code that "Ensembles of GANs" used: 5x5 kernels, uniform z of
   * 100 numbers, four levels from 2x2x512 for images of 32 pixels. Images whose side halves less
   * often have fewer levels: 28 pixels two, from 7x7x128.
   *
   * @param width 64 in that code
   */
  public static Dcgan reference(int channels, int size, int width) {
    int levels = Math.min(4, Math.max(1, Integer.numberOfTrailingZeros(size)));
    return new Dcgan(channels, size, Latent.uniform(100), levels, width, width, 5, true, true);
  }

  /**
   * The paper's proportions on images of 32 pixels: 4x4 kernels, normal z of 100 numbers, generator
   * 4x4x512 to 256 to 128 to the image, discriminator 64 to 128 to 256 to a logit.
   */
  public static Dcgan small(int channels) {
    return new Dcgan(channels, 32, Latent.normal(100), 3, 128, 64, 4, false, false);
  }

  /** New networks. */
  public Gan create(State state) {
    return new Gan(
        state, latent, generator(state.at("generator")), discriminator(state.at("discriminator")));
  }

  private Layer generator(State state) {
    List<Layer> layers = new ArrayList<>();
    Initialiser weights = Initialiser.normal(INITIAL_SD);
    Slide slide = Slide.by(2).same();
    int side = size >> levels;
    int width = widthG << (levels - 1);
    State project = state.at("project");
    layers.add(
        biased
            ? Layers.dense(project, latent.size(), width * side * side, weights)
            : Layers.denseWithoutBias(project, latent.size(), width * side * side, weights));
    layers.add(reshape(width, side, side));
    layers.add(norm(project, width, 0));
    for (int i = 1; i < levels; i++) {
      State up = state.at("up" + i);
      layers.add(
          biased
              ? Layers.convTranspose2d(up, width, width / 2, kernel, slide, weights)
              : Layers.convTranspose2dWithoutBias(up, width, width / 2, kernel, slide, weights));
      width /= 2;
      layers.add(norm(up, width, 0));
    }
    layers.add(Layers.convTranspose2d(state.at("output"), width, channels, kernel, slide, weights));
    layers.add(Layers.tanh());
    return Layer.sequence(layers.toArray(Layer[]::new));
  }

  private Layer discriminator(State state) {
    List<Layer> layers = new ArrayList<>();
    Initialiser weights =
        truncated ? Initialiser.truncatedNormal(INITIAL_SD) : Initialiser.normal(INITIAL_SD);
    Slide slide = Slide.by(2).same();
    int width = widthD;
    layers.add(Layers.conv2d(state.at("down0"), channels, width, kernel, slide, weights));
    layers.add(Layers.leakyRelu(SLOPE));
    for (int i = 1; i < levels; i++) {
      State down = state.at("down" + i);
      layers.add(
          biased
              ? Layers.conv2d(down, width, 2 * width, kernel, slide, weights)
              : Layers.conv2dWithoutBias(down, width, 2 * width, kernel, slide, weights));
      width *= 2;
      layers.add(norm(down, width, SLOPE));
    }
    int side = size >> levels;
    int features = width * side * side;
    layers.add(reshape(features));
    layers.add(Layers.dense(state.at("output"), features, 1, Initialiser.normal(INITIAL_SD)));
    return Layer.sequence(layers.toArray(Layer[]::new));
  }

  private static Layer norm(State state, int width, double slope) {
    return Layers.batchNorm(state.at("norm"), width, EPSILON, STATISTICS_RATE, slope);
  }

  /** [E, N, …] to [E, N] with these sizes of one example. */
  private static Layer reshape(int... example) {
    return (x, pass) -> {
      Shape s = Shape.of(example).insert(0, x.shape().dim(1)).insert(0, x.shape().dim(0));
      return Ops.reshape(x, s);
    };
  }
}
