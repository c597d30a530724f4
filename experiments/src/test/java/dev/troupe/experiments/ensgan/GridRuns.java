package dev.troupe.experiments.ensgan;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.experiments.Experiments;
import dev.troupe.experiments.cli.TroupeCommand;
import dev.troupe.experiments.run.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

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

  private static final JsonMapper JSON = new JsonMapper();

  private GridRuns() {}

  record Result(int code, String out, String err) {}

  /** A command line in this process. */
  static Result troupe(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    int code = TroupeCommand.execute(console, Experiments.all(), List.of(), args);
    return new Result(code, out.toString(UTF_8), err.toString(UTF_8));
  }

  /** The arguments of a tiny run, with more settings (which go over the tiny ones) and options. */
  static String[] arguments(Path out, List<String> settings, String... options) {
    List<String> args = new ArrayList<>(List.of("run", "ensgan/grid2d", "--out", out.toString()));
    TreeMap<String, String> values = new TreeMap<>();
    Stream.of(TINY, settings)
        .flatMap(List::stream)
        .forEach(s -> values.put(s.substring(0, s.indexOf('=')), s));
    values.values().forEach(s -> args.addAll(List.of("--set", s)));
    args.addAll(List.of(options));
    return args.toArray(String[]::new);
  }

  static Result run(Path out, String... options) {
    return troupe(arguments(out, List.of(), options));
  }

  static void assertFinishes(Path out, String... options) {
    Result result = run(out, options);
    assertThat(result.code).as(result.err).isZero();
  }

  /** {@code results.json} without the only thing that may differ between two equal runs. */
  static JsonNode results(Path run) throws IOException {
    JsonNode json = JSON.readTree(run.resolve("results.json").toFile());
    assertThat(((ObjectNode) json.get("header")).remove("wall_seconds").asDouble()).isPositive();
    return json;
  }

  static List<JsonNode> metrics(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readString(run.resolve("metrics.jsonl")).split("\n")) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  /** The steps of the lines that have losses, which a step has once. */
  static List<Long> steps(Path run) throws IOException {
    return metrics(run).stream()
        .filter(line -> line.has("loss_d"))
        .map(line -> line.get("step").asLong())
        .toList();
  }

  static List<Long> resumedFrom(Path run) throws IOException {
    return metrics(run).stream()
        .filter(line -> line.has("resumed_from"))
        .map(line -> line.get("resumed_from").asLong())
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

  static Path checkpoint(Path run, String stage, int step) {
    return run.resolve("checkpoints/%s/checkpoint-%09d.safetensors".formatted(stage, step));
  }

  /** A copy of a finished run that has lost its results and so is to be gone on with. */
  static Path unfinishedCopy(Path run, Path to) throws IOException {
    copy(run, to);
    Files.delete(to.resolve("results.json"));
    return to;
  }

  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
