package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.CapturedSteps;
import dev.troupe.kernels.Check;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.DeviceUnavailableException;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SortedSet;

/** float32 by kernels of PTX, on whatever {@link Machine} runs them. */
public final class GpuDevice implements Device {
  private static final int TENSOR_CORES = 80; // the capability from which they compute TF32

  private final Machine machine;
  private final GpuMemory memory;
  private final Launcher launcher;
  private final ElementwiseLaunches elementwise;
  private final LayoutLaunches layout;
  private final IndexingLaunches indexing;
  private final RandomLaunches random;
  private final ReductionLaunches reductions;
  private final ProductLaunches products;
  private final MaxoutLaunches maxout;
  private final NormalisationLaunches normalisation;
  private final ConvolutionLaunches convolutions;
  private final LossLaunches losses;
  private final OptimiserLaunches optimisers;
  private final CustomLaunches custom;
  private final CapturedSteps captured;
  private final boolean graphs;
  private final Ranges ranges; // null unless a profiler looks on
  private boolean closed;

  /** A device on the machine, which it closes when it is closed; float32, with graphs. */
  public GpuDevice(Machine machine) {
    this(machine, Precision.FP32, true);
  }

  /**
   * A device on the machine, which it closes when it is closed.
   *
   * @param precision of matrix products
   * @param graphs whether {@link #capture} replays launches instead of calling the step each time
   * @throws DeviceUnavailableException if the machine has no tensor cores for that precision
   */
  public GpuDevice(Machine machine, Precision precision, boolean graphs) {
    if (precision == Precision.TF32 && machine.capability() < TENSOR_CORES) {
      int capability = machine.capability();
      machine.close();
      throw new DeviceUnavailableException(
          machine.name() + ": precision tf32 needs sm_80 or newer, this is sm_" + capability, null);
    }
    this.graphs = graphs;
    this.machine = machine.canCapture() ? machine : new RecordingMachine(machine);
    this.ranges = this.machine.ranges();
    this.memory = new GpuMemory(this.machine);
    this.captured = new CapturedSteps(machine.name(), memory);
    this.launcher = new Launcher(this.machine, memory, precision);
    this.elementwise = new ElementwiseLaunches(launcher);
    this.layout = new LayoutLaunches(launcher);
    this.indexing = new IndexingLaunches(launcher);
    this.random = new RandomLaunches(launcher);
    this.reductions = new ReductionLaunches(launcher);
    this.products = new ProductLaunches(launcher, layout, elementwise, reductions);
    this.maxout = new MaxoutLaunches(launcher, products, reductions);
    this.normalisation = new NormalisationLaunches(launcher);
    this.convolutions = new ConvolutionLaunches(launcher, products, layout);
    this.losses = new LossLaunches(launcher);
    this.optimisers = new OptimiserLaunches(launcher);
    this.custom = new CustomLaunches(this.machine, launcher);
  }

  @Override
  public String name() {
    return machine.name();
  }

  @Override
  public int realBytes() {
    return Float.BYTES;
  }

  @Override
  public GpuBuffer allocate(ElementType type, int size) {
    checkOpen();
    return memory.allocate(type, size);
  }

  @Override
  public void release(Buffer buffer) {
    memory.release(buffer);
  }

  @Override
  public void run(Primitive primitive) {
    checkOpen();
    if (ranges == null) {
      launch(primitive);
    } else {
      ranges.within(Ranges.name(primitive), () -> launch(primitive));
    }
  }

  private void launch(Primitive primitive) {
    switch (primitive) {
      case Primitive.Fill op -> elementwise.fill(op);
      case Primitive.Copy op -> elementwise.copy(op);
      case Primitive.Map op -> elementwise.map(op);
      case Primitive.Zip op -> elementwise.zip(op);
      case Primitive.Select op -> elementwise.select(op);
      case Primitive.Permute op -> layout.permute(op);
      case Primitive.Concat op -> layout.concat(op);
      case Primitive.CopyRows op -> layout.copyRows(op);
      case Primitive.TakeAlong op -> indexing.takeAlong(op);
      case Primitive.PutAlong op -> indexing.putAlong(op);
      case Primitive.Gather op -> indexing.gather(op);
      case Primitive.ScatterAdd op -> indexing.scatterAdd(op);
      case Primitive.Random op -> random.random(op);
      case Primitive.ShuffledBatch op -> random.shuffledBatch(op);
      case Primitive.Sum op -> reductions.sum(op);
      case Primitive.Extreme op -> reductions.extreme(op);
      case Primitive.MatMul op -> products.matMul(op);
      case Primitive.LinearGrad op -> products.linearGrad(op);
      case Primitive.LinearMaxout op -> maxout.linearMaxout(op);
      case Primitive.LinearMaxoutInputGrad op -> maxout.linearMaxoutInputGrad(op);
      case Primitive.LinearMaxoutGrad op -> maxout.linearMaxoutGrad(op);
      case Primitive.LinearMaxoutWeightGrad op -> maxout.linearMaxoutWeightGrad(op);
      case Primitive.Conv2d op -> convolutions.conv2d(op);
      case Primitive.Conv2dInputGrad op -> convolutions.inputGrad(op);
      case Primitive.Conv2dWeightGrad op -> convolutions.weightGrad(op);
      case Primitive.MaxPool op -> convolutions.maxPool(op);
      case Primitive.SumPool op -> convolutions.sumPool(op);
      case Primitive.SumPoolGrad op -> convolutions.sumPoolGrad(op);
      case Primitive.Softmax op -> normalisation.softmax(op);
      case Primitive.SoftmaxGrad op -> normalisation.softmaxGrad(op);
      case Primitive.BatchNorm op -> normalisation.batchNorm(op);
      case Primitive.BatchNormGrad op -> normalisation.batchNormGrad(op);
      case Primitive.Increment op -> optimisers.increment(op);
      case Primitive.Adam op -> optimisers.adam(op);
      case Primitive.Sgd op -> optimisers.sgd(op);
      case Primitive.RingPut op -> optimisers.ringPut(op);
      case Primitive.LogisticLoss op -> losses.logistic(op);
      case Primitive.Custom op -> op.launch(custom);
    }
  }

