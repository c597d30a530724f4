package dev.troupe.tensor.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A file of known size, read front to back. Everything is checked against that size before memory
 * for it is allocated, so a file can never ask for more memory than a small multiple of its own
 * length.
 */
final class ArrayInput implements Closeable {
  private static final int CHUNK = 1 << 16;

  private final String name;
  private final ReadableByteChannel channel;
  private final long size;
  private long position;

  ArrayInput(String name, ReadableByteChannel channel, long size) {
    this.name = name;
    this.channel = channel;
    this.size = size;
  }

  static ArrayInput open(Path file) throws IOException {
    FileChannel channel = openChannel(file);
    return new ArrayInput(file.toString(), channel, channel.size());
  }

  /** Opens a file, with a sentence instead of the bare path where that fails. */
  static FileChannel openChannel(Path file) throws IOException {
    try {
      if (Files.isDirectory(file)) {
        throw new IOException("it is a directory");
      }
      return FileChannel.open(file);
    } catch (IOException e) {
      throw new IOException(file + ": cannot be read, " + AtomicFiles.reason(e), e);
    }
  }

  long size() {
    return size;
  }

  long remaining() {
    return size - position;
  }

  /** The exception for this file: {@code NAME: WHAT}. */
  ArrayFileException malformed(String what) {
    return new ArrayFileException(name + ": " + what);
  }

  /** Reads exactly {@code count} bytes. */
  byte[] bytes(int count) throws IOException {
    if (count > remaining()) {
      throw truncated(count);
    }
    byte[] bytes = new byte[count];
    fill(ByteBuffer.wrap(bytes));
    return bytes;
  }

  /** Fills the buffer to its limit and flips it. */
  void fill(ByteBuffer buffer) throws IOException {
    if (buffer.remaining() > remaining()) {
      throw truncated(buffer.remaining());
    }
    position += buffer.remaining();
    while (buffer.hasRemaining()) {
      int read;
      try {
        read = channel.read(buffer);
      } catch (IOException e) {
        throw new IOException(name + ": cannot be read, " + AtomicFiles.reason(e), e);
      }
      if (read < 0) {
        throw malformed("became shorter than its " + size + " bytes while it was read");
      }
    }
    buffer.flip();
  }

  private ArrayFileException truncated(long wanted) {
    return malformed("ends after " + remaining() + " of " + wanted + " expected bytes");
  }

  /**
   * Reads an array. {@code what} names it in errors and ends in a colon and a space, or is empty.
   *
   * @throws ArrayFileException if the values are not there or not of the type
   */
  HostArray array(String what, StoredType type, int[] shape, ByteOrder order) throws IOException {
    int count = HostArray.elements(shape);
    if (count < 0 || (long) count * type.bytes > remaining()) {
      throw malformed(what + type + " " + Arrays.toString(shape) + " is larger than the file");
    }
    switch (type) {
      case F32 -> {
        float[] values = new float[count];
        chunks(type, count, order, (in, at, n) -> in.asFloatBuffer().get(values, at, n));
        return HostArray.of(values, shape);
      }
      case F64 -> {
        double[] values = new double[count];
        chunks(type, count, order, (in, at, n) -> in.asDoubleBuffer().get(values, at, n));
        return HostArray.of(values, shape);
      }
      case I32 -> {
        int[] values = new int[count];
        chunks(type, count, order, (in, at, n) -> in.asIntBuffer().get(values, at, n));
        return HostArray.of(values, shape);
      }
      case I64 -> {
        long[] values = new long[count];
        chunks(type, count, order, (in, at, n) -> in.asLongBuffer().get(values, at, n));
        return HostArray.of(values, shape);
      }
      case U8 -> {
        return HostArray.of(bytes(count), shape);
      }
      case BOOL -> {
        boolean[] values = new boolean[count];
        chunks(type, count, order, (in, at, n) -> toBooleans(what, in, values, at, n));
        return HostArray.of(values, shape);
      }
      case F16 -> {
        float[] values = new float[count];
        chunks(type, count, order, (in, at, n) -> widenF16(in, values, at, n));
        return HostArray.of(values, shape);
      }
      case BF16 -> {
        float[] values = new float[count];
        chunks(type, count, order, (in, at, n) -> widenBf16(in, values, at, n));
        return HostArray.of(values, shape);
      }
    }
    throw new AssertionError(type);
  }

  private void toBooleans(String what, ByteBuffer in, boolean[] values, int at, int n)
      throws ArrayFileException {
    for (int i = 0; i < n; i++) {
      int value = in.get(i) & 0xff;
      if (value > 1) {
        throw malformed(what + "element " + (at + i) + " is " + value + ", expected 0 or 1");
      }
      values[at + i] = value == 1;
    }
  }

  private static void widenF16(ByteBuffer in, float[] values, int at, int n) {
    for (int i = 0; i < n; i++) {
      values[at + i] = Float.float16ToFloat(in.getShort(2 * i));
    }
  }

  private static void widenBf16(ByteBuffer in, float[] values, int at, int n) {
    for (int i = 0; i < n; i++) {
      values[at + i] = Float.intBitsToFloat(in.getShort(2 * i) << 16);
    }
  }

  private interface Chunk {
    /** Takes the {@code n} elements in {@code in}, of which the first is element {@code at}. */
    void accept(ByteBuffer in, int at, int n) throws IOException;
  }

  private void chunks(StoredType type, int count, ByteOrder order, Chunk chunk) throws IOException {
    ByteBuffer buffer =
        ByteBuffer.allocate((int) Math.min(CHUNK, (long) count * type.bytes)).order(order);
    for (int at = 0; at < count; ) {
      int n = Math.min(count - at, CHUNK / type.bytes);
      fill(buffer.clear().limit(n * type.bytes));
      chunk.accept(buffer, at, n);
      at += n;
    }
  }

  /** {@code text} in quotes, without control characters and at a readable length. */
  static String quote(String text) {
    return "'" + printable(text, 60) + "'";
  }

  /** {@code text} without control characters, cut off where it is longer than the limit. */
  static String printable(String text, int limit) {
    StringBuilder printable = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), limit); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || Character.isSurrogate(c)) {
        printable.append("\\u").append(HexFormat.of().toHexDigits(c));
      } else {
        printable.append(c);
      }
    }
    return text.length() > limit ? printable.append("...").toString() : printable.toString();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
