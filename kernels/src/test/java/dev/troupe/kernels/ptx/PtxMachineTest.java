package dev.troupe.kernels.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Control flow, barriers and shared memory of kernels. */
class PtxMachineTest {
  private static final String AXPY =
      Interpreted.kernel(
          ".param .f32 a, .param .u64 x, .param .u64 y, .param .u32 n",
          """
          .reg .pred %p<2>;
          .reg .f32 %f<5>;
          .reg .b32 %r<6>;
          .reg .b64 %rd<8>;
          ld.param.f32 %f1, [a];
          ld.param.u64 %rd1, [x];
          ld.param.u64 %rd2, [y];
          ld.param.u32 %r1, [n];
          mov.u32 %r2, %ntid.x;
          mov.u32 %r3, %ctaid.x;
          mov.u32 %r4, %tid.x;
          mad.lo.s32 %r5, %r3, %r2, %r4;
          setp.ge.s32 %p1, %r5, %r1;
          @%p1 bra DONE;
          cvta.to.global.u64 %rd3, %rd1;
          cvta.to.global.u64 %rd4, %rd2;
          mul.wide.s32 %rd5, %r5, 4;
          add.s64 %rd6, %rd3, %rd5;
          add.s64 %rd7, %rd4, %rd5;
          ld.global.nc.f32 %f2, [%rd6];
          ld.global.f32 %f3, [%rd7];
          fma.rn.f32 %f4, %f1, %f2, %f3;
          st.global.f32 [%rd7], %f4;
          DONE:
          ret;
          """);

