package dev.troupe.experiments.ensgan.images;

import static dev.troupe.experiments.TestRuns.checkpoint;
import static dev.troupe.experiments.TestRuns.delete;
import static dev.troupe.experiments.TestRuns.metrics;
import static dev.troupe.experiments.TestRuns.results;
import static dev.troupe.experiments.TestRuns.resumedFrom;
import static dev.troupe.experiments.TestRuns.unfinishedCopy;
import static dev.troupe.experiments.ensgan.images.ImageRuns.arguments;
import static dev.troupe.experiments.ensgan.images.ImageRuns.troupe;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.TestRuns.Result;
import dev.troupe.tensor.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The experiment from the command line to its files, in this process. */
class ImageRunTest {
  private static final List<String> PICTURES =
      List.of(
          "accuracy.png",
          "curves.png",
          "fid.png",
          "samples-independent-gans-1.png",
          "samples-adagan-gans-1.png",
          "samples-adagan-gans-2.png",
          "samples-ten-gans-1.png",
          "neighbours-independent-1.png",
          "neighbours-independent-2.png",
          "neighbours-adagan-1.png",
          "neighbours-adagan-2.png");

  private static final List<String> GENERATORS =
      List.of(
          "generators/independent-gans-1.safetensors",
          "generators/adagan-gans-1.safetensors",
          "generators/adagan-gans-2.safetensors",
          "generators/ten-gans-1.safetensors");

  private static final List<String> ROWS =
      List.of("real images", "ten-class GANs", "T = 1", "T = 2", "AdaGAN, T = 1", "AdaGAN, T = 2");

  @TempDir static Path shared;
  @TempDir Path temp;

  private static Path data;
  private static Path cache;
  private static Path whole; // a run that nothing happened to
  private static Result wholeResult;

  @BeforeAll
  static void runOnce() throws IOException {
    data = ImageRuns.write(shared.resolve("data"));
    cache = shared.resolve("cache");
    whole = shared.resolve("whole");
    wholeResult = run(whole, List.of(), "--threads", "2", "--cache", cache.toString());
    assertThat(wholeResult.code()).as(wholeResult.err()).isZero();
  }

  private static Result run(Path out, List<String> settings, String... options) {
    List<String> all = new ArrayList<>(List.of("--data", data.toString()));
    all.addAll(List.of(options));
    return troupe(arguments(out, settings, all.toArray(String[]::new)));
  }

  private static JsonNode record(Path run, String table, String row, String metric)
      throws IOException {
    for (JsonNode r : results(run).get("records")) {
      if (r.get("table").asText().equals(table)
          && r.get("row").asText().equals(row)
          && r.get("metric").asText().equals(metric)) {
        return r;
      }
    }
    throw new AssertionError(table + ", " + row + ", " + metric + " is not there");
  }

  @Test
  void everyFileIsThere() throws IOException {
    List<String> files = new ArrayList<>(List.of("report.html", "results.md", "results.json"));
    files.addAll(PICTURES);
    files.addAll(GENERATORS);
    files.add("metrics.jsonl");
    String text = Files.readString(whole.resolve("results.md"));
    assertThat(wholeResult.out())
        .isEqualTo(
            text.stripTrailing()
                + "\n\n"
                + String.join("\n", files.stream().map(f -> whole.resolve(f).toString()).toList())
                + "\n");
    assertThat(text)
        .startsWith(
            "DCGANs on fashion-mnist (200 images in 2 classes), ensembles of T = 1 to 2, smaller"
                + " than the paper's run: dataset fashion-mnist instead of cifar-10, ")
        .contains("compared 10 instead of all.")
        .contains("trend, ", " T = 2 ", "T = 1 against T = 2: ");
    for (String row : ROWS) {
      assertThat(text).contains("| " + row + " | **");
    }
    for (String name : files) {
      byte[] bytes = Files.readAllBytes(whole.resolve(name));
      assertThat(bytes.length).as(name).isGreaterThan(1000);
      if (name.endsWith(".png")) {
        assertThat(Arrays.copyOf(bytes, 4)).isEqualTo(new byte[] {(byte) 0x89, 'P', 'N', 'G'});
      }
    }
    for (int step : new int[] {3, 5}) {
      assertThat(whole.resolve("sheets/adagan/gans-2/step-%09d.png".formatted(step))).exists();
    }
    assertThat(Files.readString(whole.resolve("report.html")))
        .contains("data:image/png;base64,", "AdaGAN is not significantly better")
        .doesNotContain("src=\"http", "href=\"http");
  }

