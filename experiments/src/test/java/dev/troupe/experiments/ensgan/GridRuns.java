package dev.troupe.experiments.ensgan;

import static dev.troupe.experiments.TestRuns.metrics;
import static dev.troupe.experiments.TestRuns.results;
import static dev.troupe.experiments.TestRuns.troupe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.TestRuns;
import dev.troupe.experiments.TestRuns.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Small runs of {@code ensgan/grid2d} and what they leave behind. */
final class GridRuns {
  /** Four stages (GAN, PacGAN 2 to 4) of 20 steps, with checkpoints at 7, 14 and 20. */
  static final List<String> TINY =
      List.of(
          "members=3",
          "points=1000",
          "widthG=8",
          "widthD=8",
          "epochs=2",
          "generated=500",
          "evaluated=250",
          "bootstrap=20",
          "packedMembers=2",
          "checkpointEvery=7");

  private GridRuns() {}

  /** The arguments of a tiny run, with more settings (which go over the tiny ones) and options. */
  static String[] arguments(Path out, List<String> settings, String... options) {
    return TestRuns.arguments("ensgan/grid2d", out, TINY, settings, options);
  }

  static Result run(Path out, String... options) {
    return troupe(arguments(out, List.of(), options));
  }

  static void assertFinishes(Path out, String... options) {
    Result result = run(out, options);
    assertThat(result.code()).as(result.err()).isZero();
  }

  /** The steps of the lines that have losses, which a step has once. */
  static List<Long> steps(Path run) throws IOException {
    return metrics(run).stream()
        .filter(line -> line.has("loss_d"))
        .map(line -> line.get("step").asLong())
        .toList();
  }

  /** Checks that two runs have the same generators bit for bit, and the same results. */
  static void assertSame(Path run, Path expected) throws IOException {
    for (String name :
        List.of(
            "generators.safetensors",
            "generators-pacgan2.safetensors",
            "generators-pacgan3.safetensors",
            "generators-pacgan4.safetensors",
            "table1.md",
            "figure1.png",
            "figure5.png",
            "training.png")) {
      assertThat(run.resolve(name)).hasSameBinaryContentAs(expected.resolve(name));
    }
    assertThat(results(run)).isEqualTo(results(expected));
    assertThat(steps(run)).isEqualTo(steps(expected));
  }
}
