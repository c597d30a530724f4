package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.troupe.kernels.reference.ReferenceDevice;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The devices that watch what goes by. */
class GuardsTest {
  private final Device reference = new ReferenceDevice();
  private final Values values = new Values(reference);
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;

  @Test
  void countsPrimitives() {
    CountingDevice counting = new CountingDevice(reference);
    Buffer x = values.real(1, 4);
    counting.run(new Primitive.Fill(2, x));
    counting.run(new Primitive.Map(Unary.SQRT, 0, 0, x, x));
    counting.run(new Primitive.Map(Unary.SQRT, 0, 0, x, x));
    assertThat(counting.total()).isEqualTo(3);
    assertThat(counting.byName()).isEqualTo(Map.of("Fill", 1, "sqrt", 2));
    assertThat(values.of(x)[0]).isEqualTo(Math.sqrt(Math.sqrt(2)));
    counting.reset();
    assertThat(counting.total()).isZero();
    assertThat(counting.byName()).isEmpty();
  }

  @Test
  void aFailedPrimitiveIsPassedOn() {
    CountingDevice counting = new CountingDevice(reference);
    Buffer x = values.real(1, 4);
    Buffer i = values.int32(2);
    Buffer y = values.realOfSize(1);
    assertThatThrownBy(() -> counting.run(new Primitive.TakeAlong(1, 2, 1, x, i, y)))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void anOpenStepRefusesCopies() {
    StepGuard guard = new StepGuard(reference);
    Buffer x = values.real(1, 4);
    Buffer i = values.int32(1, 2, 3);
    try (StepGuard.Step step = guard.openStep()) {
      guard.run(new Primitive.Fill(2, x));
      String message = ": 2 REAL elements while a step is open, expected none";
      refused(() -> guard.read(x, new double[2]), "read" + message);
      refused(() -> guard.read(x, new float[2]), "read" + message);
      refused(() -> guard.write(new double[2], x), "write" + message);
      refused(() -> guard.write(new float[2], x), "write" + message);
      String ints = ": 3 INT32 elements while a step is open, expected none";
      refused(() -> guard.read(i, new int[3]), "read" + ints);
      refused(() -> guard.write(new int[3], i), "write" + ints);
      refused(guard::openStep, "openStep: the last step is still open");
    }
    double[] now = new double[2];
    guard.read(x, now);
    assertThat(now).containsExactly(2, 2);
    guard.write(new int[] {7, 8, 9}, i);
    assertThat(values.intsOf(i)).containsExactly(7, 8, 9);
    guard.openStep().close();
  }

  private static void refused(Runnable action, String message) {
    assertThatThrownBy(action::run).isInstanceOf(IllegalStateException.class).hasMessage(message);
  }

  @Test
  void namesTheFirstElementThatIsNotFinite() {
    NumericsGuard guard = new NumericsGuard(reference);
    Buffer x = values.real(-3, 2, 800, 0, NAN, INF);
    Buffer y = values.realOfSize(6);
    NumericsException e =
        catchThrowableOfType(
            NumericsException.class, () -> guard.run(new Primitive.Map(Unary.EXP, 0, 0, x, y)));
    assertThat(e)
        .hasMessage(
            "exp: Infinity at element 2 of 6 of output 0; "
                + "input 0: 6 elements in [-3.0, 800.0], 1 NaN, 1 infinite");
    assertThat(e.primitive()).isEqualTo("exp");
    assertThat(e.output()).isZero();
    assertThat(e.element()).isEqualTo(2);
    assertThat(e.member()).isEqualTo(-1);
    assertThat(e.step()).isEqualTo(-1);

    guard.members(3);
    guard.step(42);
    e =
        catchThrowableOfType(
            NumericsException.class, () -> guard.run(new Primitive.Map(Unary.EXP, 0, 0, x, y)));
    assertThat(e)
        .hasMessageStartingWith(
            "exp: Infinity at element 2 of 6 of output 0 (member 1, step 42); ");
    assertThat(e.member()).isEqualTo(1);
    assertThat(e.step()).isEqualTo(42);

    guard.members(4); // does not divide 6
    e =
        catchThrowableOfType(
            NumericsException.class, () -> guard.run(new Primitive.Map(Unary.EXP, 0, 0, x, y)));
    assertThat(e).hasMessageStartingWith("exp: Infinity at element 2 of 6 of output 0 (step 42); ");
    assertThat(e.member()).isEqualTo(-1);
  }

  @Test
  void saysWhereInputsAreOverwrittenOrAbsent() {
    NumericsGuard guard = new NumericsGuard(reference);
    Buffer x = values.real(0, -1);
    assertThatThrownBy(() -> guard.run(new Primitive.Map(Unary.LOG, 0, 0, x, x)))
        .hasMessage(
            "log: -Infinity at element 0 of 2 of output 0; "
                + "input 0 (overwritten): 2 elements none finite, 1 NaN, 1 infinite");
    assertThatThrownBy(() -> guard.run(new Primitive.Fill(NAN, x)))
        .hasMessage("Fill: NaN at element 0 of 2 of output 0; no real inputs");
  }

  @Test
  void showsBrokenInputsFirstAndNotAllOfMany() {
    NumericsGuard guard = new NumericsGuard(reference);
    List<Buffer> weights = values(10, 1);
    List<Buffer> gradients = values(10, 2);
    reference.write(new double[] {NAN}, gradients.get(9));
    Buffer rate = values.real(0.5);
    assertThatThrownBy(
            () -> guard.run(new Primitive.Sgd(0, false, 0, rate, weights, gradients, List.of())))
        .hasMessageStartingWith(
            "Sgd: NaN at element 0 of 1 of output 9; "
                + "input 9: 1 elements none finite, 1 NaN, 0 infinite; "
                + "input 19 (overwritten): 1 elements none finite, 1 NaN, 0 infinite; "
                + "input 0: 1 elements in [2.0, 2.0], 0 NaN, 0 infinite; ")
        .hasMessageEndingWith("; 13 more inputs");
  }

  private List<Buffer> values(int count, double value) {
    return java.util.stream.IntStream.range(0, count).mapToObj(i -> values.real(value)).toList();
  }

  @Test
  void finiteResultsPass() {
    NumericsGuard guard = new NumericsGuard(reference);
    Buffer x = values.real(0, INF, NAN);
    Buffer y = values.realOfSize(3);
    guard.run(new Primitive.Map(Unary.STEP, 0, 0, x, y));
    assertThat(values.of(y)).containsExactly(0, 1, 0);
  }

  @Test
  void leavesAloneWhatAPrimitiveDoesNotWrite() {
    NumericsGuard guard = new NumericsGuard(reference);
    guard.members(2);
    Buffer left = values.real(1, 2);
    Buffer y = values.real(NAN, NAN, NAN, NAN, NAN, NAN); // [2, 3]
    guard.run(new Primitive.CopyRows(2, 1, 1, 3, left, y));
    assertThat(values.of(y)).containsExactly(1, NAN, NAN, 2, NAN, NAN);
    Buffer right = values.real(3, 4, INF, 6);
    assertThatThrownBy(() -> guard.run(new Primitive.CopyRows(2, 2, 2, 3, right, y.slice(1, 5))))
        .hasMessage(
            "CopyRows: Infinity at element 3 of 5 of output 0; "
                + "input 0: 4 elements in [3.0, 6.0], 0 NaN, 1 infinite");

    Buffer ring = values.real(NAN, NAN, NAN, NAN, NAN, NAN); // [3, 2]
    Buffer step = values.int32(4);
    guard.run(new Primitive.RingPut(3, step, List.of(left), ring));
    assertThat(values.of(ring)).containsExactly(NAN, NAN, 1, 2, NAN, NAN);
    Buffer broken = values.real(0, NAN);
    assertThatThrownBy(() -> guard.run(new Primitive.RingPut(3, step, List.of(broken), ring)))
        .hasMessage(
            "RingPut: NaN at element 3 of 6 of output 0 (member 1); "
                + "input 1: 2 elements in [0.0, 0.0], 1 NaN, 0 infinite");
  }
}
