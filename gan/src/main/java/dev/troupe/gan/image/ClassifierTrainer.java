package dev.troupe.gan.image;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.gan.LossRing;
import dev.troupe.nn.Layer;
import dev.troupe.nn.Optimiser;
import dev.troupe.nn.Pass;
import dev.troupe.nn.State;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Trains E classifiers by the mean cross entropy of a batch, all in one step. Its networks are
 * under {@code classifier} in the state.
 */
public final class ClassifierTrainer {
  private static final int LOSSES_KEPT = 100;

  private final State state;
  private final Classifier net;
  private final ImageFeed feed;
  private final Rng rng;
  private final Optimiser optimiser;
  private final Variable[] parameters;
  private final LossRing losses;

  /** Makes a network under the given part of a state. */
  @FunctionalInterface
  public interface Network {
    /** A new network. */
    Classifier create(State state);
  }

  /**
   * Ready for step 0.
   *
   * @param state empty; holds all that the training is
   * @param optimiser made from its part of the state and the parameters
   * @param feed hands over the batches, with labels; set before each step
   * @param seed of dropout
   */
  public ClassifierTrainer(
      State state,
      Network network,
      BiFunction<State, List<Variable>, Optimiser> optimiser,
      ImageFeed feed,
      long seed) {
    this.state = state;
    this.net = network.create(state.at("classifier"));
    this.feed = feed;
    this.rng = new Rng(state.scope(), seed, state.memberIds());
    state.keep("step", rng.step());
    List<Variable> trained = state.at("classifier").parameters();
    this.parameters = trained.toArray(Variable[]::new);
    this.optimiser = optimiser.apply(state.at("optimiser"), trained);
    this.losses = new LossRing(state, rng.step(), LOSSES_KEPT, 1);
  }

  /** Everything that it is, for a checkpoint. */
  public State state() {
    return state;
  }

  /** The networks. */
  public Classifier classifier() {
    return net;
  }

  /** One update of every classifier. */
  public void step() {
    try (Scope scope = Scope.open(state.scope().device(), "classifier")) {
      Variable logits = net.forward(feed.images(), Pass.training(rng, "train")); // [E, N, classes]
      Variable loss = Ops.mean(Ops.crossEntropy(logits, feed.labels()), 1); // [E]
      optimiser.update(Gradients.of(loss, parameters));
      losses.put(loss);
      rng.nextStep();
    }
  }

  /**
   * The mean loss of the latest steps of each member, at most {@value #LOSSES_KEPT} steps back;
   * reads from the device.
   */
  public double[] loss(long steps) {
    return losses.means(steps)[0];
  }

  /**
   * The share of images that each member classifies rightly, with its running statistics.
   *
   * @param labels [M]
   * @param batch images at a time
   * @return [E]
   */
  public double[] accuracy(ImageTable images, int[] labels, int batch) {
    if (labels.length != images.size()) {
      throw new IllegalArgumentException(
          "accuracy: " + labels.length + " labels for " + images.size() + " images");
    }
    double[] right = new double[state.members()];
    each(
        images,
        batch,
        net,
        (from, logits) -> {
          int[] best = Ops.argmax(logits, -1).tensor().toInts(); // [E, n]
          int n = best.length / right.length;
          for (int i = 0; i < best.length; i++) {
            right[i / n] += best[i] == labels[from + i % n] ? 1 : 0;
          }
        });
    for (int e = 0; e < right.length; e++) {
      right[e] /= images.size();
    }
    return right;
  }

  /**
   * What each member's last hidden layer says of each image, with its running statistics.
   *
   * @param batch images at a time
   * @return [E][M · width]
   */
  public float[][] features(ImageTable images, int batch) {
    return each(images, batch, net.body(), net.width());
  }

  /**
   * Each member's logits for images of its own, with its running statistics.
   *
   * @param indices [E][M_e], the images of each member
   * @param batch images of a member at a time
   * @return [E][M_e · classes]
   */
  public float[][] logits(ImageTable images, int[][] indices, int batch) {
    checkBatch(batch);
    if (indices.length != state.members()) {
      throw new IllegalArgumentException(
          "logits: images of " + indices.length + " members, expected " + state.members());
    }
    int classes = net.classes();
    float[][] out = new float[indices.length][];
    int most = 0;
    for (int e = 0; e < out.length; e++) {
      out[e] = new float[indices[e].length * classes];
      most = Math.max(most, indices[e].length);
    }
    for (int from = 0; from < most; from += batch) {
      int n = Math.min(batch, most - from);
      int[] some = new int[out.length * n];
      for (int i = 0; i < some.length; i++) {
        int[] own = indices[i / n];
        some[i] = from + i % n < own.length ? own[from + i % n] : 0; // which is not kept
      }
      try (Scope scope = Scope.open(state.scope().device(), "evaluate")) {
        Variable index = Variable.constant(scope.of(Shape.of(out.length, n), some));
        Variable x = Ops.gatherShared(Variable.constant(images.tensor()), index);
        Variable y = Gradients.noGrad(() -> net.forward(x, Pass.EVALUATION));
        float[] values = y.tensor().toFloats(); // [E, n, classes]
        for (int e = 0; e < out.length; e++) {
          int kept = Math.min(n, indices[e].length - from);
          if (kept > 0) {
            System.arraycopy(values, e * n * classes, out[e], from * classes, kept * classes);
          }
        }
      }
    }
    return out;
  }

  private float[][] each(ImageTable images, int batch, Layer layer, int width) {
    float[][] out = new float[state.members()][images.size() * width];
    each(
        images,
        batch,
        layer,
        (from, y) -> {
          float[] values = y.tensor().toFloats(); // [E, n, width]
          int each = values.length / out.length;
          for (int e = 0; e < out.length; e++) {
            System.arraycopy(values, e * each, out[e], from * width, each);
          }
        });
    return out;
  }

  private static void checkBatch(int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException(
          "classifier: batches of " + batch + ", expected 1 or more");
    }
  }

  private interface Result {
    void take(int from, Variable y);
  }

  /** Runs a network on all images, by all members. */
  private void each(ImageTable images, int batch, Layer layer, Result to) {
    checkBatch(batch);
    Shape s = images.tensor().shape();
    int e = state.members();
    for (int from = 0; from < images.size(); from += batch) {
      int n = Math.min(batch, images.size() - from);
      try (Scope scope = Scope.open(state.scope().device(), "evaluate")) {
        Tensor part = images.tensor().slice(from, from + n); // [n, C, H, W]
        Variable one = Variable.constant(part.reshape(s.with(0, n).insert(0, 1)));
        Variable x = Ops.broadcastTo(one, s.with(0, n).insert(0, e));
        to.take(from, Gradients.noGrad(() -> layer.forward(x, Pass.EVALUATION)));
      }
    }
  }
}
