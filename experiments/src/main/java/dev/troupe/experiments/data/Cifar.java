package dev.troupe.experiments.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The binary versions of CIFAR-10 and CIFAR-100: records of one label (CIFAR-10) or a coarse and a
 * fine one (CIFAR-100), then 3,072 bytes, 32 x 32 of red, of green and of blue.
 */
public final class Cifar {
  /** The shape of an image. */
  public static final Frame FRAME = new Frame(3, 32, 32);

  private static final int MAX_NAMES = 1 << 16;

  private Cifar() {}

  /** Which labels a record begins with. */
  public enum Labels {
    /** CIFAR-10: one byte. */
    CIFAR_10(1, 10),
    /** CIFAR-100: the superclass, which is checked and left out, and the class. */
    CIFAR_100(2, 100);

    private static final int SUPERCLASSES = 20;

    final int bytes;
    final int classes;

    Labels(int bytes, int classes) {
      this.bytes = bytes;
      this.classes = classes;
    }
  }

  /**
   * Reads files, one after the other.
   *
   * @throws DataFileException if one of them is no such file
   */
  public static ImageSet read(
      String name, Split split, List<Path> files, Labels kind, List<String> classes)
      throws IOException {
    List<FileInput> inputs = new ArrayList<>();
    try {
      for (Path file : files) {
        inputs.add(FileInput.open(file));
      }
      return readAll(name, split, inputs, kind, classes);
    } finally {
      for (FileInput input : inputs) {
        input.close();
      }
    }
  }

  static ImageSet readAll(
      String name, Split split, List<FileInput> files, Labels kind, List<String> classes)
      throws IOException {
    int record = kind.bytes + FRAME.size();
    long most = 0; // images
    for (FileInput file : files) {
      file.requireUnpacked();
      if (file.atMost() % record != 0) {
        throw new DataFileException(
            file.name()
                + ": is "
                + file.atMost()
                + " bytes long, expected a multiple of "
                + record
                + "; the last record ends after "
                + file.atMost() % record
                + " bytes");
      }
      most += file.atMost() / record;
    }
    if (most < 1 || most > 1 << 24) {
      throw new DataFileException(
          files.getFirst().name() + ": " + most + " images, expected 1 to " + (1 << 24));
    }
    MemorySegment pixels = ImageSet.allocate(most * FRAME.size());
    int[] labels = new int[(int) most];
    List<SourceFile> sources = new ArrayList<>();
    byte[] bytes = new byte[record];
    int n = 0;
    for (FileInput file : files) {
      for (long left = file.atMost() / record; left > 0; left--) {
        file.read(bytes, 0, record, "a record");
        labels[n] = label(file, bytes, kind);
        MemorySegment.copy(
            MemorySegment.ofArray(bytes),
            kind.bytes,
            pixels,
            (long) n * FRAME.size(),
            FRAME.size());
        n++;
      }
      sources.add(file.source());
    }
    return new ImageSet(name, split, FRAME, pixels, labels, classes, sources);
  }

  private static int label(FileInput file, byte[] record, Labels kind) throws DataFileException {
    long at = file.position() - record.length;
    if (kind == Labels.CIFAR_100 && (record[0] & 0xff) >= Labels.SUPERCLASSES) {
      throw file.refused(at, "superclass", record[0] & 0xff, "0 to " + (Labels.SUPERCLASSES - 1));
    }
    int label = record[kind.bytes - 1] & 0xff;
    if (label >= kind.classes) {
      throw file.refused(at + kind.bytes - 1, "label", label, "0 to " + (kind.classes - 1));
    }
    return label;
  }

  /**
   * The class names of a {@code .txt} file that comes with the set, one a line.
   *
   * @param expected how many
   */
  public static List<String> names(Path file, int expected) throws IOException {
    if (Files.size(file) > MAX_NAMES) {
      throw new DataFileException(
          file + ": is " + Files.size(file) + " bytes long, expected at most " + MAX_NAMES);
    }
    String text = new String(Files.readAllBytes(file), UTF_8);
    List<String> names = text.lines().map(String::strip).filter(s -> !s.isEmpty()).toList();
    if (names.size() != expected) {
      throw new DataFileException(
          file + ": has " + names.size() + " class names, expected " + expected);
    }
    return names;
  }
}
