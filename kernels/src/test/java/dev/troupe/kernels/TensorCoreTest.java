package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.cases.CaseRun;
import dev.troupe.kernels.cases.CaseRun.Results;
import dev.troupe.kernels.cases.CaseRun.Worst;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Matrix products and convolutions of TF32 against the reference: |y - ref| ≤ ((K + 8) · 2⁻²⁴ +
 * 2⁻¹⁰) · Σ|terms|, as each of the two factors of a term may be off by 2⁻¹¹ of itself.
 */
class TensorCoreTest {
  @Test
  void agreesWithTheReference() {
    Map<String, Worst> table = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    int count = 0;
    try (Device reference = new ReferenceDevice();
        Device ptx = new GpuDevice(new PtxMachine(), Precision.TF32, true)) {
      for (Case c : PrimitiveCases.all()) {
        if (CaseRun.HAVE_VARIANTS.contains(c.kind())) {
          Results expected = CaseRun.run(c, reference).widened();
          boolean exact = count++ % 3 == 0;
          Inputs inputs = new Inputs(ptx, c.label().hashCode(), exact);
          Results actual = CaseRun.run(c, ptx, inputs);
          CaseRun.compare(c, expected, actual, table, wrong);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(table).hasSameSizeAs(CaseRun.HAVE_VARIANTS);
    table.forEach((name, w) -> {
      System.out.printf("%s of TF32: %d cases, largest c %.3f%n", name, w.cases(), w.c());
      if (!name.startsWith("LinearMaxout")) { // whose cases are of whole numbers
        assertThat(w.c()).as("%s: factors are rounded to TF32", name).isGreaterThan(0.1);
      }
    });
  }
}
