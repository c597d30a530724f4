package dev.troupe.kernels.cases;

import static java.lang.Math.abs;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.cases.PrimitiveCases.Bound;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import java.util.List;

/** Samples of random numbers. */
final class RandomCases extends CaseFamily {
  static List<Case> all() {
    RandomCases family = new RandomCases();
    family.random();
    return family.cases();
  }

  private void random() {
    for (int n : SIZES) {
      random(Distribution.UNIFORM, 0, 1, n, EXACT);
      random(Distribution.UNIFORM, -3, 0.7f, n, new Bound(0, (i, y) -> 3));
      random(Distribution.NORMAL, 0, 1, n, new Bound(0, (i, y) -> 1 + abs(y)));
      random(Distribution.NORMAL, 3, 0.1f, n, new Bound(0, (i, y) -> 3));
      random(Distribution.TRUNCATED_NORMAL, 0, 0.02f, n, new Bound(0, (i, y) -> 0.02 + abs(y)));
      random(Distribution.BERNOULLI, 0.3, 0, n, EXACT);
      random(Distribution.BERNOULLI, 0, 0, n, EXACT);
      random(Distribution.BERNOULLI, 1, 0, n, EXACT);
      random(Distribution.INTEGER, 10, 0, n, EXACT);
      random(Distribution.INTEGER, Integer.MAX_VALUE, 0, n, EXACT);
    }
    random(Distribution.NORMAL, 0, 1, 20_001, new Bound(0, (i, y) -> 1 + abs(y)));
    for (int[] s : new int[][] {{1, 1}, {10, 3}, {10, 10}, {1025, 33}, {100_000, 100}}) {
      for (int step : new int[] {0, 1, 2, 3, 1000, 2_000_000_000}) {
        add(
            Primitive.ShuffledBatch.class,
            s[1] + " of " + s[0] + " at " + step,
            in ->
                sample(
                    new Primitive.ShuffledBatch(
                        0x1234_5678_9ABCL,
                        5,
                        in.int32(step),
                        in.int32(0, 7, 2),
                        s[0],
                        s[1],
                        in.outInt32(3 * s[1])),
                    EXACT));
      }
    }
  }

  private void random(Distribution distribution, double p, double q, int n, Bound bound) {
    add(
        Primitive.Random.class,
        distribution + " " + p + " " + q + " to " + n,
        in -> {
          Buffer step = in.int32(1_000_007);
          Buffer member = in.int32(4, 0, 1 << 20);
          boolean integers = distribution == Distribution.INTEGER;
          Buffer y = integers ? in.outInt32(3 * n) : in.out(3 * n);
          return sample(
              new Primitive.Random(distribution, p, q, -0x1234_5678_9ABCL, 3, step, member, n, y),
              bound);
        });
  }
}
