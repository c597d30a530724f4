package dev.troupe.experiments.data;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * IDX files, as MNIST and Fashion-MNIST come in: big-endian headers of 32-bit numbers (kind, count,
 * rows, columns), then bytes. Packed by gzip or not.
 */
public final class Idx {
  private static final int IMAGES = 0x00000803; // unsigned bytes, three dimensions
  private static final int LABELS = 0x00000801;

  private Idx() {}

  /**
   * Reads a pair of files.
   *
   * @param classes what the labels 0, 1, … mean
   * @throws DataFileException if they are no such files, or do not belong together
   */
  public static ImageSet read(
      String name, Split split, Path images, Path labels, List<String> classes) throws IOException {
    try (FileInput imageFile = FileInput.open(images);
        FileInput labelFile = FileInput.open(labels)) {
      return read(name, split, imageFile, labelFile, classes);
    }
  }

  static ImageSet read(
      String name, Split split, FileInput images, FileInput labels, List<String> classes)
      throws IOException {
    int count = header(images, IMAGES, "images");
    int rows = side(images, "number of rows");
    int columns = side(images, "number of columns");
    long bytes = (long) count * rows * columns;
    if (bytes > images.atMost()) {
      throw images.refused(
          images.position(),
          count
              + " images of "
              + rows
              + " x "
              + columns
              + " take "
              + bytes
              + " bytes, but at most "
              + images.atMost()
              + " follow");
    }
    Frame frame = new Frame(1, rows, columns);
    MemorySegment pixels = ImageSet.allocate(bytes);
    byte[] image = new byte[frame.size()];
    for (int i = 0; i < count; i++) {
      images.read(image, 0, image.length, "image " + i);
      MemorySegment.copy(
          MemorySegment.ofArray(image), 0, pixels, (long) i * image.length, image.length);
    }
    images.expectEnd("the last image");

    int labelled = header(labels, LABELS, "labels");
    if (labelled != count) {
      throw labels.refused(4, "number of labels", labelled, count + " as in " + images.name());
    }
    byte[] values = new byte[labelled];
    labels.read(values, 0, labelled, "labels");
    labels.expectEnd("the last label");
    return new ImageSet(
        name,
        split,
        frame,
        pixels,
        labels(labels, values, 8, classes.size()),
        classes,
        List.of(images.source(), labels.source()));
  }

  private static int header(FileInput in, int kind, String what) throws IOException {
    int found = in.int32("the header");
    if (found != kind) {
      throw in.refused(
          0,
          "the kind of file",
          String.format("0x%08x", found),
          String.format("0x%08x (%s)", kind, what));
    }
    int count = in.int32("the header");
    if (count < 1 || count > in.atMost()) {
      throw in.refused(4, "number of " + what, count, "1 to " + in.atMost());
    }
    return count;
  }

  private static int side(FileInput in, String what) throws IOException {
    int length = in.int32("the header");
    if (length < 1 || length > 1 << 14) {
      throw in.refused(in.position() - 4, what, length, "1 to " + (1 << 14));
    }
    return length;
  }

  private static int[] labels(FileInput in, byte[] values, long at, int classes)
      throws IOException {
    int[] labels = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      labels[i] = values[i] & 0xff;
      if (labels[i] >= classes) {
        throw in.refused(at + i, "label of image " + i, labels[i], "0 to " + (classes - 1));
      }
    }
    return labels;
  }
}
