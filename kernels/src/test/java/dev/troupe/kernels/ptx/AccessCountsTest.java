package dev.troupe.kernels.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.kernels.AccessCounts;
import dev.troupe.kernels.AccessCounts.Requests;
import dev.troupe.kernels.KernelTime;
import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Counts of accesses by kernels so small that they are known. */
class AccessCountsTest {
  /** Of which the first instructions are those of every kernel here, without loads or stores. */
  private static final String BEGIN =
      """
      .reg .pred %p;
      .reg .b32 %t, %a, %b, %c, %d, %s;
      .reg .b64 %x, %y, %o;
      .shared .align 16 .b8 tile[16384];
      ld.param.u64 %x, [x];
      ld.param.u64 %y, [y];
      mov.u32 %t, %tid.x;
      """;

  private static final int BEGUN = 3;

  /** One warp with {@code body}; x of 16 KiB, of zeros, and y of 16 KiB. */
  private static AccessCounts count(String body) {
    return count(body, 32).accesses();
  }

  private static KernelTime count(String body, int threads) {
    try (Interpreted ptx = new Interpreted()) {
      long x = ptx.ints(new int[4096]);
      long y = ptx.empty(4096);
      ptx.machine.beginProfile();
      ptx.launch(
          Interpreted.kernel(".param .u64 x, .param .u64 y", BEGIN + body + "ret;\n"),
          "k",
          Grid.of(1, threads),
          new Arguments().put(x).put(y));
      List<KernelTime> times = ptx.machine.endProfile();
      assertThat(times).hasSize(1);
      return times.getFirst();
    }
  }

  /** Lane t loads from x + t · stride + offset. */
  private static AccessCounts load(String type, String registers, int stride, int offset) {
    return count(
        """
        mul.wide.u32 %%o, %%t, %d;
        add.s64 %%x, %%x, %%o;
        ld.global.%s %s, [%%x+%d];
        """
            .formatted(stride, type, registers, offset));
  }

  private static AccessCounts loadWords(int stride, int offset) {
    return load("u32", "%a", stride, offset);
  }

  /** Lane t stores to shared memory at t · stride. */
  private static AccessCounts store(String type, String registers, int stride) {
    return count(
        """
        mov.u32 %%a, 0;
        mov.u32 %%s, tile;
        mad.lo.s32 %%s, %%t, %d, %%s;
        st.shared.%s [%%s], %s;
        """
            .formatted(stride, type, registers));
  }

  private static void assertWavefronts(AccessCounts counts, int wavefronts, int ideal) {
    assertThat(counts.wavefronts()).isEqualTo(wavefronts);
    assertThat(counts.idealWavefronts()).isEqualTo(ideal);
    assertThat(counts.conflicts()).isEqualTo((double) wavefronts / ideal);
  }

  // ---------------------------------------------------------------- global memory

  @Test
  void neighboursFillTheirSectors() {
    AccessCounts counts = loadWords(4, 0);
    assertThat(counts)
        .isEqualTo(
            new AccessCounts(
                BEGUN + 4,
                32 * (BEGUN + 4),
                new Requests(1, 4, 4, 128),
                Requests.NONE,
                Requests.NONE,
                128,
                0,
                0,
                0));
    assertThat(counts.loads().excess()).isEqualTo(1);
    assertThat(counts.activeLanes()).isEqualTo(1);
    assertThat(counts.conflicts()).isEqualTo(1);
  }

  @Test
  void theOrderOfLanesDoesNotCount() {
    AccessCounts counts =
        count(
            """
            xor.b32 %t, %t, 21;
            mul.wide.u32 %o, %t, 4;
            add.s64 %x, %x, %o;
            ld.global.u32 %a, [%x];
            """);
    assertThat(counts.loads()).isEqualTo(new Requests(1, 4, 4, 128));
  }

  @Test
  void aStrideTouchesMore() {
    assertThat(loadWords(8, 0).loads()).isEqualTo(new Requests(1, 8, 4, 128));
    assertThat(loadWords(32, 0).loads()).isEqualTo(new Requests(1, 32, 4, 128));
    assertThat(loadWords(128, 0).loads()).isEqualTo(new Requests(1, 32, 4, 128));
    assertThat(loadWords(128, 0).loads().excess()).isEqualTo(8);
    assertThat(loadWords(128, 0).bytesRead()).isEqualTo(128);
  }

  @Test
  void aMisalignedWarpTouchesOneMore() {
    assertThat(loadWords(4, 4).loads()).isEqualTo(new Requests(1, 5, 4, 128));
    assertThat(loadWords(4, 32).loads()).isEqualTo(new Requests(1, 4, 4, 128));
  }

