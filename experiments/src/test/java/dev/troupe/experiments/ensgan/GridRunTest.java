package dev.troupe.experiments.ensgan;

import static dev.troupe.experiments.TestRuns.checkpoint;
import static dev.troupe.experiments.TestRuns.delete;
import static dev.troupe.experiments.TestRuns.metrics;
import static dev.troupe.experiments.TestRuns.results;
import static dev.troupe.experiments.TestRuns.resumedFrom;
import static dev.troupe.experiments.TestRuns.troupe;
import static dev.troupe.experiments.TestRuns.unfinishedCopy;
import static dev.troupe.experiments.ensgan.GridRuns.arguments;
import static dev.troupe.experiments.ensgan.GridRuns.assertFinishes;
import static dev.troupe.experiments.ensgan.GridRuns.assertSame;
import static dev.troupe.experiments.ensgan.GridRuns.run;
import static dev.troupe.experiments.ensgan.GridRuns.steps;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.experiments.TestRuns.Result;
import dev.troupe.gan.Gan;
import dev.troupe.gan.PointGan;
import dev.troupe.kernels.reference.ReferenceDevice;
import dev.troupe.nn.State;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.io.CheckpointStore;
import dev.troupe.tensor.io.HostArray;
import dev.troupe.tensor.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The experiment from the command line to its files, in this process. */
class GridRunTest {
  private static final List<String> STAGES = List.of("gan", "pacgan2", "pacgan3", "pacgan4");

  @TempDir static Path shared;
  @TempDir Path temp;

  private static Path whole; // a run that nothing happened to
  private static Result wholeResult;

  @BeforeAll
  static void runOnce() {
    whole = shared.resolve("whole");
    wholeResult = run(whole, "--threads", "2");
    assertThat(wholeResult.code()).as(wholeResult.err()).isZero();
  }

  @Test
  void everyFileIsThere() throws IOException {
    List<String> files =
        List.of(
            "report.html",
            "table1.md",
            "results.json",
            "table1.png",
            "figure1.png",
            "figure5.png",
            "training.png",
            "generators.safetensors",
            "generators-pacgan2.safetensors",
            "generators-pacgan3.safetensors",
            "generators-pacgan4.safetensors",
            "metrics.jsonl");
    String table = Files.readString(whole.resolve("table1.md"));
    assertThat(wholeResult.out())
        .isEqualTo(
            table.stripTrailing()
                + "\n\n"
                + String.join("\n", files.stream().map(f -> whole.resolve(f).toString()).toList())
                + "\n");
    assertThat(table)
        .startsWith(
            "3 GANs on the 25-Gaussian grid, smaller than the paper's run: members 3 instead of"
                + " 25, points 1000 instead of 100000, epochs 2 instead of 400,")
        .contains("| GAN | ", "| EnsGAN-3 | ", "| PacGAN4 | ", "| uniform noise | ")
        .doesNotContain("| EnsGAN-4 |")
        .contains("- EnsGAN-4 is left out: it needs 4 members and 3 were trained.")
        .contains("75.7 ± 4.6 %", "94.8 ± 0.7 %");
    for (String name : files) {
      byte[] bytes = Files.readAllBytes(whole.resolve(name));
      assertThat(bytes.length).as(name).isGreaterThan(1000);
      if (name.endsWith(".png")) {
        assertThat(Arrays.copyOf(bytes, 4)).isEqualTo(new byte[] {(byte) 0x89, 'P', 'N', 'G'});
      }
    }
    try (Stream<Path> events = Files.list(whole.resolve("tensorboard"))) {
      assertThat(events.toList())
          .hasSize(1)
          .allSatisfy(file -> assertThat(file.toFile()).isNotEmpty());
    }
    assertThat(Files.readString(whole.resolve("report.html")))
        .contains("data:image/png;base64,")
        .doesNotContain("src=\"http", "href=\"http");
  }

