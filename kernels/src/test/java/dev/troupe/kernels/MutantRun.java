package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.PtxMutator.Mutant;
import dev.troupe.kernels.cases.CaseRun;
import dev.troupe.kernels.cases.CaseRun.Results;
import dev.troupe.kernels.cases.CaseRun.Worst;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.gpu.Grid;
import dev.troupe.kernels.gpu.Kernel;
import dev.troupe.kernels.gpu.Machine;
import dev.troupe.kernels.ptx.PtxFault;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
 * <p>It writes {@code docs/mutants.md}. System properties: {@code mutants.most} of a kind in an
 * entry; {@code mutants.only} files, with commas between; {@code mutants.again} a file of survivors
 * as this leaves it, to try only those. With one of the latter the page stays as it is.
 */
class MutantRun {
  private static final Path FOLDER = Path.of("src/main/cuda");
  private static final Path PAGE = Path.of("../docs/mutants.md");
  private static final Path SURVIVORS = Path.of("target/mutants.txt");
  private static final int MOST = Integer.getInteger("mutants.most", 2);
  private static final String ONLY = System.getProperty("mutants.only", "");
  private static final String AGAIN = System.getProperty("mutants.again", "");

  /** A case that launches an entry, what it costs, and what the reference makes of it. */
  private record Use(Case of, long instructions, Results expected) {}

  /** How a mutant ended. */
  private enum End {
    WRONG,
    FAULT,
    HANG,
    SURVIVED,
    INVALID // no PTX: not counted
  }

