package dev.troupe.gan.image;

import dev.troupe.autograd.ops.Ops;
import dev.troupe.autograd.ops.Slide;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Layers;
import dev.troupe.nn.State;
import java.util.ArrayList;
import java.util.List;

/**
 * SimpleCNN of "Ensembles of GANs" (supplement B), also its judge for boosting: three convolutions
 * 3x3 of 16, 32 and 64 channels, each followed by ReLU, 2x2 max-pooling and batch norm; two dense
 * layers, 64 to 64 and 64 to the classes, with dropout after the first; Glorot's initial weights.
 *
 * <p>The printed 64 inputs of the dense layers do not fit maps of 4x4 pixels; the mean over the map
 * is taken, which gives 64. Dropout's "probability 0.75" is taken as the rate of what is dropped.
 */
public final class SimpleCnn {
  /** The share that dropout drops. */
  public static final double DROP_RATE = 0.75;

  private static final int[] WIDTHS = {16, 32, 64};
  private static final double EPSILON = 1e-5;
  private static final double STATISTICS_RATE = 0.1;

  private SimpleCnn() {}

  /** A new network; images have at least 8 pixels along each side. */
  public static Classifier create(State state, int channels, int classes) {
    List<Layer> layers = new ArrayList<>();
    Initialiser weights = Initialiser.glorotUniform();
    int in = channels;
    for (int i = 0; i < WIDTHS.length; i++) {
      State part = state.at("conv" + i);
      layers.add(Layers.conv2d(part, in, WIDTHS[i], 3, Slide.by(1).same(), weights));
      layers.add(Layers.relu());
      layers.add((x, pass) -> Ops.maxPool2d(x, 2, 2, Slide.by(2)));
      layers.add(Layers.batchNorm(part.at("norm"), WIDTHS[i], EPSILON, STATISTICS_RATE, 1));
      in = WIDTHS[i];
    }
    layers.add((x, pass) -> Ops.globalAvgPool2d(x));
    layers.add(Layers.dense(state.at("hidden"), in, in, weights, 0));
    Layer head =
        Layer.sequence(
            Layers.dropout(state.name("hidden"), DROP_RATE),
            Layers.dense(state.at("output"), in, classes, weights));
    return new Classifier(Layer.sequence(layers.toArray(Layer[]::new)), in, head, classes);
  }
}
