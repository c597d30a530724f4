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

/** The matrix product, with B packed within the timing or before it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SgemmBenchmark {
  /** A name of {@link dev.troupe.bench.Peers}. */
  @Param("troupe")
  public String peer;

  /**
   * MxNxK: A is {@code [M, K]}, B is {@code [K, N]}. (JMH takes a comma for the end of a value.)
   */
  @Param({"100x400x400", "100x1000x200", "256x1024x1024", "1024x1024x1024", "2048x2048x2048"})
  public String size;

  /** Whether B is packed before the timing. */
  @Param({"false", "true"})
  public boolean packedB;

  /** Threads of one step; 0 means one for each core. */
  @Param("0")
  public int threads;

  private Work work;

  /** Opens the work. */
  @Setup
  public void open() {
    work =
        Opened.open(peer, WorkSpec.parse("sgemm:" + size.replace('x', ','), packedB), 1, threads);
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
