package dev.troupe.bench;

import dev.troupe.autograd.ops.Agreement;
import dev.troupe.autograd.ops.Catalogue;
import dev.troupe.autograd.ops.Entry;
import dev.troupe.autograd.ops.Sample;
import dev.troupe.experiments.Version;
import dev.troupe.experiments.run.Console;
import dev.troupe.gan.GanTrainer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.cases.CaseRun;
import dev.troupe.kernels.cases.CaseRun.Results;
import dev.troupe.kernels.cases.CaseRun.Worst;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.gpu.Machine;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Checks and times a device that runs GPU kernels: the ops of the catalogue, trainings, then
 * kernels, matrix products, convolutions and whole training steps, last the same in other
 * libraries.
 */
public final class GpuCheck {
  private final Supplier<Machine> machines; // each call opens one
  private final Supplier<Machine> withoutLibraries;
  private final Supplier<Machine> dnnEverywhere;
  private final boolean quick;
  private final Console console;

  /**
   * Ready to run.
   *
   * @param machines opens the machine
   * @param withoutLibraries opens it with our own matrix products and convolutions alone
   * @param dnnEverywhere opens it with its library for convolutions of any size, if it has one
   * @param quick small sizes and few samples
   */
  public GpuCheck(
      Supplier<Machine> machines,
      Supplier<Machine> withoutLibraries,
      Supplier<Machine> dnnEverywhere,
      boolean quick,
      Console console) {
    this.machines = machines;
    this.withoutLibraries = withoutLibraries;
    this.dnnEverywhere = dnnEverywhere;
    this.quick = quick;
    this.console = console;
  }

