package dev.troupe.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shape of all elementwise and reducing kernels: the machine's preferred one, at most
 * 512 bits. No result depends on it.
 */
final class Lanes {
  static final VectorSpecies<Float> F =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;
  static final VectorShape SHAPE = F.vectorShape();
  static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, SHAPE);
  static final VectorSpecies<Long> L = VectorSpecies.of(long.class, SHAPE);

  /** Floats in a vector: 4, 8 or 16. */
  static final int COUNT = F.length();

  private Lanes() {}
}
