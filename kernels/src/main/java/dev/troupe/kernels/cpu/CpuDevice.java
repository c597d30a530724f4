package dev.troupe.kernels.cpu;

import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.CapturedSteps;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.HostDevice;
import dev.troupe.kernels.Primitive;
import java.util.ArrayList;
import java.util.List;

/**
 * float32 on the CPU: the Vector API on all cores. Every result has the same bits for any number of
 * threads and any vector width, and a member's results do not depend on which others are computed
 * with it.
 */
public final class CpuDevice extends HostDevice {
  private static final String VECTOR_API = "jdk.incubator.vector";

  private final Workers workers;
  private final CpuKernels kernels;
  private final boolean graphs;
  private final CapturedSteps captured = new CapturedSteps(name(), pool());
  private List<Primitive> recording; // null while no step is captured
  private List<HostBuffer> taken; // meanwhile

  /** With as many threads as the machine has cores. */
  public CpuDevice() {
    this(Runtime.getRuntime().availableProcessors());
  }

  /** With the given number of threads, the calling one included. */
  public CpuDevice(int threads) {
    this(threads, true);
  }

  /**
   * With the given number of threads, the calling one included.
   *
   * @param graphs whether {@link #capture} replays primitives instead of calling the step each time
   * @throws IllegalStateException if Java runs without the module {@code jdk.incubator.vector}
   */
  public CpuDevice(int threads, boolean graphs) {
    super("cpu", Float.BYTES, float[]::new);
    if (ModuleLayer.boot().findModule(VECTOR_API).isEmpty()) {
      throw new IllegalStateException(
          "cpu: Java runs without its Vector API, expected the option --add-modules " + VECTOR_API);
    }
    this.workers = new Workers(threads);
    this.kernels = new CpuKernels(workers, this::host);
    this.graphs = graphs;
  }

  /** How many threads work on a primitive, the calling one included. */
  public int threads() {
    return workers.threads();
  }

  @Override
  public void close() {
    captured.close();
    super.close();
    workers.close();
  }

  @Override
  public void run(Primitive primitive) {
    checkOpen();
    if (recording == null) {
      kernels.run(primitive);
      return;
    }
    primitive.reads().forEach(this::host);
    primitive.writes().forEach(this::host);
    recording.addAll(primitive.parts());
  }

  /** Records what {@code step} runs, and plans it anew: see {@link StepPlan}. */
  @Override
  public CapturedStep capture(Runnable step) {
    checkOpen();
    if (!graphs) {
      return CapturedStep.plain(step);
    }
    return captured.capture(step, this::record, this::planned);
  }

  @Override
  public HostBuffer allocate(ElementType type, int size) {
    HostBuffer buffer = super.allocate(type, size);
    if (recording != null) {
      taken.add(buffer);
    }
    return buffer;
  }

  private void record() {
    recording = new ArrayList<>();
    taken = new ArrayList<>();
    pool().handOutBare(true);
  }

  private CapturedStep planned() {
    List<Primitive> step = recording;
    recording = null;
    pool().handOutBare(false);
    pool().clear(); // what plain steps have used; the plan has arrays of its own
    StepPlan plan = new StepPlan(step, workers, pool());
    for (HostBuffer buffer : taken) {
      if (buffer.isLive() && !buffer.hasMemory()) { // kept, though no primitive uses it
        pool().back(buffer);
      }
    }
    taken = null;
    return plan;
  }

  @Override
  public long replays() {
    return captured.replays();
  }

  @Override
  protected void checkCopy(String op, long bytes) {
    if (recording != null) {
      throw CapturedSteps.refusedCopy(op, bytes);
    }
  }
}
