package dev.troupe.autograd.ops;

import dev.troupe.autograd.Variable;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/** Entries of random numbers. */
final class RandomCatalogue {
  private RandomCatalogue() {}

  static void addTo(List<Entry> all) {
    random(all);
  }

  private static void random(List<Entry> all) {
    all.add(drawn("uniform", r -> r.uniform("s", Shape.of(3, 31, 5), -2, 3), 3));
    all.add(drawn("normal", r -> r.normal("s", Shape.of(3, 1025), 1, 2), 3));
    all.add(drawn("truncatedNormal", r -> r.truncatedNormal("s", Shape.of(3, 127), 0, 0.02), 0.04));
    all.add(drawn("bernoulli", r -> r.bernoulli("s", Shape.of(3, 33), 0.3), 1));
    all.add(drawn("integers", r -> r.integers("s", Shape.of(3, 33), 1000), 1));
    all.add(drawn("permutation", r -> r.permutation("s", 1025), 1));
    all.add(drawn("shuffledBatch", r -> r.shuffledBatch("s", 1000, 33), 1));
  }

  static Rng rng(int members) {
    return new Rng(Scope.current(), 0x5eed_1234_5678L, Rng.firstMembers(members));
  }

  private static Entry drawn(String name, Function<Rng, Tensor> draw, double scale) {
    Function<Variable[], Variable> call =
        x -> {
          Rng rng = new Rng(Scope.current(), 0x5eed_1234_5678L, 0, 7, 2);
          for (int i = 0; i < 40; i++) {
            rng.nextStep();
          }
          return Variable.constant(draw.apply(rng));
        };
    // Box–Muller amplifies the rounding of its logarithm: the bound is on the scale of the
    // distribution.
    Sample sample =
        Sample.of("step 40", call)
            .constant()
            .within(
                8,
                x -> {
                  Variable y = call.apply(x);
                  return y.tensor().type() == dev.troupe.kernels.ElementType.INT32
                      ? y
                      : Ops.add(Ops.abs(y), scale);
                });
    return Entry.of(name, List.of(sample));
  }
}