  /**
   * Runs everything.
   *
   * @param work where the scripts of the peers are put
   * @param peers whether to run them
   */
  public GpuFindings run(Path work, boolean peers) {
    String device;
    String blas;
    String dnn;
    int capability;
    boolean interpreted;
    try (Machine machine = machines.get()) {
      device = machine.description();
      blas = machine.blas() == null ? "none" : machine.blas().description();
      dnn = machine.dnn() == null ? "none" : machine.dnn().description();
      capability = machine.capability();
      interpreted = machine instanceof PtxMachine;
    }
    console.note(
        "device: "
            + device
            + "; library of matrix products: "
            + blas
            + "; of convolutions: "
            + dnn);
    console.note("ops of the catalogue ...");
    List<GpuFindings.Op> ops = ops(capability, interpreted);
    List<GpuFindings.DnnOp> dnnOps = dnnOps();
    console.note("trainings ...");
    GpuFindings.Training training = training();
    GpuTimings timings = new GpuTimings(machines, withoutLibraries, quick);
    console.note("bandwidths ...");
    double copy = timings.copyGbPerSecond();
    List<GpuFindings.Bandwidth> kernels = timings.kernels(copy);
    console.note("matrix products ...");
    List<GpuFindings.Product> products = timings.products();
    console.note("convolutions ...");
    List<GpuFindings.Convolution> convolutions =
        new GpuConvolutions(timings, dnnEverywhere, quick).run();
    console.note("training steps ...");
    List<GpuFindings.Step> steps = timings.steps();
    GpuPeers others = new GpuPeers(work, quick, console);
    List<GpuFindings.Peer> found = peers ? others.run() : List.of();
    List<GpuFindings.PeerConvolution> foundConvolutions =
        peers ? others.run(convolutions) : List.of();
    return new GpuFindings(
        Version.current(),
        Runtime.version().toString(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        device,
        blas,
        dnn,
        quick,
        ops,
        dnnOps,
        training,
        copy,
        kernels,
        products,
        convolutions,
        steps,
        found,
        foundConvolutions,
        peers ? others.note() : "not asked for");
  }

  private List<GpuFindings.Op> ops(int capability, boolean interpreted) {
    List<GpuFindings.Op> found = new ArrayList<>();
    try (Device device = new GpuDevice(machines.get());
        Device reference = new ReferenceDevice();
        Device ptx = new GpuDevice(new PtxMachine(capability))) {
      for (Entry entry : Catalogue.entries()) {
        List<Sample> samples = entry.samples();
        if (quick) {
          samples = samples.subList(0, Math.min(1, samples.size()));
        }
        double worst = 0;
        long unlike = interpreted ? -1 : 0;
        for (Sample sample : samples) {
          worst = Math.max(worst, Agreement.worst(device, reference, sample));
          if (!interpreted) {
            unlike += unlike(Agreement.result(device, sample), Agreement.result(ptx, sample));
          }
        }
        found.add(new GpuFindings.Op(entry.name(), samples.size(), worst, Agreement.LIMIT, unlike));
      }
    }
    return found;
  }

  /** The samples of convolutions by the machine's library; empty where it has none. */
  private List<GpuFindings.DnnOp> dnnOps() {
    Machine machine = dnnEverywhere.get();
    try (GpuDevice device = new GpuDevice(machine);
        Device reference = new ReferenceDevice()) {
      if (machine.dnn() == null) {
        return List.of();
      }
      Map<String, List<Case>> kinds =
          PrimitiveCases.convolutions().stream()
              .collect(
                  Collectors.groupingBy(
                      c -> c.kind().getSimpleName(), TreeMap::new, Collectors.toList()));
      List<GpuFindings.DnnOp> found = new ArrayList<>();
      kinds.forEach((kind, cases) -> found.add(dnnOp(kind, cases, device, reference)));
      return found;
    }
  }

  private static GpuFindings.DnnOp dnnOp(
      String kind, List<Case> cases, GpuDevice device, Device reference) {
    Map<String, Worst> table = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    int calls = 0;
    boolean repeats = true;
    for (Case c : cases) {
      List<Results> results = new ArrayList<>();
      Runnable run =
          () -> results.add(CaseRun.run(c, device, new Inputs(device, c.label().hashCode(), true)));
      run.run();
      for (KernelTime time : device.profile(run)) {
        calls += time.kernel().startsWith("cudnn") ? 1 : 0;
      }
      CaseRun.compare(c, CaseRun.run(c, reference), results.getFirst(), table, wrong);
      repeats &= results.getFirst().sameBits(results.getLast());
    }
    double worst = 0;
    for (Worst one : table.values()) {
      worst = Math.max(worst, one.c());
    }
    return new GpuFindings.DnnOp(kind, cases.size(), calls, worst, wrong, repeats);
  }

  private static long unlike(double[] a, double[] b) {
    long count = Math.abs(a.length - b.length);
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      if (Double.doubleToRawLongBits(a[i]) != Double.doubleToRawLongBits(b[i])) {
        count++;
      }
    }
    return count;
  }

  private GpuFindings.Training training() {
    int steps = quick ? 8 : 200;
    Trained first = train(steps, true);
    Trained again = train(steps, true);
    Trained plain = train(steps, false);
    return new GpuFindings.Training(
        steps, first.hash, again.hash, plain.hash, first.leaked, first.grown);
  }

  private record Trained(String hash, long leaked, long grown) {}

  private Trained train(int steps, boolean graphs) {
    try (Device device = new GpuDevice(machines.get(), Precision.FP32, graphs)) {
      long before = device.memory().live();
      String hash;
      long steady = 0;
      long grown;
      try (Scope scope = Scope.open(device, "training")) {
        GanTrainer trainer = GpuTimings.trainer(scope, 3, quick);
        try (CapturedStep step = CapturedStep.of(device, trainer::step)) {
          for (int i = 0; i < steps; i++) {
            step.run();
            steady = i == 2 ? device.memory().allocations() : steady;
          }
          grown = device.memory().allocations() - steady;
        }
        hash = trainer.gan().state().parameterHash();
      }
      return new Trained(hash, device.memory().live() - before, grown);
    }
  }
}