  @Test
  void everyScoreIsAFullRecord() throws IOException {
    JsonNode best = record(whole, "accuracy", "T = 2", "best_accuracy_percent");
    assertThat(best.get("n").asInt()).isEqualTo(2);
    assertThat(best.get("mean").asDouble())
        .isGreaterThanOrEqualTo(
            record(whole, "accuracy", "T = 2", "final_accuracy_percent").get("mean").asDouble());
    JsonNode how = best.get("protocol");
    assertThat(how.get("samples").asInt()).isEqualTo(200);
    assertThat(how.get("members").asInt()).isEqualTo(2);
    assertThat(how.get("batchNorm").asText()).isEqualTo("running");
    assertThat(how.get("averaging").asText()).isEqualTo("2 classifiers");
    assertThat(how.get("seed").asLong()).isEqualTo(1);
    assertThat(how.get("split").asText())
        .isEqualTo(
            "fashion-mnist, 60 real test images; best over training, selected on the test set, as"
                + " in the paper");
    JsonNode fid = record(whole, "distances", "AdaGAN, T = 2", "fid");
    assertThat(fid.get("mean").asDouble()).isPositive();
    assertThat(fid.get("protocol").get("samples").asInt()).isEqualTo(30);
    assertThat(fid.get("protocol").get("extractor").asText()).startsWith("SimpleCNN, 64 features");
    assertThat(fid.get("protocol").get("extractorHash").asText()).matches("[0-9a-f]{64}");
    assertThat(record(whole, "distances", "real images", "fid").get("protocol").has("batchNorm"))
        .isFalse();
  }

  @Test
  void theCurveHasEachRun() throws IOException {
    List<JsonNode> lines =
        metrics(whole).stream()
            .filter(line ->
                line.path("stage").asText().equals("classifiers/ten") && line.has("accuracy"))
            .toList();
    assertThat(lines).hasSize(2).allSatisfy(line -> assertThat(line.get("accuracy")).hasSize(2));
  }

  /** Boosting has nothing to go by before there is a GAN. */
  @Test
  void theFirstGansOfAdaGanAreThoseOfIndependentEnsembles() throws IOException {
    var independent = SafeTensors.read(whole.resolve(GENERATORS.get(0))).arrays();
    var boosted = SafeTensors.read(whole.resolve(GENERATORS.get(1))).arrays();
    var next = SafeTensors.read(whole.resolve(GENERATORS.get(2))).arrays();
    String name = "generator.output.weight";
    float[] all = independent.get(name).floats(); // [4, …]
    float[] first = boosted.get(name).floats(); // [2, …]
    assertThat(first).isEqualTo(Arrays.copyOf(all, first.length));
    assertThat(next.get(name).floats())
        .isNotEqualTo(Arrays.copyOfRange(all, first.length, all.length));
    for (String metric : List.of("best_accuracy_percent", "final_accuracy_percent")) {
      assertThat(record(whole, "accuracy", "AdaGAN, T = 1", metric).get("mean"))
          .isEqualTo(record(whole, "accuracy", "T = 1", metric).get("mean"));
    }
  }

  @Test
  void aLostCheckpointChangesNothing() throws IOException {
    Path run = unfinishedCopy(whole, temp.resolve("run"));
    Files.delete(checkpoint(run, "adagan/gans-2", 5));
    delete(run.resolve("samples"));
    Result result = run(run, List.of(), "--threads", "1", "--no-cache");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(resumedFrom(run)).hasSize(1);
    assertSame(run);
  }

  private static void assertSame(Path run) throws IOException {
    assertThat(results(run)).isEqualTo(results(whole));
    assertThat(run.resolve("results.md")).hasSameBinaryContentAs(whole.resolve("results.md"));
    for (String name : PICTURES) {
      assertThat(run.resolve(name)).hasSameBinaryContentAs(whole.resolve(name));
    }
    for (String name : GENERATORS) {
      assertThat(run.resolve(name)).hasSameBinaryContentAs(whole.resolve(name));
    }
  }

