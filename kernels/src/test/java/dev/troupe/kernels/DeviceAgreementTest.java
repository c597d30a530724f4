package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.cases.CaseRun;
import dev.troupe.kernels.cases.CaseRun.Results;
import dev.troupe.kernels.cases.CaseRun.Worst;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Every primitive on every device against the reference: |y - ref| ≤ (K + 8) · 2⁻²⁴ · Σ|terms| with
 * K the reduced length, the same bits on 1 thread and on 3, and nothing written outside the
 * results.
 */
class DeviceAgreementTest {
  private static final int SHOWN = 20;

  private final List<Case> cases = PrimitiveCases.all();

  @Test
  void noPrimitiveIsForgotten() {
    Set<Class<?>> covered = cases.stream().map(Case::kind).collect(Collectors.toSet());
    assertThat(covered).containsExactlyInAnyOrder(Primitive.class.getPermittedSubclasses());
  }

  /** With devices of their own for each kind, since pools keep memory of every size until then. */
  @Test
  void agreesWithTheReference() {
    Map<String, Worst> table = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    PrimitiveCases.ofHosts().stream()
        .collect(Collectors.groupingBy(Case::kind, LinkedHashMap::new, Collectors.toList()))
        .values()
        .forEach(ofKind -> agreeWithTheReference(ofKind, table, wrong));
    report("agreement with the reference", table, wrong);
  }

  private static void agreeWithTheReference(
      List<Case> cases, Map<String, Worst> table, List<String> wrong) {
    try (Device reference = new ReferenceDevice();
        Device one = new CpuDevice(1);
        Device three = new CpuDevice(3)) {
      for (Case c : cases) {
        Results expected = CaseRun.run(c, reference);
        Results actual = CaseRun.run(c, one);
        CaseRun.compare(c, expected, actual, table, wrong);
        Results again = CaseRun.run(c, three);
        if (!again.sameBits(actual)) {
          wrong.add(CaseRun.what(c) + ": other bits on 3 threads than on 1");
        }
      }
    }
  }

  /**
   * All kernels of the GPU, on the interpreter; only what computes on the host has none. The
   * buffers are their own, so that the interpreter sees what is accessed outside or read before it
   * is written; in every fourth case they are slices of larger ones, too. Kernels that have
   * variants run on an old GPU at times.
   */
  @Test
  void kernelsAgreeWithTheReference() {
    Map<String, Worst> table = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    try (Device reference = new ReferenceDevice();
        Device ptx = new GpuDevice(new PtxMachine());
        Device old = new GpuDevice(new PtxMachine(75))) {
      int count = 0;
      for (Case c : cases) {
        if (c.kind() != Primitive.Custom.class) {
          Results expected = CaseRun.run(c, reference);
          long seed = c.label().hashCode();
          if (count++ % 4 == 0) {
            CaseRun.compare(c, expected, CaseRun.run(c, ptx, new Inputs(ptx, seed)), table, wrong);
          }
          CaseRun.compare(
              c, expected, CaseRun.run(c, ptx, new Inputs(ptx, seed, true)), table, wrong);
          if (count % 4 == 0 && CaseRun.HAVE_VARIANTS.contains(c.kind())) {
            CaseRun.compare(
                c, expected, CaseRun.run(c, old, new Inputs(old, seed, true)), table, wrong);
          }
        }
      }
    }
    report("agreement of GPU kernels with the reference", table, wrong);
  }

  private static void report(String what, Map<String, Worst> table, List<String> wrong) {
    int count = 0;
    for (Map.Entry<String, Worst> line : table.entrySet()) {
      Worst worst = line.getValue();
      System.out.printf(
          "%-28s %5d cases, largest c %.3f  %s%n",
          line.getKey(), worst.cases(), worst.c(), worst.where());
      count += worst.cases();
    }
    System.out.printf("%s: %d primitives, %d cases%n", what, table.size(), count);
    assertThat(wrong.stream().limit(SHOWN)).as("%d wrong", wrong.size()).isEmpty();
  }

  /**
   * Where a bad index may lie among {@value #MANY}, so that each copy of a check that a kernel has
   * meets one: a thread takes up to four elements, neighbours or 64 apart, or goes along a row of
   * 30 by fours.
   */
  static final int[] BAD_PLACES = {
    0, 1, 2, 3, 70, 140, 200, 250, 299, 330, 511, 512, 1023, 1197, 1199
  };

  private static final int MANY = 1200;

  /**
   * On every device an index outside is the same error, threads or not: at once where the host
   * computes, at the next read where kernels do.
   */
  @Test
  void badIndicesAreTheSameError() {
    try (Device reference = new ReferenceDevice();
        Device cpu = new CpuDevice(3);
        Device ptx = new GpuDevice(new PtxMachine())) {
      for (Device device : List.of(reference, cpu)) {
        badIndices(device, 40_000, 200, 39_997);
      }
      badIndices(ptx, BAD_PLACES);
      badIndicesOfManyMembers(ptx);
    }
  }

  static void badIndices(Device device, int... places) {
    for (int place : places) {
      badIndices(device, MANY, 40, place);
    }
    // Several at once: which one is reported is open.
    Values values = new Values(device);
    int[] index = new int[MANY];
    for (int bound : new int[] {10, 70}) {
      for (int place : places) {
        index[place] = bound;
      }
      Buffer bad = values.int32(index);
      Buffer dy = values.real(new double[MANY]);
      String at = ": index " + bound + " at position \\d+ is outside \\[0, " + bound + "\\)";
      maxout(device, maxoutGrad(values, new int[] {1, 40, 1, 30, bound}, bad, dy), at);
      if (bound == 10) {
        indexing(device, values, MANY, bad, at);
      }
    }
  }

