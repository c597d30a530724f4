package dev.troupe.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Binary;
import dev.troupe.kernels.Broadcast;
import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.CapturedStep;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.HostMemory;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a step is cut by members, and that no bit depends on it. */
class StepPlanTest {
  private static final int N = 12; // elements of a member

  /** A step under construction, and the buffers that it changes. */
  private static final class Step implements AutoCloseable {
    final CpuDevice device;
    final int members;
    final Buffer counter;
    final Buffer member;
    final List<Buffer> kept = new ArrayList<>();
    final List<Primitive> primitives = new ArrayList<>();

    Step(int threads, int members) {
      this.device = new CpuDevice(threads);
      this.members = members;
      this.counter = ints(new int[1]);
      this.member = ints(new int[members]);
    }

    Buffer ints(int... values) {
      Buffer buffer = device.allocate(ElementType.INT32, values.length);
      device.write(values, buffer);
      return buffer;
    }

    /** [members, N], the same numbers each time. */
    Buffer reals() {
      return reals(members * N);
    }

    Buffer reals(int size) {
      Buffer buffer = device.allocate(ElementType.REAL, size);
      Random random = new Random(kept.size());
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) random.nextGaussian();
      }
      device.write(values, buffer);
      kept.add(buffer);
      return buffer;
    }

    void add(Primitive primitive) {
      primitives.add(primitive);
    }

    Buffer drawn() {
      Buffer y = reals();
      add(new Primitive.Random(Distribution.NORMAL, 0, 1, 1, 2, counter, member, N, y));
      return y;
    }

    Buffer map(Unary f, Buffer x) {
      Buffer y = reals(x.size());
      add(new Primitive.Map(f, 0.5, 0.25, x, y));
      return y;
    }

    Buffer sum(int outer, int size, int inner, Buffer x) {
      Buffer y = reals(outer * inner);
      add(new Primitive.Sum(outer, size, inner, 1, x, y));
      return y;
    }

    Buffer addedTo(Buffer a, Buffer b, Broadcast by) {
      Buffer y = reals(by.size());
      add(new Primitive.Zip(Binary.ADD, 0, by, a, b, y));
      return y;
    }

    StepPlan plan() {
      HostMemory none = new HostMemory("none", Float.BYTES, float[]::new); // all have memory
      return new StepPlan(primitives, new Workers(device.threads()), none);
    }

    void runPlain() {
      primitives.forEach(device::run);
    }

    void runReplayed(int times) {
      try (CapturedStep step = device.capture(this::runPlain)) {
        for (int i = 0; i < times; i++) {
          step.run();
        }
      }
    }

    int[][] contents() {
      return kept.stream().map(this::bits).toArray(int[][]::new);
    }

    private int[] bits(Buffer buffer) {
      float[] values = new float[buffer.size()];
      device.read(buffer, values);
      int[] bits = new int[values.length];
      for (int i = 0; i < bits.length; i++) {
        bits[i] = Float.floatToRawIntBits(values[i]);
      }
      return bits;
    }

    @Override
    public void close() {
      device.close();
    }
  }

  /** Something of everything: cut, whole in front, between and behind, across the members. */
  private static Step everything(int threads, int members) {
    Step step = new Step(threads, members);
    Buffer weights = step.reals();
    Buffer first = step.reals();
    Buffer second = step.reals();
    Buffer adamStep = step.ints(0);
    Buffer rate = step.reals(1);
    Buffer noise = step.drawn();
    Buffer product = step.reals(members * 9);
    step.add( // [3, 4] by [4, 3]
        new Primitive.MatMul(
            members, 3, 3, 4, false, false, false, false, noise, weights, null, product));
    Buffer loss = step.sum(members, 9, 1, step.map(Unary.TANH, product)); // [members]
    Buffer total = step.sum(1, members, 1, loss); // [1], across members
    Buffer shared =
        step.addedTo(loss, total, Broadcast.of(new int[] {members}, dims(members), dims(1)));
    Buffer gradient =
        step.addedTo(
            noise,
            shared,
            Broadcast.of(new int[] {members, N}, dims(members, N), dims(members, 1)));
    step.add(
        new Primitive.Adam(
            0.9,
            0.99,
            1e-8,
            false,
            0,
            rate,
            adamStep,
            List.of(weights),
            List.of(gradient),
            List.of(first),
            List.of(second)));
    step.add(new Primitive.Increment(adamStep));
    // The axes of members and elements exchanged, then slices of the leading axis.
    Buffer turned = step.reals();
    step.add(new Primitive.Permute(new int[] {N, members}, new int[] {1, N}, weights, turned));
    Buffer back = step.reals();
    step.add(new Primitive.Permute(new int[] {members, N}, new int[] {1, members}, turned, back));
    Buffer halves = step.reals(members * 2 * N); // [members, 2, N]
    step.add(new Primitive.CopyRows(members, N, N, 2 * N, back, halves));
    step.add(
        new Primitive.CopyRows(members, N, N, 2 * N, noise, halves.slice(N, members * 2 * N - N)));
    step.map(Unary.ABS, halves);
    step.add(new Primitive.Concat(members, List.of(noise, back), halves));
    step.map(Unary.EXP, halves.slice(0, N)); // member 0 alone
    step.map(Unary.ABS, step.drawn());
    Buffer ring = step.reals(5 * members);
    step.add(new Primitive.RingPut(5, step.counter, List.of(loss), ring));
    step.add(new Primitive.Increment(step.counter));
    return step;
  }

  private static int[] dims(int... dims) {
    return dims;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1", "1, 2", "1, 3", "1, 8", "2, 1", "2, 2", "2, 3", "2, 8", "4, 1", "4, 2", "4, 3", "4, 8",
    "4, 7", "3, 11"
  })
  void aReplayedStepHasTheBitsOfAPlainOne(int threads, int members) {
    try (Step plain = everything(threads, members);
        Step replayed = everything(threads, members)) {
      for (int i = 0; i < 4; i++) {
        plain.runPlain();
      }
      replayed.runReplayed(4);
      assertThat(replayed.contents()).isDeepEqualTo(plain.contents());
      boolean cut = members > 1 && members >= threads;
      assertThat(replayed.plan().cut()).isGreaterThanOrEqualTo(cut ? 10 : 0);
      assertThat(replayed.plan().stretches() > 0).isEqualTo(cut);
    }
  }

  @Test
  void whatIsElementwiseInTheMembersIsOneStretch() {
    try (Step step = new Step(2, 4)) {
      Buffer rate = step.reals(1);
      Buffer x = step.drawn();
      Buffer y = step.map(Unary.EXP, x);
      step.map(Unary.AFFINE, rate); // minds nothing, and goes in front
      step.sum(4, N, 1, y);
      step.add(new Primitive.Increment(step.counter)); // was read, and goes behind
      step.map(Unary.TANH, y);
      assertThat(step.plan().stretches()).isEqualTo(1);
      assertThat(step.plan().cut()).isEqualTo(4);
    }
  }

  @Test
  void aSumOverMembersEndsAStretch() {
    try (Step step = new Step(2, 4)) {
      Buffer x = step.map(Unary.EXP, step.drawn());
      Buffer means = step.sum(1, 4, N, x); // [N]
      Buffer y = step.addedTo(x, means, Broadcast.of(new int[] {4, N}, dims(4, N), dims(N)));
      step.map(Unary.TANH, y);
      step.drawn();
      assertThat(step.plan().stretches()).isEqualTo(2);
      assertThat(step.plan().cut()).isEqualTo(5);
    }
  }

  @Test
  void membersThatReadEachOthersResultsAreNotCutTogether() {
    try (Step step = new Step(1, 4)) {
      Buffer x = step.map(Unary.EXP, step.drawn());
      Buffer turned = step.reals();
      // Each share reads of all members.
      step.add(new Primitive.Permute(new int[] {N, 4}, new int[] {1, N}, x, turned));
      step.map(Unary.EXP, turned);
      step.drawn();
      assertThat(step.plan().stretches()).isEqualTo(2);
    }
  }

  @Test
  void overlappingViewsWithOtherCutsAreNotCutTogether() {
    try (Step step = new Step(1, 4)) {
      Buffer x = step.drawn();
      // Elements 2 to 46: a share of it reaches into two members.
      step.add(new Primitive.Map(Unary.EXP, 0, 0, x.slice(2, 44), step.reals(44)));
      // What one member writes, all read.
      step.add(new Primitive.Fill(3, x.slice(0, 12)));
      assertThat(step.plan().cut()).isZero();
    }
  }

  @Test
  void playersOfTwoNumbersHaveStretchesOfTheirOwn() {
    try (Step step = new Step(1, 4)) {
      step.map(Unary.EXP, step.drawn());
      Buffer others = step.ints(0, 1, 2);
      Buffer y = step.reals(3 * 5);
      for (int i = 0; i < 2; i++) {
        step.add(new Primitive.Random(Distribution.NORMAL, 0, 1, 1, 2, step.counter, others, 5, y));
      }
      step.map(Unary.TANH, step.drawn());
      assertThat(step.plan().stretches()).isEqualTo(2);
      assertThat(step.plan().cut()).isEqualTo(6);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "2, 4", "2, 3", "2, 1"})
  void aBadIndexIsNamedAsInTheWhole(int threads, int members) {
    try (Step step = new Step(threads, members)) {
      int[] values = new int[members * 5];
      values[members * 5 - 2] = 12;
      Buffer index = step.ints(values);
      Buffer table = step.reals(10);
      step.drawn();
      step.add(new Primitive.Gather(members, 1, 10, 1, 5, table, index, step.reals(members * 5)));
      String message = "gather: index 12 at position " + (members * 5 - 2) + " is outside [0, 10)";
      assertThatThrownBy(step::runPlain)
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage(message);
      assertThatThrownBy(() -> step.runReplayed(1))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage(message);
    }
  }
}
