package dev.troupe.autograd.ops;

import dev.troupe.autograd.Variable;
import java.util.List;
import java.util.function.Function;

/**
 * An op in the catalogue: what must hold of it on every device.
 *
 * @param name the op
 * @param samples calls whose results and derivatives are checked
 * @param failures calls that must be refused
 */
public record Entry(String name, List<Sample> samples, List<Failure> failures) {

  static Entry of(String name, List<Sample> samples, Failure... failures) {
    return new Entry(name, List.copyOf(samples), List.of(failures));
  }

  /**
   * A call with bad input.
   *
   * @param message the error, word for word
   */
  public record Failure(
      String message, List<Sample.Input> inputs, Function<Variable[], Variable> call) {
    static Failure of(String message, Function<Variable[], Variable> call, Sample.Input... inputs) {
      return new Failure(message, List.of(inputs), call);
    }
  }
}
