package dev.troupe.bench;

import dev.troupe.autograd.ops.Agreement;
import dev.troupe.autograd.ops.Catalogue;
import dev.troupe.autograd.ops.Entry;
import dev.troupe.autograd.ops.Sample;
import dev.troupe.bench.GpuDevices.Libraries;
import dev.troupe.bench.GpuDevices.Opened;
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
import dev.troupe.kernels.gpu.Blas;
import dev.troupe.kernels.gpu.Dnn;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.gpu.Machine;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.tensor.Scope;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Checks and times a device that runs GPU kernels: every kernel, trainings, the ops of the
 * catalogue, then whole training steps, kernels, matrix products and convolutions, and the same in
 * other libraries. After each stage it gives away what it has found; what fails is a finding, and
 * the rest goes on.
 */
public final class GpuCheck {
  private static final int TENSOR_CORES = 80;
  private static final Duration SCRIPT = Duration.ofMinutes(4); // of a peer, at one precision

  /** The parts of a run, the most important first. */
  public enum Stage {
    /** Every kernel against the reference and the interpreter. */
    KERNELS,
    /** The same training several times. */
    TRAINING,
    /** The ops of the catalogue against the reference and the interpreter. */
    OPS,
    /** Training steps of grid2d. */
    STEPS,
    /** Kernels that memory limits. */
    BANDWIDTHS,
    /** Matrix products beside the library's. */
    PRODUCTS,
    /** Training steps in other libraries. */
    PEERS,
    /** Convolutions beside the library's. */
    CONVOLUTIONS,
    /** Convolutions in other libraries. */
    PEER_CONVOLUTIONS;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  private final GpuDevices devices;
  private final Set<Stage> asked;
  private final GpuRun run;
  private final String python;

  private String device;
  private String blas;
  private String dnn;
  private Map<String, String> properties;
  private int capability;
  private boolean interpreted;
  private List<Precision> precisions;

  private final List<GpuFindings.Checked> checked = new ArrayList<>();
  private final List<GpuFindings.Op> ops = new ArrayList<>();
  private final List<GpuFindings.DnnOp> dnnOps = new ArrayList<>();
  private final List<GpuFindings.Copy> copies = new ArrayList<>();
  private final List<GpuFindings.Bandwidth> kernels = new ArrayList<>();
  private final List<GpuFindings.Product> products = new ArrayList<>();
  private final List<GpuFindings.Convolution> convolutions = new ArrayList<>();
  private final List<GpuFindings.Step> steps = new ArrayList<>();
  private final List<GpuFindings.Peer> peers = new ArrayList<>();
  private final List<GpuFindings.PeerConvolution> peerConvolutions = new ArrayList<>();
  private GpuFindings.Kernels kernelsLaunched;
  private GpuFindings.Training training;
  private String peersNote = "not asked for";

  /**
   * What to run.
   *
   * @param stages those that are asked for
   * @param quick small sizes, and only as many cases as launch every kernel
   * @param limit after which nothing new is begun, or null
   * @param python the command of Python for the peers
   */
  public record Options(Set<Stage> stages, boolean quick, Duration limit, String python) {
    /** Everything, at full size, for as long as it takes. */
    public static final Options ALL =
        new Options(EnumSet.allOf(Stage.class), false, null, "python3");
  }

  /**
   * Ready to run.
   *
   * @param machines opens the machine
   * @param withoutLibraries opens it with our own matrix products and convolutions alone
   * @param dnnEverywhere opens it with its library for convolutions of any size, if it has one
   */
  public GpuCheck(
      Supplier<Machine> machines,
      Supplier<Machine> withoutLibraries,
      Supplier<Machine> dnnEverywhere,
      Options options,
      Console console) {
    this.devices = new GpuDevices(machines, withoutLibraries, dnnEverywhere);
    this.asked = options.stages;
    this.python = options.python;
    this.run = new GpuRun(console, options.quick, options.limit);
  }

