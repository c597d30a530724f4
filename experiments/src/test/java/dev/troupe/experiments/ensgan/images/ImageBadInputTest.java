package dev.troupe.experiments.ensgan.images;

import static dev.troupe.experiments.ensgan.images.ImageRuns.arguments;
import static dev.troupe.experiments.ensgan.images.ImageRuns.troupe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.TestRuns;
import dev.troupe.experiments.TestRuns.Result;
import dev.troupe.experiments.data.TestSets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong is one sentence and an exit code. */
class ImageBadInputTest {
  @TempDir Path temp;

  private Result run(List<String> settings, String... options) {
    return troupe(arguments(temp.resolve("run"), settings, options));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          dataset=cifar-100    | setting dataset: 'cifar-100' is unknown, expected one of mnist, fashion-mnist, cifar-10, svhn
          classes=5            | setting classes: '5' is unknown, expected one of 2, 10
          ensemble=boosted     | setting ensemble: 'boosted' is unknown, expected one of independent, adagan, both
          members=0            | setting members: '0' is out of range, expected an integer in [1, 100]
          images=25            | setting images is 25, expected a multiple of 10, as many of each class
          evaluations=5        | setting evaluations is 5, expected at most classifierSteps, which is 4
          cnnRate=1e-4         | setting cnnRateEnd is 0.00038, expected at most cnnRate, which is 0.0001
          """)
  void aWrongSettingIsRefusedBeforeAnythingIsWritten(String setting, String message) {
    assertThat(run(List.of(setting), "--data", temp.toString()))
        .isEqualTo(new Result(2, "", "error: " + message + "\n"));
    assertThat(temp.resolve("run")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          batchSize=101             | fashion-mnist: class 'class 0, class 1, class 2, class 3, class 4' has 100 images, expected at least batchSize, which is 101
          batchSize=21              | fashion-mnist: class 'class 0' has 20 images, expected at least batchSize, which is 21
          images=210                | setting images is 210, which is 21 of each class; class 'class 0' of fashion-mnist has 20
          testImages=100            | setting testImages is 100, which is 10 of each class; class 'class 0' of fashion-mnist has 6
          classifierBatch=201       | setting classifierBatch is 201, expected at most the real images, which are 200
          boostBatch=201            | setting boostBatch is 201, expected at most twice the images of the smallest class, which are 200
          """)
  void whatTheDataCannotGiveIsRefused(String setting, String message) throws IOException {
    ImageRuns.write(temp);
    assertThat(run(List.of(setting), "--data", temp.toString(), "--no-cache"))
        .isEqualTo(new Result(2, "", "error: " + message + "\n"));
  }

  @Test
  void missingDataIsNamed() throws IOException {
    ImageRuns.write(temp);
    Path file = temp.resolve("fashion-mnist/train-labels");
    Files.delete(file);
    assertThat(run(List.of(), "--data", temp.toString(), "--no-cache"))
        .isEqualTo(
            new Result(
                3,
                "",
                "error: "
                    + file
                    + ": is missing; 'troupe data fetch fashion-mnist' gets the set\n"));
    assertThat(temp.resolve("run/run.json")).as("another run may come").doesNotExist();
    assertThat(temp.resolve("run/metrics.jsonl")).doesNotExist();
  }

  @Test
  void aPartOfCifarIsPointedTo() throws IOException {
    TestSets.write(temp.resolve("cifar-10-batches-bin/data_batch_3.bin"), new byte[1]);
    assertThat(run(List.of("dataset=cifar-10"), "--data", temp.toString(), "--no-cache"))
        .isEqualTo(
            new Result(
                3,
                "",
                "error: "
                    + temp.resolve("cifar-10-batches-bin/data_batch_1.bin")
                    + ": is missing, and 3 more files; 'troupe data fetch cifar-10' gets the set,"
                    + " and --set incomplete=true takes the files that are there\n"));
  }

  @Test
  void damagedDataIsNamed() throws IOException {
    ImageRuns.write(temp);
    Path file = temp.resolve("fashion-mnist/train-labels");
    byte[] labels = Files.readAllBytes(file);
    labels[9] = 10;
    Files.write(file, labels);
    assertThat(run(List.of(), "--data", temp.toString(), "--no-cache"))
        .isEqualTo(
            new Result(
                3,
                "",
                "error: " + file + ": at byte 9: label of image 1 is 10, expected 0 to 9\n"));
  }

  /** Another set under the same settings is another run. */
  @Test
  void otherDataDoNotGoOnWithCheckpoints() throws IOException {
    ImageRuns.write(temp);
    List<String> small = List.of("ensemble=independent", "members=1", "tenClassGans=false");
    assertThat(run(small, "--data", temp.toString(), "--no-cache").code()).isZero();
    Files.delete(temp.resolve("run/results.json"));
    byte[] images = Files.readAllBytes(temp.resolve("fashion-mnist/train-images"));
    images[images.length - 1] ^= 1;
    TestSets.write(temp.resolve("fashion-mnist/train-images"), images);
    Result result = run(small, "--data", temp.toString(), "--no-cache");
    assertThat(result.code()).isEqualTo(4);
    assertThat(result.err()).contains("holds a different run: data is ");
  }

  @Test
  void aBlankFolderIsNoPath() {
    assertThat(run(List.of(), "--data", temp.toString(), "--cache", ""))
        .isEqualTo(new Result(2, "", "error: --cache: '' is no path\n"));
  }

  @Test
  void optionsOfDataBelongToExperimentsOnData() {
    Result result =
        TestRuns.troupe(
            "run", "ensgan/grid2d", "--data", "x", "--out", temp.resolve("run").toString());
    assertThat(result)
        .isEqualTo(
            new Result(
                2, "", "error: --data is for experiments on data sets, not for ensgan/grid2d\n"));
  }

  @Test
  void aShortFormIsASetting() {
    assertThat(run(List.of(), "--data", temp.toString(), "--members", "3"))
        .isEqualTo(new Result(2, "", "error: setting members: set twice, to '3' and '2'\n"));
  }
}
