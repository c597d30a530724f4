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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

  @Test
  void agreesWithTheReference() {
    Map<String, Worst> table = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    try (Device reference = new ReferenceDevice();
        Device one = new CpuDevice(1);
        Device three = new CpuDevice(3)) {
      for (Case c : PrimitiveCases.ofHosts()) {
        Results expected = CaseRun.run(c, reference);
        Results actual = CaseRun.run(c, one);
        CaseRun.compare(c, expected, actual, table, wrong);
        Results again = CaseRun.run(c, three);
        if (!again.sameBits(actual)) {
          wrong.add(CaseRun.what(c) + ": other bits on 3 threads than on 1");
        }
      }
    }
    report("agreement with the reference", table, wrong);
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
    }
  }

  static void badIndices(Device device, int... places) {
    for (int place : places) {
      badIndices(device, MANY, 40, place);
    }
  }

  /** {@code many} indices, for the gradients of maxout so many rows of them. */
  private static void badIndices(Device device, int many, int rows, int place) {
    Values values = new Values(device);
    int[] index = new int[many];
    index[place] = 12;
    Buffer bad = values.int32(index);
    Buffer table = values.real(new double[10]);
    Buffer x = values.real(new double[many]);
    String at = ": index 12 at position " + place + " is outside [0, 10)";
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
    maxout(device, values, rows, many / rows, 10, bad, x, at);
    Buffer none = values.realOfSize(0);
    refused("gather" + at, device, new Primitive.Gather(1, 1, 10, 0, many, none, bad, none));
    refused(
        "scatterAdd" + at, device, new Primitive.ScatterAdd(1, 1, 10, 0, many, none, bad, none));
    refused(
        "putAlong: index 0 at position 0 is outside [0, 0)",
        device,
        new Primitive.PutAlong(1, 0, 1, values.real(1), values.int32(0), none));
    refused(
        "takeAlong: index 0 at position 0 is outside [0, 0)",
        device,
        new Primitive.TakeAlong(1, 0, 1, none, values.int32(0), values.real(1)));
    index[place] = 70;
    device.write(index, bad);
    String beyond = ": index 70 at position " + place + " is outside [0, 70)";
    maxout(device, values, rows, many / rows, 70, bad, x, beyond);
    index[place] = -1;
    device.write(index, bad);
    refused(
        "gather: index -1 at position " + place + " is outside [0, 10)",
        device,
        new Primitive.Gather(1, 1, 10, 1, many, table, bad, x));
  }

  /** The gradients of a layer with one input. */
  private static void maxout(
      Device device,
      Values values,
      int rows,
      int units,
      int pieces,
      Buffer bad,
      Buffer dy,
      String at) {
    refused(
        "linearMaxoutInputGrad" + at,
        device,
        new Primitive.LinearMaxoutInputGrad(
            1,
            rows,
            1,
            units,
            pieces,
            values.real(new double[pieces * units]),
            bad,
            dy,
            values.realOfSize(rows)));
    Primitive.LinearMaxoutGrad both =
        new Primitive.LinearMaxoutGrad(
            1,
            rows,
            1,
            units,
            pieces,
            values.real(new double[rows]),
            values.real(new double[pieces * units]),
            bad,
            dy,
            values.realOfSize(rows),
            values.realOfSize(pieces * units),
            values.realOfSize(pieces * units));
    refused("linearMaxoutWeightGrad" + at, device, both.weightGrad());
    refused("linearMaxoutInputGrad" + at, device, both);
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
        .hasMessage(message);
  }
}
