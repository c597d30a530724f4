package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Any bytes are read or refused by name, whatever they are.
 *
 * <p>An ordinary test run replays the committed inputs. To look for new ones, one method at a time:
 *
 * <pre>{@code
 * JAZZER_FUZZ=1 ./mvnw test -pl experiments -am -Djazzer.hooks=true \
 *     '-Dtest=DataFuzzTest#idx' -Dsurefire.failIfNoSpecifiedTests=false
 * }</pre>
 */
class DataFuzzTest {
  private interface Reading {
    void run() throws IOException;
  }

  private static void readsOrRefuses(Reading reading) throws IOException {
    try {
      reading.run();
    } catch (DataFileException e) {
      assertThat(e).hasMessageMatching("(?s)f.*: .+");
    }
  }

  @FuzzTest(maxDuration = "2m")
  void idx(byte[] file) throws IOException {
    readsOrRefuses(() -> {
      byte[] labels = TestSets.idxLabels(1, 2);
      ImageSet set =
          Idx.read(
              "s",
              Split.TRAIN,
              FileInput.of("f", file),
              FileInput.of("f.labels", labels),
              TestSets.DIGITS);
      assertThat(set.size()).isEqualTo(2);
    });
    readsOrRefuses(() ->
        Idx.read(
            "s",
            Split.TRAIN,
            FileInput.of("f.images", TestSets.idxImages(2, 2, 3)),
            FileInput.of("f", file),
            TestSets.DIGITS));
  }

  @FuzzTest(maxDuration = "2m")
  void cifar(byte[] file) throws IOException {
    for (Cifar.Labels kind : Cifar.Labels.values()) {
      readsOrRefuses(() -> {
        List<String> names = IntStream.range(0, 100).mapToObj(Integer::toString).toList();
        ImageSet set =
            Cifar.readAll("s", Split.TRAIN, List.of(FileInput.of("f", file)), kind, names);
        assertThat(set.size() * (kind.bytes + 3072)).isEqualTo(file.length);
      });
    }
  }

  @FuzzTest(maxDuration = "2m")
  void svhn(byte[] file) throws IOException {
    readsOrRefuses(() ->
        Svhn.read(
            "s",
            Split.TRAIN,
            new ByteArrayInputStream(file),
            new SourceFile("f", file.length, ""),
            TestSets.DIGITS));
  }

  @FuzzTest(maxDuration = "2m")
  void csv(byte[] file) throws IOException {
    readsOrRefuses(() -> {
      Csv.Table table = Csv.read("f", file);
      for (Csv.Row row : table.rows()) {
        assertThat(row.fields()).hasSameSizeAs(table.header());
      }
    });
  }

  @FuzzTest(maxDuration = "2m")
  void picture(byte[] file) throws IOException {
    readsOrRefuses(() -> {
      Picture picture = Picture.decode("f", file, 3);
      assertThat(picture.pixels()).hasSize(picture.frame().size());
    });
  }

  @FuzzTest(maxDuration = "2m")
  void archive(byte[] file) throws IOException {
    Path folder = Files.createTempDirectory("f");
    try {
      Path archive = Files.write(folder.resolve("f"), file);
      Path target = Files.createDirectory(folder.resolve("target"));
      try {
        Archive.unpack(archive, target, new Archive.Limits(1 << 16, 10));
      } catch (DataFileException e) {
        assertThat(e).hasMessageStartingWith(archive + ": ");
      }
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files).containsExactlyInAnyOrder(archive, target); // nothing beside it
      }
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
