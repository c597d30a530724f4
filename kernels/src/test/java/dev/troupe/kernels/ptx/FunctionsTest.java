package dev.troupe.kernels.ptx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.gpu.Arguments;
import dev.troupe.kernels.gpu.Grid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Device functions that are called: those of {@code src/test/cuda/functions.cu}, and by hand. */
class FunctionsTest {
  private static String ptx() throws IOException {
    return Files.readString(Path.of("src/test/cuda/functions.ptx"));
  }

  @Test
  void aValueGoesInAndOneComesOut() throws IOException {
    try (Interpreted on = new Interpreted()) {
      long x = on.floats(1, -2, 3, 0.5f);
      long y = on.empty(4);
      on.launch(ptx(), "cubes", Grid.of(1, 32), new Arguments().put(x).put(y).put(4));
      assertThat(on.floats(y, 4)).containsExactly(1, -8, 27, 0.125f);
    }
  }

  @Test
  void structuresAndCallsWithinCalls() throws IOException {
    try (Interpreted on = new Interpreted()) {
      long x = on.floats(1, 1, 0, 2, 3, -1); // 1 + i, 2i, 3 - i
      long y = on.empty(6);
      on.launch(ptx(), "fourth_powers", Grid.of(1, 3), new Arguments().put(x).put(y).put(3));
      assertThat(on.floats(y, 6)).containsExactly(-4, 0, 16, -0f, 28, -96);
    }
  }

  @Test
  void lanesThatPartInAFunctionMeetBehindIt() throws IOException {
    try (Interpreted on = new Interpreted()) {
      long y = on.empty(32);
      long together = on.empty(32);
      on.launch(ptx(), "collatz_steps", Grid.of(1, 32), new Arguments().put(y).put(together));
      int[] steps = on.ints(y, 32);
      for (int i = 0; i < 32; i++) {
        int expected = i % 2 == 0 ? collatz(i + 1) : collatz(2 * i + 1) + 1000;
        assertThat(steps[i]).as("%d", i).isEqualTo(expected);
      }
      assertThat(on.ints(together, 32)).containsOnly(-1);
    }
  }

  private static int collatz(int start) {
    int steps = 0;
    for (int n = start; n != 1; steps++) {
      n = n % 2 == 0 ? n / 2 : 3 * n + 1;
      if (n > 10_000) {
        return -1;
      }
    }
    return steps;
  }

  @Test
  void pointersToLocalMemoryAndSharedMemoryOfAFunction() throws IOException {
    try (Interpreted on = new Interpreted()) {
      long x = on.floats(3, 1, 2, 30, 10, 20);
      long y = on.empty(6);
      on.launch(ptx(), "medians", Grid.of(1, 3), new Arguments().put(x).put(y));
      assertThat(on.floats(y, 6)).containsExactly(2, 2, 2, 20, 20, 20);
    }
  }

  @Test
  void aFaultInAFunctionHasItsPlace() throws IOException {
    String ptx = ptx();
    try (Interpreted on = new Interpreted()) {
      long y = on.empty(32);
      assertThatThrownBy(
              () -> on.launch(ptx, "beyond", Grid.of(1, 32), new Arguments().put(y).put(32)))
          .isInstanceOf(PtxFault.class)
          .hasMessageMatching(
              "ptx: beyond, test.ptx:\\d+ \\(functions.cu:\\d+\\), block \\(0, 0, 0\\), thread"
                  + " \\(31, 0, 0\\): st.global.u32: out of bounds: .*");
    }
  }

  @Test
  void registersOfEachCallCanBeWatched() throws IOException {
    PtxMachine machine = new PtxMachine();
    List<Float> cubes = new ArrayList<>();
    machine.watch(step -> {
      if (step.instruction().equals("st.param.f32") && step.place().contains(".cu:5")) {
        cubes.add(step.floatValue("_Z4cubef.%f3", 1));
      }
    });
    try (Interpreted on = new Interpreted(machine)) {
      long x = on.floats(2f, 3f);
      long y = on.empty(2);
      on.launch(ptx(), "cubes", Grid.of(1, 2), new Arguments().put(x).put(y).put(2));
    }
    assertThat(cubes).containsExactly(27f);
  }

  // ---------------------------------------------------------------- by hand

  /** A function {@code f} of an int, and a kernel that writes what {@code body} leaves in %r9. */
  private static String text(String function, String body) {
    return """
    .version 7.5
    .target sm_75
    .address_size 64
    .func (.param .b32 result) f(.param .b32 p);
    .func (.param .b32 result) f(.param .b32 p)
    {
      .reg .pred %%q<4>;
      .reg .b32 %%r<9>;
      ld.param.u32 %%r1, [p];
      %s
      ret;
    }
    .visible .entry k(.param .u64 y)
    {
      .reg .pred %%p<4>;
      .reg .b32 %%r<10>;
      .reg .b64 %%rd<4>;
      ld.param.u64 %%rd1, [y];
      mov.u32 %%r1, %%tid.x;
      mul.wide.u32 %%rd2, %%r1, 4;
      add.s64 %%rd1, %%rd1, %%rd2;
      .param .b32 a;
      .param .b32 b;
      st.param.u32 [a], %%r1;
      %s
      st.global.u32 [%%rd1], %%r9;
      ret;
    }
    """
        .formatted(function, body);
  }

