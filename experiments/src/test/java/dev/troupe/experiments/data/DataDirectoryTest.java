package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import dev.troupe.experiments.data.KnownSet.Format;
import dev.troupe.experiments.data.KnownSet.KnownFile;
import dev.troupe.tensor.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  private static final byte[] IMAGES = TestSets.gzip(TestSets.idxImages(3, 4, 4));
  private static final byte[] LABELS = TestSets.gzip(TestSets.idxLabels(7, 0, 9));
  private static final byte[] BATCH_1 = TestSets.cifar10(1, 9);
  private static final byte[] BATCH_2 = TestSets.cifar10(2);
  private static final byte[] DIGITS = TestSets.svhn(4, 4, 10, 3);

  @TempDir Path temp;
  private DataDirectory data;

  private static KnownFile file(Split split, String name, int images, byte[] content) {
    String sum = Sha256.of(content);
    return new KnownFile(split, name, images, content.length, Optional.of(sum));
  }

  private static KnownSet set(String name, Format format, Frame frame, KnownFile... files) {
    return new KnownSet(
        name,
        name + "-files",
        format,
        frame,
        10,
        TestSets.DIGITS,
        List.of(files),
        Optional.empty(),
        List.of(),
        "",
        "");
  }

  @BeforeEach
  void files() throws IOException {
    KnownSet idx =
        set(
            "tiny-mnist",
            Format.IDX,
            new Frame(1, 4, 4),
            file(Split.TRAIN, "i.gz", 3, IMAGES),
            file(Split.TRAIN, "l.gz", 3, LABELS),
            file(Split.TEST, "ti.gz", 3, IMAGES),
            file(Split.TEST, "tl.gz", 3, LABELS));
    KnownFile second = file(Split.TRAIN, "2.bin", 1, BATCH_2);
    KnownSet cifar =
        set(
            "tiny-10",
            Format.CIFAR_10,
            Cifar.FRAME,
            file(Split.TRAIN, "1.bin", 2, BATCH_1),
            new KnownFile(Split.TRAIN, "2.bin", 1, second.bytes(), Optional.empty()),
            file(Split.TEST, "t.bin", 2, BATCH_1));
    KnownSet svhn =
        set(
            "tiny-svhn",
            Format.SVHN,
            new Frame(3, 4, 4),
            file(Split.TRAIN, "a.mat", 2, DIGITS),
            file(Split.TEST, "b.mat", 2, DIGITS));
    data = new DataDirectory(temp, List.of(idx, cifar, svhn));
    put("tiny-mnist-files/i.gz", IMAGES);
    put("tiny-mnist-files/l.gz", LABELS);
    put("tiny-10-files/1.bin", BATCH_1);
    put("tiny-10-files/2.bin", BATCH_2);
    put("tiny-svhn-files/a.mat", DIGITS);
  }

  private void put(String path, byte[] content) throws IOException {
    TestSets.write(temp.resolve(path), content);
  }

  private void refuses(String name, String message) {
    assertThatThrownBy(() -> data.read(name, Split.TRAIN))
        .isInstanceOf(DataFileException.class)
        .hasMessage(message.replace("TEMP", temp.toString()));
  }

  @Test
  void readsEachFormat() throws IOException {
    assertThat(data.read("tiny-mnist", Split.TRAIN).labels()).containsExactly(7, 0, 9);
    assertThat(data.read("tiny-10", Split.TRAIN).labels()).containsExactly(1, 9, 2);
    assertThat(data.read("tiny-svhn", Split.TRAIN).labels()).containsExactly(0, 3);
    assertThat(data.present()).extracting(KnownSet::name).hasSize(3);
  }

  @Test
  void readsTheTwoClassForm() throws IOException {
    ImageSet set = data.read("tiny-ii", Split.TRAIN); // of tiny-mnist, the first that is called so
    assertThat(set.name()).isEqualTo("tiny-ii");
    assertThat(set.labels()).containsExactly(1, 0, 1);
    assertThat(set.classes()).containsExactly("0, 1, 2, 3, 4", "5, 6, 7, 8, 9");
  }

  @Test
  void twoClassNames() {
    assertThat(KnownSets.all())
        .extracting(set -> DataDirectory.twoClassName(set).orElse("none"))
        .containsExactly("mnist-ii", "fashion-ii", "cifar-ii", "none", "svhn-ii");
  }

  @Test
  void takesUnpackedFilesWithoutAChecksum() throws IOException {
    Files.delete(temp.resolve("tiny-mnist-files/i.gz"));
    put("tiny-mnist-files/i", TestSets.idxImages(3, 4, 4));
    ImageSet set = data.read("tiny-mnist", Split.TRAIN);
    assertThat(set.image(2)).isEqualTo(TestSets.image(2, set.frame()));
    KnownSet known = data.named("tiny-mnist");
    assertThat(data.verify(known, known.files().getFirst()))
        .isEqualTo("unpacked, no checksum is known");
    put("tiny-mnist-files/i", TestSets.idxImages(3, 4, 5));
    refuses(
        "tiny-mnist", "TEMP/tiny-mnist-files/i: 3 images of [1, 4, 5], expected 3 of [1, 4, 4]");
  }

  @Test
  void refusesMissingFiles() throws IOException {
    Files.delete(temp.resolve("tiny-10-files/1.bin"));
    refuses(
        "tiny-10",
        "TEMP/tiny-10-files/1.bin: is missing; 'troupe data fetch tiny-10' gets the set");
    assertThatThrownBy(() -> data.read("tiny-mnist", Split.TEST))
        .hasMessage(
            temp
                + "/tiny-mnist-files/ti.gz: is missing, and 1 more files; 'troupe data fetch"
                + " tiny-mnist' gets the set");
  }

  @Test
  void readsAPartOfCifarWhenAsked() throws IOException {
    Files.delete(temp.resolve("tiny-10-files/1.bin"));
    ImageSet set = data.readPresent("tiny-10", Split.TRAIN);
    assertThat(set.labels()).containsExactly(2);
    assertThat(set.sources()).hasSize(1);
    Files.delete(temp.resolve("tiny-mnist-files/l.gz"));
    assertThatThrownBy(() -> data.readPresent("tiny-mnist", Split.TRAIN))
        .hasMessageStartingWith(temp + "/tiny-mnist-files/l.gz: is missing; ");
  }

  @Test
  void refusesOtherSizesAndChecksums() throws IOException {
    put("tiny-svhn-files/a.mat", Arrays.copyOf(DIGITS, 300));
    refuses(
        "tiny-svhn", "TEMP/tiny-svhn-files/a.mat: is 300 bytes long, expected " + DIGITS.length);
    byte[] changed = BATCH_1.clone();
    changed[100]++;
    put("tiny-10-files/1.bin", changed);
    String found = Sha256.of(changed);
    refuses(
        "tiny-10",
        "TEMP/tiny-10-files/1.bin: its SHA-256 is "
            + found
            + ", expected "
            + data.named("tiny-10").files().getFirst().sha256().orElseThrow());
  }

  /** A file whose checksum nobody published is held to that of the archive it came from. */
  @Test
  void holdsFilesToTheListOfWhatWasUnpacked() throws IOException {
    KnownSet set = data.named("tiny-10");
    KnownFile second = set.files().get(1);
    assertThat(data.verify(set, second)).isEqualTo("size as expected, no checksum is known");
    Path place = temp.resolve("tiny-10-files/2.bin");
    Checksums.add(temp, Map.of("tiny-10-files/2.bin", Checksums.sha256(place)));
    assertThat(data.verify(set, second)).isEqualTo("SHA-256 as expected");
    put("tiny-10-files/2.bin", TestSets.cifar10(3));
    refuses(
        "tiny-10",
        "TEMP/tiny-10-files/2.bin: its SHA-256 is "
            + Checksums.sha256(place)
            + ", expected "
            + Checksums.list(temp).get("tiny-10-files/2.bin"));
    Files.writeString(temp.resolve("SHA256SUMS"), "rubbish\n");
    refuses("tiny-10", "TEMP/SHA256SUMS: 'rubbish' is no line of sha256sum");
  }

  @Test
  void refusesOtherClassNames() throws IOException {
    put("tiny-10-files/batches.meta.txt", TestSets.utf8("0\n1\n2\n3\n4\n5\n6\n7\n9\n8\n"));
    refuses(
        "tiny-10",
        "TEMP/tiny-10-files/batches.meta.txt: the class names are [0, 1, 2, 3, 4, 5, 6, 7, 9, 8],"
            + " expected [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]");
  }

  @Test
  void refusesUnknownNames() {
    assertThatThrownBy(() -> data.named("tiny-20"))
        .isInstanceOf(UserException.class)
        .hasMessage("unknown data set 'tiny-20'; did you mean 'tiny-10'?");
    assertThatThrownBy(() -> data.named("imagenet"))
        .isInstanceOf(UserException.class)
        .hasMessage("unknown data set 'imagenet'; 'troupe data list' shows all")
        .extracting(e -> ((UserException) e).exitCode())
        .isEqualTo(ExitCode.USAGE);
  }

  /** The numbers of the published sets fit together. */
  @Test
  void publishedSetsAreConsistent() {
    assertThat(KnownSets.all())
        .extracting(KnownSet::name)
        .containsExactly("mnist", "fashion-mnist", "cifar-10", "cifar-100", "svhn");
    for (KnownSet set : KnownSets.all()) {
      assertThat(set.addresses()).isNotEmpty().allMatch(a -> a.matches("https?://.*/"));
      assertThat(set.names()).hasSize(set.format() == Format.CIFAR_100 ? 0 : set.classes());
      for (KnownFile file : set.files()) {
        file.sha256().ifPresent(sum -> assertThat(sum).matches("[0-9a-f]{64}"));
        assertThat(file.sha256().isPresent() || set.archive().isPresent()).isTrue();
        if (set.format() == Format.CIFAR_10 || set.format() == Format.CIFAR_100) {
          int labels = set.format() == Format.CIFAR_10 ? 1 : 2;
          assertThat(file.bytes()).isEqualTo(file.images() * (labels + 3072L));
        }
      }
      assertThat(set.images(Split.TRAIN)).isGreaterThanOrEqualTo(50_000);
      assertThat(set.images(Split.TEST)).isGreaterThanOrEqualTo(10_000);
    }
  }
}
