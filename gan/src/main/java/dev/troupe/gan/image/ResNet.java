package dev.troupe.gan.image;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.autograd.ops.Slide;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Layers;
import dev.troupe.nn.State;
import java.util.ArrayList;
import java.util.List;

/**
 * Residual networks (He et al. 2016) for images of 32 pixels or so: no pooling at the entry, 3x3
 * kernels without bias, batch norm, the mean over the last map, one dense layer.
 */
public final class ResNet {
  private static final double EPSILON = 1e-5;
  private static final double STATISTICS_RATE = 0.1;
  private static final Initialiser WEIGHTS = Initialiser.heNormal();

  /** Variance 2 / fan-out, as in tensorpack's example. */
  private static final Initialiser FAN_OUT_WEIGHTS =
      (t, rng, stream) -> {
        int fanOut = t.shape().dim(1) * t.shape().product(3, 5); // [E, out, in, h, w]
        Initialiser.normal(Math.sqrt(2.0 / fanOut)).fill(t, rng, stream);
      };

  private ResNet() {}

  /**
   * ResNet-18: an entry of 64 channels, then four stages of two blocks of two convolutions with 64,
   * 128, 256 and 512 channels, ReLU after each sum, projections 1x1 with batch norm where sizes
   * change. 11,173,962 parameters for 3 channels and 10 classes.
   *
   * @param width channels of the first stage, 64
   */
  public static Classifier resNet18(State state, int channels, int classes, int width) {
    List<Layer> layers = new ArrayList<>();
    layers.add(convolution(state.at("entry"), channels, width, 3, 1, WEIGHTS));
    layers.add(norm(state.at("entry"), width, 0));
    int in = width;
    for (int stage = 0; stage < 4; stage++) {
      int out = width << stage;
      for (int block = 0; block < 2; block++) {
        State part = state.at("stage" + stage).at("block" + block);
        layers.add(block(part, in, out, stage > 0 && block == 0 ? 2 : 1));
        in = out;
      }
    }
    layers.add((x, pass) -> Ops.globalAvgPool2d(x));
    return classifier(state, layers, in, classes);
  }

  /** Two convolutions and a shortcut around them. */
  private static Layer block(State state, int in, int out, int stride) {
    Layer way =
        Layer.sequence(
            convolution(state.at("conv0"), in, out, 3, stride, WEIGHTS),
            norm(state.at("conv0"), out, 0),
            convolution(state.at("conv1"), out, out, 3, 1, WEIGHTS),
            norm(state.at("conv1"), out, 1));
    if (in == out && stride == 1) {
      return (x, pass) -> Ops.relu(Ops.add(way.forward(x, pass), x));
    }
    Layer shortcut =
        Layer.sequence(
            convolution(state.at("shortcut"), in, out, 1, stride, WEIGHTS),
            norm(state.at("shortcut"), out, 1));
    return (x, pass) -> Ops.relu(Ops.add(way.forward(x, pass), shortcut.forward(x, pass)));
  }

  /**
   * The 6n + 2 family with pre-activation, as tensorpack trains it: three stages of n blocks with
   * 16, 32 and 64 channels; where sizes change, the shortcut is 2x2 average pooling and channels of
   * zeros on both sides. Images have an even number of pixels, twice.
   *
   * @param n blocks of a stage: 3 is ResNet-20, 5 ResNet-32, 18 ResNet-110
   */
  public static Classifier resNet6n2(State state, int n, int channels, int classes) {
    if (n < 1) {
      throw new IllegalArgumentException("resNet: n is " + n + ", expected 1 or more");
    }
    List<Layer> layers = new ArrayList<>();
    int in = 16;
    layers.add(convolution(state.at("entry"), channels, in, 3, 1, FAN_OUT_WEIGHTS));
    layers.add(norm(state.at("entry"), in, 0));
    for (int stage = 0; stage < 3; stage++) {
      int out = 16 << stage;
      for (int block = 0; block < n; block++) {
        State part = state.at("stage" + stage).at("block" + block);
        layers.add(preActivated(part, in, out, stage == 0 && block == 0));
        in = out;
      }
    }
    layers.add(norm(state.at("last"), in, 0));
    layers.add((x, pass) -> Ops.globalAvgPool2d(x));
    return classifier(state, layers, in, classes);
  }

  private static Layer preActivated(State state, int in, int out, boolean first) {
    int stride = in == out ? 1 : 2;
    List<Layer> way = new ArrayList<>();
    if (!first) {
      way.add(norm(state.at("entry"), in, 0));
    }
    way.add(convolution(state.at("conv0"), in, out, 3, stride, FAN_OUT_WEIGHTS));
    way.add(norm(state.at("conv0"), out, 0));
    way.add(convolution(state.at("conv1"), out, out, 3, 1, FAN_OUT_WEIGHTS));
    Layer layer = Layer.sequence(way.toArray(Layer[]::new));
    return (x, pass) -> {
      Variable shortcut = x;
      if (stride == 2) {
        Variable half = Ops.avgPool2d(x, 2, 2, Slide.by(2));
        shortcut = Ops.pad(half, 2, (out - in) / 2, out);
      }
      return Ops.add(layer.forward(x, pass), shortcut);
    };
  }

  private static Classifier classifier(State state, List<Layer> layers, int width, int classes) {
    Layer head = Layers.dense(state.at("output"), width, classes, Initialiser.glorotUniform());
    return new Classifier(Layer.sequence(layers.toArray(Layer[]::new)), width, head, classes);
  }

  private static Layer convolution(
      State state, int in, int out, int kernel, int stride, Initialiser weights) {
    Slide slide = Slide.by(stride).padded(kernel / 2);
    return Layers.conv2dWithoutBias(state, in, out, kernel, slide, weights);
  }

  private static Layer norm(State state, int width, double slope) {
    return Layers.batchNorm(state.at("norm"), width, EPSILON, STATISTICS_RATE, slope);
  }
}