  private static int[] run(String function, String body) {
    try (Interpreted on = new Interpreted()) {
      long y = on.empty(32);
      on.launch(text(function, body), "k", Grid.of(1, 32), new Arguments().put(y));
      return on.ints(y, 32);
    }
  }

  private static final String DOUBLED = "add.u32 %r2, %r1, %r1; st.param.u32 [result], %r2;";

  @Test
  void aCallMayBeGuarded() {
    int[] y =
        run(
            DOUBLED,
            """
            mov.u32 %r9, 77;
            setp.lt.u32 %p1, %r1, 5;
            @%p1 call (b), f, (a);
            @%p1 ld.param.u32 %r9, [b];
            """);
    assertThat(y).startsWith(0, 2, 4, 6, 8, 77).endsWith(77);
  }

  @Test
  void aReturnMayBeGuarded() {
    int[] y =
        run(
            """
            setp.lt.u32 %q1, %r1, 3;
            st.param.u32 [result], 1;
            @%q1 ret;
            st.param.u32 [result], 2;
            """,
            "call (b), f, (a); ld.param.u32 %r9, [b];");
    assertThat(y).startsWith(1, 1, 1, 2).endsWith(2);
  }

  @Test
  void aCallInALoopBeginsAnewEachTime() {
    String twice =
        """
        mov.u32 %r2, 0;
        again:
        call (b), f, (a);
        ld.param.u32 %r9, [b];
        st.param.u32 [a], %r9;
        add.u32 %r2, %r2, 1;
        setp.lt.u32 %p1, %r2, 2;
        @%p1 bra again;
        """;
    assertThat(run(DOUBLED, twice)).startsWith(0, 4, 8, 12);
    // The first time every lane gives a result, the second time none does.
    assertThatThrownBy(() ->
            run(
                "setp.lt.u32 %q1, %r1, 32; add.u32 %r2, %r1, 32;"
                    + " @%q1 st.param.u32 [result], %r2;",
                twice))
        .isInstanceOf(PtxFault.class)
        .hasMessageContaining("uninitialised: nobody has written it");
    // The result comes from a register that has a value the first time alone.
    assertThatThrownBy(() ->
            run(
                "setp.lt.u32 %q1, %r1, 32; @%q1 add.u32 %r2, %r1, 32;"
                    + " st.param.u32 [result], %r2;",
                twice))
        .isInstanceOf(PtxFault.class)
        .hasMessageContaining("uninitialised: nobody has written it");
  }

  @Test
  void whatIsNotKnownIsRefusedByName() {
    refused("call (b), g, (a);", "does not know g: the file has no body of it");
    refused("call (b), %rd1, (a), proto;", "does not know calls through a pointer");
    refused("call (b), f, (%r1);", "call: expected a variable of .param, found Reg[name=%r1");
    refused("call (b), f, (a, a);", "call of f: 2 arguments and 1 results, expected 1 and 1");
    refused("call f, (a);", "call of f: 1 arguments and 0 results, expected 1 and 1");
    assertThatThrownBy(() ->
            run(
                ".param .b32 q; st.param.u32 [q], %r1; call (result), f, (q);",
                "call (b), f, (a); ld.param.u32 %r9, [b];"))
        .hasMessage("test.ptx:10: f calls itself, which the interpreter does not know");
  }

  @Test
  void tablesOfFunctionsAreRefusedWhereTheyAreUsed() throws IOException {
    String table = "\n.global .align 8 .u64 table[2] = {_Z4cubef, generic(other)+4};\n";
    try (Interpreted on = new Interpreted()) {
      long y = on.empty(1);
      Arguments arguments = new Arguments().put(on.floats(2)).put(y).put(1);
      on.launch(ptx() + table, "cubes", Grid.of(1, 32), arguments);
      assertThat(on.floats(y, 1)).containsExactly(8);
      String text = text(DOUBLED, "mov.u64 %rd3, table;") + table;
      assertThatThrownBy(() -> on.launch(text, "k", Grid.of(1, 32), new Arguments().put(y)))
          .hasMessage(
              "test.ptx:25: table is filled with addresses, which the interpreter does not know");
    }
  }

  private static void refused(String call, String message) {
    assertThatThrownBy(() -> run(DOUBLED, call))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("test.ptx:25: ")
        .hasMessageContaining(message);
  }
}
