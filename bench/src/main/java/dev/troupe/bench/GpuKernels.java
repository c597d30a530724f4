package dev.troupe.bench;

import dev.troupe.bench.GpuDevices.Libraries;
import dev.troupe.bench.GpuDevices.Opened;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.Precision;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.cases.CaseRun;
import dev.troupe.kernels.cases.CaseRun.Results;
import dev.troupe.kernels.cases.CaseRun.Worst;
import dev.troupe.kernels.cases.DryMachine;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.gpu.KernelFiles;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Every kernel that a GPU has: the cases of all primitives, at both precisions, against the
 * reference, and in float32 against the interpreter bit for bit; matrix products by the machine's
 * library, too.
 */
final class GpuKernels {
  private static final int SHOWN = 3; // wrong results of a primitive
  private static final int PADDED = 4; // every fourth case also in slices of larger buffers

  private final GpuRun run;
  private final GpuDevices devices;
  private final List<Case> cases;
  private final List<Precision> precisions;
  private final int capability;
  private final boolean interpreted;
  private final Map<String, Row> rows = new TreeMap<>();
  private final SortedSet<String> launched = new TreeSet<>();
  private int count;

  /** What is known of a primitive, at one precision, by one who computes it. */
  private static final class Row {
    final Map<String, Worst> worst = new TreeMap<>();
    final List<String> wrong = new ArrayList<>();
    int cases;
    long unlike;
  }

  /**
   * Nothing has run yet.
   *
   * @param cases of our own kernels
   * @param precisions those that the machine has
   * @param interpreted whether the machine is the interpreter itself
   */
  GpuKernels(
      GpuRun run,
      GpuDevices devices,
      List<Case> cases,
      List<Precision> precisions,
      int capability,
      boolean interpreted) {
    this.run = run;
    this.devices = devices;
    this.cases = cases;
    this.precisions = precisions;
    this.capability = capability;
    this.interpreted = interpreted;
  }

  /** Runs the cases; where it is quick, only as many as launch every kernel. */
  void run() {
    Map<Precision, GpuDevice> dry = new EnumMap<>(Precision.class);
    precisions.forEach(p -> dry.put(p, new GpuDevice(new DryMachine(capability), p, true)));
    try (Device reference = new ReferenceDevice();
        Device ptx = new GpuDevice(new PtxMachine(capability))) {
      for (Case c : cases) {
        if (c.kind() == Primitive.Custom.class) {
          continue; // their kernels are the user's
        }
        List<Precision> at =
            precisions.stream()
                .filter(p -> p == Precision.FP32 || CaseRun.HAVE_VARIANTS.contains(c.kind()))
                .filter(p -> !run.quick || launchesMore(dry.get(p), c))
                .toList();
        if (!at.isEmpty()) {
          run.attempt(CaseRun.what(c), () -> own(c, at, reference, ptx), this::reopen);
        }
      }
      String library = library();
      List<Case> large = PrimitiveCases.ofLibraries();
      if (library == null || run.quick) {
        large = library == null ? List.of() : large.subList(0, 1);
      }
      for (Case c : large) {
        run.attempt(
            CaseRun.what(c) + " by " + library,
            () -> byLibrary(c, library, reference),
            this::reopen);
      }
    }
    launched.addAll(devices.launched());
  }

  private static boolean launchesMore(GpuDevice dry, Case c) {
    int before = dry.launched().size();
    dry.run(c.build().apply(new Inputs(dry, 1, true)).primitive());
    return dry.launched().size() > before;
  }

  private void own(Case c, List<Precision> at, Device reference, Device ptx) {
    Results expected = CaseRun.run(c, reference);
    boolean padded = count++ % PADDED == 0;
    for (Precision precision : at) {
      GpuDevice device = devices.get(precision, Libraries.NONE).device();
      Results bound = precision == Precision.TF32 ? expected.widened() : expected;
      Results found = CaseRun.run(c, device, inputs(device, c, true));
      Row row = row(c, expected, precision, "own");
      CaseRun.compare(c, bound, found, row.worst, row.wrong);
      if (padded) {
        Results again = CaseRun.run(c, device, inputs(device, c, false));
        CaseRun.compare(c, bound, again, row.worst, row.wrong);
      }
      if (!interpreted && precision == Precision.FP32) {
        row.unlike += found.unlike(CaseRun.run(c, ptx, inputs(ptx, c, true)));
      }
    }
  }

  /** The library of matrix products, or null. */
  private String library() {
    Opened usual = devices.get(Precision.FP32, Libraries.USUAL);
    return usual.machine().blas() == null ? null : usual.machine().blas().description();
  }

  private void byLibrary(Case c, String library, Device reference) {
    Results expected = CaseRun.run(c, reference);
    for (Precision precision : precisions) {
      GpuDevice device = devices.get(precision, Libraries.USUAL).device();
      Results bound = precision == Precision.TF32 ? expected.widened(CaseRun.CUT) : expected;
      Results found = CaseRun.run(c, device, inputs(device, c, true));
      Row row = row(c, expected, precision, library);
      CaseRun.compare(c, bound, found, row.worst, row.wrong);
    }
  }

  private static Inputs inputs(Device device, Case c, boolean exact) {
    return new Inputs(device, c.label().hashCode(), exact);
  }

  private Row row(Case c, Results of, Precision precision, String by) {
    String kind = c.kind().getSimpleName();
    String name = kind.equals(of.name()) ? kind : kind + " " + of.name();
    Row row = rows.computeIfAbsent(name + "|" + precision + "|" + by, k -> new Row());
    row.cases++;
    return row;
  }

  /** Notes what was launched, and goes on with devices opened anew. */
  private void reopen() {
    launched.addAll(devices.launched());
    devices.close();
  }

  List<GpuFindings.Checked> checked() {
    List<GpuFindings.Checked> found = new ArrayList<>();
    rows.forEach((key, row) -> {
      String[] names = key.split("\\|");
      double worst = row.worst.values().stream().mapToDouble(Worst::c).max().orElse(0);
      found.add(
          new GpuFindings.Checked(
              names[0],
              names[1],
              names[2],
              row.cases,
              worst,
              interpreted || !names[1].equals("fp32") || !names[2].equals("own") ? -1 : row.unlike,
              row.wrong.stream().limit(SHOWN).toList()));
    });
    return found;
  }

  GpuFindings.Kernels kernels() {
    SortedSet<String> missing = new TreeSet<>(KernelFiles.names(capability));
    int all = missing.size();
    missing.removeAll(launched);
    return new GpuFindings.Kernels(all, all - missing.size(), List.copyOf(missing));
  }
}
