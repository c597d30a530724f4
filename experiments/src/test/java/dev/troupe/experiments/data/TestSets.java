package dev.troupe.experiments.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sink;
import us.hebi.matlab.mat.types.Sinks;

/** Files in the official formats with made-up content. */
public final class TestSets {
  static final List<String> DIGITS = KnownSets.all().getFirst().names();

  private TestSets() {}

  /** A pixel that tells image, channel, row and column apart. */
  static byte pixel(int image, int c, int h, int w) {
    return (byte) (31 * image + 101 * c + 7 * h + w);
  }

  static byte[] image(int image, Frame f) {
    byte[] pixels = new byte[f.size()];
    for (int i = 0; i < pixels.length; i++) {
      int c = i / f.plane();
      pixels[i] = pixel(image, c, i % f.plane() / f.width(), i % f.width());
    }
    return pixels;
  }

  /** A set in memory, with label i mod classes. */
  static ImageSet set(int images, Frame f, int classes) {
    byte[] pixels = new byte[images * f.size()];
    int[] labels = new int[images];
    for (int i = 0; i < images; i++) {
      System.arraycopy(image(i, f), 0, pixels, i * f.size(), f.size());
      labels[i] = i % classes;
    }
    return new ImageSet(
        "made-up",
        Split.TRAIN,
        f,
        MemorySegment.ofArray(pixels),
        labels,
        DIGITS.subList(0, classes),
        List.of());
  }

  public static byte[] idxImages(int count, int rows, int columns) {
    ByteBuffer file = ByteBuffer.allocate(16 + count * rows * columns);
    file.putInt(0x803).putInt(count).putInt(rows).putInt(columns);
    for (int i = 0; i < count; i++) {
      file.put(image(i, new Frame(1, rows, columns)));
    }
    return file.array();
  }

  public static byte[] idxLabels(int... labels) {
    ByteBuffer file = ByteBuffer.allocate(8 + labels.length);
    file.putInt(0x801).putInt(labels.length);
    for (int label : labels) {
      file.put((byte) label);
    }
    return file.array();
  }

  static byte[] gzip(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** CIFAR-10 records with these labels. */
  static byte[] cifar10(int... labels) {
    ByteBuffer file = ByteBuffer.allocate(labels.length * (1 + Cifar.FRAME.size()));
    for (int i = 0; i < labels.length; i++) {
      file.put((byte) labels[i]).put(image(i, Cifar.FRAME));
    }
    return file.array();
  }

  /** CIFAR-100 records with these labels, and the label divided by 5 as superclass. */
  static byte[] cifar100(int... labels) {
    ByteBuffer file = ByteBuffer.allocate(labels.length * (2 + Cifar.FRAME.size()));
    for (int i = 0; i < labels.length; i++) {
      file.put((byte) (labels[i] / 5)).put((byte) labels[i]).put(image(i, Cifar.FRAME));
    }
    return file.array();
  }

  /** An SVHN file with these labels, 1 to 10. */
  static byte[] svhn(int height, int width, double... labels) {
    return svhn(new int[] {height, width, 3, labels.length}, MatlabType.UInt8, labels);
  }

  static byte[] svhn(int[] dimensions, MatlabType type, double... labels) {
    Matrix x = Mat5.newMatrix(dimensions, type);
    for (int i = 0; i < x.getNumElements(); i++) {
      int h = i % dimensions[0];
      int w = i / dimensions[0] % dimensions[1];
      int c = i / dimensions[0] / dimensions[1] % dimensions[2];
      x.setByte(i, pixel(i / dimensions[0] / dimensions[1] / dimensions[2], c, h, w));
    }
    Matrix y = Mat5.newMatrix(new int[] {labels.length, 1}, MatlabType.Double);
    for (int i = 0; i < labels.length; i++) {
      y.setDouble(i, labels[i]);
    }
    Mat5File file = Mat5.newMatFile();
    file.addArray("X", x);
    file.addArray("y", y);
    return bytes(file);
  }

  static byte[] bytes(Mat5File file) {
    try {
      Path path = Files.createTempFile("troupe", ".mat");
      try {
        try (Sink sink = Sinks.newStreamingFile(path.toFile())) {
          file.writeTo(sink);
        }
        return Files.readAllBytes(path);
      } finally {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static Path write(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }
}
