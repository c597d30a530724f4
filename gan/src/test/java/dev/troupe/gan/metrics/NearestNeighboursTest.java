package dev.troupe.gan.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.kernels.cpu.Workers;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NearestNeighboursTest {
  private static final Workers WORKERS = new Workers(2);

  @AfterAll
  static void close() {
    WORKERS.close();
  }

  /** Points whose numbers are integers from 0 to {@code values - 1}. */
  private static Features integers(long seed, int count, int width, int values) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[count * width];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(values);
    }
    return new Features(x, width);
  }

  private static Features normal(long seed, int count, int width, double mean, double sd) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[count * width];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (mean + sd * random.nextGaussian());
    }
    return new Features(x, width);
  }

  /** All points of the base, sorted by distance and then by index. */
  private static int[] sorted(Features queries, int query, Features base, boolean others) {
    double[] d = new double[base.count()];
    Arrays.setAll(d, i -> squared(queries, query, base, i));
    return IntStream.range(0, base.count())
        .filter(i -> !others || i != query)
        .boxed()
        .sorted((i, j) -> d[i] == d[j] ? Integer.compare(i, j) : Double.compare(d[i], d[j]))
        .mapToInt(i -> i)
        .toArray();
  }

  private static double squared(Features a, int i, Features b, int j) {
    double sum = 0;
    for (int f = 0; f < a.width(); f++) {
      double e = (double) a.values()[i * a.width() + f] - b.values()[j * b.width() + f];
      sum += e * e;
    }
    return sum;
  }

  private static void check(
      NearestNeighbours found, Features queries, Features base, boolean others) {
    int k = found.k();
    assertThat(found.indices()).hasSize(queries.count() * k);
    for (int q = 0; q < queries.count(); q++) {
      int[] expected = Arrays.copyOf(sorted(queries, q, base, others), k);
      assertThat(Arrays.copyOfRange(found.indices(), q * k, q * k + k)).isEqualTo(expected);
      for (int i = 0; i < k; i++) {
        double d = squared(queries, q, base, expected[i]);
        assertThat(found.squared()[q * k + i]).isCloseTo(d, within(1e-14 * d));
      }
    }
  }

  /** Sums of small integers are exact in any order, and many distances are equal. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "3, 5, 1, 5",
    "20, 1023, 2, 3",
    "17, 1024, 7, 4",
    "300, 1025, 8, 10",
    "33, 2100, 9, 1",
    "40, 700, 100, 3"
  })
  void matchesASortOfAllDistancesTiesIncluded(int queries, int points, int width, int k) {
    Features q = integers(1, queries, width, 4);
    Features base = integers(2, points, width, 4);
    check(NearestNeighbours.search(WORKERS, q, base, k), q, base, false);
    if (k < points) {
      check(NearestNeighbours.within(WORKERS, base, k), base, base, true);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "1000, 0.001", // float products know nothing of these distances
    "0, 1e30", // float products overflow
    "1e38, 1e37",
    "0, 1e-30", // float products underflow
    "0, 1e-22", // their terms are denormal
    "0, 3e-23",
    "0, 1e-43" // so are the points
  })
  void nothingThatFloatsDoMakesADifference(double mean, double sd) {
    Features q = normal(3, 40, 60, mean, sd);
    Features base = normal(4, 1300, 60, mean, sd);
    check(NearestNeighbours.search(WORKERS, q, base, 4), q, base, false);
  }

  /** One point far out makes the bound of its block useless, but not wrong. */
  @Test
  void anOutlierDoesNoHarm() {
    float[] x = normal(5, 1300, 12, 0, 1).values().clone();
    x[77 * 12 + 3] = 1e18f;
    Features base = new Features(x, 12);
    Features q = normal(6, 30, 12, 0, 1);
    check(NearestNeighbours.search(WORKERS, q, base, 5), q, base, false);
    check(NearestNeighbours.within(WORKERS, base, 2), base, base, true);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void theSameBitsOnAnyNumberOfThreads(int threads) {
    Features q = normal(7, 530, 50, 0.5, 1);
    Features base = normal(8, 2500, 50, 0.5, 1);
    try (Workers one = new Workers(1);
        Workers more = new Workers(threads)) {
      NearestNeighbours a = NearestNeighbours.search(one, q, base, 6);
      NearestNeighbours b = NearestNeighbours.search(more, q, base, 6);
      assertThat(b.indices()).isEqualTo(a.indices());
      assertThat(b.squared()).isEqualTo(a.squared());
    }
  }

  @Test
  void aQueryAloneHasTheBitsThatItHasAmongOthers() {
    Features q = normal(9, 300, 33, 0, 1);
    Features base = normal(10, 1100, 33, 0, 1);
    NearestNeighbours all = NearestNeighbours.search(WORKERS, q, base, 3);
    Features alone = new Features(Arrays.copyOfRange(q.values(), 33 * 200, 33 * 201), 33);
    NearestNeighbours one = NearestNeighbours.search(WORKERS, alone, base, 3);
    assertThat(one.indices()).isEqualTo(Arrays.copyOfRange(all.indices(), 600, 603));
    assertThat(one.squared()).isEqualTo(Arrays.copyOfRange(all.squared(), 600, 603));
  }

  @Test
  void copiesAreNeighboursOfEachOther() {
    Features points = new Features(new float[] {1, 1, 5, 5, 1, 1}, 2);
    NearestNeighbours n = NearestNeighbours.within(WORKERS, points, 2);
    assertThat(n.indices()).containsExactly(2, 1, 0, 2, 0, 1);
    assertThat(n.distance(0, 0)).isZero();
    assertThat(n.distance(1, 1)).isEqualTo(Math.sqrt(32));
    assertThat(n.index(1, 1)).isEqualTo(2);
    NearestNeighbours self = NearestNeighbours.search(WORKERS, points, points, 1);
    assertThat(self.indices()).containsExactly(0, 1, 0);
    assertThat(
            NearestNeighbours.search(WORKERS, new Features(new float[0], 2), points, 1).indices())
        .isEmpty();
  }

  @Test
  void badInput() {
    Features two = new Features(new float[4], 2);
    Features three = new Features(new float[9], 3);
    assertThatThrownBy(() -> NearestNeighbours.search(WORKERS, two, three, 1))
        .hasMessage(
            "nearestNeighbours: queries of 2 and a base of 3 numbers, expected equally many");
    assertThatThrownBy(() -> NearestNeighbours.search(WORKERS, three, three, 4))
        .hasMessage("nearestNeighbours: 4 neighbours in a base of 3 points, expected 1 to 3");
    assertThatThrownBy(() -> NearestNeighbours.within(WORKERS, three, 3))
        .hasMessage("nearestNeighbours: 3 neighbours among 3 points, expected 1 to 2");
    assertThatThrownBy(() -> NearestNeighbours.within(WORKERS, three, 0))
        .hasMessage("nearestNeighbours: 0 neighbours among 3 points, expected 1 to 2");
    assertThatThrownBy(() -> NearestNeighbours.within(WORKERS, three, 1).index(0, 1))
        .hasMessage("nearestNeighbours: neighbour 1, expected 0 to 0");
    assertThatThrownBy(() -> new Features(new float[] {0, 0, 0, Float.NaN}, 2))
        .hasMessage("features: value [1, 1] is NaN, expected a finite number");
    assertThatThrownBy(() -> new Features(new float[] {Float.NEGATIVE_INFINITY}, 1))
        .hasMessage("features: value [0, 0] is -Infinity, expected a finite number");
    assertThatThrownBy(() -> new Features(new float[5], 2))
        .hasMessage("features: 5 numbers, expected whole points of 2");
    assertThatThrownBy(() -> new Features(new float[5], 0))
        .hasMessage("features: 5 numbers, expected whole points of 0");
  }
}
