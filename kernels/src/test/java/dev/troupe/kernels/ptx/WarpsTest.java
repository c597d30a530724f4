package dev.troupe.kernels.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import java.util.Random;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * What lanes, warps and blocks do together: shuffles, votes, atomics, branches, matrix products.
 */
class WarpsTest {
  /** Runs one warp: {@code %d} of each lane from {@code %t}, its number. */
  private static int[] warp(String body, int lanes) {
    String text =
        Interpreted.kernel(
            ".param .u64 y",
            """
            .reg .pred %%p, %%q;
            .reg .b32 %%a, %%b, %%d, %%t;
            .reg .b64 %%y, %%o;
            ld.param.u64 %%y, [y];
            mov.u32 %%t, %%tid.x;
            mul.wide.u32 %%o, %%t, 4;
            add.s64 %%o, %%y, %%o;
            %s
            END:
            st.global.u32 [%%o], %%d;
            ret;
            """
                .formatted(body));
    try (Interpreted on = new Interpreted()) {
      long y = on.empty(lanes);
      on.launch(text, "k", Grid.of(1, lanes), new Arguments().put(y));
      return on.ints(y, lanes);
    }
  }

  private static void warp(String body, IntUnaryOperator expected) {
    int[] got = warp(body, 32);
    for (int t = 0; t < 32; t++) {
      assertThat(got[t]).as("lane %d of %s", t, body).isEqualTo(expected.applyAsInt(t));
    }
  }

  @Test
  void shuffles() {
    String set = "mul.lo.s32 %a, %t, 10; ";
    warp(set + "shfl.sync.bfly.b32 %d, %a, 5, 31, -1;", t -> 10 * (t ^ 5));
    warp(set + "shfl.sync.down.b32 %d, %a, 3, 31, -1;", t -> 10 * (t + 3 > 31 ? t : t + 3));
    warp(set + "shfl.sync.up.b32 %d, %a, 3, 0, -1;", t -> 10 * (t < 3 ? t : t - 3));
    warp(set + "shfl.sync.idx.b32 %d, %a, 7, 31, -1;", t -> 70);
    // Width 8: the mask of segments in bits 8 to 12.
    warp(set + "shfl.sync.idx.b32 %d, %a, 2, 0x181f, -1;", t -> 10 * (t / 8 * 8 + 2));
    warp(set + "shfl.sync.down.b32 %d, %a, 3, 0x181f, -1;", t -> 10 * (t % 8 > 4 ? t : t + 3));
    warp(set + "shfl.sync.up.b32 %d|%p, %a, 1, 0, -1; selp.b32 %d, 1, 0, %p;", t -> t == 0 ? 0 : 1);
  }

  @Test
  void votes() {
    String even = "and.b32 %a, %t, 1; setp.eq.s32 %p, %a, 0; ";
    warp(even + "vote.sync.ballot.b32 %d, %p, -1;", t -> 0x55555555);
    warp(even + "vote.sync.any.pred %q, %p, -1; selp.b32 %d, 1, 0, %q;", t -> 1);
    warp(even + "vote.sync.all.pred %q, !%p, -1; selp.b32 %d, 1, 0, %q;", t -> 0);
    warp(even + "vote.sync.uni.pred %q, %p, -1; selp.b32 %d, 1, 0, %q;", t -> 0);
    warp("shr.u32 %a, %t, 3; match.any.sync.b32 %d, %a, -1;", t -> 0xff << t / 8 * 8);
    warp("redux.sync.add.s32 %d, %t, -1;", t -> 496);
    warp("redux.sync.max.u32 %d, %t, -1;", t -> 31);
  }

  @Test
  void aWarpThatIsNotFull() {
    assertThat(warp("shfl.sync.bfly.b32 %d, %t, 1, 31, 0xffff;", 16)[3]).isEqualTo(2);
    assertThat(warp("activemask.b32 %d;", 5)).containsOnly(31);
    assertThat(warp("vote.sync.ballot.b32 %d, 1, -1;", 7)).containsOnly(127);
  }

  @Test
  void nestedBranchesMeet() {
    warp(
        """
        mov.u32 %d, 0;
        setp.lt.u32 %p, %t, 16;
        @%p bra LOW;
        add.s32 %d, %d, 1000;
        bra.uni JOIN;
        LOW:
        setp.lt.u32 %q, %t, 4;
        @!%q bra SKIP;
        add.s32 %d, %d, 10;
        SKIP:
        add.s32 %d, %d, 100;
        JOIN:
        activemask.b32 %b;
        setp.ne.s32 %q, %b, -1;
        @%q mov.u32 %d, -1;
        """,
        t -> t < 4 ? 110 : t < 16 ? 100 : 1000);
  }

  @Test
  void switchesByATable() {
    warp(
        """
        and.b32 %a, %t, 3;
        TABLE: .branchtargets ZERO, ONE, TWO, ONE;
        brx.idx %a, TABLE;
        ZERO:
        mov.u32 %d, 5;
        bra.uni END;
        ONE:
        mov.u32 %d, 6;
        bra.uni END;
        TWO:
        mov.u32 %d, 7;
        """,
        t -> t % 4 == 0 ? 5 : t % 4 == 2 ? 7 : 6);
  }

  @Test
  void scopesHideRegisters() {
    warp("mov.u32 %d, 3; { .reg .b32 %d; mov.u32 %d, 9; } add.s32 %d, %d, %t;", t -> 3 + t);
  }

