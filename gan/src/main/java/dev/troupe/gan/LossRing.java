package dev.troupe.gan;

import dev.troupe.autograd.Variable;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.nn.State;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The losses of the latest steps, kept on the device so that a step need not wait for the host to
 * read them. Part of the state, so that a resumed run reports what an uninterrupted one does.
 */
public final class LossRing {
  private final Tensor ring; // [capacity, losses · E]
  private final Tensor step; // INT32 [1]
  private final int losses;
  private final int members;

  /**
   * An empty ring.
   *
   * @param step the counter of steps, INT32 [1]
   * @param capacity steps that are kept
   * @param losses how many values of [E] a step has
   */
  public LossRing(State state, Tensor step, int capacity, int losses) {
    this.members = state.members();
    this.losses = losses;
    this.step = step;
    this.ring = state.keep("losses", state.scope().zeros(Shape.of(capacity, losses * members)));
  }

  /** Keeps this step's losses, each [E], over those of {@code capacity} steps ago. */
  public void put(Variable... values) {
    List<Buffer> row = Arrays.stream(values).map(v -> v.tensor().buffer()).toList();
    int capacity = ring.shape().dim(0);
    ring.device().run(new Primitive.RingPut(capacity, step.buffer(), row, ring.buffer()));
  }

  /**
   * The mean over the latest steps of each loss and member: [losses][E].
   *
   * @param steps how many steps have been put so far; the mean is over the last {@code min(steps,
   *     capacity)}
   */
  public double[][] means(long steps) {
    float[] values = ring.toFloats();
    int capacity = ring.shape().dim(0);
    int rows = (int) Math.min(steps, capacity);
    double[][] means = new double[losses][members];
    for (int r = 0; r < rows; r++) {
      for (int l = 0; l < losses; l++) {
        for (int e = 0; e < members; e++) {
          means[l][e] += values[(r * losses + l) * members + e] / (double) rows;
        }
      }
    }
    return means;
  }

  /**
   * What one step put.
   *
   * @param step from 0
   * @param values loss by loss, member by member, [losses · E]
   */
  public record Row(long step, double[] values) {}

  /**
   * What the latest steps put, oldest first.
   *
   * @param steps how many steps have been put so far
   */
  public List<Row> rows(long steps) {
    double[] values = ring.toDoubles();
    int capacity = ring.shape().dim(0);
    int width = losses * members;
    List<Row> rows = new ArrayList<>();
    for (long s = Math.max(0, steps - capacity); s < steps; s++) {
      int at = (int) (s % capacity) * width;
      rows.add(new Row(s, Arrays.copyOfRange(values, at, at + width)));
    }
    return rows;
  }
}
