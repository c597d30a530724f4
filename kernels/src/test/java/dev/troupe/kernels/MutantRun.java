package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.MutantPage.End;
import dev.troupe.kernels.MutantPage.Outcome;
import dev.troupe.kernels.PtxMutator.Mutant;
import dev.troupe.kernels.cases.CaseRun;
import dev.troupe.kernels.cases.CaseRun.Results;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.ForwardingMachine;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.gpu.Grid;
import dev.troupe.kernels.gpu.Kernel;
import dev.troupe.kernels.ptx.PtxFault;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Makes faults in every committed kernel, one at a time, and counts how many of them the cases of
 * its primitives find. No part of the ordinary tests, since it takes minutes:
 *
 * <pre>{@code
 * ./mvnw test -pl kernels -Dtest=MutantRun
 * }</pre>
 *
 * <p>It writes {@code docs/mutants.md}, and how each mutant ended to {@code target/mutants.txt}.
 * What is in that file is not tried again: a run that was ended goes on where it was. Delete it to
 * begin anew. System properties: {@code mutants.threads}, 1 unless told; {@code mutants.most} of a
 * kind in an entry, unless there are few in all; {@code mutants.only} files, with commas between,
 * and the page stays as it is; {@code mutants.again=true} tries the survivors in the file once
 * more.
 */
class MutantRun {
  private static final Path FOLDER = Path.of("src/main/cuda");
  private static final Path PAGE = Path.of("../docs/mutants.md");
  private static final Path ENDED = Path.of("target/mutants.txt");
  private static final int MOST = Integer.getInteger("mutants.most", 2);
  private static final int THREADS = Integer.getInteger("mutants.threads", 1);
  private static final String ONLY = System.getProperty("mutants.only", "");
  private static final boolean FURTHER = Boolean.getBoolean("mutants.further");
  private static final boolean AGAIN = Boolean.getBoolean("mutants.again");

  /**
   * A case that launches an entry, what it costs, what the reference makes of it, and the bits that
   * it must have, or null where there is only a bound.
   */
  private record Use(Case of, long instructions, Results expected, Results bits) {}

  /** A GPU that cases run on. */
  private record Gpu(int capability, Precision precision) {}

  /** A mutant of a file, and its kernel's cases. */
  private record Trial(String file, PtxMutator of, Mutant mutant, List<Use> uses) {}

  /** By file and entry, cheapest case first. */
  private final Map<String, Map<String, List<Use>>> uses = new TreeMap<>();

  private final Map<String, Integer> places = new HashMap<>();