  @Test
  void atomics() {
    IntBinaryOperator wrapUp = (old, b) -> Integer.compareUnsigned(old, b) >= 0 ? 0 : old + 1;
    Object[][] ops = {
      {"add.u32", (IntBinaryOperator) Integer::sum},
      {"min.s32", (IntBinaryOperator) Math::min},
      {"max.u32", (IntBinaryOperator) (a, b) -> Integer.compareUnsigned(a, b) > 0 ? a : b},
      {"and.b32", (IntBinaryOperator) (a, b) -> a & b},
      {"xor.b32", (IntBinaryOperator) (a, b) -> a ^ b},
      {"inc.u32", wrapUp},
    };
    for (Object[] op : ops) {
      String text =
          Interpreted.kernel(
              ".param .u64 y, .param .u64 x",
              """
              .reg .b32 %%r<4>;
              .reg .b64 %%rd<5>;
              ld.param.u64 %%rd1, [y];
              ld.param.u64 %%rd2, [x];
              mov.u32 %%r1, %%tid.x;
              mul.wide.u32 %%rd3, %%r1, 4;
              add.s64 %%rd4, %%rd2, %%rd3;
              ld.global.u32 %%r2, [%%rd4];
              atom.global.%s %%r3, [%%rd1], %%r2;
              ret;
              """
                  .formatted(op[0]));
      int[] x = new Random(3).ints(64).toArray();
      try (Interpreted on = new Interpreted()) {
        long y = on.ints(12345);
        on.launch(text, "k", Grid.of(1, 64), new Arguments().put(y).put(on.ints(x)));
        int want = 12345;
        for (int b : x) {
          want = ((IntBinaryOperator) op[1]).applyAsInt(want, b);
        }
        assertThat(on.ints(y, 1)[0]).as("%s", op[0]).isEqualTo(want);
      }
    }
  }

  @Test
  void barriersThatReduce() {
    // 70 threads, three warps, the last of them not full: how many have an even number?
    String text =
        Interpreted.kernel(
            ".param .u64 y",
            """
            .reg .pred %p<3>;
            .reg .b32 %r<6>;
            .reg .b64 %rd<4>;
            ld.param.u64 %rd1, [y];
            mov.u32 %r1, %tid.x;
            and.b32 %r2, %r1, 1;
            setp.eq.s32 %p1, %r2, 0;
            bar.red.popc.u32 %r3, 0, %p1;
            bar.red.and.pred %p2, 0, %p1;
            selp.b32 %r4, 1000, 0, %p2;
            add.s32 %r5, %r3, %r4;
            mul.wide.u32 %rd2, %r1, 4;
            add.s64 %rd3, %rd1, %rd2;
            st.global.u32 [%rd3], %r5;
            ret;
            """);
    for (long seed = 0; seed < 3; seed++) {
      try (Interpreted on = new Interpreted(PtxMachine.shuffled(seed))) {
        long y = on.empty(70);
        on.launch(text, "k", Grid.of(1, 70), new Arguments().put(y));
        assertThat(on.ints(y, 70)).containsOnly(35);
      }
    }
  }

  @Test
  void matrixProductOfTf32() {
    // a: [16, 8], b: [8, 8], c and d: [16, 8], all in memory row by row; fragments as PTX has them.
    String text =
        Interpreted.kernel(
            ".param .u64 a, .param .u64 b, .param .u64 d",
            """
            .reg .b32 %r<20>;
            .reg .f32 %f<9>;
            .reg .b64 %rd<12>;
            ld.param.u64 %rd1, [a];
            ld.param.u64 %rd2, [b];
            ld.param.u64 %rd3, [d];
            mov.u32 %r1, %tid.x;
            shr.u32 %r2, %r1, 2;
            and.b32 %r3, %r1, 3;
            mad.lo.s32 %r4, %r2, 8, %r3;
            mul.wide.u32 %rd4, %r4, 4;
            add.s64 %rd5, %rd1, %rd4;
            ld.global.b32 %r5, [%rd5];
            ld.global.b32 %r6, [%rd5+256];
            ld.global.b32 %r7, [%rd5+16];
            ld.global.b32 %r8, [%rd5+272];
            mad.lo.s32 %r9, %r3, 8, %r2;
            mul.wide.u32 %rd6, %r9, 4;
            add.s64 %rd7, %rd2, %rd6;
            ld.global.b32 %r10, [%rd7];
            ld.global.b32 %r11, [%rd7+128];
            mov.f32 %f1, 0f3F800000;
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
              {%f2, %f3, %f4, %f5}, {%r5, %r6, %r7, %r8}, {%r10, %r11}, {%f1, %f1, %f1, %f1};
            shl.b32 %r12, %r3, 1;
            mad.lo.s32 %r13, %r2, 8, %r12;
            mul.wide.u32 %rd8, %r13, 4;
            add.s64 %rd9, %rd3, %rd8;
            st.global.v2.f32 [%rd9], {%f2, %f3};
            st.global.v2.f32 [%rd9+256], {%f4, %f5};
            ret;
            """);
    float[] a = new float[128];
    float[] b = new float[64];
    Random random = new Random(1);
    for (int i = 0; i < a.length; i++) {
      a[i] = random.nextInt(-8, 9);
    }
    for (int i = 0; i < b.length; i++) {
      b[i] = random.nextInt(-8, 9);
    }
    try (Interpreted on = new Interpreted()) {
      long d = on.empty(128);
      on.launch(
          text, "k", Grid.of(1, 32), new Arguments().put(on.floats(a)).put(on.floats(b)).put(d));
      float[] got = on.floats(d, 128);
      for (int row = 0; row < 16; row++) {
        for (int column = 0; column < 8; column++) {
          float want = 1;
          for (int k = 0; k < 8; k++) {
            want += a[row * 8 + k] * b[k * 8 + column];
          }
          assertThat(got[row * 8 + column]).isEqualTo(want);
        }
      }
    }
  }
}
