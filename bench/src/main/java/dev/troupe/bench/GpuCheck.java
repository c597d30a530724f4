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
import dev.troupe.kernels.Precision;
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
import java.util.function.Supplier;

/**
 * Checks and times a device that runs GPU kernels: the ops of the catalogue, trainings, then
 * kernels, matrix products, convolutions and whole training steps, last the same in other
 * libraries.
 */
public final class GpuCheck {
  private final Supplier<Machine> machines; // each call opens one
  private final Supplier<Machine> withoutBlas;
  private final boolean quick;
  private final Console console;

  /**
   * Ready to run.
   *
   * @param machines opens the machine
   * @param withoutBlas opens it with our own matrix products alone
   * @param quick small sizes and few samples
   */
  public GpuCheck(
      Supplier<Machine> machines, Supplier<Machine> withoutBlas, boolean quick, Console console) {
    this.machines = machines;
    this.withoutBlas = withoutBlas;
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
    int capability;
    boolean interpreted;
    try (Machine machine = machines.get()) {
      device = machine.description();
      blas = machine.blas() == null ? "none" : machine.blas().description();
      capability = machine.capability();
      interpreted = machine instanceof PtxMachine;
    }
    console.note("device: " + device + "; library of matrix products: " + blas);
    console.note("ops of the catalogue ...");
    List<GpuFindings.Op> ops = ops(capability, interpreted);
    console.note("trainings ...");
    GpuFindings.Training training = training();
    GpuTimings timings = new GpuTimings(machines, withoutBlas, quick);
    console.note("bandwidths ...");
    double copy = timings.copyGbPerSecond();
    List<GpuFindings.Bandwidth> kernels = timings.kernels(copy);
    console.note("matrix products ...");
    List<GpuFindings.Product> products = timings.products();
    console.note("convolutions ...");
    List<GpuFindings.Convolution> convolutions = new GpuConvolutions(timings, quick).run();
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
        quick,
        ops,
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
