package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.cases.CaseRun;
import dev.troupe.kernels.cases.CaseRun.Results;
import dev.troupe.kernels.cases.CaseRun.Worst;
import dev.troupe.kernels.cases.Inputs;
import dev.troupe.kernels.cases.PrimitiveCases;
import dev.troupe.kernels.cases.PrimitiveCases.Case;
import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.ForwardingMachine;
import dev.troupe.kernels.gpu.GpuDevice;
import dev.troupe.kernels.gpu.Grid;
import dev.troupe.kernels.gpu.Kernel;
import dev.troupe.kernels.gpu.Machine;
import dev.troupe.kernels.ptx.PtxFault;
import dev.troupe.kernels.ptx.PtxMachine;
import dev.troupe.kernels.reference.ReferenceDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource({
    "32, 1, 20, 20, 140", // tile, batch, m, n, k
    "64, 32, 128, 128, 140",
    "64x128, 1, 1024, 1024, 70",
    "128, 2, 1024, 1024, 50",
    "128x256, 4, 1024, 1024, 50",
  })
  void aBlockUsesAllOfItsSharedMemory(String tile, int batch, int m, int n, int k) {
    Machine lessen =
        new ForwardingMachine(new PtxMachine()) {
          @Override
          public void launch(Kernel kernel, Grid grid, int sharedBytes, Arguments arguments) {
            super.launch(kernel, grid, Math.max(0, sharedBytes - 16), arguments);
          }
        };
    try (Device device = new GpuDevice(lessen, Precision.TF32, true)) {
      Buffer a = ones(device, batch * m * k);
      Buffer b = ones(device, batch * k * n);
      Buffer c = device.allocate(ElementType.REAL, batch * m * n);
      Primitive product =
          new Primitive.MatMul(batch, m, n, k, false, false, false, false, a, b, null, c);
      assertThatThrownBy(() -> device.run(product))
          .isInstanceOf(PtxFault.class)
          .hasMessageStartingWith("ptx: matmul_tf32_" + tile + "_nn,")
          .hasMessageContaining("end of shared memory");
    }
  }

  private static Buffer ones(Device device, int size) {
    Buffer buffer = device.allocate(ElementType.REAL, size);
    device.run(new Primitive.Fill(1, buffer));
    return buffer;
  }
}
