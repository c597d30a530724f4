package dev.troupe.gan.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.gan.Mixture;
import dev.troupe.gan.boosting.DataWeights;
import dev.troupe.gan.boosting.NextShare;
import dev.troupe.gan.boosting.Reweighting;
import dev.troupe.gan.boosting.WeightedDraw;
import dev.troupe.gan.metrics.DensityCoverage;
import dev.troupe.gan.metrics.Features;
import dev.troupe.gan.metrics.FrechetDistance;
import dev.troupe.gan.metrics.KernelDistance;
import dev.troupe.gan.metrics.NearestNeighbours;
import dev.troupe.gan.metrics.PrecisionRecall;
import dev.troupe.gan.metrics.Summary;
import dev.troupe.kernels.Philox;
import dev.troupe.kernels.cpu.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The examples of {@code docs/metrics.md} and {@code docs/boosting.md}: that they are those below,
 * and that they do as told.
 */
class PagesTest {
  private static final Path SOURCE = Path.of("src/test/java/dev/troupe/gan/example/PagesTest.java");

  private static float[] normal(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[count];
    for (int i = 0; i < count; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  @Test
  void metrics() {
    float[] ofTestImages = normal(1, 400 * 64);
    float[] ofSamples = normal(2, 300 * 64);
    System.arraycopy(ofTestImages, 17 * 64, ofSamples, 8 * 64, 64);
    int seed = 1;
    // metrics begin
    Features real = new Features(ofTestImages, 64); // [N, 64]
    Features made = new Features(ofSamples, 64); // [M, 64]
    try (Workers workers = new Workers(2)) {
      double fid = FrechetDistance.between(workers, real, made);
      Summary kid = KernelDistance.between(workers, real, made, 200, 50, seed); // 50 subsets of 200
      PrecisionRecall pr = PrecisionRecall.of(workers, real, made, PrecisionRecall.K);
      DensityCoverage dc = DensityCoverage.of(workers, real, made, DensityCoverage.K);
      NearestNeighbours near = NearestNeighbours.search(workers, made, real, 3);
      int twin = near.index(8, 0); // of the real points, the nearest to made point 8
      double apart = near.distance(8, 0);
      // metrics end
      assertThat(fid).isBetween(0.0, 30.0);
      assertThat(Math.abs(kid.mean())).isLessThan(0.05);
      assertThat(pr.precision()).isBetween(0.3, 1.0);
      assertThat(pr.recall()).isBetween(0.3, 1.0);
      assertThat(dc.density()).isBetween(0.8, 1.2);
      assertThat(dc.coverage()).isBetween(0.8, 1.0);
      assertThat(twin).isEqualTo(17);
      assertThat(apart).isZero();
    }
  }

  @Test
  void boosting() {
    float[] probabilities = new float[1000];
    Arrays.setAll(new Object[1000], i -> probabilities[i] = (i + 1) / 1001f);
    int[] batch = new int[64];
    int step = 5;
    int stream = 7;
    int member = 2;
    // boosting begin
    Mixture mixture = Mixture.uniform(2); // two members are there, a third is to come
    double beta = new NextShare.Uniform().after(2); // 1/3
    double[] ratios = Reweighting.ratios(probabilities); // D of each real image
    DataWeights weights = new Reweighting.TheoryStar().weights(ratios, beta);
    weights.warning().ifPresent(System.err::println);
    WeightedDraw draw = new WeightedDraw(weights.values());
    draw.draw(new Philox.Key(1, step, stream, member), 64, batch, 0); // 64 different images
    mixture = mixture.extended(beta); // once it is trained: 1/3 each
    // boosting end
    assertThat(weights.warning()).isEmpty();
    assertThat(batch).doesNotHaveDuplicates();
    assertThat(Arrays.stream(batch).average().orElseThrow()).isGreaterThan(600);
    assertThat(mixture.weights())
        .containsExactly(new double[] {1.0 / 3, 1.0 / 3, 1.0 / 3}, within(1e-15));
  }

  @Test
  void thePagesShowThem() throws IOException {
    for (String page : new String[] {"metrics", "boosting"}) {
      String text = Files.readString(Path.of("../docs/" + page + ".md"));
      String source = Files.readString(SOURCE);
      String run = between(source, "// " + page + " begin\n", "// " + page + " end").stripIndent();
      String shown = between(text, "```java\n", "```");
      assertThat(page.equals("metrics") ? shown.replaceFirst("}\n$", "") : shown)
          .isEqualTo(run.stripTrailing() + "\n");
    }
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin);
    assertThat(from).as("'%s'", begin.strip()).isNotNegative();
    int to = text.indexOf(end, from + begin.length());
    assertThat(to).as("'%s' after '%s'", end, begin.strip()).isNotNegative();
    return text.substring(from + begin.length(), to);
  }
}
