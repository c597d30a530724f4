package dev.troupe.bench.jmh;

import dev.troupe.bench.WorkSpec;
import org.openjdk.jmh.annotations.Param;

/** The matrix product, with B packed within the timing or before it. */
public class SgemmBenchmark extends WorkBenchmark {
  /**
   * MxNxK: A is {@code [M, K]}, B is {@code [K, N]}. (JMH takes a comma for the end of a value.)
   */
  @Param({"100x400x400", "100x1000x200", "256x1024x1024", "1024x1024x1024", "2048x2048x2048"})
  public String size;

  /** Whether B is packed before the timing. */
  @Param({"false", "true"})
  public boolean packedB;

  @Override
  WorkSpec spec() {
    return WorkSpec.parse("sgemm:" + size.replace('x', ','), packedB);
  }
}