  /** Members on their own are trained as among others, so how they are grouped does not matter. */
  @Test
  void otherGroupsGiveTheSameBits() throws IOException {
    Path run = temp.resolve("run");
    Result result = run(run, List.of("group=1"), "--no-cache");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(wholeResult.err())
        .containsPattern("GANs: 10 side by side, of 10; each takes .* MiB, and cpu has room for ")
        .contains("classifiers: 2 side by side, of 2; ");
    assertThat(result.err()).contains("GANs: 1 side by side, of 10; ");
    for (String ensemble : List.of("independent", "adagan", "ten")) {
      assertThat(generators(run, ensemble))
          .containsExactlyElementsOf(generators(whole, ensemble))
          .hasSize(ensemble.equals("ten") ? 10 : 4);
    }
    assertThat(recordsOf(run)).isEqualTo(recordsOf(whole));
    assertThat(run.resolve("groups.json")).hasContent("{\"gans\":1,\"classifiers\":1}");
  }

  /** The bits of each GAN of an ensemble, of all tensors of its generator. */
  private static List<String> generators(Path run, String ensemble) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(run.resolve("generators"))) {
      files =
          all.filter(f -> f.getFileName().toString().startsWith(ensemble + "-gans-"))
              .sorted(Comparator.comparing(ImageRunTest::numbers))
              .toList();
    }
    List<String> out = new ArrayList<>();
    for (Path file : files) {
      var arrays = SafeTensors.read(file).arrays();
      int members = arrays.get("generator.output.weight").shape()[0];
      for (int e = 0; e < members; e++) {
        StringBuilder bits = new StringBuilder();
        for (var array : arrays.entrySet()) {
          float[] values = array.getValue().floats();
          int each = values.length / members;
          bits.append(array.getKey())
              .append(Arrays.toString(Arrays.copyOfRange(values, e * each, (e + 1) * each)));
        }
        out.add(bits.toString());
      }
    }
    return out;
  }

  /** The numbers in a name, so that they can be compared as text. */
  private static String numbers(Path file) {
    return Pattern.compile("\\d+")
        .matcher(file.getFileName().toString())
        .results()
        .map(n -> "%5s".formatted(n.group()))
        .collect(Collectors.joining());
  }

  /** All numbers of a run; the header differs by the setting. */
  private static JsonNode recordsOf(Path run) throws IOException {
    return results(run).get("records");
  }

  @Test
  void aResumedRunKeepsItsGroups() throws IOException {
    Path run = unfinishedCopy(whole, temp.resolve("run"));
    Files.writeString(run.resolve("groups.json"), "{\"gans\":0,\"classifiers\":2}");
    Result damaged = run(run, List.of(), "--no-cache");
    assertThat(damaged.code()).isEqualTo(ExitCode.FILES.code());
    assertThat(damaged.err())
        .contains(
            "groups.json: is '{\"gans\":0,\"classifiers\":2}', expected"
                + " {\"gans\":N,\"classifiers\":N} with numbers of 1 or more");
    Files.writeString(run.resolve("groups.json"), "{\"gans\":10,\"classifiers\":2}");
    Result result = run(run, List.of(), "--no-cache");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).doesNotContain("side by side", "train ");
    assertSame(run);
  }

  private static TreeSet<String> taken(Result result) {
    TreeSet<String> names = new TreeSet<>();
    result
        .err()
        .lines()
        .filter(line -> line.contains(": taken from " + cache))
        .forEach(line -> names.add(line.substring(0, line.indexOf(':'))));
    return names;
  }

  @Test
  void anotherClassifierTakesTheSameGansFromTheCache() throws IOException {
    Path run = temp.resolve("run");
    Result result =
        run(
            run,
            List.of("ensemble=adagan", "runs=1", "resnetWidth=2"),
            "--classifier",
            "resnet18",
            "--cache",
            cache.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(taken(result))
        .containsExactly(
            "adagan/gans-1", "adagan/gans-2", "adagan/weights-2", "extractor", "ten/gans-1");
    assertThat(result.err()).doesNotContain("generating samples");
    assertThat(results(run).get("header").get("parameter_hash")).isNotNull();
    Path generators = run.resolve(GENERATORS.get(2));
    assertThat(SafeTensors.read(generators).arrays().get("generator.output.weight").floats())
        .isEqualTo(
            SafeTensors.read(whole.resolve(GENERATORS.get(2)))
                .arrays()
                .get("generator.output.weight")
                .floats());
  }

  @Test
  void theSameRunIsTakenFromTheCacheAsItWas() throws IOException {
    Path run = temp.resolve("run");
    Result result = run(run, List.of(), "--cache", cache.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).doesNotContain("train ", "generating");
    assertSame(run);
  }

  @Test
  void aDamagedEntryIsSaidAndMadeAnew() throws IOException {
    Path own = temp.resolve("cache");
    List<String> less = List.of("ensemble=independent", "members=1", "tenClassGans=false");
    assertThat(run(temp.resolve("a"), less, "--cache", own.toString()).code()).isZero();
    List<Path> entries;
    try (Stream<Path> files = Files.walk(own)) {
      entries = files.filter(f -> f.toString().endsWith(".safetensors")).toList();
    }
    assertThat(entries).hasSize(5); // GANs, samples, two sets of classifiers, extractor
    for (Path entry : entries) {
      byte[] bytes = Files.readAllBytes(entry);
      bytes[bytes.length - 1] ^= 1;
      Files.write(entry, bytes);
    }
    Result result = run(temp.resolve("b"), less, "--cache", own.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("is damaged, its SHA-256 is ", "; it is not used");
    assertThat(taken(result)).isEmpty();
    assertThat(results(temp.resolve("b"))).isEqualTo(results(temp.resolve("a")));
    UnaryOperator<String> torn = text -> text.substring(0, text.length() / 2);
    UnaryOperator<String> wrongDigit = text -> text.replaceFirst("[1-8]", "9");
    for (UnaryOperator<String> damage : List.of(torn, wrongDigit)) {
      for (Path entry : entries) {
        Path metrics = entry.resolveSibling("metrics.jsonl");
        Files.writeString(metrics, damage.apply(Files.readString(metrics)));
      }
      Path again = temp.resolve("again" + damage.hashCode());
      Result anew = run(again, less, "--cache", own.toString());
      assertThat(anew.code()).as(anew.err()).isZero();
      assertThat(anew.err())
          .contains(
              "metrics.jsonl: is damaged, its SHA-256 is not that in its last line; it is not");
      assertThat(taken(anew)).isEmpty();
      assertThat(results(again)).isEqualTo(results(temp.resolve("a")));
    }
    Result last = run(temp.resolve("d"), less, "--cache", own.toString());
    assertThat(last.err()).doesNotContain("damaged", "train ");
  }

  @Test
  void aCacheThatCannotBeWrittenIsSaidAtOnce() throws IOException {
    Path file = Files.createFile(temp.resolve("file"));
    Result result = run(temp.resolve("a"), List.of(), "--cache", file.toString());
    assertThat(result.code()).isEqualTo(ExitCode.FILES.code());
    assertThat(result.err())
        .endsWith(
            "error: "
                + file
                + ": cannot be written: exists already; give another --cache, or"
                + " --no-cache\n")
        .doesNotContain("train ");
  }

  @Test
  void thePaperPresetSaysHowLongItWillTake() throws IOException {
    Path run = temp.resolve("run");
    Result result =
        run(
            run,
            List.of("members=2", "ensemble=adagan", "runs=1", "dataset=fashion-mnist"),
            "--preset",
            "paper",
            "--classifier",
            "simplecnn",
            "--no-cache");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .contains("measuring how long this will take", "this will take about ")
        .containsPattern(
            "adagan/weights-2, class 'class 0, .*': \\d+ of 100 images have a weight above 0, worth \\d+ of equal weight");
    assertThat(Files.readString(run.resolve("results.md")))
        .startsWith("DCGANs on fashion-mnist (200 images in 2 classes)")
        .contains("T = 1 to 2, unlike the paper's run: ");
    try (Stream<Path> sheets = Files.list(run.resolve("sheets/adagan/gans-1"))) {
      assertThat(sheets.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("step-000000003.png", "step-000000005.png");
    }
  }

  @Test
  void withTenClassesEachGanLearnsOne() throws IOException {
    Path run = temp.resolve("run");
    Result result =
        run(
            run,
            List.of("ensemble=independent", "runs=1", "members=1"),
            "--classes",
            "10",
            "--no-cache");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(Files.readString(run.resolve("results.md")))
        .startsWith("DCGANs on fashion-mnist (200 images in 10 classes), ensembles of T = 1 to 1,")
        .contains("With one ensemble size it cannot show the paper's trend, accuracy over T.")
        .doesNotContain("ten-class GANs");
    assertThat(run.resolve("neighbours-independent-10.png")).exists();
  }
}
