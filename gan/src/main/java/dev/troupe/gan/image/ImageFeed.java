package dev.troupe.gan.image;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.gan.GanTrainer;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;

/**
 * Hands the batches of a training to the device: which images of a table each member sees next, and
 * their labels. The host sets them between steps; a step only gathers, on fixed buffers, and so can
 * be captured. Members may draw from different parts of the table, of different sizes and with
 * different weights.
 */
public final class ImageFeed implements GanTrainer.Examples {
  private final ImageTable table;
  private final int[] labelTable; // [M], or null
  private final Tensor index; // INT32 [E, N]
  private final Tensor labels; // INT32 [E, N], or null
  private final int[] chosen;

  /**
   * Without labels.
   *
   * @param scope owns the indices
   * @param members E
   * @param batch N, images of each member in a step
   */
  public ImageFeed(Scope scope, ImageTable table, int members, int batch) {
    this(scope, table, null, members, batch);
  }

  /**
   * With labels.
   *
   * @param labels the class of each image of the table, [M]
   */
  public ImageFeed(Scope scope, ImageTable table, int[] labels, int members, int batch) {
    if (members < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "imageFeed: " + members + " members, batches of " + batch + ", expected 1 or more");
    }
    if (labels != null && labels.length != table.size()) {
      throw new IllegalArgumentException(
          "imageFeed: " + labels.length + " labels for " + table.size() + " images");
    }
    this.table = table;
    this.labelTable = labels;
    Shape shape = Shape.of(members, batch);
    this.chosen = new int[shape.size()];
    this.index = scope.of(shape, chosen);
    this.labels = labels == null ? null : scope.of(shape, chosen);
  }

  /**
   * Chooses the images of the next step; between steps.
   *
   * @param indices [E · N], member by member, each in [0, M)
   */
  public void set(int[] indices) {
    if (indices.length != chosen.length) {
      throw new IllegalArgumentException(
          "imageFeed: "
              + indices.length
              + " indices, expected "
              + chosen.length
              + " for "
              + index.shape());
    }
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] < 0 || indices[i] >= table.size()) {
        throw new IndexOutOfBoundsException(
            "imageFeed: index "
                + indices[i]
                + " at position "
                + i
                + " is outside [0, "
                + table.size()
                + ")");
      }
      chosen[i] = labelTable == null ? 0 : labelTable[indices[i]];
    }
    index.set(indices);
    if (labels != null) {
      labels.set(chosen);
    }
  }

  /** The images that were chosen, [E, N, C, H, W]. */
  public Variable images() {
    return Ops.gatherShared(Variable.constant(table.tensor()), Variable.constant(index));
  }

  /** Their labels, INT32 [E, N]. */
  public Variable labels() {
    if (labels == null) {
      throw new IllegalStateException("imageFeed: has no labels");
    }
    return Variable.constant(labels);
  }

  @Override
  public Variable draw(Rng rng, int count) {
    if (count != index.shape().dim(1)) {
      throw new IllegalArgumentException(
          "imageFeed: a batch of " + count + ", expected " + index.shape().dim(1));
    }
    return images();
  }
}
