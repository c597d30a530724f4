package dev.troupe.experiments.artificial;

import static dev.troupe.experiments.TestRuns.checkpoint;
import static dev.troupe.experiments.TestRuns.delete;
import static dev.troupe.experiments.TestRuns.metrics;
import static dev.troupe.experiments.TestRuns.results;
import static dev.troupe.experiments.TestRuns.resumedFrom;
import static dev.troupe.experiments.TestRuns.troupe;
import static dev.troupe.experiments.TestRuns.unfinishedCopy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.experiments.TestRuns;
import dev.troupe.experiments.TestRuns.Result;
import dev.troupe.tensor.io.CheckpointStore;
import dev.troupe.tensor.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The experiments from the command line to their files, in this process. */
class ArtificialRunTest {
  /** Stages of 12, 6 and 6 iterations, with checkpoints at 5, 10 and 12. */
  static final List<String> TINY =
      List.of(
          "repeats=2",
          "dimension=4",
          "width=8",
          "layers=3",
          "iterations=12",
          "batchSize=4",
          "judgeIterations=6",
          "criticIterations=6",
          "judgeBatch=8",
          "frechetPoints=100",
          "heldOut=50",
          "measureEvery=5",
          "checkpointEvery=5");

  private static final String MIXTURES = "mixtures=1G1D@3,2G2D@2";
  private static final int STEPS = 2 * 2 * (12 + 6 + 6);

  @TempDir static Path shared;
  @TempDir Path temp;

  private static Path whole; // a run that nothing happened to

  @BeforeAll
  static void runOnce() {
    whole = shared.resolve("whole");
    assertFinishes(whole, "--threads", "2");
  }

  private static Result run(Path out, String... options) {
    return troupe(
        TestRuns.arguments("artificial/gaussians", out, TINY, List.of(MIXTURES), options));
  }

  private static void assertFinishes(Path out, String... options) {
    Result result = run(out, options);
    assertThat(result.code()).as(result.err()).isZero();
  }

  private static void assertSame(Path run, Path expected) throws IOException {
    for (String name :
        List.of(
            "generators/1g1d-on-3-1.safetensors",
            "generators/2g2d-on-2-2.safetensors",
            "results.md",
            "projections.png",
            "shares.png",
            "training.png",
            "judges.png")) {
      assertThat(run.resolve(name)).hasSameBinaryContentAs(expected.resolve(name));
    }
    assertThat(results(run)).isEqualTo(results(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "gaussians, mixtures=1G1D@3;2G2D@2;1G(2)2D@4, 7",
    "network, mixtures=1G(2)1D;2G1D, 1",
    "trainingset, sizes=20;0, 3",
    "depth, depths=2;3, 2",
    "width, widths=8;16, 2"
  })
  void everyExperimentWritesItsReport(String name, String setting, int findings)
      throws IOException {
    Path out = temp.resolve("run");
    String[] args =
        TestRuns.arguments(
            "artificial/" + name, out, TINY, List.of(setting.replace(';', ','), "repeats=1"));
    Result result = troupe(args);
    assertThat(result.code()).as(result.err()).isZero();
    String text = Files.readString(out.resolve("results.md"));
    assertThat(result.out()).startsWith(text.stripTrailing());
    assertThat(text).contains(", smaller than the paper's run: ", "| real data | ");
    assertThat(text.lines().filter(line -> line.matches("- (seen|not seen|not measured): .*")))
        .hasSize(findings);
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("data:image/png;base64,", "<ul class=\"findings\">")
        .doesNotContain("src=\"http");
    assertThat(text).doesNotContain("NaN");
    for (JsonNode record : results(out).get("records")) {
      assertThat(record.get("mean").isNumber()).as(record.toString()).isTrue();
      assertThat(record.get("n").asInt()).isEqualTo(1);
    }
  }

  @Test
  void everyNumberIsMeasuredInEveryRepeat() throws IOException {
    List<String> rows = new ArrayList<>();
    for (JsonNode record : results(whole).get("records")) {
      rows.add(record.get("row").asText() + " " + record.get("metric").asText());
      assertThat(record.get("n").asInt()).isEqualTo(2);
      assertThat(record.get("std").isNumber()).isTrue();
    }
    for (String row : List.of("1G1D on 3", "2G2D on 2")) {
      assertThat(rows)
          .contains(
              row + " frechet_distance",
              row + " critic_gap",
              row + " wasserstein",
              row + " wasserstein_by_mean_norm",
              row + " lipschitz_k",
              row + " judge_accuracy_percent",
              row + " total_variation_bound_percent",
              row + " least_mode_share_percent");
    }
    assertThat(rows)
        .contains("2G2D on 2 least_own_share_percent", "real data frechet_distance")
        .doesNotContain("1G1D on 3 least_own_share_percent");
  }

  @Test
  void whatTheJudgeSaysBoundsTheTotalVariation() throws IOException {
    for (JsonNode line : metrics(whole)) {
      if (line.has("judge_accuracy")) {
        double accuracy = line.get("judge_accuracy").asDouble();
        assertThat(accuracy).isBetween(0.0, 1.0);
        assertThat(line.get("total_variation_bound").asDouble()).isEqualTo(2 * accuracy - 1);
      }
      if (line.has("shares")) {
        for (JsonNode generator : line.get("shares")) {
          double sum = 0;
          for (JsonNode share : generator) {
            sum += share.asDouble();
          }
          assertThat(sum).isCloseTo(1, within(1e-9));
        }
      }
    }
  }

  @Test
  void theCriticsGapIsKeptOfEveryIteration() throws IOException {
    int iterations = 0;
    for (JsonNode line : metrics(whole)) {
      if (line.has("critic_gaps")) {
        double sum = 0;
        for (JsonNode gap : line.get("critic_gaps")) {
          sum += gap.asDouble();
        }
        int count = line.get("critic_gaps").size();
        assertThat(line.get("critic_gap").asDouble()).isCloseTo(sum / count, within(1e-6));
        iterations += count;
      }
    }
    assertThat(iterations).as("two configurations, two repeats").isEqualTo(2 * 2 * 12);
  }

  @Test
  void generatorsCanBeUsedElsewhere() throws IOException {
    SafeTensors.Contents file =
        SafeTensors.read(whole.resolve("generators/2g2d-on-2-1.safetensors"));
    assertThat(file.metadata()).containsEntry("set.width", "8").containsEntry("seed", "1");
    assertThat(file.arrays().keySet())
        .containsExactlyInAnyOrder(
            "generator.affine0.weight",
            "generator.affine0.bias",
            "generator.affine1.weight",
            "generator.affine1.bias",
            "generator.mixture.logWeight");
    assertThat(file.arrays().get("generator.affine0.weight").shape()).containsExactly(2, 4, 8);
  }

  @Test
  void anotherRunWithOneThreadHasTheSameResults() throws IOException {
    Path other = temp.resolve("run");
    assertFinishes(other, "--threads", "1");
    assertSame(other, whole);
  }

  @Test
  void aKilledRunGoesOnFromItsNewestCheckpointWithTheSameResults() throws IOException {
    // As SIGKILL in iteration 11 of the third training leaves it, but for later stages' files.
    Path run = unfinishedCopy(whole, temp.resolve("run"));
    Files.delete(checkpoint(run, "2g2d-on-2/1/gan", 12));
    Result result = run(run);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(resumedFrom(run)).containsExactly(2 * 24L + 10);
    assertThat(result.err())
        .doesNotContain("train 1g1d-on-3")
        .contains("train 2g2d-on-2/1/gan: 12 of 12", "train 2g2d-on-2/2/critic: 6 of 6");
    assertSame(run, whole);
  }

  @Test
  void aJudgeThatWasLostIsTrainedAgainAndTheGansAreNot() throws IOException {
    Path run = unfinishedCopy(whole, temp.resolve("run"));
    delete(run.resolve("checkpoints/2g2d-on-2/2/judge"));
    Result result = run(run);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).doesNotContain("/gan:").contains("train 2g2d-on-2/2/judge: 6 of 6");
    assertSame(run, whole);
  }

