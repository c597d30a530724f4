package dev.troupe.bench.jmh;

import dev.troupe.bench.WorkSpec;
import org.openjdk.jmh.annotations.Param;

/** One function of each of a million elements. */
public class ElementwiseBenchmark extends WorkBenchmark {
  /** The function. */
  @Param({"exp", "tanh", "sigmoid", "softplus", "add"})
  public String function;

  @Override
  WorkSpec spec() {
    return WorkSpec.parse(function, false);
  }
}
