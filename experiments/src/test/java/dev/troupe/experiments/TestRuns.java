package dev.troupe.experiments;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

/** Runs of experiments in this process, and what they leave behind. */
public final class TestRuns {
  private static final JsonMapper JSON = new JsonMapper();

  private TestRuns() {}

  public record Result(int code, String out, String err) {}

  /** A command line in this process. */
  public static Result troupe(String... args) {
    return troupe(Experiments.all(), args);
  }

  /** A command line in this process, with these experiments. */
  public static Result troupe(List<Experiment> experiments, String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false);
    int code = TroupeCommand.execute(console, experiments, List.of(), args);
    return new Result(code, out.toString(UTF_8), err.toString(UTF_8));
  }

  /**
   * The arguments of a run.
   *
   * @param tiny settings that make it small
   * @param settings more of them, which go over the tiny ones
   */
  public static String[] arguments(
      String experiment, Path out, List<String> tiny, List<String> settings, String... options) {
    List<String> args = new ArrayList<>(List.of("run", experiment, "--out", out.toString()));
    TreeMap<String, String> values = new TreeMap<>();
    Stream.of(tiny, settings)
        .flatMap(List::stream)
        .forEach(s -> values.put(s.substring(0, s.indexOf('=')), s));
    values.values().forEach(s -> args.addAll(List.of("--set", s)));
    args.addAll(List.of(options));
    return args.toArray(String[]::new);
  }

  /** {@code results.json} without the only thing that may differ between two equal runs. */
  public static JsonNode results(Path run) throws IOException {
    JsonNode json = JSON.readTree(run.resolve("results.json").toFile());
    assertThat(((ObjectNode) json.get("header")).remove("wall_seconds").asDouble()).isPositive();
    return json;
  }

  public static List<JsonNode> metrics(Path run) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readString(run.resolve("metrics.jsonl")).split("\n")) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  public static List<Long> resumedFrom(Path run) throws IOException {
    return metrics(run).stream()
        .filter(line -> line.has("resumed_from"))
        .map(line -> line.get("resumed_from").asLong())
        .toList();
  }

  public static Path checkpoint(Path run, String stage, int step) {
    return run.resolve("checkpoints/%s/checkpoint-%09d.safetensors".formatted(stage, step));
  }

  /** A copy of a finished run that has lost its results and so is to be gone on with. */
  public static Path unfinishedCopy(Path run, Path to) throws IOException {
    copy(run, to);
    Files.delete(to.resolve("results.json"));
    return to;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  public static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
