package dev.troupe.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.kernels.CountingDevice;
import dev.troupe.kernels.Device;
import dev.troupe.kernels.ElementType;
import dev.troupe.kernels.StepGuard;
import dev.troupe.kernels.cpu.CpuDevice;
import dev.troupe.nn.TinyGan.Size;
import dev.troupe.tensor.Rng;
import dev.troupe.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engine promises of every training step, on a small GAN. */
class EnginePromisesTest {
  private static final int STEPS = 200;

  // ---------------------------------------------------------------- the member axis

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  void aMemberHasTheSameBitsAloneAsInAnEnsemble(int members) {
    Map<String, int[]> together = train(Size.ODD, 2, Rng.firstMembers(members));
    for (int i = 0; i < members; i++) {
      Map<String, int[]> alone = train(Size.ODD, 1, i);
      assertThat(alone.keySet()).isEqualTo(together.keySet());
      for (Map.Entry<String, int[]> e : alone.entrySet()) {
        assertThat(part(together.get(e.getKey()), e.getKey(), i, members))
            .as("%s of member %d of %d", e.getKey(), i, members)
            .isEqualTo(e.getValue());
      }
    }
  }

  @Test
  void membersDiffer() {
    Map<String, int[]> two = train(Size.NARROW, 1, 0, 1);
    int[] weights = two.get("generator.hidden0.weight");
    int half = weights.length / 2;
    assertThat(Arrays.copyOf(weights, half))
        .isNotEqualTo(Arrays.copyOfRange(weights, half, 2 * half));
  }

  /** The bits of the whole state after training. */
  private static Map<String, int[]> train(Size size, int threads, int... members) {
    try (Device cpu = new CpuDevice(threads);
        TinyGan gan = new TinyGan(cpu, size, members)) {
      gan.steps(STEPS);
      Map<String, int[]> bits = new LinkedHashMap<>();
      gan.state.tensors().forEach((name, t) -> bits.put(name, TinyGan.bits(t)));
      return bits;
    }
  }

  /** What of a tensor belongs to one member. */
  private static int[] part(int[] bits, String name, int member, int members) {
    if (name.endsWith("step") || name.endsWith("rate")) {
      return bits; // shared by all
    }
    if (name.equals("losses")) { // [ring, E]
      int[] column = new int[bits.length / members];
      for (int r = 0; r < column.length; r++) {
        column[r] = bits[r * members + member];
      }
      return column;
    }
    int each = bits.length / members;
    return Arrays.copyOfRange(bits, member * each, (member + 1) * each);
  }

  @Test
  void aStepMakesTheSamePrimitiveCallsForAnyNumberOfMembers() {
    Map<String, Integer> one = calls(1);
    assertThat(one.values().stream().mapToInt(Integer::intValue).sum()).isGreaterThan(50);
    assertThat(calls(8)).isEqualTo(one);
  }

  private static Map<String, Integer> calls(int members) {
    try (CountingDevice counting = new CountingDevice(new CpuDevice(1));
        TinyGan gan = new TinyGan(counting, Size.NARROW, Rng.firstMembers(members))) {
      gan.steps(2);
      counting.reset();
      gan.step();
      return new TreeMap<>(counting.byName());
    }
  }

  // ---------------------------------------------------------------- nothing on the host

  @Test
  void aStepReadsAndWritesNothingOnTheHost() {
    try (StepGuard guard = new StepGuard(new CpuDevice(1));
        TinyGan gan = new TinyGan(guard, Size.ODD, 0, 1, 2)) {
      String before = gan.hash();
      for (int i = 0; i < 3; i++) {
        try (StepGuard.Step step = guard.openStep()) {
          gan.step();
        }
      }
      assertThat(gan.hash()).isNotEqualTo(before);
    }
  }

  // ---------------------------------------------------------------- the same bits everywhere

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void threadsDoNotChangeABit(int threads) {
    assertThat(hash(Size.ODD, threads, 3)).isEqualTo(hash(Size.ODD, 1, 3));
  }

  /** Large enough that every kernel is shared among threads. */
  @Test
  void threadsDoNotChangeABitOfAWideNetwork() {
    Size wide = new Size(100, 130, 65, 2, 0.1);
    String one = hash(wide, 1, 2, 20);
    assertThat(hash(wide, 2, 2, 20)).isEqualTo(one);
    assertThat(hash(wide, 4, 2, 20)).isEqualTo(one);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:UseAVX=2", "-XX:UseAVX=3"})
  void vectorWidthDoesNotChangeABit(String flag) throws Exception {
    assumeTrue(
        !flag.endsWith("3") || cpuHasAvx512(), "UseAVX=3 needs a processor that has AVX-512");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                flag,
                "-cp",
                System.getProperty("java.class.path"),
                EnginePromisesTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String theirs = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).isZero();
    assertThat(theirs.strip())
        .isEqualTo((flag.endsWith("3") ? 512 : 256) + " " + hash(Size.ODD, 2, 3));
  }

  private static boolean cpuHasAvx512() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    return Files.exists(info) && Files.readString(info).contains("avx512dq");
  }

  /** In a JVM of its own: the vectors' bits, and the hash of a training. */
  public static void main(String[] args) {
    System.out.println(FloatVector.SPECIES_PREFERRED.vectorBitSize() + " " + hash(Size.ODD, 2, 3));
  }

  private static String hash(Size size, int threads, int members) {
    return hash(size, threads, members, STEPS);
  }

  private static String hash(Size size, int threads, int members, int steps) {
    try (Device cpu = new CpuDevice(threads);
        TinyGan gan = new TinyGan(cpu, size, Rng.firstMembers(members))) {
      gan.steps(steps);
      for (Tensor t : gan.state.tensors().values()) {
        if (t.type() == ElementType.REAL) {
          for (float v : t.toFloats()) {
            assertThat(v).isFinite();
          }
        }
      }
      return gan.hash();
    }
  }

  // ---------------------------------------------------------------- memory

  @Test
  void aThousandStepsTakeConstantMemory() {
    try (Device cpu = new CpuDevice(1)) {
      try (TinyGan gan = new TinyGan(cpu, Size.NARROW, 0, 1)) {
        gan.steps(3);
        Device.MemoryUse before = cpu.memory();
        gan.steps(1000);
        assertThat(cpu.memory()).isEqualTo(before);
        assertThat(before.pooled()).isPositive();
      }
      assertThat(cpu.memory().live()).isZero();
    }
  }
}