  @Test
  void otherSettingsAreRefusedByName() {
    String[] args =
        TestRuns.arguments("artificial/gaussians", whole, TINY, List.of(MIXTURES, "width=9"));
    assertThat(troupe(args))
        .isEqualTo(
            new Result(
                4,
                "",
                "error: "
                    + whole
                    + ": holds a different run: width is 8, not 9 (give the same values, or another"
                    + " --out)\n"));
  }

  @Test
  void numbersThatOverflowStopTheRunAndSayWhereItBegan() throws IOException {
    Path run = unfinishedCopy(whole, temp.resolve("run"));
    Files.delete(checkpoint(run, "1g1d-on-3/1/gan", 12));
    Path file = checkpoint(run, "1g1d-on-3/1/gan", 10);
    CheckpointStore.Loaded loaded = CheckpointStore.load(file);
    Arrays.fill(loaded.arrays().get("discriminator.affine0.weight").floats(), 1e38f);
    new CheckpointStore(file.getParent(), 2).save(10, loaded.arrays(), loaded.settings());
    Result result = run(run);
    assertThat(result.code()).as(result.err()).isEqualTo(5);
    assertThat(result.err().lines().toList().getLast())
        .matches(
            "error: 1g1d-on-3/1/gan: .* not finite in iteration 10, update 1 of the discriminators;"
                + " the same command with --check-numerics shows where it begins");
    assertThat(file).exists();
    assertThat(checkpoint(run, "1g1d-on-3/1/gan", 12)).doesNotExist();
  }

  @Test
  void thePapersPresetSaysHowLongItWillTakeBeforeItStarts() {
    Result result = run(temp.resolve("run"), "--preset", "paper", "--threads", "1");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .startsWith("measuring how long this will take on this machine …\nthis will take about ");
    assertThat(result.out()).contains(", unlike the paper's run: ");
  }

  @Test
  void theStepsOfAllStagesAreLoggedInOrder() throws IOException {
    List<Long> steps = metrics(whole).stream().map(line -> line.get("step").asLong()).toList();
    assertThat(steps).isSorted().endsWith((long) STEPS);
  }
}
