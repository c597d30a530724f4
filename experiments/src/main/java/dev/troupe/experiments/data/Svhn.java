package dev.troupe.experiments.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import us.hebi.matlab.mat.format.BufferAllocator;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.format.Mat5Reader;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;

/**
 * The cropped digits of SVHN ("format 2"): a MAT file of version 5 with X, bytes [H, W, 3, N] in
 * column-major order, and y, [N, 1] with labels 1 to 10, where 10 is the digit 0.
 */
public final class Svhn {
  private static final int CHANNELS = 3;
  private static final int ZERO = 10;

  private Svhn() {}

  /**
   * Reads a file; label and class are the digit.
   *
   * @throws DataFileException if it is no such file
   */
  public static ImageSet read(String name, Split split, Path file, List<String> classes)
      throws IOException {
    SourceFile source = new SourceFile(file.toString(), Files.size(file), Checksums.sha256(file));
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return read(name, split, in, source, classes);
    }
  }

  static ImageSet read(
      String name, Split split, InputStream in, SourceFile source, List<String> classes)
      throws IOException {
    MatSource mat = new MatSource(in, source.bytes());
    Mat5File content;
    try {
      content =
          Mat5.newReader(mat)
              .setEntryFilter(Svhn::isWanted)
              .setBufferAllocator(new Bounded(mat.limit()))
              .disableSubsystemProcessing()
              .readMat();
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw new DataFileException(
          source.name()
              + ": at byte "
              + mat.getPosition()
              + ": is damaged, or no MAT file of version 5 ("
              + reason(e)
              + ")",
          e);
    }
    return new Conversion(name, split, source, classes).of(content, mat.limit());
  }

  private static boolean isWanted(Mat5Reader.EntryHeader header) {
    return (header.getName().equals("X") && header.getType() == MatlabType.UInt8)
        || (header.getName().equals("y")
            && (header.getType() == MatlabType.UInt8 || header.getType() == MatlabType.Double));
  }

  private static String reason(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }

  /** Heap buffers no larger than what the file can hold. */
  private record Bounded(long limit) implements BufferAllocator {
    @Override
    public ByteBuffer allocate(int bytes) {
      if (bytes < 0 || bytes > limit) {
        throw new IllegalArgumentException(
            "an array of " + Integer.toUnsignedLong(bytes) + " bytes in a smaller file");
      }
      return ByteBuffer.allocate(bytes);
    }

    @Override
    public void release(ByteBuffer buffer) {
      // The collector frees it.
    }
  }

  private record Conversion(String name, Split split, SourceFile source, List<String> classes) {
    ImageSet of(Mat5File content, long limit) throws DataFileException {
      Matrix x = matrix(content, "X", "bytes [H, W, 3, N]");
      Matrix y = matrix(content, "y", "labels [N, 1]");
      int[] d = x.getDimensions();
      if (d.length != 4 || d[2] != CHANNELS || elements(d) < 1 || elements(d) > limit) {
        throw refused("X is " + Arrays.toString(d) + ", expected [H, W, 3, N]");
      }
      int n = d[3];
      if (elements(y.getDimensions()) != n || y.getDimensions()[0] != n) {
        throw refused(
            "y is " + Arrays.toString(y.getDimensions()) + ", expected [" + n + ", 1] as in X");
      }
      Frame frame = new Frame(CHANNELS, d[0], d[1]);
      try {
        return new ImageSet(
            name, split, frame, pixels(x, n, frame), labels(y, n), classes, List.of(source));
      } catch (IndexOutOfBoundsException e) {
        throw new DataFileException(
            source.name() + ": an array has fewer elements than its dimensions say", e);
      }
    }

    private Matrix matrix(Mat5File content, String array, String expected)
        throws DataFileException {
      for (var entry : content.getEntries()) {
        if (entry.getName().equals(array)
            && entry.getValue() instanceof Matrix matrix
            && !matrix.isComplex()) {
          return matrix;
        }
      }
      throw refused("has no array " + array + " of numbers, expected " + expected);
    }

    private static MemorySegment pixels(Matrix x, int n, Frame frame) {
      MemorySegment pixels = ImageSet.allocate((long) n * frame.size());
      byte[] image = new byte[frame.size()];
      int from = 0; // column-major: h runs fastest, then w, then the channel
      for (int i = 0; i < n; i++) {
        for (int c = 0; c < CHANNELS; c++) {
          for (int w = 0; w < frame.width(); w++) {
            for (int h = 0; h < frame.height(); h++) {
              image[c * frame.plane() + h * frame.width() + w] = x.getByte(from++);
            }
          }
        }
        MemorySegment.copy(
            MemorySegment.ofArray(image), 0, pixels, (long) i * image.length, image.length);
      }
      return pixels;
    }

    private int[] labels(Matrix y, int n) throws DataFileException {
      int[] labels = new int[n];
      for (int i = 0; i < n; i++) {
        double value = y.getDouble(i);
        if (!(value >= 1 && value <= ZERO) || value != Math.rint(value)) {
          throw refused("label of image " + i + " is " + value + ", expected 1 to " + ZERO);
        }
        labels[i] = (int) value % ZERO;
      }
      return labels;
    }

    private DataFileException refused(String what) {
      return new DataFileException(source.name() + ": " + what);
    }

    private static long elements(int[] dimensions) {
      double product = 1;
      for (int d : dimensions) {
        product *= Math.max(d, 0);
      }
      return (long) product;
    }
  }
}