  @Test
  void mostMutantsAreKilled() throws IOException {
    Map<String, Map<String, List<Use>>> uses = new TreeMap<>(); // by file and entry
    findUses(75, Precision.FP32, uses);
    findUses(90, Precision.FP32, uses);
    findUses(90, Precision.TF32, uses);
    Map<String, Map<End, Integer>> byFile = new TreeMap<>();
    Map<String, Map<End, Integer>> byOperator = new TreeMap<>();
    List<String> survivors = new ArrayList<>();
    Set<String> unused = new HashSet<>();
    Set<String> again = AGAIN.isEmpty() ? null : new HashSet<>();
    for (String line : again == null ? List.<String>of() : Files.readAllLines(Path.of(AGAIN))) {
      again.add(line.replaceFirst("( \\| [^|]*) \\| .*", "$1"));
    }
    for (Path file : files()) {
      String name = file.getFileName().toString();
      if (!ONLY.isEmpty() && !List.of(ONLY.split(",")).contains(name)) {
        continue;
      }
      PtxMutator mutator = new PtxMutator(Files.readString(file));
      for (String entry : mutator.entries()) {
        List<Use> of = uses.getOrDefault(name, Map.of()).getOrDefault(entry, List.of());
        if (of.isEmpty()) {
          unused.add(name + " " + entry);
        }
        for (Mutant mutant : of.isEmpty() ? List.<Mutant>of() : mutator.mutants(entry, MOST)) {
          String key = name + ":" + mutant.line() + " " + entry + " | " + mutant.operator();
          if (again != null && !again.contains(key)) {
            continue;
          }
          End end = judge(name, mutant, of);
          if (end == End.INVALID) {
            continue;
          }
          byFile.computeIfAbsent(name, k -> new TreeMap<>()).merge(end, 1, Integer::sum);
          byOperator
              .computeIfAbsent(mutant.operator(), k -> new TreeMap<>())
              .merge(end, 1, Integer::sum);
          if (end == End.SURVIVED) {
            String line =
                String.format(
                    "%s | %s -> %s | %s",
                    key,
                    mutant.was(),
                    mutant.is(),
                    judge(name, mutant.reached(), of) == End.SURVIVED ? "not reached" : "reached");
            survivors.add(line);
            System.out.println(line);
          }
        }
        System.out.println(name + " " + entry + " " + of.size() + " cases " + byFile.get(name));
      }
    }
    Files.write(SURVIVORS, survivors);
    StringBuilder text = new StringBuilder();
    table(text, "file", byFile);
    table(text, "fault", byOperator);
    System.out.println(text);
    System.out.println("entries that no case launches: " + unused);
    if (ONLY.isEmpty() && again == null) {
      writePage(text.toString());
    }
    assertThat(unused).isEmpty();
    int all = count(byFile, null);
    int survived = count(byFile, End.SURVIVED);
    assertThat(survived).as("survivors of %d", all).isLessThanOrEqualTo(all / 10);
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(FOLDER)) {
      return all.filter(p -> p.toString().endsWith(".ptx")).sorted().toList();
    }
  }

  private static int count(Map<String, Map<End, Integer>> table, End end) {
    return table.values().stream()
        .flatMap(row -> row.entrySet().stream())
        .filter(e -> end == null || e.getKey() == end)
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  private static void table(StringBuilder to, String what, Map<String, Map<End, Integer>> rows) {
    to.append("| ").append(what).append(" | mutants | wrong result | fault | no end | survived");
    to.append(" | killed, % |\n|---|--:|--:|--:|--:|--:|--:|\n");
    Map<String, Map<End, Integer>> all = new TreeMap<>(rows);
    Map<End, Integer> sums = new TreeMap<>();
    rows.values().forEach(row -> row.forEach((end, n) -> sums.merge(end, n, Integer::sum)));
    all.put("~", sums);
    all.forEach((name, row) -> {
      int n = row.values().stream().mapToInt(Integer::intValue).sum();
      int survived = row.getOrDefault(End.SURVIVED, 0);
      to.append("| ").append(name.equals("~") ? "all" : name).append(" | ").append(n);
      for (End end : new End[] {End.WRONG, End.FAULT, End.HANG, End.SURVIVED}) {
        to.append(" | ").append(row.getOrDefault(end, 0));
      }
      to.append(String.format(" | %.1f |%n", 100.0 * (n - survived) / Math.max(1, n)));
    });
    to.append('\n');
  }

  private static void writePage(String tables) throws IOException {
    String page = Files.readString(PAGE);
    String begin = "<!-- begin: written by MutantRun -->\n";
    String end = "<!-- end -->";
    int from = page.indexOf(begin) + begin.length();
    Files.writeString(
        PAGE, page.substring(0, from) + "\n" + tables + page.substring(page.indexOf(end, from)));
  }

  /** Which cases launch which entries, and at what cost. */
  private static void findUses(
      int capability, Precision precision, Map<String, Map<String, List<Use>>> uses) {
    boolean newest = capability == 90 && precision == Precision.FP32;
    PtxMachine machine = new PtxMachine(capability);
    Watched watched = new Watched(machine, null, null);
    try (Device reference = new ReferenceDevice();
        GpuDevice ptx = new GpuDevice(watched, precision, true)) {
      for (Case c : PrimitiveCases.all()) {
        if (c.kind() == Primitive.Custom.class
            || !newest && !CaseRun.HAVE_VARIANTS.contains(c.kind())) {
          continue;
        }
        Results exact = CaseRun.run(c, reference);
        Results expected = precision == Precision.TF32 ? exact.widened() : exact;
        watched.launched.clear();
        long before = machine.instructions();
        CaseRun.run(c, ptx, new Inputs(ptx, c.label().hashCode(), true));
        Use use = new Use(c, machine.instructions() - before, expected);
        for (Kernel kernel : watched.launched) {
          if (precision == Precision.TF32 && !kernel.module().startsWith("tensor_cores")) {
            continue;
          }
          List<Use> of =
              uses.computeIfAbsent(kernel.module(), k -> new TreeMap<>())
                  .computeIfAbsent(kernel.entry(), k -> new ArrayList<>());
          if (of.stream()
              .noneMatch(u -> u.of.kind() == c.kind() && u.of.label().equals(c.label()))) {
            of.add(use);
          }
        }
      }
    }
    for (Map<String, List<Use>> entries : uses.values()) {
      for (List<Use> of : entries.values()) {
        of.sort(Comparator.comparingLong(Use::instructions));
      }
    }
  }

  private static End judge(String file, Mutant mutant, List<Use> uses) {
    boolean old =
        !file.contains(".sm_") && Files.exists(FOLDER.resolve(file.replace(".ptx", ".sm_80.ptx")));
    PtxMachine machine = new PtxMachine(old ? 75 : 90);
    for (boolean exact : new boolean[] {true, false}) {
      End end = judge(machine, file, mutant, uses, exact);
      if (end != End.SURVIVED) {
        return end;
      }
    }
    if (file.startsWith("indexing") || file.startsWith("maxout")) {
      machine.limitInstructions(100_000_000);
      try (GpuDevice ptx = new GpuDevice(new Watched(machine, file, mutant))) {
        DeviceAgreementTest.badIndices(ptx, DeviceAgreementTest.BAD_PLACES);
      } catch (AssertionError | RuntimeException e) {
        return e instanceof PtxFault ? End.FAULT : End.WRONG;
      }
    }
    return End.SURVIVED;
  }

  private static End judge(
      PtxMachine machine, String file, Mutant mutant, List<Use> uses, boolean exact) {
    Precision precision = file.startsWith("tensor_cores") ? Precision.TF32 : Precision.FP32;
    try (GpuDevice ptx = new GpuDevice(new Watched(machine, file, mutant), precision, true)) {
      for (Use use : uses) {
        machine.limitInstructions(100_000 + 20 * use.instructions);
        List<String> wrong = new ArrayList<>();
        Map<String, Worst> table = new HashMap<>();
        try {
          Inputs inputs = new Inputs(ptx, use.of.label().hashCode(), exact);
          Results actual = CaseRun.run(use.of, ptx, inputs);
          CaseRun.compare(use.of, use.expected, actual, table, wrong);
        } catch (AssertionError e) {
          if (e.getCause() instanceof PtxFault fault) {
            return fault.getMessage().contains("does not end") ? End.HANG : End.FAULT;
          }
          return e.getCause() instanceof IllegalArgumentException ? End.INVALID : End.WRONG;
        } catch (IndexOutOfBoundsException reported) {
          return End.WRONG; // the kernel says that an index is bad
        }
        if (!wrong.isEmpty()) {
          return End.WRONG;
        }
      }
    }
    return End.SURVIVED;
  }

  /** The interpreter, but for one kernel, of which it gets the mutant. */
  private static final class Watched implements Machine {
    private final PtxMachine inner;
    private final String file;
    private final Mutant mutant;
    final Set<Kernel> launched = new HashSet<>();

    Watched(PtxMachine inner, String file, Mutant mutant) {
      this.inner = inner;
      this.file = file;
      this.mutant = mutant;
    }

    @Override
    public Kernel load(String module, String ptx, String entry) {
      boolean mutated =
          mutant != null
              && file.equals(module.endsWith(".ptx") ? module : module + ".ptx")
              && entry.equals(mutant.entry());
      return mutated
          ? inner.load("mutant of " + module, mutant.ptx(), entry)
          : inner.load(module, ptx, entry);
    }

    @Override
    public void launch(Kernel kernel, Grid grid, int sharedBytes, Arguments arguments) {
      launched.add(kernel);
      inner.launch(kernel, grid, sharedBytes, arguments);
    }

    @Override
    public String name() {
      return inner.name();
    }

    @Override
    public int capability() {
      return inner.capability();
    }

    @Override
    public long allocate(long bytes) {
      return inner.allocate(bytes);
    }

    @Override
    public void free(long address) {
      inner.free(address);
    }

    @Override
    public void write(MemorySegment source, long target) {
      inner.write(source, target);
    }

    @Override
    public void read(long source, MemorySegment target) {
      inner.read(source, target);
    }

    @Override
    public void synchronize() {
      inner.synchronize();
    }

    @Override
    public void handOut(long address, long bytes) {
      inner.handOut(address, bytes);
    }

    @Override
    public void takeBack(long address, long bytes) {
      inner.takeBack(address, bytes);
    }

    @Override
    public void close() {} // the caller's
  }
}