  /**
   * Runs what was asked for.
   *
   * @param work where the scripts of the peers are put
   * @param saved gets what has been found so far, after each stage
   */
  public GpuFindings run(Path work, Consumer<GpuFindings> saved) {
    look();
    Runnable save = () -> saved.accept(findings());
    GpuTimings timings = new GpuTimings(run, devices, precisions);
    GpuConvolutions images = new GpuConvolutions(timings, run, devices, precisions);
    GpuPeers others = new GpuPeers(python, work, run.quick, run.console, this::scriptTime, save);
    for (Stage stage : Stage.values()) {
      if (!asked.contains(stage)) {
        run.skip(stage.toString(), "not asked for");
        continue;
      }
      Runnable body =
          switch (stage) {
            case KERNELS -> this::kernels;
            case TRAINING -> this::training;
            case OPS -> this::ops;
            case STEPS -> () -> timings.steps(steps);
            case BANDWIDTHS -> () -> new GpuBandwidths(timings, run, devices).run(copies, kernels);
            case PRODUCTS -> () -> timings.products(products);
            case PEERS -> () -> peers(others, () -> others.run(peers));
            case CONVOLUTIONS -> () -> images.run(convolutions);
            case PEER_CONVOLUTIONS ->
                () -> peers(others, () -> others.run(images.works(), peerConvolutions));
          };
      run.stage(stage.toString(), body);
      save.run();
    }
    devices.close();
    return findings();
  }

  private Duration scriptTime() {
    return run.time().compareTo(SCRIPT) < 0 ? run.time() : SCRIPT;
  }

  private void peers(GpuPeers others, Runnable scripts) {
    devices.close(); // so that the GPU is theirs
    try {
      scripts.run();
    } finally {
      peersNote = others.note();
    }
  }

  private void look() {
    Machine machine = devices.get(Precision.FP32, Libraries.NONE).machine();
    device = machine.description();
    properties = machine.properties();
    capability = machine.capability();
    interpreted = machine instanceof PtxMachine;
    precisions =
        capability < TENSOR_CORES
            ? List.of(Precision.FP32)
            : List.of(Precision.FP32, Precision.TF32);
    blas = library(Libraries.USUAL, "the library of matrix products", this::blas);
    dnn = library(Libraries.EVERYWHERE, "the library of convolutions", this::dnn);
    run.console.note(
        "device: "
            + device
            + "; library of matrix products: "
            + blas
            + "; of convolutions: "
            + dnn);
  }

  /** What a library calls itself; one that is there but cannot be used must not end the check. */
  private String library(Libraries use, String what, Supplier<String> description) {
    try {
      return description.get();
    } catch (IllegalStateException e) {
      run.failed("look", what, e);
      devices.doWithout(use);
      return "none that works";
    }
  }

  private String blas() {
    Blas found = devices.get(Precision.FP32, Libraries.USUAL).machine().blas();
    return found == null ? "none" : found.description();
  }

  private String dnn() {
    Dnn found = devices.get(Precision.FP32, Libraries.EVERYWHERE).machine().dnn();
    if (found == null) {
      return "none";
    }
    found.open();
    return found.description();
  }