  @Test
  void whatAllLanesReadIsOneSector() {
    AccessCounts counts = loadWords(0, 12);
    assertThat(counts.loads()).isEqualTo(new Requests(1, 1, 1, 128));
    assertThat(counts.bytesRead()).isEqualTo(4);
  }

  @Test
  void vectorsAndParts() {
    Requests four = new Requests(1, 16, 16, 512);
    assertThat(load("v4.u32", "{%a, %b, %c, %d}", 16, 0).loads()).isEqualTo(four);
    assertThat(load("v4.u32", "{%a, %b, %c, %d}", 32, 16).loads())
        .isEqualTo(new Requests(1, 32, 16, 512));
    assertThat(load("v2.u32", "{%a, %b}", 8, 0).loads()).isEqualTo(new Requests(1, 8, 8, 256));
    assertThat(load("u8", "%a", 1, 0).loads()).isEqualTo(new Requests(1, 1, 1, 32));
    assertThat(load("u8", "%a", 1, 31).loads()).isEqualTo(new Requests(1, 2, 1, 32));
    assertThat(load("u8", "%a", 1, 0).bytesRead()).isEqualTo(32);
  }

  @Test
  void storesAndBytesThatAreTouchedTwice() {
    AccessCounts counts =
        count(
            """
            mul.wide.u32 %o, %t, 4;
            add.s64 %y, %y, %o;
            st.global.u32 [%y], %t;
            bar.warp.sync -1;
            st.global.u32 [%y+64], %t;
            ld.global.u32 %a, [%y+64];
            """);
    assertThat(counts.stores()).isEqualTo(new Requests(2, 8, 8, 256));
    assertThat(counts.loads()).isEqualTo(new Requests(1, 4, 4, 128));
    assertThat(counts.bytesWritten()).isEqualTo(192);
    assertThat(counts.bytesRead()).isEqualTo(128);
  }

  @Test
  void atomicOperationsAreStores() {
    AccessCounts counts =
        count(
            """
            setp.eq.u32 %p, %t, 0;
            @%p st.global.u32 [%y], 0;
            bar.warp.sync -1;
            atom.global.add.u32 %a, [%y], 1;
            """);
    assertThat(counts.stores()).isEqualTo(new Requests(2, 2, 2, 132));
    assertThat(counts.bytesWritten()).isEqualTo(4);
  }

  @Test
  void onlyLanesThatTakePart() {
    AccessCounts counts =
        count(
            """
            setp.lt.u32 %p, %t, 10;
            mul.wide.u32 %o, %t, 4;
            add.s64 %x, %x, %o;
            @%p ld.global.u32 %a, [%x];
            """);
    assertThat(counts.loads()).isEqualTo(new Requests(1, 2, 2, 40));
    assertThat(counts.instructions()).isEqualTo(BEGUN + 5);
    assertThat(counts.threadInstructions()).isEqualTo(32 * (BEGUN + 4) + 10);
    assertThat(counts.activeLanes())
        .isEqualTo((double) counts.threadInstructions() / (32 * (BEGUN + 5)));
  }

  @Test
  void aCutOffWarpHasFewerLanes() {
    KernelTime time = count("mul.wide.u32 %o, %t, 4;\n", 48);
    assertThat(time.kernel()).isEqualTo("k");
    assertThat(time.accesses().instructions()).isEqualTo(2 * (BEGUN + 2));
    assertThat(time.accesses().activeLanes()).isEqualTo(0.75);
  }

  // ---------------------------------------------------------------- shared memory

  @Test
  void banks() {
    assertWavefronts(store("u32", "%a", 4), 1, 1);
    assertWavefronts(store("u32", "%a", 8), 2, 1);
    assertWavefronts(store("u32", "%a", 16), 4, 1);
    assertWavefronts(store("u32", "%a", 128), 32, 1);
    assertWavefronts(store("u32", "%a", 132), 1, 1);
    assertWavefronts(store("u32", "%a", 12), 1, 1);
  }

  @Test
  void bytesOfAWordAreInOneWavefront() {
    assertWavefronts(store("u8", "%a", 1), 1, 1);
  }

  @Test
  void wideAccessesAreServedInParts() {
    assertWavefronts(store("v2.u32", "{%a, %a}", 8), 2, 2);
    assertWavefronts(store("v2.u32", "{%a, %a}", 16), 4, 2);
    assertWavefronts(store("v4.u32", "{%a, %a, %a, %a}", 16), 4, 4);
    assertWavefronts(store("v4.u32", "{%a, %a, %a, %a}", 32), 8, 4);
    assertWavefronts(store("v4.u32", "{%a, %a, %a, %a}", 128), 32, 4);
    assertWavefronts(store("v4.u32", "{%a, %a, %a, %a}", 144), 4, 4);
  }

