package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The published sets, where they are: in {@code TROUPE_DATA}, or in {@code shared/data} beside the
 * repository. A set that is not there is a skipped test, with its name and the place.
 */
class RealDataTest {
  private static DataDirectory with(String name, Split split) {
    String variable = System.getenv(DataDirectory.VARIABLE);
    Path path = variable == null ? Path.of("../../shared/data") : Path.of(variable);
    DataDirectory data = new DataDirectory(path, KnownSets.all());
    KnownSet set = data.named(name);
    assumeTrue(
        set.files(split).stream().anyMatch(file -> Files.exists(data.locate(set, file))),
        () -> name + ", " + split + ": no files in " + path.toAbsolutePath().normalize());
    return data;
  }

  private static double mean(ImageSet set) {
    long sum = 0;
    for (int i = 0; i < set.size(); i++) {
      for (byte b : set.image(i)) {
        sum += b & 0xff;
      }
    }
    return sum / (255.0 * set.size() * set.frame().size());
  }

  @ParameterizedTest
  @EnumSource
  void mnist(Split split) throws IOException {
    ImageSet set = with("mnist", split).read("mnist", split);
    assertThat(set.size()).isEqualTo(split == Split.TRAIN ? 60_000 : 10_000);
  }

  /** The mean of the training images is known to be 0.2860. */
  @ParameterizedTest
  @EnumSource
  void fashionMnist(Split split) throws IOException {
    DataDirectory data = with("fashion-mnist", split);
    ImageSet set = data.read("fashion-mnist", split);
    int each = split == Split.TRAIN ? 6_000 : 1_000;
    assertThat(set.frame()).isEqualTo(new Frame(1, 28, 28));
    assertThat(Arrays.stream(set.byClass()).mapToInt(c -> c.length)).hasSize(10).containsOnly(each);
    assertThat(mean(set)).isBetween(0.2855, 0.2870);
    ImageSet two = data.read("fashion-ii", split);
    assertThat(Arrays.stream(two.byClass()).mapToInt(c -> c.length))
        .containsExactly(5 * each, 5 * each);
    if (split == Split.TRAIN) {
      assertThat(IntStream.range(0, 5).map(i -> set.labels()[i])).containsExactly(9, 0, 0, 3, 0);
    }
  }

  /** The means of the training images are known to be 0.4914, 0.4822 and 0.4465. */
  @ParameterizedTest
  @EnumSource
  void cifar10(Split split) throws IOException {
    DataDirectory data = with("cifar-10", split);
    ImageSet set = data.readPresent("cifar-10", split);
    assertThat(set.size()).isEqualTo(10_000 * set.sources().size());
    assertThat(mean(set)).isBetween(0.470, 0.480);
    double[] channels = new double[3];
    for (int i = 0; i < set.size(); i++) {
      byte[] image = set.image(i);
      for (int p = 0; p < image.length; p++) {
        channels[p / 1024] += (image[p] & 0xff) / (255.0 * 1024 * set.size());
      }
    }
    assertThat(channels[0]).isBetween(0.485, 0.500);
    assertThat(channels[1]).isBetween(0.475, 0.490);
    assertThat(channels[2]).isBetween(0.440, 0.455);
    for (int[] indices : set.byClass()) {
      assertThat(indices.length * 10.0 / set.size()).isBetween(0.95, 1.05);
    }
  }

  @ParameterizedTest
  @EnumSource
  void cifar100(Split split) throws IOException {
    ImageSet set = with("cifar-100", split).read("cifar-100", split);
    assertThat(Arrays.stream(set.byClass()).mapToInt(c -> c.length))
        .containsOnly(split == Split.TRAIN ? 500 : 100);
  }

  @ParameterizedTest
  @EnumSource
  void svhn(Split split) throws IOException {
    ImageSet set = with("svhn", split).read("svhn", split);
    assertThat(set.size()).isEqualTo(split == Split.TRAIN ? 73_257 : 26_032);
  }
}
