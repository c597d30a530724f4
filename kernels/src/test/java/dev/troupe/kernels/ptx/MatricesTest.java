package dev.troupe.kernels.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ldmatrix} and {@code mma.sync} on 16-bit elements: {@code src/test/cuda/matrices.cu}. */
class MatricesTest {
  private static String ptx() throws IOException {
    return Files.readString(Path.of("src/test/cuda/matrices.sm_80.ptx"));
  }

  @Test
  void eachLaneGetsItsElements() throws IOException {
    try (Interpreted on = new Interpreted()) {
      long y = on.empty(14 * 32);
      on.launch(ptx(), "fragments", Grid.of(1, 32), new Arguments().put(y));
      int[] got = on.ints(y, 14 * 32);
      for (int lane = 0; lane < 32; lane++) {
        int row = 8 * (lane / 4) + 2 * (lane % 4); // elements [lane / 4, 2 (lane % 4) + 0, 1]
        int plain = row | row + 1 << 16;
        int column = 16 * (lane % 4) + lane / 4; // elements [2 (lane % 4) + 0, 1, lane / 4]
        int transposed = column | column + 8 << 16;
        int[] from = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 0, 1, 0, 0}; // matrices
        for (int i = 0; i < 14; i++) {
          boolean across = i >= 4 && i < 8 || i == 10 || i == 11 || i == 13;
          assertThat(got[14 * lane + i])
              .as("lane %d, register %d", lane, i)
              .isEqualTo((across ? transposed : plain) + from[i] * 0x400040);
        }
      }
    }
  }

  /** Small whole numbers, which both formats have exactly. */
  private static float[] values(int count, int seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(-8, 9);
    }
    return values;
  }

  private static float[] run(String entry, float[] a, float[] b) throws IOException {
    try (Interpreted on = new Interpreted()) {
      long c = on.empty(128);
      boolean brain = entry.endsWith("bf16");
      Arguments arguments =
          new Arguments().put(halves(on, a, brain)).put(halves(on, b, brain)).put(c);
      on.launch(ptx(), entry, Grid.of(1, 32), arguments);
      return on.floats(c, 128);
    }
  }

  private static long halves(Interpreted on, float[] values, boolean brain) {
    short[] bits = new short[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] =
          brain
              ? (short) (Float.floatToRawIntBits(values[i]) >>> 16)
              : Float.floatToFloat16(values[i]);
    }
    long address = on.machine.allocate(2L * bits.length);
    on.machine.write(MemorySegment.ofArray(bits), address);
    return address;
  }

  @ParameterizedTest
  @ValueSource(strings = {"product_f16", "product_bf16", "product_half"})
  void productsAreThoseOfTheMatrices(String entry) throws IOException {
    float[] a = values(16 * 16, 1);
    float[] b = values(16 * 8, 2);
    float[] c = run(entry, a, b);
    int k = entry.equals("product_half") ? 8 : 16;
    for (int row = 0; row < 16; row++) {
      for (int column = 0; column < 8; column++) {
        float want = 1;
        for (int i = 0; i < k; i++) {
          want += a[row * 16 + i] * b[i * 8 + column];
        }
        assertThat(c[row * 8 + column]).as("[%d, %d]", row, column).isEqualTo(want);
      }
    }
  }

  @Test
  void sumsInHalfPrecisionAreRounded() throws IOException {
    float[] a = new float[16 * 16];
    float[] b = new float[16 * 8];
    a[0] = 2048;
    b[0] = 1;
    assertThat(run("product_half", a, b)[0]).isEqualTo(2048); // of 2049, a tie
    assertThat(run("product_f16", a, b)[0]).isEqualTo(2049);
  }

  @Test
  void rowsOfOtherLanesAreARace() {
    assertThatThrownBy(() -> run("product_racy", new float[256], new float[128]))
        .isInstanceOf(PtxFault.class)
        .hasMessageContaining("ldmatrix.sync.aligned.m8n8.x4.shared.b16: race: reads the word at");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ldmatrix.sync.aligned.m8n16.x1.shared.b8 {%r1}, [%r2];",
        "ldmatrix.sync.aligned.m8n8.x3.shared.b16 {%r1}, [%r2];",
        "mma.sync.aligned.m16n8k16.row.col.f16.bf16.bf16.f16 {%r1}, {%r1}, {%r1}, {%r1};",
        "mma.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32 {%r1}, {%r1}, {%r1}, {%r1};",
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.bf16.f32 {%r1}, {%r1}, {%r1}, {%r1};",
        "mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32 {%r1}, {%r1}, {%r1}, {%r1};",
        "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%r1}, {%r1}, {%r1}, {%r1};",
      })
  void othersAreUnknownByName(String instruction) {
    String text = Interpreted.kernel("", ".reg .b32 %r<4>;\n" + instruction);
    try (Interpreted on = new Interpreted()) {
      assertThatThrownBy(() -> on.launch(text, "k", Grid.of(1, 32), new Arguments()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(
              "the interpreter does not know "
                  + instruction.substring(0, instruction.indexOf(' ')));
    }
  }
}