  private GpuFindings findings() {
    return new GpuFindings(
        Version.current(),
        Runtime.version().toString(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        device,
        blas,
        dnn,
        properties,
        run.quick,
        run.stages(),
        run.failures(),
        kernelsLaunched,
        List.copyOf(checked),
        List.copyOf(ops),
        List.copyOf(dnnOps),
        training,
        List.copyOf(copies),
        List.copyOf(kernels),
        List.copyOf(products),
        List.copyOf(convolutions),
        List.copyOf(steps),
        List.copyOf(peers),
        List.copyOf(peerConvolutions),
        peersNote);
  }

  // ---------------------------------------------------------------- right results

  private void kernels() {
    GpuKernels all =
        new GpuKernels(run, devices, PrimitiveCases.all(), precisions, capability, interpreted);
    try {
      all.run();
    } finally {
      checked.addAll(all.checked());
      kernelsLaunched = all.kernels();
    }
  }

  private void ops() {
    try (Device reference = new ReferenceDevice();
        Device ptx = new GpuDevice(new PtxMachine(capability))) {
      for (Entry entry : Catalogue.entries()) {
        run.attempt(entry.name(), () -> ops.add(op(entry, reference, ptx)), devices::close);
      }
      Opened everywhere = devices.get(Precision.FP32, Libraries.EVERYWHERE);
      if (everywhere.machine().dnn() != null) {
        Map<String, List<Case>> kinds =
            PrimitiveCases.convolutions().stream()
                .collect(
                    Collectors.groupingBy(
                        c -> c.kind().getSimpleName(), TreeMap::new, Collectors.toList()));
        kinds.forEach((kind, cases) ->
            run.attempt(
                kind + " by " + dnn,
                () -> dnnOps.add(dnnOp(kind, cases, reference)),
                devices::close));
      }
    }
  }

  private GpuFindings.Op op(Entry entry, Device reference, Device ptx) {
    Device own = devices.get(Precision.FP32, Libraries.NONE).device();
    List<Sample> samples = entry.samples();
    if (run.quick) {
      samples = samples.subList(0, Math.min(1, samples.size()));
    }
    double worst = 0;
    long unlike = interpreted ? -1 : 0;
    for (Sample sample : samples) {
      worst = Math.max(worst, Agreement.worst(own, reference, sample));
      if (!interpreted) {
        unlike += unlike(Agreement.result(own, sample), Agreement.result(ptx, sample));
      }
    }
    return new GpuFindings.Op(entry.name(), samples.size(), worst, Agreement.LIMIT, unlike);
  }

  /** The samples of convolutions by the machine's library. */
  private GpuFindings.DnnOp dnnOp(String kind, List<Case> cases, Device reference) {
    GpuDevice device = devices.get(Precision.FP32, Libraries.EVERYWHERE).device();
    Map<String, Worst> table = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    int calls = 0;
    boolean repeats = true;
    for (Case c : cases) {
      List<Results> results = new ArrayList<>();
      Runnable once =
          () -> results.add(CaseRun.run(c, device, new Inputs(device, c.label().hashCode(), true)));
      once.run();
      for (KernelTime time : device.profile(once)) {
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
      count += Double.compare(a[i], b[i]) == 0 ? 0 : 1; // any NaN is as good as any other
    }
    return count;
  }

  // ---------------------------------------------------------------- trainings

  private static final int STEPS = 200;
  private static final int NARROW_STEPS = 8;

  private void training() {
    devices.close(); // so that each training opens a device anew
    int steps = run.quick ? NARROW_STEPS : STEPS;
    Trained first = train(devices.machine(Libraries.USUAL), steps, true, run.quick);
    Trained again = train(devices.machine(Libraries.USUAL), steps, true, run.quick);
    Trained plain = train(devices.machine(Libraries.USUAL), steps, false, run.quick);
    Trained narrow = train(devices.machine(Libraries.NONE), NARROW_STEPS, true, true);
    String narrowPtx =
        interpreted
            ? narrow.hash
            : train(new PtxMachine(capability), NARROW_STEPS, true, true).hash;
    training =
        new GpuFindings.Training(
            steps,
            first.hash,
            again.hash,
            plain.hash,
            first.leaked,
            first.grown,
            interpreted ? 0 : first.free - narrow.free,
            narrow.hash,
            narrowPtx);
  }

  /** What a training leaves; {@code free} bytes of the driver's when it has ended. */
  private record Trained(String hash, long leaked, long grown, long free) {}

  private Trained train(Machine machine, int steps, boolean graphs, boolean small) {
    String hash;
    long grown;
    long leaked;
    try (Device trains = new GpuDevice(machine, Precision.FP32, graphs)) {
      long before = trains.memory().live();
      long steady = 0;
      try (Scope scope = Scope.open(trains, "training")) {
        GanTrainer trainer = GpuTimings.trainer(scope, 3, small);
        try (CapturedStep step = CapturedStep.of(trains, trainer::step)) {
          for (int i = 0; i < steps; i++) {
            step.run();
            steady = i == 2 ? trains.memory().allocations() : steady;
          }
          grown = trains.memory().allocations() - steady;
        }
        hash = trainer.gan().state().parameterHash();
      }
      leaked = trains.memory().live() - before;
    }
    try (Machine looks = devices.machine(Libraries.NONE)) {
      return new Trained(hash, leaked, grown, looks.freeBytes());
    }
  }
}
