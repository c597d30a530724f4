package dev.troupe.bench.jmh;

import dev.troupe.bench.Work;
import dev.troupe.bench.WorkSpec;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One training step of the GANs of the 2-D grid experiment, at full width. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class Grid2dBenchmark {
  /** A name of {@link dev.troupe.bench.Peers}. */
  @Param("troupe")
  public String peer;

  /** GANs that one step advances. */
  @Param({"1", "8"})
  public int members;

  /** Threads of one step; 0 means one for each core. */
  @Param("0")
  public int threads;

  private Work work;

  /** Opens the work. */
  @Setup
  public void open() {
    work = Opened.open(peer, new WorkSpec.Grid2d(), members, threads);
  }

  /** One step. */
  @Benchmark
  public void step() {
    work.step();
  }

  /** Gives the memory back. */
  @TearDown
  public void close() {
    work.close();
  }
}
