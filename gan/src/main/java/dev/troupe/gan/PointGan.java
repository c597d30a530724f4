package dev.troupe.gan;

import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Layers;
import dev.troupe.nn.State;
import java.util.ArrayList;
import java.util.List;

/**
 * The GAN on points of the plane that PacGAN (Lin et al. 2018) and "Ensembles of GANs" (supplement
 * A) train. Generator: z in two dimensions, four hidden layers of {@code linear without bias, batch
 * norm, ReLU}, a linear output. Discriminator: three linear maxout layers of five pieces, a linear
 * output; its input is {@code packing} points side by side.
 *
 * @param widthG units of a hidden layer of the generator, 400 in the papers
 * @param widthD maxout units of a hidden layer of the discriminator, 200 in the papers
 * @param packing points that the discriminator sees at once, 1 for an ordinary GAN
 */
public record PointGan(int widthG, int widthD, int packing) {
  /** Coordinates of a point, and of z. */
  public static final int DIMENSIONS = 2;

  private static final int HIDDEN_G = 4;
  private static final int HIDDEN_D = 3;
  private static final int PIECES = 5;
  private static final double EPSILON = 1e-4;
  private static final double STATISTICS_RATE = 0.05;
  private static final double INITIAL_SD = 0.02;

  /** Checks the sizes. */
  public PointGan {
    if (widthG < 1 || widthD < 1 || packing < 1) {
      throw new IllegalArgumentException(
          "pointGan: widths "
              + widthG
              + " and "
              + widthD
              + " and packing "
              + packing
              + ", expected 1 or more of each");
    }
  }

  /**
   * How many numbers the largest tensor has that one member needs, a weight or an activation.
   *
   * @param rows examples that a network is run on at once
   */
  public long largestTensor(int rows) {
    long widest = Math.max(widthG, (long) PIECES * widthD);
    long weight = Math.max((long) widthG * widthG, (long) PIECES * widthD * widthD);
    return Math.max(rows * widest, weight);
  }

  /** New networks, all weights normal with standard deviation {@code initialSd}. */
  public Gan create(State state, double initialSd) {
    Initialiser weights = Initialiser.normal(initialSd);
    return new Gan(
        state,
        Latent.normal(DIMENSIONS),
        generator(state.at("generator"), weights),
        discriminator(state.at("discriminator"), weights));
  }

  /** New networks with the papers' initial weights, normal with standard deviation 0.02. */
  public Gan create(State state) {
    return create(state, INITIAL_SD);
  }

  private Layer generator(State state, Initialiser weights) {
    List<Layer> layers = new ArrayList<>();
    int in = DIMENSIONS;
    for (int i = 0; i < HIDDEN_G; i++) {
      State hidden = state.at("hidden" + i);
      layers.add(Layers.denseWithoutBias(hidden, in, widthG, weights));
      layers.add(Layers.batchNorm(hidden.at("norm"), widthG, EPSILON, STATISTICS_RATE, 0));
      in = widthG;
    }
    layers.add(Layers.dense(state.at("output"), in, DIMENSIONS, weights));
    return Layer.sequence(layers.toArray(Layer[]::new));
  }

  private Layer discriminator(State state, Initialiser weights) {
    List<Layer> layers = new ArrayList<>();
    int in = DIMENSIONS * packing;
    for (int i = 0; i < HIDDEN_D; i++) {
      layers.add(Layers.maxout(state.at("hidden" + i), in, widthD, PIECES, weights));
      in = widthD;
    }
    layers.add(Layers.dense(state.at("output"), in, 1, weights));
    return Layer.sequence(layers.toArray(Layer[]::new));
  }
}