  @ParameterizedTest
  @CsvSource({
    "sm_75, 90, true",
    "sm_90, 90, true",
    "sm_90a, 90, true",
    "sm_100, 90, false",
    "sm_90a, 100, false",
    "sm_90, 89, false",
    "sm_120f, 121, true",
    "sm_100f, 121, false"
  })
  void aTargetIsRefusedWhereAGpuWouldDoSo(String target, int capability, boolean runs) {
    String text = AXPY.replace("sm_80", target);
    try (PtxMachine machine = new PtxMachine(capability)) {
      if (runs) {
        assertThat(machine.load("axpy", text, "k").entry()).isEqualTo("k");
      } else {
        assertThatThrownBy(() -> machine.load("axpy", text, "k"))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "axpy.ptx: its target is %s, which a GPU of sm_%d does not run",
                target, capability);
      }
    }
  }

  @Test
  void aTargetThatIsNoneIsRefused() {
    try (PtxMachine machine = new PtxMachine()) {
      assertThatThrownBy(() -> machine.load("axpy", AXPY.replace("sm_80", "turing"), "k"))
          .hasMessage("axpy.ptx: its target is 'turing', expected such as sm_75");
    }
  }

  @Test
  void blocksThatAreNotFull() {
    try (Interpreted on = new Interpreted()) {
      float[] x = new float[1000];
      float[] y = new float[1000];
      for (int i = 0; i < 1000; i++) {
        x[i] = 0.1f * i;
        y[i] = i;
      }
      long to = on.floats(y);
      on.launch(
          AXPY,
          "k",
          Grid.of(8, 127),
          new Arguments().put(2.5f).put(on.floats(x)).put(to).put(1000));
      float[] got = on.floats(to, 1000);
      for (int i = 0; i < 1000; i++) {
        assertThat(got[i]).isEqualTo(Math.fma(2.5f, x[i], y[i]));
      }
    }
  }

  /** Twice the heap, where four bytes take 21 with what is known about them. */
  @Test
  void whatIsInThePoolTakesNoHeap() {
    try (PtxMachine machine = new PtxMachine()) {
      int bytes = 8 << 20;
      long times = 2 * Runtime.getRuntime().maxMemory() / (bytes / 4 * 21L);
      for (int i = 0; i < times; i++) {
        machine.takeBack(machine.allocate(bytes), bytes);
      }
    }
  }

  @Test
  void handedOutAnewMemoryHoldsNothing() {
    try (Interpreted on = new Interpreted()) {
      long x = on.floats(1f, 2f);
      on.machine.takeBack(x, 8);
      assertThatThrownBy(() -> on.floats(x, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("8 bytes at 0x%x are not inside an allocation".formatted(x));
      on.machine.handOut(x, 8);
      assertThat(on.floats(x, 2)).containsExactly(0, 0);
    }
  }

  @Test
  void aWatchSeesInstructionsAndRegisters() {
    try (Interpreted on = new Interpreted()) {
      List<Float> products = new ArrayList<>();
      on.machine.watch(step -> {
        if (step.instruction().equals("fma.rn.f32") && step.has(3) && step.warp() == 1) {
          assertThat(step.block()).containsExactly(0, 0, 0);
          assertThat(step.place()).isEqualTo("test.ptx:" + step.line());
          products.add(step.floatValue("%f1", 3) * step.floatValue("%f2", 3));
          assertThat(step.intValue("%r5", 3)).isEqualTo(35);
        }
      });
      float[] x = new float[64];
      x[35] = 7;
      on.launch(
          AXPY,
          "k",
          Grid.of(1, 64),
          new Arguments().put(2.5f).put(on.floats(x)).put(on.floats(x)).put(64));
      assertThat(products).containsExactly(17.5f);
    }
  }

  @Test
  void argumentsThatDoNotFit() {
    try (Interpreted on = new Interpreted()) {
      Arguments tooFew = new Arguments().put(2.5f).put(1L).put(2L);
      assertThatThrownBy(() -> on.launch(AXPY, "k", Grid.of(1, 32), tooFew))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("k: arguments of 24 bytes, expected 28 for 4 parameters");
    }
  }

  @Test
  void lanesThatLoopForDifferentTimesMeetAgain() {
    // Lane t counts Collatz steps of t + 1; then all shuffle, which needs all of them together.
    String ptx =
        Interpreted.kernel(
            ".param .u64 y",
            """
            .reg .pred %p<3>;
            .reg .b32 %r<9>;
            .reg .b64 %rd<4>;
            ld.param.u64 %rd1, [y];
            mov.u32 %r1, %tid.x;
            add.s32 %r2, %r1, 1;
            mov.u32 %r3, 0;
            HEAD:
            setp.eq.s32 %p1, %r2, 1;
            @%p1 bra AFTER;
            add.s32 %r3, %r3, 1;
            and.b32 %r4, %r2, 1;
            setp.eq.s32 %p2, %r4, 0;
            @%p2 bra EVEN;
            mad.lo.s32 %r2, %r2, 3, 1;
            bra.uni HEAD;
            EVEN:
            shr.u32 %r2, %r2, 1;
            bra.uni HEAD;
            AFTER:
            shfl.sync.bfly.b32 %r5, %r3, 1, 31, -1;
            mul.wide.u32 %rd2, %r1, 4;
            add.s64 %rd3, %rd1, %rd2;
            st.global.u32 [%rd3], %r5;
            ret;
            """);
    try (Interpreted on = new Interpreted()) {
      long y = on.empty(32);
      on.launch(ptx, "k", Grid.of(1, 32), new Arguments().put(y));
      int[] got = on.ints(y, 32);
      for (int t = 0; t < 32; t++) {
        assertThat(got[t]).isEqualTo(collatz((t ^ 1) + 1));
      }
    }
  }

  private static int collatz(int n) {
    int steps = 0;
    for (int v = n; v != 1; steps++) {
      v = v % 2 == 0 ? v / 2 : 3 * v + 1;
    }
    return steps;
  }

  /** Reverses 128 words through shared memory, with a barrier between or without. */
  private static String reverse(String barrier) {
    return Interpreted.kernel(
        ".param .u64 y",
        """
        .shared .align 4 .b8 s[512];
        .reg .b32 %%r<6>;
        .reg .b64 %%rd<4>;
        ld.param.u64 %%rd1, [y];
        mov.u32 %%r1, %%tid.x;
        mov.u32 %%r2, s;
        shl.b32 %%r3, %%r1, 2;
        add.s32 %%r4, %%r2, %%r3;
        st.shared.u32 [%%r4], %%r1;
        %s
        sub.s32 %%r4, %%r2, %%r3;
        ld.shared.u32 %%r5, [%%r4+508];
        mul.wide.u32 %%rd2, %%r1, 4;
        add.s64 %%rd3, %%rd1, %%rd2;
        st.global.u32 [%%rd3], %%r5;
        ret;
        """
            .formatted(barrier));
  }

  @Test
  void sharedMemoryBehindABarrier() {
    for (long seed = 0; seed < 4; seed++) {
      try (Interpreted on = new Interpreted(PtxMachine.shuffled(seed))) {
        long y = on.empty(128);
        on.launch(reverse("bar.sync 0;"), "k", Grid.of(1, 128), new Arguments().put(y));
        int[] got = on.ints(y, 128);
        for (int t = 0; t < 128; t++) {
          assertThat(got[t]).isEqualTo(127 - t);
        }
      }
    }
  }

  @Test
  void sharedMemoryWithoutABarrierIsAFault() {
    try (Interpreted on = new Interpreted()) {
      long y = on.empty(128);
      assertThatThrownBy(() -> on.launch(reverse(""), "k", Grid.of(1, 128), new Arguments().put(y)))
          .isInstanceOf(PtxFault.class);
    }
  }

  @Test
  void anInstructionThatIsNotKnownIsAnErrorByName() {
    String ptx = Interpreted.kernel("", ".reg .f32 %f<2>;\nmov.f32 %f1, 0f3F800000;\nfoo.f32 %f1;");
    try (Interpreted on = new Interpreted()) {
      assertThatThrownBy(() -> on.launch(ptx, "k", Grid.of(1, 32), new Arguments()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("test.ptx:8: the interpreter does not know foo.f32");
    }
  }
}