  @Test
  void mostMutantsAreKilled() throws Exception {
    Map<String, Outcome> ended = new HashMap<>();
    if (Files.exists(ENDED)) {
      Outcome.read(ENDED).forEach(outcome -> ended.put(outcome.key(), outcome));
    }
    if (AGAIN) {
      ended.values().removeIf(outcome -> outcome.end().survived);
    }
    List<Outcome> outcomes = new ArrayList<>();
    Set<String> unused = new HashSet<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> parts = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int part = i;
        parts.add(threads.submit(() -> findUses(part)));
      }
      for (Future<?> part : parts) {
        part.get();
      }
      uses.values()
          .forEach(entries ->
              entries.values().forEach(of -> of.sort(Comparator.comparingLong(Use::instructions))));
      List<Future<Outcome>> tried = new ArrayList<>();
      for (Trial trial : trials(unused)) {
        String key = Outcome.key(trial.of.hash(), trial.file, trial.mutant);
        Outcome known = ended.get(key);
        if (known == null) {
          tried.add(threads.submit(() -> attempt(key, trial)));
        } else {
          outcomes.add(known);
        }
      }
      for (Future<Outcome> one : tried) {
        outcomes.add(one.get());
      }
    }
    outcomes.removeIf(outcome -> outcome.end() == End.INVALID);
    MutantPage page = new MutantPage(outcomes, places);
    System.out.println(page.tables());
    System.out.println("entries that no case launches: " + unused);
    if (ONLY.isEmpty()) {
      page.write(PAGE);
    }
    assertThat(unused).isEmpty();
    long survived = outcomes.stream().filter(outcome -> outcome.end().survived).count();
    assertThat(20 * survived)
        .as("survivors of %d, 20 times", outcomes.size())
        .isLessThanOrEqualTo(outcomes.size());
  }

  /** All mutants; the names of entries without cases are added to {@code unused}. */
  private List<Trial> trials(Set<String> unused) throws IOException {
    List<Trial> trials = new ArrayList<>();
    try (Stream<Path> all = Files.list(FOLDER)) {
      for (Path file : all.filter(p -> p.toString().endsWith(".ptx")).sorted().toList()) {
        String name = file.getFileName().toString();
        if (!isTried(name)) {
          continue;
        }
        PtxMutator mutator = new PtxMutator(Files.readString(file), FURTHER);
        for (String entry : mutator.entries()) {
          List<Use> of = uses.getOrDefault(name, Map.of()).getOrDefault(entry, List.of());
          if (of.isEmpty()) {
            unused.add(name + " " + entry);
          } else {
            mutator
                .places(entry)
                .forEach((kind, here) -> places.put(Outcome.kind(name, entry, kind), here.size()));
            mutator.mutants(entry, MOST).forEach(m -> trials.add(new Trial(name, mutator, m, of)));
          }
        }
      }
    }
    return trials;
  }

  private static boolean isTried(String file) {
    return ONLY.isEmpty() || List.of(ONLY.split(",")).contains(file);
  }

  private static Outcome attempt(String key, Trial trial) throws IOException {
    long begin = System.nanoTime();
    End end = judge(trial, trial.mutant);
    if (end == End.SURVIVED && judge(trial, trial.mutant.reached()) == End.SURVIVED) {
      end = End.NOT_REACHED;
    }
    Outcome outcome = new Outcome(key, end, (System.nanoTime() - begin) / 1_000_000);
    synchronized (MutantRun.class) {
      Files.writeString(
          ENDED, outcome + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      if (end.survived) {
        System.out.println(outcome);
      }
    }
    return outcome;
  }

  /** Which cases launch which entries, and at what cost: every so many cases from one on. */
  private void findUses(int first) {
    Gpu newest = new Gpu(90, Precision.FP32);
    List<Gpu> all = List.of(newest, new Gpu(75, Precision.FP32), new Gpu(90, Precision.TF32));
    Map<Gpu, Watched> machines = new HashMap<>();
    Map<Gpu, GpuDevice> devices = new HashMap<>();
    List<String> wrong = new ArrayList<>();
    for (Gpu gpu : all) {
      machines.put(gpu, new Watched(new PtxMachine(gpu.capability), null));
      devices.put(gpu, new GpuDevice(machines.get(gpu), gpu.precision, true));
    }
    try (Device reference = new ReferenceDevice();
        Device cpu = new CpuDevice(1)) {
      List<Case> cases = PrimitiveCases.all();
      for (int i = first; i < cases.size(); i += THREADS) {
        Case c = cases.get(i);
        if (c.kind() == Primitive.Custom.class) {
          continue;
        }
        Results exact = CaseRun.run(c, reference);
        // Floats, too, are the CPU's: SameBitsAsCpuTest has it of the kernels as they are.
        Results bits = c.kind() == Primitive.Random.class ? CaseRun.run(c, cpu) : null;
        boolean variants = CaseRun.HAVE_VARIANTS.contains(c.kind());
        for (Gpu gpu : variants ? all : List.of(newest)) {
          boolean tensors = gpu.precision == Precision.TF32;
          Results expected = tensors ? exact.widened() : exact;
          Watched machine = machines.get(gpu);
          machine.launched.clear();
          long before = machine.inner.instructions();
          GpuDevice device = devices.get(gpu);
          Results actual = CaseRun.run(c, device, new Inputs(device, c.label().hashCode(), true));
          CaseRun.compare(c, expected, actual, new HashMap<>(), wrong);
          if (bits != null && !bits.sameBits(actual)) {
            wrong.add(CaseRun.what(c) + ": other bits than on the CPU");
          }
          Use use = new Use(c, machine.inner.instructions() - before, expected, bits);
          for (Kernel kernel : machine.launched) {
            boolean precise = !tensors || kernel.module().startsWith("tensor_cores");
            if (precise && isTried(kernel.module())) {
              add(kernel, use);
            }
          }
        }
      }
    }
    devices.values().forEach(GpuDevice::close);
    assertThat(wrong).as("of the kernels as they are").isEmpty();
  }

  private synchronized void add(Kernel kernel, Use use) {
    List<Use> of =
        uses.computeIfAbsent(kernel.module(), k -> new TreeMap<>())
            .computeIfAbsent(kernel.entry(), k -> new ArrayList<>());
    if (of.stream().noneMatch(u -> u.of == use.of)) {
      of.add(use);
    }
  }

  private static End judge(Trial trial, Mutant mutant) {
    String file = trial.file;
    boolean old =
        !file.contains(".sm_") && Files.exists(FOLDER.resolve(file.replace(".ptx", ".sm_80.ptx")));
    PtxMachine machine = new PtxMachine(old ? 75 : 90);
    Watched watched =
        new Watched(machine, new Replaced(file, mutant.entry(), trial.of.text(mutant)));
    Precision precision = file.startsWith("tensor_cores") ? Precision.TF32 : Precision.FP32;
    for (boolean exact : new boolean[] {true, false}) {
      try (GpuDevice ptx = new GpuDevice(watched, precision, true)) {
        for (Use use : trial.uses) {
          machine.limitInstructions(100_000 + 20 * use.instructions);
          End end = judge(ptx, use, exact);
          if (end != End.SURVIVED) {
            return end;
          }
        }
      }
    }
    if (file.startsWith("indexing") || file.startsWith("maxout")) {
      machine.limitInstructions(100_000_000);
      try (GpuDevice ptx = new GpuDevice(watched)) {
        DeviceAgreementTest.badIndices(ptx, DeviceAgreementTest.BAD_PLACES);
        if (file.startsWith("maxout")) {
          DeviceAgreementTest.badIndicesOfManyMembers(ptx);
        }
      } catch (AssertionError | RuntimeException e) {
        return e instanceof PtxFault ? End.FAULT : End.WRONG;
      }
    }
    return End.SURVIVED;
  }

  private static End judge(GpuDevice ptx, Use use, boolean exact) {
    List<String> wrong = new ArrayList<>();
    try {
      Inputs inputs = new Inputs(ptx, use.of.label().hashCode(), exact);
      Results actual = CaseRun.run(use.of, ptx, inputs);
      CaseRun.compare(use.of, use.expected, actual, new HashMap<>(), wrong);
      if (use.bits != null && !use.bits.sameBits(actual)) {
        return End.WRONG;
      }
    } catch (AssertionError e) {
      if (e.getCause() instanceof PtxFault fault) {
        return fault.getMessage().contains("does not end") ? End.HANG : End.FAULT;
      }
      return e.getCause() instanceof IllegalArgumentException ? End.INVALID : End.WRONG;
    } catch (IndexOutOfBoundsException reported) {
      return End.WRONG; // the kernel says that an index is bad
    }
    return wrong.isEmpty() ? End.SURVIVED : End.WRONG;
  }

  /** What the entry of a file becomes. */
  private record Replaced(String file, String entry, String ptx) {}

  /** The interpreter, but for one kernel, of which it gets the mutant. */
  private static final class Watched extends ForwardingMachine {
    final PtxMachine inner;
    private final Replaced replaced; // or null
    final Set<Kernel> launched = new HashSet<>();

    Watched(PtxMachine inner, Replaced replaced) {
      super(inner);
      this.inner = inner;
      this.replaced = replaced;
    }

    @Override
    public Kernel load(String module, String ptx, String entry) {
      boolean mutated =
          replaced != null && replaced.file.equals(module + ".ptx") && replaced.entry.equals(entry);
      return mutated
          ? super.load("mutant of " + module, replaced.ptx, entry)
          : super.load(module, ptx, entry);
    }

    @Override
    public void launch(Kernel kernel, Grid grid, int sharedBytes, Arguments arguments) {
      launched.add(kernel);
      super.launch(kernel, grid, sharedBytes, arguments);
    }

    @Override
    public void close() {} // the caller's
  }
}
