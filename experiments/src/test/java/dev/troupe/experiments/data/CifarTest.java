package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarTest {
  private static final List<String> HUNDRED =
      IntStream.range(0, 100).mapToObj(i -> "class " + i).toList();

  @TempDir Path temp;

  private static void refuses(byte[] file, Cifar.Labels kind, String message) {
    assertThatThrownBy(
            () -> Cifar.readAll("c", Split.TRAIN, List.of(FileInput.of("f", file)), kind, HUNDRED))
        .isInstanceOf(DataFileException.class)
        .hasMessage(message);
  }

  @Test
  void readsSeveralFilesOfCifar10() throws IOException {
    Path one = Files.write(temp.resolve("one"), TestSets.cifar10(3, 9));
    Path two = Files.write(temp.resolve("two"), TestSets.cifar10(0));
    ImageSet set =
        Cifar.read("c", Split.TRAIN, List.of(one, two), Cifar.Labels.CIFAR_10, TestSets.DIGITS);
    assertThat(set.frame()).isEqualTo(new Frame(3, 32, 32));
    assertThat(set.labels()).containsExactly(3, 9, 0);
    assertThat(set.image(1)).isEqualTo(TestSets.image(1, Cifar.FRAME));
    assertThat(set.image(2)).isEqualTo(TestSets.image(0, Cifar.FRAME)); // the first of its file
    assertThat(set.sources())
        .extracting(SourceFile::sha256)
        .containsExactly(Checksums.sha256(one), Checksums.sha256(two));
  }

  @Test
  void readsTheClassesOfCifar100() throws IOException {
    Path file = Files.write(temp.resolve("f"), TestSets.cifar100(0, 99, 42));
    ImageSet set = Cifar.read("c", Split.TEST, List.of(file), Cifar.Labels.CIFAR_100, HUNDRED);
    assertThat(set.labels()).containsExactly(0, 99, 42);
    assertThat(set.image(2)).isEqualTo(TestSets.image(2, Cifar.FRAME));
  }

  @Test
  void refusesTruncatedFiles() {
    refuses(
        Arrays.copyOf(TestSets.cifar10(1, 2), 6000),
        Cifar.Labels.CIFAR_10,
        "f: is 6000 bytes long, expected a multiple of 3073; the last record ends after 2927"
            + " bytes");
    refuses(
        TestSets.cifar10(1, 2),
        Cifar.Labels.CIFAR_100,
        "f: is 6146 bytes long, expected a multiple of 3074; the last record ends after 3072"
            + " bytes");
    refuses(new byte[0], Cifar.Labels.CIFAR_10, "f: 0 images, expected 1 to 16777216");
  }

  @Test
  void refusesWrongLabels() {
    refuses(
        TestSets.cifar10(1, 10),
        Cifar.Labels.CIFAR_10,
        "f: at byte 3073: label is 10, expected 0 to 9");
    byte[] superclass = TestSets.cifar100(1, 2);
    superclass[3074] = 20;
    refuses(
        superclass, Cifar.Labels.CIFAR_100, "f: at byte 3074: superclass is 20, expected 0 to 19");
    byte[] label = TestSets.cifar100(1, 2);
    label[3075] = (byte) 200;
    refuses(label, Cifar.Labels.CIFAR_100, "f: at byte 3075: label is 200, expected 0 to 99");
  }

  @Test
  void refusesPackedFiles() {
    refuses(
        TestSets.gzip(TestSets.cifar10(1)),
        Cifar.Labels.CIFAR_10,
        "f: is packed by gzip, expected the unpacked file");
  }

  @Test
  void readsNames() throws IOException {
    Path file = Files.write(temp.resolve("names.txt"), TestSets.utf8("apple\nbaby \r\n\n"));
    assertThat(Cifar.names(file, 2)).containsExactly("apple", "baby");
    assertThatThrownBy(() -> Cifar.names(file, 3))
        .isInstanceOf(DataFileException.class)
        .hasMessage(file + ": has 2 class names, expected 3");
  }
}
