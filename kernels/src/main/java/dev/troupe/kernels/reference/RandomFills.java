package dev.troupe.kernels.reference;

import dev.troupe.kernels.Distributions;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Permutation;
import dev.troupe.kernels.Philox;
import dev.troupe.kernels.Primitive;

/** Numbers that depend on (seed, member, stream, step) alone. */
final class RandomFills {
  private RandomFills() {}

  // y [members, perMember]
  static void random(Primitive.Random op, Ints step, Ints member, HostBuffer y) {
    int[] words = new int[4];
    for (int e = 0; e < member.size(); e++) {
      Philox.Key key = new Philox.Key(op.seed(), step.get(0), op.stream(), member.get(e));
      for (int i = 0; i < op.perMember(); i++) {
        Philox.block(key, i / 4, words, 0);
        y.set(e * op.perMember() + i, draw(op, words, i % 4));
      }
    }
  }

  private static double draw(Primitive.Random op, int[] words, int i) {
    double p = op.p();
    double q = op.q();
    int word = words[i];
    int even = words[i & 2];
    int odd = words[i | 1];
    return switch (op.distribution()) {
      case UNIFORM -> p + (q - p) * Distributions.uniform(word);
      case NORMAL ->
          p
              + q
                  * (i % 2 == 0
                      ? Distributions.normalCosine(even, odd)
                      : Distributions.normalSine(even, odd));
      case TRUNCATED_NORMAL -> p + q * Distributions.truncatedNormal(word);
      case BERNOULLI -> Distributions.bernoulli(word, p);
      case INTEGER -> Distributions.below(word, (int) p);
    };
  }

  // y [members, count]
  static void shuffledBatch(Primitive.ShuffledBatch op, Ints step, Ints member, Ints y) {
    int batches = op.population() / op.count(); // of an epoch
    int epoch = Math.floorDiv(step.get(0), batches);
    int first = Math.floorMod(step.get(0), batches) * op.count();
    for (int e = 0; e < member.size(); e++) {
      Philox.Key key = new Philox.Key(op.seed(), epoch, op.stream(), member.get(e));
      for (int j = 0; j < op.count(); j++) {
        y.set(e * op.count() + j, Permutation.permute(first + j, op.population(), key));
      }
    }
  }
}
