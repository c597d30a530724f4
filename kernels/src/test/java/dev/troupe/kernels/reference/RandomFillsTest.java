package dev.troupe.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.Buffer;
import dev.troupe.kernels.Philox;
import dev.troupe.kernels.Primitive;
import dev.troupe.kernels.Primitive.Distribution;
import dev.troupe.kernels.Values;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomFillsTest {
  private static final long SEED = 0x0123_4567_89AB_CDEFL;
  private static final int STREAM = 9;
  private final ReferenceDevice device = new ReferenceDevice();
  private final Values values = new Values(device);

  private double[] draw(
      Distribution distribution, double p, double q, int step, int perMember, int... members) {
    int size = members.length * perMember;
    boolean integers = distribution == Distribution.INTEGER;
    Buffer y = integers ? values.int32OfSize(size) : values.realOfSize(size);
    device.run(
        new Primitive.Random(
            distribution,
            p,
            q,
            SEED,
            STREAM,
            values.int32(step),
            values.int32(members),
            perMember,
            y));
    return integers ? Arrays.stream(values.intsOf(y)).asDoubleStream().toArray() : values.of(y);
  }

  @Test
  void uniformsAreTheWordsOfPhilox() {
    double[] y = draw(Distribution.UNIFORM, 2, 6, 11, 6, 3, 5);
    int[] words = new int[8];
    for (int e = 0; e < 2; e++) {
      Philox.Key key = new Philox.Key(SEED, 11, STREAM, e == 0 ? 3 : 5);
      Philox.block(key, 0, words, 0);
      Philox.block(key, 1, words, 4);
      for (int i = 0; i < 6; i++) {
        assertThat(y[6 * e + i]).isEqualTo(2 + 4 * ((words[i] >>> 8) * 0x1p-24));
      }
    }
  }

  @Test
  void aMemberDoesNotDependOnTheOthersNorOnTheSize() {
    for (Distribution distribution : Distribution.values()) {
      double p = distribution == Distribution.BERNOULLI ? 0.4 : 7;
      double[] all = draw(distribution, p, 9, 4, 10, 2, 0, 8);
      assertThat(Arrays.copyOfRange(all, 20, 30))
          .containsExactly(draw(distribution, p, 9, 4, 10, 8));
      assertThat(Arrays.copyOf(all, 7)).containsExactly(draw(distribution, p, 9, 4, 7, 2));
      assertThat(all).isNotEqualTo(draw(distribution, p, 9, 5, 10, 2, 0, 8));
    }
  }

  @Test
  void momentsAreRight() {
    int n = 100_000;
    moments(draw(Distribution.UNIFORM, -1, 3, 0, n, 0), 1, 4 / Math.sqrt(12), -1, 3);
    moments(draw(Distribution.NORMAL, 5, 2, 0, n, 0), 5, 2, -7, 17);
    // variance of a standard normal cut at ±2: 1 - 4·φ(2)/erf(√2)
    moments(draw(Distribution.TRUNCATED_NORMAL, 5, 2, 0, n, 0), 5, 2 * 0.8796257, 1, 9);
    moments(draw(Distribution.BERNOULLI, 0.3, 0, 0, n, 0), 0.3, Math.sqrt(0.21), 0, 1);
    moments(draw(Distribution.INTEGER, 10, 0, 0, n, 0), 4.5, Math.sqrt(8.25), 0, 9);
  }

  private static void moments(double[] y, double mean, double deviation, double min, double max) {
    double sum = Arrays.stream(y).sum() / y.length;
    double squares = Arrays.stream(y).map(v -> (v - mean) * (v - mean)).sum() / y.length;
    assertThat(sum).isCloseTo(mean, within(4 * deviation / Math.sqrt(y.length)));
    assertThat(Math.sqrt(squares)).isCloseTo(deviation, within(0.015 * deviation));
    assertThat(Arrays.stream(y).min().orElseThrow()).isGreaterThanOrEqualTo(min);
    assertThat(Arrays.stream(y).max().orElseThrow()).isLessThanOrEqualTo(max);
  }

  private int[] batch(int step, int population, int count, int... members) {
    Buffer y = values.int32OfSize(members.length * count);
    device.run(
        new Primitive.ShuffledBatch(
            SEED, STREAM, values.int32(step), values.int32(members), population, count, y));
    return values.intsOf(y);
  }

  @Test
  void anEpochHoldsNoItemTwice() {
    int[] first = epoch(0, 1);
    assertThat(first).hasSize(9).doesNotHaveDuplicates();
    assertThat(Arrays.stream(first).allMatch(i -> i >= 0 && i < 10)).isTrue();
    assertThat(epoch(1, 1)).doesNotHaveDuplicates().isNotEqualTo(first);
    assertThat(epoch(0, 2)).doesNotHaveDuplicates().isNotEqualTo(first);
    // With count a divisor of the population, all of it.
    int[] all = IntStream.range(0, 5).flatMap(b -> Arrays.stream(batch(b, 10, 2, 1))).toArray();
    assertThat(all).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  /** The three batches of three out of ten. */
  private int[] epoch(int epoch, int member) {
    return IntStream.range(3 * epoch, 3 * epoch + 3)
        .flatMap(step -> Arrays.stream(batch(step, 10, 3, member)))
        .toArray();
  }

  @Test
  void membersShuffleOnTheirOwn() {
    int[] both = batch(5, 100, 7, 3, 8);
    assertThat(Arrays.copyOfRange(both, 7, 14)).containsExactly(batch(5, 100, 7, 8));
    assertThat(Arrays.copyOf(both, 7)).isNotEqualTo(Arrays.copyOfRange(both, 7, 14));
  }
}