  /** {@code many} indices, for the gradients of maxout so many rows of them. */
  private static void badIndices(Device device, int many, int rows, int place) {
    Values values = new Values(device);
    int[] index = new int[many];
    Buffer bad = values.int32(index);
    Buffer dy = values.real(new double[many]);
    for (int wrong : new int[] {10, -1}) {
      index[place] = wrong;
      device.write(index, bad);
      indexing(device, values, many, bad, at(wrong, place, 10));
    }
    for (int pieces : new int[] {10, 70}) {
      index[place] = place % 2 == 0 ? pieces : -1;
      device.write(index, bad);
      int[] sizes = {1, rows, 1, many / rows, pieces};
      maxout(device, maxoutGrad(values, sizes, bad, dy), at(index[place], place, pieces));
    }
    refused(
        "putAlong" + at(0, 0, 0),
        device,
        new Primitive.PutAlong(1, 0, 1, values.real(1), values.int32(0), values.realOfSize(0)));
    refused(
        "takeAlong" + at(0, 0, 0),
        device,
        new Primitive.TakeAlong(1, 0, 1, values.realOfSize(0), values.int32(0), values.real(1)));
  }

  /** How the message of an error ends, as a regular expression. */
  private static String at(int index, int place, int bound) {
    return Pattern.quote(
        ": index " + index + " at position " + place + " is outside [0, " + bound + ")");
  }

  private static void indexing(Device device, Values values, int many, Buffer bad, String at) {
    Buffer table = values.real(new double[10]);
    Buffer x = values.real(new double[many]);
    refused("gather" + at, device, new Primitive.Gather(1, 1, 10, 1, many, table, bad, x));
    refused("scatterAdd" + at, device, new Primitive.ScatterAdd(1, 1, 10, 1, many, x, bad, table));
    Buffer wide = values.real(new double[10 * many]);
    refused(
        "gather" + at,
        device,
        new Primitive.Gather(
            1, 1, 10, 4, many, values.real(new double[40]), bad, values.realOfSize(4 * many)));
    for (int outer : new int[] {1, many}) {
      int inner = many / outer;
      refused("takeAlong" + at, device, new Primitive.TakeAlong(outer, 10, inner, wide, bad, x));
      refused("putAlong" + at, device, new Primitive.PutAlong(outer, 10, inner, x, bad, wide));
    }
    Buffer none = values.realOfSize(0);
    refused("gather" + at, device, new Primitive.Gather(1, 1, 10, 0, many, none, bad, none));
    refused(
        "scatterAdd" + at, device, new Primitive.ScatterAdd(1, 1, 10, 0, many, none, bad, none));
  }

  /** The gradients of maxout for so many members and inputs that a GPU has wide tiles for them. */
  static void badIndicesOfManyMembers(Device device) {
    Values values = new Values(device);
    int members = 128;
    int rows = 64;
    int first = 5 * rows;
    for (int row : new int[] {0, 17, 40, 63, rows}) { // a thread checks rows that lie 16 apart
      boolean all = row == rows; // then which one is reported is open
      int[] index = new int[members * rows];
      Arrays.fill(index, first + (all ? 0 : row), first + (all ? rows : row + 1), 10);
      Buffer bad = values.int32(index);
      Buffer dy = values.real(new double[index.length]);
      String at =
          all ? ": index 10 at position \\d+ is outside \\[0, 10\\)" : at(10, first + row, 10);
      Primitive.LinearMaxoutGrad both =
          maxoutGrad(values, new int[] {members, rows, 33, 1, 10}, bad, dy);
      refused("linearMaxoutInputGrad" + at, device, both);
      if (row >= 63 || row == 17) { // the other kernel has the same text, and each launch is long
        refused("linearMaxoutInputGrad" + at, device, both.inputGrad());
      }
    }
  }

  private static void maxout(Device device, Primitive.LinearMaxoutGrad both, String at) {
    refused("linearMaxoutInputGrad" + at, device, both.inputGrad());
    refused("linearMaxoutWeightGrad" + at, device, both.weightGrad());
    refused("linearMaxoutInputGrad" + at, device, both);
  }

  /** With {@code sizes} members, rows, inputs, units and pieces. */
  private static Primitive.LinearMaxoutGrad maxoutGrad(
      Values values, int[] sizes, Buffer index, Buffer dy) {
    int inputs = sizes[0] * sizes[1] * sizes[2];
    int biases = sizes[0] * sizes[3] * sizes[4];
    return new Primitive.LinearMaxoutGrad(
        sizes[0],
        sizes[1],
        sizes[2],
        sizes[3],
        sizes[4],
        values.real(new double[inputs]),
        values.real(new double[sizes[2] * biases]),
        index,
        dy,
        values.realOfSize(inputs),
        values.realOfSize(sizes[2] * biases),
        values.realOfSize(biases));
  }

  private static void refused(String message, Device device, Primitive primitive) {
    assertThatThrownBy(
            () -> {
              device.run(primitive);
              Buffer result = primitive.writes().getFirst();
              device.read(result, new double[result.size()]);
            })
        .as(device.name())
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageMatching(message);
  }
}
