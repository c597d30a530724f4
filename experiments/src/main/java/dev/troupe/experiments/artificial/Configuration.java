package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Settings;
import dev.troupe.gan.AffineNet;
import java.util.Locale;

/**
 * One line of an experiment: which players learn which data. It is trained once for each repeat.
 *
 * @param label row of the tables, and legend of the figures
 * @param generators n_G
 * @param discriminators n_D
 * @param generatorLayers layers of each generator, input and output included
 * @param discriminatorLayers layers of each discriminator
 * @param width units of the players' hidden layers
 * @param gaussians how many Gaussians the data have; 0 for the output of the network R
 * @param trainingSet points of the training set; 0 for fresh ones in every step
 */
record Configuration(
    String label,
    int generators,
    int discriminators,
    int generatorLayers,
    int discriminatorLayers,
    int width,
    int gaussians,
    int trainingSet) {

  /** A mixture on Gaussians, with layers and width as set. */
  static Configuration onGaussians(String label, Settings s, Players players, int gaussians) {
    int layers = s.get(ArtificialSettings.LAYERS);
    return new Configuration(
        label,
        players.generators(),
        players.discriminators(),
        players.layers() == 0 ? layers : players.layers(),
        layers,
        s.get(ArtificialSettings.WIDTH),
        gaussians,
        0);
  }

  Configuration withLayers(int layers) {
    return new Configuration(
        label, generators, discriminators, layers, layers, width, gaussians, trainingSet);
  }

  Configuration withWidth(int units) {
    return new Configuration(
        label,
        generators,
        discriminators,
        generatorLayers,
        discriminatorLayers,
        units,
        gaussians,
        trainingSet);
  }

  Configuration withTrainingSet(int points) {
    return new Configuration(
        label,
        generators,
        discriminators,
        generatorLayers,
        discriminatorLayers,
        width,
        gaussians,
        points);
  }

  /** Its name in files and metrics. */
  String slug() {
    return label
        .toLowerCase(Locale.ROOT)
        .replace(",", "")
        .replaceAll("[^a-z0-9]+", "-")
        .replaceAll("^-|-$", "");
  }

  /** Whether there are as many generators as Gaussians, and more than one. */
  boolean oneGeneratorEach() {
    return gaussians > 1 && generators == gaussians;
  }

  AffineNet generator(Settings s) {
    int d = s.get(ArtificialSettings.DIMENSION);
    return new AffineNet(d, width, d, generatorLayers, s.get(ArtificialSettings.SLOPE));
  }

  AffineNet discriminator(Settings s) {
    int d = s.get(ArtificialSettings.DIMENSION);
    return new AffineNet(d, width, 1, discriminatorLayers, s.get(ArtificialSettings.SLOPE));
  }
}
