package dev.troupe.bench.jmh;

import dev.troupe.bench.WorkSpec;
import org.openjdk.jmh.annotations.Param;

/** One training step of the GANs of the 2-D grid experiment, at full width. */
public class Grid2dBenchmark extends WorkBenchmark {
  /** GANs that one step advances. */
  @Param({"1", "8"})
  public int members;

  @Override
  WorkSpec spec() {
    return new WorkSpec.Grid2d();
  }

  @Override
  int members() {
    return members;
  }
}