  /** Records what {@code step} launches; its memory is kept until the result is closed. */
  @Override
  public CapturedStep capture(Runnable step) {
    checkOpen();
    if (!graphs) {
      return CapturedStep.plain(step);
    }
    launcher.blas(); // takes memory when it is first asked for
    Runnable ranged = ranges == null ? step : () -> ranges.within("capture of a step", step);
    return captured.capture(ranged, machine::beginCapture, () -> replay(machine.endCapture()));
  }

  private CapturedStep replay(Machine.Graph graph) {
    String name = "replay of " + graph.launches() + " launches";
    return new CapturedStep() {
      @Override
      public void run() {
        if (ranges == null) {
          graph.launch();
        } else {
          ranges.within(name, graph::launch);
        }
      }

      @Override
      public void close() {
        graph.close();
      }
    };
  }

  @Override
  public List<KernelTime> profile(Runnable step) {
    checkOpen();
    machine.beginProfile();
    try {
      step.run();
    } catch (Throwable e) {
      try {
        machine.endProfile();
      } catch (RuntimeException spoilt) {
        e.addSuppressed(spoilt);
      }
      throw e;
    }
    return machine.endProfile();
  }

  /** The kernels that primitives have launched so far, named as {@link KernelFiles} does. */
  public SortedSet<String> launched() {
    return launcher.launched();
  }

  /** Seconds from where all work before has finished until what {@code work} runs has. */
  public double seconds(Runnable work) {
    checkOpen();
    return machine.seconds(work);
  }

  /** What it runs on, and who makes large matrix products and convolutions, in words. */
  public String description() {
    Blas blas = launcher.blas();
    Dnn dnn = machine.dnn();
    return machine.description()
        + "; matrix products "
        + (blas == null ? "by own kernels" : "of large matrices by " + blas.description())
        + "; convolutions "
        + (dnn == null ? "by own kernels" : "of much work by " + dnn.description());
  }

  @Override
  public long replays() {
    return captured.replays();
  }

  @Override
  public void write(double[] source, Buffer target) {
    float[] values = new float[source.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) source[i];
    }
    write(values, target);
  }

  @Override
  public void write(float[] source, Buffer target) {
    GpuBuffer to = operand("write", target, ElementType.REAL, source.length);
    if (source.length > 0) {
      machine.write(MemorySegment.ofArray(source), to.address());
    }
  }

  @Override
  public void write(int[] source, Buffer target) {
    GpuBuffer to = operand("write", target, ElementType.INT32, source.length);
    if (source.length > 0) {
      machine.write(MemorySegment.ofArray(source), to.address());
    }
  }

  @Override
  public void read(Buffer source, double[] target) {
    float[] values = new float[target.length];
    read(source, values);
    for (int i = 0; i < values.length; i++) {
      target[i] = values[i];
    }
  }

  @Override
  public void read(Buffer source, float[] target) {
    GpuBuffer from = operand("read", source, ElementType.REAL, target.length);
    read(from, MemorySegment.ofArray(target));
  }

  @Override
  public void read(Buffer source, int[] target) {
    GpuBuffer from = operand("read", source, ElementType.INT32, target.length);
    read(from, MemorySegment.ofArray(target));
  }

  private void read(GpuBuffer from, MemorySegment target) {
    launcher.checkFault();
    if (target.byteSize() > 0) {
      machine.read(from.address(), target);
    }
  }

  private GpuBuffer operand(String op, Buffer buffer, ElementType type, int size) {
    checkOpen();
    Check.type(op, "the buffer", buffer, type);
    Check.size(op, "the buffer", buffer, size);
    return memory.check(buffer);
  }

  /** Also throws what a kernel has reported. */
  @Override
  public void synchronize() {
    checkOpen();
    launcher.checkFault();
  }

  @Override
  public MemoryUse memory() {
    return memory.use();
  }

  @Override
  public long room() {
    checkOpen();
    return machine.freeBytes() + memory.use().pooled();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException(name() + ": the device is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        captured.close();
        memory.clear();
      } finally {
        machine.close(); // also where a GPU that has failed refuses all else
      }
    }
  }
}
