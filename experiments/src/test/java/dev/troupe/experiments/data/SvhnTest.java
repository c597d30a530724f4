package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.MatlabType;

class SvhnTest {
  @TempDir Path temp;

  static ImageSet read(byte[] file) throws IOException {
    return Svhn.read(
        "s",
        Split.TRAIN,
        new ByteArrayInputStream(file),
        new SourceFile("f", file.length, ""),
        TestSets.DIGITS);
  }

  private static void refuses(byte[] file, String message) {
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(DataFileException.class)
        .hasMessageMatching(message);
  }

  /** The order of the file is column-major and its labels begin at 1; 10 is the digit 0. */
  @Test
  void readsDigits() throws IOException {
    Path file = Files.write(temp.resolve("f.mat"), TestSets.svhn(4, 6, 1, 10, 9));
    ImageSet set = Svhn.read("svhn", Split.TRAIN, file, TestSets.DIGITS);
    assertThat(set.frame()).isEqualTo(new Frame(3, 4, 6));
    assertThat(set.labels()).containsExactly(1, 0, 9);
    for (int i = 0; i < 3; i++) {
      assertThat(set.image(i)).isEqualTo(TestSets.image(i, set.frame()));
    }
    assertThat(set.sources())
        .containsExactly(new SourceFile(file.toString(), Files.size(file), Checksums.sha256(file)));
  }

  @Test
  void refusesTruncatedAndDamagedFiles() {
    byte[] file = TestSets.svhn(32, 32, 1, 2, 3);
    int half = file.length / 2;
    refuses(
        Arrays.copyOf(file, half),
        "f: at byte " + half + ": is damaged, or no MAT file of version 5 \\(.+\\)");
    refuses(Arrays.copyOf(file, 60), "f: at byte 60: is damaged, or no MAT file of .*");
    refuses(TestSets.cifar10(1), "f: at byte \\d+: is damaged, or no MAT file of version 5 .*");
    byte[] damaged = file.clone();
    for (int i = half; i < half + 20; i++) {
      damaged[i] ^= 0x55;
    }
    refuses(damaged, "f: .*");
  }

  /** A size of four bytes must not ask for gigabytes. */
  @Test
  void refusesSizesThatTheFileCannotHold() {
    byte[] file = TestSets.svhn(4, 4, 1);
    byte[] huge = file.clone();
    huge[132] = 0x7f;
    huge[133] = 0x7f;
    huge[134] = 0x7f;
    huge[135] = 0x7f;
    refuses(
        huge,
        "f: at byte 136: is damaged, or no MAT file of version 5 \\(a size is 2139062143, at most"
            + " \\d+ can follow\\)");
  }

  @Test
  void refusesOtherArrays() {
    refuses(TestSets.bytes(Mat5.newMatFile()), "f: has no array X of numbers, expected bytes .*");
    refuses(
        TestSets.svhn(new int[] {4, 4, 3, 1}, MatlabType.Double, 1),
        "f: has no array X of numbers, expected bytes \\[H, W, 3, N\\]");
    refuses(
        TestSets.svhn(new int[] {4, 4, 2, 2}, MatlabType.UInt8, 1, 2),
        "f: X is \\[4, 4, 2, 2\\], expected \\[H, W, 3, N\\]");
    refuses(
        TestSets.svhn(new int[] {4, 4, 3, 3}, MatlabType.UInt8, 1, 2),
        "f: y is \\[2, 1\\], expected \\[3, 1\\] as in X");
  }

  @Test
  void refusesWrongLabels() {
    refuses(TestSets.svhn(4, 4, 1, 0), "f: label of image 1 is 0.0, expected 1 to 10");
    refuses(TestSets.svhn(4, 4, 11, 1), "f: label of image 0 is 11.0, expected 1 to 10");
    refuses(TestSets.svhn(4, 4, 1.5), "f: label of image 0 is 1.5, expected 1 to 10");
  }
}
