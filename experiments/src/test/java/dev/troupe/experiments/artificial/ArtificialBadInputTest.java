package dev.troupe.experiments.artificial;

import static dev.troupe.experiments.TestRuns.troupe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.TestRuns;
import dev.troupe.experiments.TestRuns.Result;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Impossible mixtures, dimensions and batch sizes are refused before anything is written. */
class ArtificialBadInputTest {
  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gaussians   | mixtures=3G3D        | setting mixtures: '3G3D' has '3G3D', which is no mixture, expected a list of one or more, each nGmD@k, as in 3G3D@4 for 3 generators, 3 discriminators and 4 Gaussians
          gaussians   | mixtures=0G1D@3      | setting mixtures: '0G1D@3' has '0G1D@3', which has 0 generators and 1 discriminators where there may be 1 to 100 of each, expected a list of one or more, each nGmD@k, as in 3G3D@4 for 3 generators, 3 discriminators and 4 Gaussians
          gaussians   | mixtures=1G1D@0      | setting mixtures: '1G1D@0' has '1G1D@0', which has 0 Gaussians where there must be 1 or more, expected a list of one or more, each nGmD@k, as in 3G3D@4 for 3 generators, 3 discriminators and 4 Gaussians
          gaussians   | mixtures=1G1D@3,1G1D@3 | setting mixtures: '1G1D@3,1G1D@3' has '1G1D@3' twice, expected a list of one or more, each nGmD@k, as in 3G3D@4 for 3 generators, 3 discriminators and 4 Gaussians
          gaussians   | mixtures=1G1D@17     | 1G1D on 17: 17 Gaussians lie on as many axes, expected at most dimension, which is 16
          gaussians   | dimension=2          | setting dimension: '2' is out of range, expected an integer in [3, 8192]
          gaussians   | batchSize=0          | setting batchSize: '0' is out of range, expected an integer in [1, 65536]
          gaussians   | lambda=0             | setting lambda: '0' is out of range, expected a number in (0, 1000000]
          gaussians   | layers=1             | setting layers: '1' is out of range, expected an integer in [2, 50]
          gaussians   | mixtures=100G100D@3;batchSize=65536 | settings 100G100D on 3, batchSize, width and dimension: make a tensor of 42362470400 numbers, expected at most 2147483647
          gaussians   | iterations=2000000;criticUpdates=10 | settings iterations and criticUpdates: make 22000000 updates, expected at most 16777216
          network     | mixtures=3G3D@3      | setting mixtures: '3G3D@3' has '3G3D@3', which is no mixture, expected a list of one or more, each nGmD or nG(l)mD, as in 3G(2)3D for 3 generators of 2 layers and 3 discriminators
          network     | mixtures=3G(1)3D     | setting mixtures: '3G(1)3D' has '3G(1)3D', which has generators of 1 layers where there may be 2 to 50, expected a list of one or more, each nGmD or nG(l)mD, as in 3G(2)3D for 3 generators of 2 layers and 3 discriminators
          trainingset | sizes=100            | 100 points: expected a training set of at least a batch, which is 128 (batchSize, judgeBatch)
          trainingset | sizes=-1             | setting sizes: '-1' has '-1', which is out of range, expected a list of one or more, each an integer in [0, 10000000]
          trainingset | sizes=               | setting sizes: '' has '', which is not an integer, expected a list of one or more, each an integer in [0, 10000000]
          depth       | depths=3,7           | setting depths is 3,7, expected layers, which is 5, among them
          width       | widths=64,64         | setting widths: '64,64' has '64' twice, expected a list of one or more, each an integer in [1, 8192]
          depth       | mixtures=1G1D        | artificial/depth: unknown setting 'mixtures'; it has depths, repeats, dimension, width, layers, slope, sd, iterations, criticUpdates, batchSize, lambda, learningRateG, learningRateD, beta1, beta2, judgeIterations, criticIterations, judgeBatch, learningRateJ, frechetPoints, heldOut, measureEvery, checkpointEvery
          """)
  void aWrongSettingIsRefusedBeforeAnythingIsWritten(String name, String settings, String message) {
    Path out = temp.resolve("run");
    String[] args =
        TestRuns.arguments(
            "artificial/" + name, out, List.of(), List.of(settings.strip().split(";")));
    assertThat(troupe(args)).isEqualTo(new Result(2, "", "error: " + message + "\n"));
    assertThat(out).doesNotExist();
  }
}
