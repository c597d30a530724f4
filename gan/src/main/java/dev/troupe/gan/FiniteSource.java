package dev.troupe.gan;

import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.ShapeException;
import dev.troupe.tensor.Tensor;

/** A training set of which batches are gathered in shuffled epochs. */
record FiniteSource(Tensor points) implements Source {
  FiniteSource {
    if (points.shape().rank() != 2 || points.size() == 0) {
      throw new ShapeException(
          "source: training set is " + points.shape() + ", expected [count, F], not empty");
    }
  }

  @Override
  public int features() {
    return points.shape().dim(1);
  }

  @Override
  public Variable draw(Rng rng, String stream, int count) {
    int population = points.shape().dim(0);
    if (count > population) {
      throw new IllegalArgumentException(
          "source: a batch of "
              + count
              + " from a training set of "
              + population
              + " points, expected "
              + population
              + " or fewer");
    }
    Tensor index = rng.shuffledBatch(stream, population, count); // [E, count]
    return Ops.gatherShared(Variable.constant(points), Variable.constant(index));
  }
}