  @Test
  void aWordGoesToAllWhoWantIt() {
    AccessCounts counts =
        count(
            """
            mov.u32 %a, 0;
            mov.u32 %s, tile;
            mad.lo.s32 %s, %t, 4, %s;
            st.shared.u32 [%s], %a;
            st.shared.u32 [%s+128], %a;
            bar.warp.sync -1;
            mov.u32 %s, tile;
            ld.shared.u32 %a, [%s];
            and.b32 %b, %t, 1;
            mad.lo.s32 %s, %b, 128, %s;
            ld.shared.u32 %a, [%s];
            """);
    // Two stores, a word for all, two words of one bank.
    assertWavefronts(counts, 1 + 1 + 1 + 2, 4);
    assertThat(counts.loads()).isEqualTo(Requests.NONE);
  }

  @Test
  void genericAddresses() {
    AccessCounts counts =
        count(
            """
            mov.u64 %o, tile;
            cvta.shared.u64 %o, %o;
            mul.wide.u32 %x, %t, 4;
            add.s64 %o, %o, %x;
            add.s64 %y, %y, %x;
            st.u32 [%o], 0;
            st.u32 [%y], 0;
            """);
    assertWavefronts(counts, 1, 1);
    assertThat(counts.stores()).isEqualTo(new Requests(1, 4, 4, 128));
  }

  @Test
  void asynchronousCopiesLoadAndStore() {
    AccessCounts counts =
        count(
            """
            mul.wide.u32 %o, %t, 32;
            add.s64 %x, %x, %o;
            mov.u32 %s, tile;
            mad.lo.s32 %s, %t, 8, %s;
            setp.lt.u32 %p, %t, 16;
            selp.b32 %b, 4, 0, %p;
            cp.async.ca.shared.global [%s], [%x], 4, %b;
            cp.async.commit_group;
            cp.async.wait_group 0;
            """);
    // 16 lanes read, all write.
    assertThat(counts.loads()).isEqualTo(new Requests(1, 16, 2, 64));
    assertThat(counts.bytesRead()).isEqualTo(64);
    assertWavefronts(counts, 2, 1);
  }

  @Test
  void rowsOfMatrices() {
    String body =
        """
        mov.u32 %%a, 0;
        mov.u32 %%s, tile;
        mad.lo.s32 %%c, %%t, 16, %%s;
        st.shared.v4.u32 [%%c], {%%a, %%a, %%a, %%a};
        st.shared.v4.u32 [%%c+512], {%%a, %%a, %%a, %%a};
        bar.warp.sync -1;
        and.b32 %%b, %%t, 7;
        mad.lo.s32 %%s, %%b, %d, %%s;
        ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%%d}, [%%s];
        """;
    // Eight lanes for each store, four times; then a matrix.
    assertWavefronts(count(body.formatted(16)), 4 + 4 + 1, 4 + 4 + 1);
    assertWavefronts(count(body.formatted(128)), 4 + 4 + 8, 4 + 4 + 1);
  }

  // ---------------------------------------------------------------- local memory

  @Test
  void lanesLieSideBySideInLocalMemory() {
    AccessCounts counts =
        count(
            """
            .local .align 16 .b8 mine[64];
            st.local.u32 [mine+8], %t;
            ld.local.u32 %a, [mine+8];
            setp.eq.u32 %p, %t, 0;
            @%p st.local.v4.u32 [mine+16], {%a, %a, %a, %a};
            """);
    assertThat(counts.local()).isEqualTo(new Requests(3, 4 + 4 + 4, 4 + 4 + 1, 128 + 128 + 16));
    assertThat(counts.loads()).isEqualTo(Requests.NONE);
    assertThat(counts.bytesWritten()).isZero();
  }

  // ---------------------------------------------------------------- when it counts

  @Test
  void countsWhileProfiledAndEachLaunchApart() {
    try (Interpreted ptx = new Interpreted()) {
      String text = Interpreted.kernel("", ".reg .b32 %a;\nmov.u32 %a, 1;\nret;\n");
      ptx.launch(text, "k", Grid.of(1, 32), new Arguments());
      ptx.machine.beginProfile();
      ptx.launch(text, "k", Grid.of(1, 32), new Arguments());
      ptx.launch(text, "k", Grid.of(3, 32), new Arguments());
      List<KernelTime> times = ptx.machine.endProfile();
      ptx.launch(text, "k", Grid.of(1, 32), new Arguments());
      assertThat(times).extracting(t -> t.accesses().instructions()).containsExactly(2L, 6L);
      assertThat(times.getFirst().accesses().plus(times.getLast().accesses()).instructions())
          .isEqualTo(8);
    }
  }
}
