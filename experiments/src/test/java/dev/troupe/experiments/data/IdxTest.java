package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxTest {
  private static final byte[] IMAGES = TestSets.idxImages(3, 4, 5);
  private static final byte[] LABELS = TestSets.idxLabels(7, 0, 9);

  @TempDir Path temp;

  private static ImageSet read(byte[] images, byte[] labels) throws IOException {
    return Idx.read(
        "m", Split.TEST, FileInput.of("i", images), FileInput.of("l", labels), TestSets.DIGITS);
  }

  private static void refuses(byte[] images, byte[] labels, String message) {
    assertThatThrownBy(() -> read(images, labels))
        .isInstanceOf(DataFileException.class)
        .hasMessage(message);
  }

  private static byte[] with(byte[] file, int at, int value) {
    byte[] changed = file.clone();
    changed[at] = (byte) value;
    return changed;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsImagesAndLabelsPackedOrNot(boolean packed) throws IOException {
    Path images = temp.resolve("images"); // whatever it is called
    Path labels = temp.resolve("labels.gz");
    Files.write(images, packed ? TestSets.gzip(IMAGES) : IMAGES);
    Files.write(labels, packed ? TestSets.gzip(LABELS) : LABELS);
    ImageSet set = Idx.read("mnist", Split.TEST, images, labels, TestSets.DIGITS);
    assertThat(set.frame()).isEqualTo(new Frame(1, 4, 5));
    assertThat(set.labels()).containsExactly(7, 0, 9);
    for (int i = 0; i < 3; i++) {
      assertThat(set.image(i)).isEqualTo(TestSets.image(i, set.frame()));
    }
    assertThat(set.sources())
        .containsExactly(
            new SourceFile(images.toString(), Files.size(images), Checksums.sha256(images)),
            new SourceFile(labels.toString(), Files.size(labels), Checksums.sha256(labels)));
  }

  @Test
  void refusesOtherFiles() {
    refuses(
        LABELS,
        LABELS,
        "i: at byte 0: the kind of file is 0x00000801, expected 0x00000803 (images)");
    refuses(
        IMAGES,
        IMAGES,
        "l: at byte 0: the kind of file is 0x00000803, expected 0x00000801 (labels)");
    refuses(new byte[0], LABELS, "i: at byte 0: the file ends after 0 of 4 bytes of the header");
  }

  @Test
  void refusesTruncatedFiles() {
    refuses(
        Arrays.copyOf(IMAGES, 14),
        LABELS,
        "i: at byte 12: the file ends after 2 of 4 bytes of the header");
    refuses(
        Arrays.copyOf(IMAGES, 75),
        LABELS,
        "i: at byte 16: 3 images of 4 x 5 take 60 bytes, but at most 59 follow");
    refuses(
        TestSets.gzip(Arrays.copyOf(IMAGES, 75)),
        LABELS,
        "i: at unpacked byte 56: the file ends after 19 of 20 bytes of image 2");
    byte[] packed = TestSets.gzip(IMAGES);
    refuses(
        Arrays.copyOf(packed, packed.length - 12),
        LABELS,
        "i: its gzip data ends too soon, after unpacked byte 56");
    refuses(Arrays.copyOf(packed, 3), LABELS, "i: its gzip header is damaged");
  }

  @Test
  void refusesLongerFiles() {
    refuses(
        Arrays.copyOf(IMAGES, 77),
        LABELS,
        "i: at byte 76: there is more after the last image, expected the end of the file");
    refuses(
        IMAGES,
        Arrays.copyOf(LABELS, 12),
        "l: at byte 11: there is more after the last label, expected the end of the file");
  }

  @Test
  void refusesDamagedFiles() {
    byte[] packed = TestSets.gzip(IMAGES);
    assertThatThrownBy(() -> read(with(packed, packed.length - 6, packed[10] + 1), LABELS))
        .isInstanceOf(DataFileException.class)
        .hasMessageStartingWith("i: its gzip data is damaged after unpacked byte ");
    refuses(
        with(IMAGES, 4, 0x80),
        LABELS,
        "i: at byte 4: number of images is -2147483645, expected 1 to 68");
    refuses(
        with(IMAGES, 8, 0x7f),
        LABELS,
        "i: at byte 8: number of rows is 2130706436, expected 1 to 16384");
    refuses(
        with(IMAGES, 15, 0), LABELS, "i: at byte 12: number of columns is 0, expected 1 to 16384");
  }

  @Test
  void refusesWrongLabels() {
    refuses(
        IMAGES,
        TestSets.idxLabels(7, 10, 9),
        "l: at byte 9: label of image 1 is 10, expected 0 to 9");
    refuses(
        IMAGES,
        TestSets.idxLabels(7, 0),
        "l: at byte 4: number of labels is 2, expected 3 as in i");
  }

  @Test
  void saysWhichFileIsADirectory() {
    assertThatThrownBy(() -> Idx.read("m", Split.TEST, temp, temp, TestSets.DIGITS))
        .isInstanceOf(DataFileException.class)
        .hasMessage(temp + ": is a directory, expected a file");
  }
}
