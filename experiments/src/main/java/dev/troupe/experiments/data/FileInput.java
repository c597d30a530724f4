package dev.troupe.experiments.data;

import dev.troupe.tensor.io.Sha256;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file of a data set, read front to back, unpacked if it begins as gzip does, whatever its name.
 * It counts bytes for messages and takes the SHA-256 on the way.
 */
final class FileInput implements Closeable {
  /** Deflate makes at most 1,032 bytes of one. */
  private static final int DEFLATE_RATIO = 1032;

  private static final int BUFFER = 1 << 16;

  private final String name;
  private final long size;
  private final DigestInputStream raw;
  private final InputStream in;
  private final boolean packed;
  private long position;

  private FileInput(String name, long size, InputStream file) throws IOException {
    this.name = name;
    this.size = size;
    this.raw = new DigestInputStream(new BufferedInputStream(file, BUFFER), Sha256.start());
    raw.on(false);
    raw.mark(2);
    this.packed = raw.read() == 0x1f && raw.read() == 0x8b;
    raw.reset();
    raw.on(true);
    try {
      this.in = packed ? new GZIPInputStream(raw, BUFFER) : raw;
    } catch (EOFException | ZipException e) {
      throw new DataFileException(name + ": its gzip header is damaged", e);
    }
  }

  /**
   * Opens a file.
   *
   * @throws IOException with a sentence that names it
   */
  static FileInput open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new DataFileException(file + ": is a directory, expected a file");
    }
    InputStream stream = Files.newInputStream(file);
    try {
      return new FileInput(file.toString(), Files.size(file), stream);
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  /** A file with these bytes. */
  static FileInput of(String name, byte[] bytes) throws IOException {
    return new FileInput(name, bytes.length, new ByteArrayInputStream(bytes));
  }

  String name() {
    return name;
  }

  /** How many bytes were read of the content. */
  long position() {
    return position;
  }

  /** Refuses a packed file where only unpacked ones are official. */
  void requireUnpacked() throws DataFileException {
    if (packed) {
      throw new DataFileException(name + ": is packed by gzip, expected the unpacked file");
    }
  }

  /** The most bytes that can follow. Memory is asked for only within it. */
  long atMost() {
    return (packed ? DEFLATE_RATIO * size : size) - position;
  }

  /** {@code NAME: at byte AT: WHAT}. */
  DataFileException refused(long at, String what) {
    return new DataFileException(
        name + ": at " + (packed ? "unpacked byte " : "byte ") + at + ": " + what);
  }

  /** {@code NAME: at byte AT: WHAT is FOUND, expected EXPECTED}. */
  DataFileException refused(long at, String what, Object found, Object expected) {
    return refused(at, what + " is " + found + ", expected " + expected);
  }

  /** A big-endian number of 32 bits. */
  int int32(String what) throws IOException {
    byte[] b = new byte[4];
    read(b, 0, 4, what);
    return (b[0] & 0xff) << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | b[3] & 0xff;
  }

  /** Fills {@code count} bytes; {@code what} says what they are. */
  void read(byte[] to, int at, int count, String what) throws IOException {
    int got = readSome(to, at, count);
    if (got < count) {
      throw refused(
          position - got, "the file ends after " + got + " of " + count + " bytes of " + what);
    }
  }

  /** Fills up to {@code count} bytes, fewer only at the end. */
  int readSome(byte[] to, int at, int count) throws IOException {
    int got;
    try {
      got = in.readNBytes(to, at, count);
    } catch (EOFException e) {
      throw new DataFileException(
          name + ": its gzip data ends too soon, after unpacked byte " + position, e);
    } catch (ZipException e) {
      throw new DataFileException(
          name
              + ": its gzip data is damaged after unpacked byte "
              + position
              + " ("
              + e.getMessage()
              + ")",
          e);
    }
    position += got;
    return got;
  }

  /** Refuses further bytes. */
  void expectEnd(String after) throws IOException {
    long end = position;
    if (readSome(new byte[1], 0, 1) != 0) {
      throw refused(end, "there is more after " + after + ", expected the end of the file");
    }
  }

  /** What was read, once all of it was. */
  SourceFile source() throws IOException {
    raw.transferTo(OutputStream.nullOutputStream());
    return new SourceFile(name, size, Sha256.finish(raw.getMessageDigest()));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
