package dev.troupe.bench.jmh;

import dev.troupe.bench.Peers;
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

/** A step of a work by one of the peers. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public abstract class WorkBenchmark {
  /** A name of {@link Peers}. */
  @Param("troupe")
  public String peer;

  /** Threads of one step; 0 means one for each core. */
  @Param("0")
  public int threads;

  private Work work;

  /** What is done. */
  abstract WorkSpec spec();

  /** How many members one step advances. */
  int members() {
    return 1;
  }

  /** Opens the work. */
  @Setup
  public void open() {
    int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    work = Peers.open(peer, spec(), members(), count);
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
