package dev.troupe.kernels.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kernels with one fault each ({@code src/test/cuda/faults.cu}): the interpreter stops at each of
 * them and says where and what, and runs its twin without the fault.
 */
class PlantedFaultsTest {
  private static final Path FOLDER = Path.of("src/test/cuda");

  private static String ptx() throws IOException {
    return Files.readString(FOLDER.resolve("faults.ptx"));
  }

  /** Kernel, blocks, threads, n, size of x and y, and what the message has. */
  private static final String PLANTED =
      """
      off_by_one            | 1 | 64  | 64  | 64  | 64  | out of bounds: 4 bytes at *, 0 bytes behind the end of an allocation of 256 bytes
      guard                 | 2 | 64  | 100 | 100 | 100 | out of bounds: 4 bytes at *, 0 bytes behind the end of an allocation of 400 bytes
      read_beyond           | 1 | 64  | 64  | 64  | 64  | thread (63, 0, 0): ld.global.f32: out of bounds
      misaligned            | 1 | 1   | 8   | 8   | 8   | misaligned: 16 bytes at *4, expected a multiple of 16
      missing_barrier       | 1 | 128 | 128 | 128 | 128 | shared memory
      racy_reduction        | 1 | 128 | 128 | 128 | 1   | race: reads the word at
      warp_synchronous      | 1 | 32  | 32  | 32  | 1   | race: reads the word at
      overwritten_tile      | 1 | 64  | 128 | 128 | 64  | race: writes the word at
      uninitialised_shared  | 1 | 128 | 128 | 128 | 128 | uninitialised: nobody has written it (shared memory)
      uninitialised_global  | 1 | 32  | 32  | 32  | 32  | uninitialised: nobody has written it
      uninitialised_local   | 1 | 32  | 8   | 8   | 32  | uninitialised: nobody has written it
      local_overrun         | 1 | 32  | 8   | 9   | 32  | outside this thread's local memory of 32 bytes
      shared_overrun        | 1 | 64  | 64  | 64  | 64  | out of bounds: belongs to no variable (shared memory)
      shared_neighbour      | 1 | 64  | 64  | 64  | 64  | out of bounds: belongs to no variable (shared memory)
      dynamic_overrun       | 1 | 64  | 64  | 64  | 64  | 0 bytes behind the end of shared memory
      divergent_barrier     | 1 | 64  | 64  | 64  | 64  | divergent barrier: lanes 0x*0000* of the warp wait here
      mixed_barriers        | 1 | 64  | 64  | 64  | 64  | divergent barrier: warp 1 waits at the same barrier
      missed_barrier        | 1 | 64  | 64  | 64  | 64  | waits for ever at a barrier that not all threads reach
      shuffle_mask          | 1 | 32  | 32  | 32  | 32  | lane 16 executes this, but the mask 0x0000ffff does not name it
      shuffle_in_branch     | 1 | 32  | 32  | 32  | 32  | wait for lanes that the mask names, which never come here
      shuffle_from_outside  | 1 | 32  | 32  | 32  | 32  | has no value
      write_race            | 2 | 32  | 64  | 64  | 64  | race: writes the word at *, which thread (0, 0, 0) of block (0, 0, 0) wrote
      lanes_race            | 1 | 32  | 32  | 32  | 1   | race: writes the word at *, which thread (0, 0, 0) wrote
      read_race             | 2 | 32  | 64  | 64  | 64  | race: reads the word at *, which thread (0, 0, 0) of block (0, 0, 0) wrote
      lost_update           | 1 | 32  | 32  | 32  | 1   | race
      endless               | 1 | 32  | 32  | 32  | 32  | does not end: 100000 instructions have been executed
      """;

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = PLANTED)
  void isCaughtAndItsTwinPasses(
      String name, int blocks, int threads, int n, int sizeX, int sizeY, String message)
      throws IOException {
    for (boolean right : new boolean[] {true, false}) {
      try (Interpreted on = new Interpreted()) {
        on.machine.limitInstructions(100_000);
        float[] x = new float[sizeX];
        for (int i = 0; i < sizeX; i++) {
          x[i] = 1 + i;
        }
        boolean written = name.equals("lost_update");
        long y = written ? on.floats(new float[sizeY]) : on.empty(sizeY);
        Arguments arguments = new Arguments().put(on.floats(x)).put(y).put(n);
        String entry = name + (right ? "_right" : "_wrong");
        int shared = name.startsWith("dynamic") ? 4 * threads : 0;
        Runnable launch =
            () -> {
              try {
                on.machine.launch(
                    on.machine.load("faults.ptx", ptx(), entry),
                    Grid.of(blocks, threads),
                    shared,
                    arguments);
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            };
        if (right) {
          launch.run();
          assertThat(on.floats(y, sizeY)).as(entry).isNotEqualTo(new float[sizeY]);
        } else {
          assertThatThrownBy(launch::run)
              .isInstanceOf(PtxFault.class)
              .hasMessageStartingWith("ptx: " + entry + ", faults.ptx:")
              .hasMessageContaining("faults.cu:")
              .message()
              .containsPattern(pattern(message));
        }
      }
    }
  }

  private static String pattern(String message) {
    return java.util.Arrays.stream(message.split("\\*"))
        .map(java.util.regex.Pattern::quote)
        .collect(Collectors.joining("\\w*"));
  }

  @Test
  void memoryThatHasBeenReleasedIsNotUsed() throws IOException {
    for (boolean free : new boolean[] {true, false}) {
      try (Interpreted on = new Interpreted()) {
        long live = on.floats(new float[32]);
        long dead = on.floats(new float[32]);
        long y = on.empty(32);
        Arguments arguments = new Arguments().put(on.longs(live, dead)).put(y).put(2);
        for (String entry : new String[] {"through_pointer_right", "through_pointer_wrong"}) {
          on.machine.launch(
              on.machine.load("faults.ptx", ptx(), entry), Grid.of(1, 32), 0, arguments);
        }
        if (free) {
          on.machine.free(dead);
        } else {
          on.machine.takeBack(dead, 128);
        }
        on.machine.launch(
            on.machine.load("faults.ptx", ptx(), "through_pointer_right"),
            Grid.of(1, 32),
            0,
            arguments);
        assertThatThrownBy(() ->
                on.machine.launch(
                    on.machine.load("faults.ptx", ptx(), "through_pointer_wrong"),
                    Grid.of(1, 32),
                    0,
                    arguments))
            .isInstanceOf(PtxFault.class)
            .hasMessageContaining(
                "the allocation of 128 bytes there has been "
                    + (free ? "freed" : "released to the pool"));
        if (!free) { // what is handed out again has nothing in it
          on.machine.handOut(dead, 128);
          assertThatThrownBy(() ->
                  on.machine.launch(
                      on.machine.load("faults.ptx", ptx(), "through_pointer_wrong"),
                      Grid.of(1, 32),
                      0,
                      arguments))
              .isInstanceOf(PtxFault.class)
              .hasMessageContaining("uninitialised");
        }
      }
    }
  }

  @Test
  void anIndexFromDataIsChecked() throws IOException {
    try (Interpreted on = new Interpreted()) {
      int[] index = new int[32];
      for (int i = 0; i < 32; i++) {
        index[i] = 31 - i;
      }
      long y = on.empty(32);
      long x = on.ints(index);
      Arguments arguments = new Arguments().put(x).put(y).put(32);
      String text = ptx();
      on.machine.launch(
          on.machine.load("faults.ptx", text, "bad_index_right"), Grid.of(1, 32), 0, arguments);
      index[7] = 32;
      on.machine.write(MemorySegment.ofArray(index), x);
      assertThatThrownBy(() ->
              on.machine.launch(
                  on.machine.load("faults.ptx", text, "bad_index_wrong"),
                  Grid.of(1, 32),
                  0,
                  arguments))
          .isInstanceOf(PtxFault.class)
          .hasMessageContaining("thread (7, 0, 0)")
          .hasMessageContaining("out of bounds");
    }
  }

  @Test
  void launchesThatDoNotFitAreRefused() throws IOException {
    try (Interpreted on = new Interpreted()) {
      var kernel = on.machine.load("faults.ptx", ptx(), "guard_right");
      Arguments right = new Arguments().put(1L).put(2L).put(3);
      Arguments tooMany = new Arguments().put(1L).put(2L).put(3).put(4);
      Arguments tooFew = new Arguments().put(1L).put(2L);
      Arguments wrongSize = new Arguments().put(1L).put(2L).put(3L);
      for (Arguments wrong : new Arguments[] {tooMany, tooFew, wrongSize}) {
        assertThatThrownBy(() -> on.machine.launch(kernel, Grid.of(1, 32), 0, wrong))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("guard_right: arguments of ")
            .hasMessageEndingWith(" bytes, expected 20 for 3 parameters");
      }
      assertThatThrownBy(() -> on.machine.launch(kernel, Grid.of(1, 32), 100_000, right))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "guard_right: 100000 bytes of shared memory, 100000 of them dynamic, expected at"
                  + " most 65536 on sm_75");
    }
  }

  /** Reverses 64 words that {@code cp.async} brings to shared memory. */
  private static String asyncCopy(String wait, String barrier) {
    return Interpreted.kernel(
        ".param .u64 x, .param .u64 y",
        """
        .shared .align 16 .b8 s[256];
        .reg .b32 %%r<6>;
        .reg .b64 %%rd<6>;
        ld.param.u64 %%rd1, [x];
        ld.param.u64 %%rd2, [y];
        mov.u32 %%r1, %%tid.x;
        mul.wide.u32 %%rd3, %%r1, 4;
        add.s64 %%rd4, %%rd1, %%rd3;
        add.s64 %%rd5, %%rd2, %%rd3;
        mov.u32 %%r2, s;
        shl.b32 %%r3, %%r1, 2;
        add.s32 %%r4, %%r2, %%r3;
        sub.s32 %%r5, %%r2, %%r3;
        cp.async.ca.shared.global [%%r4], [%%rd4], 4;
        cp.async.commit_group;
        %s
        %s
        ld.shared.u32 %%r1, [%%r5+252];
        st.global.u32 [%%rd5], %%r1;
        ret;
        """
            .formatted(wait, barrier));
  }

  @Test
  void asynchronousCopiesAreWaitedFor() {
    String wait = "cp.async.wait_group 0;";
    String[][] wrongs = {
      {"", "bar.sync 0;", "cp.async has not been waited for"},
      {"cp.async.wait_group 1;", "bar.sync 0;", "cp.async has not been waited for"},
      {wait, "", "cp.async has not been waited for"}, // by the other warp
    };
    try (Interpreted on = new Interpreted()) {
      int[] x = new int[64];
      for (int i = 0; i < 64; i++) {
        x[i] = i;
      }
      long y = on.empty(64);
      Arguments arguments = new Arguments().put(on.ints(x)).put(y);
      for (String right : new String[] {wait, "cp.async.wait_all;"}) {
        on.launch(asyncCopy(right, "bar.sync 0;"), "k", Grid.of(1, 64), arguments);
        for (int i = 0; i < 64; i++) {
          assertThat(on.ints(y, 64)[i]).isEqualTo(63 - i);
        }
      }
      for (String[] wrong : wrongs) {
        assertThatThrownBy(
                () -> on.launch(asyncCopy(wrong[0], wrong[1]), "k", Grid.of(1, 64), arguments))
            .isInstanceOf(PtxFault.class)
            .hasMessageContaining("(shared memory)");
      }
    }
  }

  /** Every kernel of the file is launched by some test here. */
  @Test
  void noneIsForgotten() throws IOException {
    Set<String> planted =
        PLANTED.lines().map(line -> line.split("\\|")[0].strip()).collect(Collectors.toSet());
    planted.add("through_pointer");
    planted.add("bad_index");
    Set<String> there = new TreeSet<>();
    for (PtxModule.Entry entry : PtxModule.parse("faults.ptx", ptx()).entries()) {
      there.add(entry.name().replaceFirst("_(right|wrong)$", ""));
    }
    assertThat(planted).containsExactlyInAnyOrderElementsOf(there);
  }
}
