package dev.troupe.bench.jmh;

import dev.troupe.autograd.Gradients;
import dev.troupe.autograd.Variable;
import dev.troupe.autograd.ops.Ops;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Shape;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What an op costs when it has next to nothing to compute: a chain of {@value #OPS} ops on one
 * element, so that the time is that of checking shapes, allocating, recording, dispatching and
 * differentiating. Per op.
 */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AutogradBenchmark {
  private static final int OPS = 100;

  private Device device;
  private Scope scope;
  private Variable x;

  /** One element on one thread. */
  @Setup
  public void open() {
    device = new CpuDevice(1);
    scope = Scope.open(device, "benchmark");
    x = Variable.leaf(scope.full(Shape.of(1, 1), 0.5));
  }

  /** The ops, not recorded. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public void forwardWithoutRecording() {
    try (Scope step = Scope.open("step")) {
      Gradients.noGrad(this::chain);
    }
  }

  /** The ops, recorded. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public void forward() {
    try (Scope step = Scope.open("step")) {
      chain();
    }
  }

  /** The ops, recorded, and the gradient of each. */
  @Benchmark
  @OperationsPerInvocation(OPS)
  public void forwardAndBackward() {
    try (Scope step = Scope.open("step")) {
      Gradients.of(chain(), x);
    }
  }

  private Variable chain() {
    Variable y = x;
    for (int i = 0; i < OPS; i++) {
      y = Ops.tanh(y);
    }
    return y;
  }

  /** Gives the memory back. */
  @TearDown
  public void close() {
    scope.close();
    device.close();
  }
}