  @Test
  void resultsAreRecordsUnderAHeader() throws IOException {
    JsonNode json = results(whole);
    JsonNode header = json.get("header");
    assertThat(names(header))
        .containsExactly(
            "version", "experiment", "preset", "seed", "settings", "device", "parameter_hash");
    assertThat(header.get("experiment").asText()).isEqualTo("ensgan/grid2d");
    assertThat(header.get("preset").asText()).isEqualTo("quick");
    assertThat(header.get("device").asText()).isEqualTo("cpu");
    assertThat(header.get("settings").get("packedMembers").asText()).isEqualTo("2");
    assertThat(header.get("settings")).hasSize(GridSettings.ALL.size());
    assertThat(header.get("parameter_hash").asText()).matches("[0-9a-f]{64}(-[0-9a-f]{64}){3}");
    List<String> rows = new ArrayList<>();
    for (JsonNode record : json.get("records")) {
      assertThat(names(record))
          .startsWith("experiment", "table", "row", "metric", "mean", "std", "n");
      rows.add(record.get("row").asText() + " " + record.get("metric").asText());
      if (record.get("row").asText().equals("GAN")
          && record.get("table").asText().equals("table1")
          && record.get("metric").asText().equals("high_quality_percent")) {
        assertThat(record.get("paper").toString())
            .isEqualTo("{\"mean\":75.7,\"spread\":4.6,\"kind\":\"std\"}");
        assertThat(record.get("n").asInt()).isEqualTo(20);
      }
    }
    for (String row :
        List.of("GAN", "EnsGAN-2", "EnsGAN-3", "PacGAN2", "PacGAN3", "PacGAN4", "uniform noise")) {
      assertThat(rows).contains(row + " modes", row + " high_quality_percent", row + " reverse_kl");
    }
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void generatorsCanBeUsedElsewhere() throws IOException {
    SafeTensors.Contents file = SafeTensors.read(whole.resolve("generators-pacgan3.safetensors"));
    assertThat(file.metadata()).containsEntry("set.widthG", "8").containsEntry("seed", "1");
    try (ReferenceDevice device = new ReferenceDevice();
        Scope scope = Scope.open(device, "test")) {
      Gan gan = new PointGan(8, 8, 3).create(new State(scope, 99, 0, 1));
      gan.generatorState().load(file.arrays());
      assertThat(gan.sample(1, 10, 10)).hasDimensions(2, 20);
      gan.generatorState()
          .tensors()
          .forEach(
              (name, t) -> assertThat(t.toFloats()).isEqualTo(file.arrays().get(name).floats()));
    }
  }

  @Test
  void everyStepIsLoggedOnceAndInOrder() throws IOException {
    assertThat(steps(whole)).isEqualTo(LongStream.rangeClosed(1, 80).boxed().toList());
    assertThat(resumedFrom(whole)).isEmpty();
    for (JsonNode line : metrics(whole)) {
      int stage = (line.get("step").asInt() - 1) / 20;
      assertThat(line.get("stage").asText()).isEqualTo(STAGES.get(stage));
      assertThat(line.get("loss_d").asDouble()).isBetween(0.1, 3.0);
      assertThat(line.get("loss_g").asDouble()).isBetween(0.1, 3.0);
      assertThat(line.get("modes").asDouble()).isBetween(0.0, 25.0);
      assertThat(line.get("high_quality").asDouble()).isBetween(0.0, 1.0);
    }
  }

  @Test
  void anotherRunWithOneThreadHasTheSameResults() throws IOException {
    Path other = temp.resolve("run");
    assertFinishes(other, "--threads", "1");
    assertSame(other, whole);
  }

  @Test
  void aFinishedRunIsNotRepeated() throws IOException {
    byte[] metrics = Files.readAllBytes(whole.resolve("metrics.jsonl"));
    assertThat(run(whole))
        .isEqualTo(
            new Result(0, wholeResult.out(), whole + ": finished already, nothing computed\n"));
    assertThat(whole.resolve("metrics.jsonl")).hasBinaryContent(metrics);
  }

  @Test
  void otherSettingsAreRefusedByName() {
    Result result = troupe(arguments(whole, List.of("widthD=9", "epochs=3"), "--seed", "2"));
    assertThat(result)
        .isEqualTo(
            new Result(
                4,
                "",
                "error: "
                    + whole
                    + ": holds a different run: seed is 1, not 2; epochs is 2, not 3; widthD is 8,"
                    + " not 9 (give the same values, or another --out)\n"));
  }

  @Test
  void theReferenceDeviceAgreesAndResumesBitForBit() throws IOException {
    Path reference = temp.resolve("reference");
    assertFinishes(reference, "--device", "reference");
    List<JsonNode> slow = metrics(reference);
    List<JsonNode> fast = metrics(whole);
    assertThat(slow).hasSameSizeAs(fast);
    for (int i = 0; i < slow.size(); i++) {
      for (String loss : List.of("loss_d", "loss_g")) {
        assertThat(fast.get(i).get(loss).asDouble())
            .isCloseTo(slow.get(i).get(loss).asDouble(), within(1e-4));
      }
    }
    Path resumed = unfinishedCopy(reference, temp.resolve("resumed"));
    Files.delete(checkpoint(resumed, "gan", 20));
    assertFinishes(resumed, "--device", "reference");
    assertThat(resumedFrom(resumed)).containsExactly(14L);
    assertSame(resumed, reference);
  }

  @Test
  void alternatingUpdatesRun() throws IOException {
    Path other = temp.resolve("run");
    String[] args = arguments(other, List.of("updates=alternating", "packedMembers=0"));
    Result result = troupe(args);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(steps(other)).hasSize(20);
    assertThat(results(other)).isNotEqualTo(results(whole));
  }

  @ParameterizedTest
  @CsvSource({"gan, 14", "pacgan3, 54"})
  void aDamagedCheckpointGivesWayToTheOneBefore(String stage, long from) throws IOException {
    Path run = unfinishedCopy(whole, temp.resolve("run"));
    Path newest = checkpoint(run, stage, 20);
    byte[] bytes = Files.readAllBytes(newest);
    if (stage.equals("gan")) {
      bytes[bytes.length / 2] ^= 4;
    } else {
      bytes = Arrays.copyOf(bytes, bytes.length - 1);
    }
    Files.write(newest, bytes);
    Result result = run(run);
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .containsPattern(
            "(?m)^\\Q"
                + newest
                + "\\E: .*; checkpoint-000000014.safetensors of step 14 is used instead$")
        .containsPattern("(?m)^train " + stage + ": 20 of 20")
        .containsPattern("(?m)^train pacgan4: 20 of 20"); // made anew, being later
    assertThat(resumedFrom(run)).containsExactly(from);
    assertSame(run, whole);
  }

  @Test
  void withoutASoundCheckpointItSaysWhatToRemove() throws IOException {
    Path run = unfinishedCopy(whole, temp.resolve("run"));
    for (int step : new int[] {14, 20}) {
      Files.writeString(checkpoint(run, "pacgan2", step), "no checkpoint");
    }
    Result result = run(run);
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.err())
        .startsWith("error: " + run.resolve("checkpoints/pacgan2") + ": no checkpoint is whole,")
        .contains("remove them to start anew (")
        .hasLineCount(1);
    delete(run.resolve("checkpoints/pacgan2"));
    assertFinishes(run);
    assertSame(run, whole);
  }

