package dev.troupe.gan;

import dev.troupe.autograd.Variable;
import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Layers;
import dev.troupe.nn.Pass;
import dev.troupe.nn.State;
import java.util.ArrayList;
import java.util.List;

/**
 * A network of affine layers with leaky ReLU between them, as all networks of "Lessons Learned from
 * the Training of GANs on Artificial Datasets" (Tang 2020, section IV.B) are: generator,
 * discriminator, Judge and independent critic.
 *
 * <p>{@code layers} counts as that paper does, input and output layer included: a 2-layer network
 * is one affine map, a 5-layer one has three hidden layers and four affine maps.
 *
 * @param in size of an input
 * @param width of every hidden layer; without meaning in a 2-layer network
 * @param out size of an output
 * @param layers 2 or more; one more than there are affine maps
 * @param slope of the leaky ReLU below 0
 */
public record AffineNet(int in, int width, int out, int layers, double slope) {
  /** Checks the sizes. */
  public AffineNet {
    if (in < 1 || width < 1 || out < 1) {
      throw new IllegalArgumentException(
          "affineNet: sizes "
              + in
              + ", "
              + width
              + " and "
              + out
              + " of input, hidden layers and output, expected 1 or more of each");
    }
    if (layers < 2) {
      throw new IllegalArgumentException(
          "affineNet: " + layers + " layers, expected 2 (one affine map) or more");
    }
    if (!Double.isFinite(slope)) {
      throw new IllegalArgumentException(
          "affineNet: slope is " + slope + ", expected a finite number");
    }
  }

  /** How many affine maps, {@code layers - 1}. */
  public int maps() {
    return layers - 1;
  }

  /** The numbers of one member: weights and biases. */
  public long parameters() {
    long n = 0;
    for (int i = 0; i < maps(); i++) {
      n += (inputs(i) + 1L) * outputs(i);
    }
    return n;
  }

  /**
   * How many numbers the largest tensor has that one member needs, a weight or an activation.
   *
   * @param rows examples that the network is run on at once
   */
  public long largestTensor(int rows) {
    long largest = (long) rows * in;
    for (int i = 0; i < maps(); i++) {
      largest = Math.max(largest, (long) outputs(i) * Math.max(rows, inputs(i)));
    }
    return largest;
  }

  /**
   * A network with parameters.
   *
   * @param weight of the first map, [E, in, first]
   * @param first the first affine map
   * @param rest what comes after it, piecewise linear
   */
  public record Network(Variable weight, Layer first, Layer rest) implements Layer {
    @Override
    public Variable forward(Variable x, Pass pass) {
      return rest.forward(first.forward(x, pass), pass);
    }
  }

  /**
   * A new network.
   *
   * @param state holds its parameters, {@code affine0.weight}, {@code affine0.bias}, …
   * @param weights how weights begin; biases begin at 0
   * @return [E, N, in] to [E, N, out]
   */
  public Network create(State state, Initialiser weights) {
    State firstState = state.at("affine0");
    Layer first = Layers.dense(firstState, in, outputs(0), weights);
    List<Layer> rest = new ArrayList<>();
    for (int i = 1; i < maps(); i++) {
      if (i == 1) {
        rest.add(Layers.leakyRelu(slope)); // of the first map, which the penalty needs as it is
      }
      double below = i == maps() - 1 ? 1 : slope;
      rest.add(Layers.dense(state.at("affine" + i), width, outputs(i), weights, below));
    }
    Layer behind = Layer.sequence(rest.toArray(Layer[]::new));
    return new Network(firstState.parameters().getFirst(), first, behind);
  }

  private int inputs(int map) {
    return map == 0 ? in : width;
  }

  private int outputs(int map) {
    return map == maps() - 1 ? out : width;
  }
}
