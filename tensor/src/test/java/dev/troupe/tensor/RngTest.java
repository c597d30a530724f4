package dev.troupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.kernels.Device;
import dev.troupe.kernels.cpu.CpuDevice;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RngTest {
  private final Device device = new CpuDevice(2);
  private final Scope scope = Scope.open(device, "rng");

  @AfterEach
  void close() {
    scope.close();
    device.close();
  }

  private static float[] normal(Rng rng, String stream) {
    return rng.normal(stream, Shape.of(rng.members(), 21), 0, 1).toFloats();
  }

  @Test
  void aMemberDrawsTheSameAloneAndAmongOthers() {
    Rng five = new Rng(scope, 9, 0, 1, 2, 3, 4);
    Rng three = new Rng(scope, 9, 3);
    for (int step = 0; step < 3; step++) {
      float[] all = normal(five, "z");
      assertThat(Arrays.copyOfRange(all, 3 * 21, 4 * 21)).isEqualTo(normal(three, "z"));
      int[] batches = five.shuffledBatch("batch", 100, 7).toInts();
      assertThat(Arrays.copyOfRange(batches, 21, 28))
          .isEqualTo(three.shuffledBatch("batch", 100, 7).toInts());
      assertThat(Arrays.copyOf(all, 21)).isNotEqualTo(Arrays.copyOfRange(all, 21, 42));
      five.nextStep();
      three.nextStep();
    }
    assertThat(Rng.firstMembers(3)).containsExactly(0, 1, 2);
  }

  @Test
  void seedsStreamsAndStepsDrawDifferentNumbers() {
    Rng rng = new Rng(scope, 1, 0);
    float[] z = normal(rng, "z");
    assertThat(normal(rng, "y")).isNotEqualTo(z);
    assertThat(normal(new Rng(scope, 2, 0), "z")).isNotEqualTo(z);
    assertThat(normal(new Rng(scope, 1L << 32 | 1, 0), "z")).isNotEqualTo(z);
    rng.nextStep();
    assertThat(normal(rng, "z")).isNotEqualTo(z);
    assertThat(normal(new Rng(scope, 1, 0), "z")).isEqualTo(z);
  }

  @Test
  void overwritingTheStepResumes() {
    Rng whole = new Rng(scope, 5, 0, 1);
    for (int i = 0; i < 7; i++) {
      whole.nextStep();
    }
    assertThat(whole.step().toInts()).containsExactly(7);
    Rng resumed = new Rng(scope, 5, 0, 1);
    resumed.step().set(new int[] {7});
    for (int i = 0; i < 3; i++) {
      assertThat(normal(resumed, "z")).isEqualTo(normal(whole, "z"));
      assertThat(resumed.permutation("p", 13).toInts())
          .isEqualTo(whole.permutation("p", 13).toInts());
      resumed.nextStep();
      whole.nextStep();
    }
  }

  @Test
  void aStreamIsDrawnOnceAStep() {
    Rng rng = new Rng(scope, 1, 0);
    normal(rng, "z");
    String message = "rng: stream 'z' is drawn twice in one step, which would repeat its numbers";
    assertThatThrownBy(() -> normal(rng, "z"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> rng.permutation("z", 3)).hasMessage(message);
    rng.nextStep();
    normal(rng, "z");
  }

  @Test
  void streamsWithTheSameNumberAreRefused() {
    // Two names with the same 32-bit hash, found by search.
    String a = null;
    String b = null;
    java.util.HashMap<Integer, String> seen = new java.util.HashMap<>();
    for (int i = 0; b == null; i++) {
      String name = "s" + i;
      a = seen.putIfAbsent(Rng.id(name), name);
      b = a == null ? null : name;
    }
    String first = a;
    String second = b;
    Rng rng = new Rng(scope, 1, 0);
    normal(rng, first);
    assertThatThrownBy(() -> normal(rng, second))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "rng: streams '" + second + "' and '" + first + "' have the same number, rename one");
  }

  @Test
  void aPermutationIsOne() {
    Rng rng = new Rng(scope, 1, 0, 1, 2);
    for (int n : new int[] {1, 2, 3, 31, 100, 1025}) {
      int[] all = rng.permutation("p" + n, n).toInts();
      for (int e = 0; e < 3; e++) {
        int[] sorted = Arrays.copyOfRange(all, e * n, (e + 1) * n);
        Arrays.sort(sorted);
        assertThat(sorted).isEqualTo(IntStream.range(0, n).toArray());
      }
    }
  }

  @Test
  void anEpochHasEachItemOnce() {
    Rng rng = new Rng(scope, 1, 0);
    int[] first = new int[20];
    for (int epoch = 0; epoch < 2; epoch++) {
      int[] seen = new int[20];
      for (int b = 0; b < 4; b++) {
        int[] batch = rng.shuffledBatch("batch", 23, 5).toInts();
        System.arraycopy(batch, 0, seen, 5 * b, 5);
        rng.nextStep();
      }
      assertThat(seen).doesNotHaveDuplicates();
      assertThat(Arrays.stream(seen)).allMatch(i -> i >= 0 && i < 23);
      assertThat(seen).isNotEqualTo(first);
      first = seen;
    }
  }

  @Test
  void distributionsKeepTheirBounds() {
    Rng rng = new Rng(scope, 1, 0, 1);
    Shape s = Shape.of(2, 1000);
    for (float v : rng.uniform("u", s, -1, 3).toFloats()) {
      assertThat(v).isBetween(-1f, 3f);
    }
    for (float v : rng.truncatedNormal("t", s, 5, 2).toFloats()) {
      assertThat(v).isBetween(1f, 9f);
    }
    assertThat(rng.bernoulli("b", s, 0.5).toFloats()).containsOnly(0, 1);
    assertThat(rng.bernoulli("never", s, 0).toFloats()).containsOnly(0);
    assertThat(rng.bernoulli("always", s, 1).toFloats()).containsOnly(1);
    assertThat(Arrays.stream(rng.integers("i", s, 3).toInts()).distinct().sorted().toArray())
        .containsExactly(0, 1, 2);
  }

  @Test
  void refusals() {
    Rng rng = new Rng(scope, 1, 0, 1);
    refused(() -> new Rng(scope, 1, 0, -1), "rng: member -1, expected 0 or more");
    refused(() -> new Rng(scope, 1), "rng: no members, expected one or more");
    refused(() -> Rng.firstMembers(-1), "rng: -1 members, expected one or more");
    refused(
        () -> rng.normal("z", Shape.of(2), 0, -1),
        "normal: mean 0.0 and standard deviation -1.0, expected finite numbers, the second not"
            + " negative");
    refused(
        () -> rng.truncatedNormal("z", Shape.of(2), Double.NaN, 1),
        "truncatedNormal: mean NaN and standard deviation 1.0, expected finite numbers, the second"
            + " not negative");
    refused(
        () -> rng.uniform("z", Shape.of(2), 1, 0),
        "uniform: from 1.0 to 0.0, expected finite numbers in this order");
    refused(
        () -> rng.normal("z", Shape.of(3, 2), 0, 1),
        "random: shape [3, 2] for 2 members, expected [2, …]");
    refused(
        () -> rng.normal("z", Shape.SCALAR, 0, 1),
        "random: shape [] for 2 members, expected [2, …]");
    refused(
        () -> rng.bernoulli("b", Shape.of(2), 1.5), "bernoulli: probability 1.5, expected 0 to 1");
    refused(() -> rng.integers("i", Shape.of(2), 0), "integers: bound 0, expected at least 1");
    refused(
        () -> rng.shuffledBatch("batch", 3, 4),
        "shuffledBatch: population is 3, expected at least 4");
  }

  private static void refused(Runnable body, String message) {
    assertThatThrownBy(body::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