  @Test
  void aForeignCheckpointIsRefusedByName() throws IOException {
    Path run = unfinishedCopy(whole, temp.resolve("run"));
    Path file = checkpoint(run, "gan", 20);
    CheckpointStore.Loaded own = CheckpointStore.load(file);
    SequencedMap<String, String> settings = new LinkedHashMap<>(own.settings());
    settings.put("set.beta1", "0.6");
    new CheckpointStore(file.getParent(), 2).save(20, own.arrays(), settings);
    assertThat(run(run))
        .isEqualTo(
            new Result(
                4,
                "",
                "error: "
                    + file
                    + ": holds a different run: beta1 is 0.6, not 0.5 (give the same values, or"
                    + " another --out)\n"));

    SequencedMap<String, HostArray> arrays = new LinkedHashMap<>(own.arrays());
    arrays.put("generator.output.bias", HostArray.of(new float[9], 3, 3));
    new CheckpointStore(file.getParent(), 2).save(20, arrays, own.settings());
    assertThat(run(run))
        .isEqualTo(
            new Result(
                3,
                "",
                "error: " + file + ": state: generator.output.bias is [3, 3], expected [3, 2]\n"));
  }

  @Test
  void checkingNumericsChangesNoBit() throws IOException {
    Path other = temp.resolve("run");
    assertFinishes(other, "--check-numerics");
    assertSame(other, whole);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void numbersThatOverflowStopTheRun(boolean checked) throws IOException {
    Path run = unfinishedCopy(whole, temp.resolve("run"));
    Files.delete(checkpoint(run, "gan", 20));
    Path file = checkpoint(run, "gan", 14);
    CheckpointStore.Loaded loaded = CheckpointStore.load(file);
    float[] weights = loaded.arrays().get("discriminator.hidden1.weight").floats();
    Arrays.fill(weights, weights.length / 3, 2 * weights.length / 3, 1e38f); // of member 1
    new CheckpointStore(file.getParent(), 2).save(14, loaded.arrays(), loaded.settings());
    Result result = checked ? run(run, "--check-numerics") : run(run);
    assertThat(result.code()).as(result.err()).isEqualTo(5);
    assertThat(result.out()).isEmpty();
    String last = result.err().lines().toList().getLast();
    if (checked) {
      assertThat(last)
          .matches("error: [A-Za-z]+: -?(Infinity|NaN) at element .* \\(member 1, step 14\\); .*")
          .contains("input 0: ");
    } else {
      assertThat(last)
          .matches(
              "error: gan: .* after step 1[5-9]; the same command with --check-numerics shows where"
                  + " it begins");
    }
    assertThat(steps(run)).hasSizeLessThan(20);
    assertThat(checkpoint(run, "gan", 14)).exists();
  }

  @Test
  void aStateThatIsNotFiniteIsNotKept() throws IOException {
    Path run = unfinishedCopy(whole, temp.resolve("run"));
    Files.delete(checkpoint(run, "gan", 20));
    Path file = checkpoint(run, "gan", 14);
    CheckpointStore.Loaded loaded = CheckpointStore.load(file);
    // Nothing that is logged shows it.
    loaded.arrays().get("generator.hidden0.norm.mean").floats()[0] = Float.NEGATIVE_INFINITY;
    new CheckpointStore(file.getParent(), 2).save(14, loaded.arrays(), loaded.settings());
    Result result = run(run);
    assertThat(result.code()).as(result.err()).isEqualTo(5);
    assertThat(result.err())
        .endsWith(
            "error: gan: generator.hidden0.norm.mean holds NaN or infinity after step 20; the same"
                + " command with --check-numerics shows where it begins\n");
    assertThat(checkpoint(run, "gan", 20)).doesNotExist();
  }

  @Test
  void thePapersPresetSaysHowLongItWillTakeBeforeItStarts() throws IOException {
    Path other = temp.resolve("run");
    Result result = run(other, "--preset", "paper", "--threads", "1");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err())
        .startsWith("measuring how long this will take on this machine …\nthis will take about ")
        .containsPattern("about \\S.* on this machine; Ctrl-C writes a checkpoint, and the same");
    assertThat(Files.readString(other.resolve("table1.md")))
        .startsWith("3 GANs on the 25-Gaussian grid, unlike the paper's run: members 3 ");
    // Measuring has drawn from throwaway networks only.
    Path resumed = unfinishedCopy(other, temp.resolve("resumed"));
    delete(resumed.resolve("checkpoints"));
    Result again = run(resumed, "--preset", "paper", "--threads", "1");
    assertThat(again.err()).doesNotContain("measuring");
    assertSame(resumed, other);
  }
}
