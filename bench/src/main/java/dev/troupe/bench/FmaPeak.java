package dev.troupe.bench;

import dev.troupe.kernels.cpu.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** How fast this machine multiplies and adds with nothing else to do: what kernels run up to. */
final class FmaPeak {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;
  private static final int TURNS = 100_000;
  private static final int CALLS = 400;

  private FmaPeak() {}

  /** 10⁹ operations a second in the best of some calls, of which the first compile the loop. */
  static double gflops(int threads) {
    float[] sums = new float[threads];
    long best = Long.MAX_VALUE;
    try (Workers workers = new Workers(threads)) {
      for (int i = 0; i < CALLS; i++) {
        long start = System.nanoTime();
        workers.run(threads, task -> sums[task] += chains());
        best = Math.min(best, System.nanoTime() - start);
      }
    }
    return 2.0 * threads * TURNS * CHAINS * SPECIES.length() / best;
  }

  /** Independent sums, all of different values, so that none of them can be left out. */
  private static float chains() {
    FloatVector x = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector a = x;
    FloatVector b = a.add(x);
    FloatVector c = b.add(x);
    FloatVector d = c.add(x);
    FloatVector e = d.add(x);
    FloatVector f = e.add(x);
    FloatVector g = f.add(x);
    FloatVector h = g.add(x);
    FloatVector i = h.add(x);
    FloatVector j = i.add(x);
    FloatVector k = j.add(x);
    FloatVector l = k.add(x);
    for (int turn = 0; turn < TURNS; turn++) {
      a = a.fma(x, x);
      b = b.fma(x, x);
      c = c.fma(x, x);
      d = d.fma(x, x);
      e = e.fma(x, x);
      f = f.fma(x, x);
      g = g.fma(x, x);
      h = h.fma(x, x);
      i = i.fma(x, x);
      j = j.fma(x, x);
      k = k.fma(x, x);
      l = l.fma(x, x);
    }
    FloatVector sum = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k);
    return sum.add(l).lane(0);
  }
}
