package dev.troupe.nn;

import dev.troupe.autograd.Variable;

/** A function with parameters, all of which live in a {@link State}. */
@FunctionalInterface
public interface Layer {
  /** The layer's result; activations are [E, N, …]. */
  Variable forward(Variable x, Pass pass);

  /** This layer, then the next ones. */
  static Layer sequence(Layer... layers) {
    Layer[] own = layers.clone();
    return (x, pass) -> {
      Variable y = x;
      for (Layer layer : own) {
        y = layer.forward(y, pass);
      }
      return y;
    };
  }
}
