package dev.troupe.experiments.ensgan;

import static dev.troupe.experiments.TestRuns.troupe;
import static dev.troupe.experiments.ensgan.GridRuns.arguments;
import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.TestRuns.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong is one sentence and an exit code, and leaves what was there intact. */
class GridBadInputTest {
  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          members=0                   | setting members: '0' is out of range, expected an integer in [1, 1000]
          members=1e2                 | setting members: '1e2' is not an integer, expected an integer in [1, 1000]
          points=99                   | setting points: '99' is out of range, expected an integer in [100, 10000000]
          epochs=                     | setting epochs: '' is not an integer, expected an integer in [1, 100000]
          batchSize=1                 | setting batchSize: '1' is out of range, expected an integer in [2, 100000]
          batchSize=1001              | setting batchSize is 1001, expected at most points, which is 1000
          learningRate=0              | setting learningRate: '0' is out of range, expected a number in (0, 1]
          learningRate=nan            | setting learningRate: 'nan' is not a number, expected a number in (0, 1]
          beta1=1                     | setting beta1: '1' is out of range, expected a number in [0, 1)
          initialSd=-0.02             | setting initialSd: '-0.02' is out of range, expected a number in (0, 10]
          updates=both                | setting updates: 'both' is unknown, expected one of simultaneous, alternating
          evaluated=501               | setting evaluated is 501, expected at most generated, which is 500
          ensembles=101               | setting ensembles: '101' is out of range, expected an integer in [1, 100]
          widthg=8                    | ensgan/grid2d: unknown setting 'widthg'; did you mean 'widthG'?
          packed=8                    | ensgan/grid2d: unknown setting 'packed'; did you mean 'packedMembers'?
          lr=8                        | ensgan/grid2d: unknown setting 'lr'; it has members, points, epochs, batchSize, learningRate, beta1, widthG, widthD, initialSd, updates, packedMembers, generated, evaluated, ensembles, bootstrap, checkpointEvery
          widthD=8192;members=1000    | settings members, packedMembers, batchSize, widthG and widthD: make a tensor of 335544320000 numbers, expected at most 2147483647
          points=10000000;batchSize=2;epochs=100000 | settings epochs, points and batchSize: make 500000000000 steps, expected at most 2147483647
          """)
  void aWrongSettingIsRefusedBeforeAnythingIsWritten(String settings, String message) {
    Path out = temp.resolve("run");
    assertThat(troupe(arguments(out, List.of(settings.split(";")))))
        .isEqualTo(new Result(2, "", "error: " + message + "\n"));
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          run ensgan/gird2d          | unknown experiment 'ensgan/gird2d'; did you mean 'ensgan/grid2d'?
          run grid2d                 | unknown experiment 'grid2d'; did you mean 'ensgan/grid2d'?
          run ensgan/grid2d --devise | unknown option '--devise'; did you mean '--device'? (see 'troupe run --help')
          """)
  void aWrongNameHasTheNearestSuggested(String args, String message) {
    assertThat(troupe(args.split(" "))).isEqualTo(new Result(2, "", "error: " + message + "\n"));
  }

  private void assertRefused(Path out, int code, String message) {
    assertThat(troupe(arguments(out, List.of())))
        .isEqualTo(new Result(code, "", "error: " + message + "\n"));
  }

  @Test
  void aFileIsNoRunDirectory() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "precious");
    assertRefused(file, 3, file + ": is a file, not a directory");
    Path below = file.resolve("run");
    assertRefused(
        below,
        3,
        below.resolve("run.json")
            + ": cannot be read as the description of a"
            + " run: Not a directory");
    assertThat(file).hasContent("precious");
  }

  @Test
  void aFolderWithOtherThingsIsLeftAlone() throws IOException {
    Files.writeString(temp.resolve("thesis.tex"), "precious");
    assertRefused(
        temp, 4, temp + ": holds no run but is not empty (thesis.tex); choose another --out");
    assertThat(temp.resolve("thesis.tex")).hasContent("precious");
    assertThat(temp.resolve("run.json")).doesNotExist();
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() {
    Result result = troupe(arguments(Path.of("/proc/troupe"), List.of()));
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.err()).startsWith("error: /proc/troupe: cannot be written: ").hasLineCount(1);
  }

  @Test
  void aDamagedDescriptionOfTheRunIsNamed() throws IOException {
    Path run = Files.createDirectories(temp.resolve("run"));
    Files.writeString(run.resolve("run.json"), "{\"run\": {");
    Result result = troupe(arguments(run, List.of()));
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.err())
        .startsWith(
            "error: " + run.resolve("run.json") + ": cannot be read as the description of a run: ")
        .hasLineCount(1);
    assertThat(run.resolve("run.json")).hasContent("{\"run\": {");
  }

  @Test
  void damagedMetricsAreNamed() throws IOException {
    Path run = temp.resolve("run");
    String[] args = arguments(run, List.of("packedMembers=0"));
    assertThat(troupe(args).code()).isZero();
    Files.delete(run.resolve("results.json"));
    Path metrics = run.resolve("metrics.jsonl");
    List<String> lines = Files.readAllLines(metrics);
    lines.set(2, "{\"step\":");
    Files.write(metrics, lines);
    assertThat(troupe(args))
        .isEqualTo(
            new Result(3, "", "error: " + metrics + ": line 3 is not a record of metrics\n"));
    assertThat(Files.readAllLines(metrics)).isEqualTo(lines);
  }
}
