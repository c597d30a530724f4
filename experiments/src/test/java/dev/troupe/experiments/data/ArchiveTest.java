package dev.troupe.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
  private static final Archive.Limits LIMITS = new Archive.Limits(10_000, 5);

  @TempDir Path temp;
  private Path target;

  /** What an archive is made of: type as in tar, '0' a file, '5' a directory, '2' a link. */
  record Entry(char type, String name, byte[] content) {
    static Entry file(String name, String content) {
      return new Entry('0', name, TestSets.utf8(content));
    }
  }

  static byte[] tar(Entry... entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Entry entry : entries) {
      byte[] header = new byte[512];
      put(header, 0, entry.name);
      put(header, 124, String.format("%011o ", entry.content.length));
      header[156] = (byte) entry.type;
      put(header, 157, entry.type == '2' ? "/etc/passwd" : "");
      put(header, 257, "ustar\00000");
      Arrays.fill(header, 148, 156, (byte) ' ');
      int sum = 0;
      for (byte b : header) {
        sum += b & 0xff;
      }
      put(header, 148, String.format("%06o\0 ", sum));
      out.writeBytes(header);
      out.writeBytes(Arrays.copyOf(entry.content, Math.ceilDiv(entry.content.length, 512) * 512));
    }
    out.writeBytes(new byte[1024]);
    return out.toByteArray();
  }

  static byte[] tarGz(Entry... entries) {
    return TestSets.gzip(tar(entries));
  }

  static byte[] zip(Entry... entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Entry entry : entries) {
        zip.putNextEntry(new ZipEntry(entry.name));
        zip.write(entry.content);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = TestSets.utf8(text);
    System.arraycopy(bytes, 0, header, at, Math.min(bytes.length, 100));
  }

  private List<Path> unpack(byte[] archive) throws IOException {
    target = Files.createTempDirectory(temp, "target");
    return Archive.unpack(Files.write(temp.resolve("archive"), archive), target, LIMITS);
  }

  private void refuses(byte[] archive, String message) {
    assertThatThrownBy(() -> unpack(archive))
        .isInstanceOf(DataFileException.class)
        .hasMessageStartingWith(temp.resolve("archive") + ": " + message);
    assertThat(temp).isDirectoryNotContaining("glob:**/evil");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unpacksFilesAndDirectories(boolean zipped) throws IOException {
    Entry[] entries = {
      new Entry('5', "set/", new byte[0]),
      Entry.file("set/a.txt", "hello"),
      Entry.file("set/deep/down/b.txt", "x".repeat(1000)),
      Entry.file("set/empty", "")
    };
    List<Path> files = unpack(zipped ? zip(entries) : tarGz(entries));
    assertThat(files)
        .containsExactly(
            Path.of("set/a.txt"), Path.of("set/deep/down/b.txt"), Path.of("set/empty"));
    assertThat(target.resolve("set/a.txt")).hasContent("hello");
    assertThat(target.resolve("set/deep/down/b.txt")).hasContent("x".repeat(1000));
    assertThat(target.resolve("set/empty")).isEmptyFile();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "/evil",
        "a/../b/../../evil",
        "..\\evil",
        "C:evil",
        "..",
        "a\nevil"
      })
  void refusesNamesThatLeadOut(String name) {
    String message =
        "the name '" + name.replace('\n', '?') + "' leads out of the folder, or is none";
    refuses(tarGz(Entry.file(name, "x")), message);
    if (!name.contains("\\")) { // the JDK's own writer changes it
      refuses(zip(Entry.file(name, "x")), message);
    }
  }

  @Test
  void refusesLinksAndDevices() {
    refuses(
        tarGz(new Entry('2', "passwd", new byte[0])), "'passwd' is a link, which is not unpacked");
    refuses(
        tarGz(new Entry('1', "passwd", new byte[0])), "'passwd' is a link, which is not unpacked");
    refuses(tarGz(new Entry('3', "tty", new byte[0])), "'tty' is of kind '3', expected a file");
  }

  @Test
  void refusesNamesThatComeTwice() {
    refuses(tarGz(Entry.file("a", "1"), Entry.file("./a", "2")), "'./a' is there twice");
  }

  @Test
  void refusesMoreThanTheLimits() {
    Entry large = Entry.file("large", "x".repeat(10_001));
    refuses(tarGz(large), "unpacks to more than 10000 bytes");
    refuses(zip(large), "unpacks to more than 10000 bytes");
    Entry[] many = new Entry[6];
    for (int i = 0; i < many.length; i++) {
      many[i] = Entry.file("f" + i, "");
    }
    refuses(tarGz(many), "has more files than 5");
    refuses(zip(many), "has more files than 5");
  }

  @Test
  void takesLongNames() throws IOException {
    String name = "long/" + "n".repeat(150);
    assertThat(
            unpack(
                tarGz(
                    new Entry('L', "././@LongLink", TestSets.utf8(name + "\0")),
                    Entry.file("cut", "x"))))
        .containsExactly(Path.of(name));
  }

  @Test
  void refusesDamagedArchives() throws IOException {
    byte[] good = tarGz(Entry.file("a", "x".repeat(3000)));
    refuses(Arrays.copyOf(good, good.length / 2), "ends too soon");
    byte[] tar = tar(Entry.file("a", "x"));
    refuses(TestSets.gzip(Arrays.copyOf(tar, 700)), "ends too soon");
    tar[10] = 'y';
    refuses(TestSets.gzip(tar), "the sum of an entry's header is ");
    byte[] packed = good.clone();
    packed[packed.length / 2] ^= 0x55;
    assertThatThrownBy(() -> unpack(packed)).isInstanceOf(DataFileException.class);
    refuses(TestSets.utf8("hello"), "begins neither as a .zip nor as a .tar.gz file");
    byte[] zip = zip(Entry.file("z", "x"));
    refuses(Arrays.copyOf(zip, zip.length - 10), "is damaged (");
  }
}
