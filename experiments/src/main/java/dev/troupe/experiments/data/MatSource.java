package dev.troupe.experiments.data;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.InflaterInputStream;
import us.hebi.matlab.mat.types.Source;

/**
 * What the library for MAT files reads from. Its own sources use {@code sun.misc.Unsafe}, of which
 * the JDK warns on stderr, and let a damaged size ask for any amount of memory. Here a single
 * number, as sizes are read, is refused beyond what the file can hold.
 */
final class MatSource implements Source {
  /** Deflate makes at most 1,032 bytes of one. */
  private static final long DEFLATE_RATIO = 1032;

  /**
   * Short elements keep their type and size in one number, the size (up to 4) in its upper half.
   */
  private static final long SHORT_ELEMENT = 5L << 16;

  private final InputStream in;
  private final long limit;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 13);
  private long position;

  /**
   * Reads a stream.
   *
   * @param fileSize of the file that it comes from
   */
  MatSource(InputStream in, long fileSize) {
    this(in, Math.max(DEFLATE_RATIO * fileSize, SHORT_ELEMENT), ByteOrder.nativeOrder());
  }

  private MatSource(InputStream in, long limit, ByteOrder order) {
    this.in = in;
    this.limit = limit;
    buffer.order(order);
  }

  @Override
  public Source order(ByteOrder order) {
    buffer.order(order);
    return this;
  }

  @Override
  public ByteOrder order() {
    return buffer.order();
  }

  @Override
  public long getPosition() {
    return position;
  }

  /** The most bytes that the content of the file can have. */
  long limit() {
    return limit;
  }

  @Override
  public boolean isMutatedByChildren() {
    return true;
  }

  @Override
  public void readBytes(byte[] to, int offset, int length) throws IOException {
    int got = in.readNBytes(to, offset, length);
    position += got;
    if (got < length) {
      throw new EOFException("it ends after " + got + " of " + length + " bytes");
    }
  }

  @Override
  public void readByteBuffer(ByteBuffer to) throws IOException {
    byte[] bytes = new byte[to.remaining()];
    readBytes(bytes, 0, bytes.length);
    to.put(bytes);
  }

  @Override
  public void skip(long count) throws IOException {
    long skipped = 0;
    while (skipped < count) {
      skipped += load(count - skipped, 1).remaining();
    }
  }

  /** The next bytes for {@code count} values of {@code width} bytes, or for the first of them. */
  private ByteBuffer load(long count, int width) throws IOException {
    buffer.clear().limit((int) Math.min(count * width, buffer.capacity()));
    readBytes(buffer.array(), 0, buffer.limit());
    return buffer;
  }

  @Override
  public byte readByte() throws IOException {
    return load(1, Byte.BYTES).get();
  }

  @Override
  public short readShort() throws IOException {
    return load(1, Short.BYTES).getShort();
  }

  @Override
  public int readInt() throws IOException {
    int value = load(1, Integer.BYTES).getInt();
    if (Integer.toUnsignedLong(value) > limit) {
      throw new IOException(
          "a size is " + Integer.toUnsignedLong(value) + ", at most " + limit + " can follow");
    }
    return value;
  }

  @Override
  public long readLong() throws IOException {
    return load(1, Long.BYTES).getLong();
  }

  @Override
  public float readFloat() throws IOException {
    return load(1, Float.BYTES).getFloat();
  }

  @Override
  public double readDouble() throws IOException {
    return load(1, Double.BYTES).getDouble();
  }

  @Override
  public void readShorts(short[] to, int offset, int length) throws IOException {
    for (int i = 0; i < length; ) {
      for (ByteBuffer b = load(length - i, Short.BYTES); b.hasRemaining(); i++) {
        to[offset + i] = b.getShort();
      }
    }
  }

  @Override
  public void readInts(int[] to, int offset, int length) throws IOException {
    for (int i = 0; i < length; ) {
      for (ByteBuffer b = load(length - i, Integer.BYTES); b.hasRemaining(); i++) {
        to[offset + i] = b.getInt();
      }
    }
  }

  @Override
  public void readLongs(long[] to, int offset, int length) throws IOException {
    for (int i = 0; i < length; ) {
      for (ByteBuffer b = load(length - i, Long.BYTES); b.hasRemaining(); i++) {
        to[offset + i] = b.getLong();
      }
    }
  }

  @Override
  public void readFloats(float[] to, int offset, int length) throws IOException {
    for (int i = 0; i < length; ) {
      for (ByteBuffer b = load(length - i, Float.BYTES); b.hasRemaining(); i++) {
        to[offset + i] = b.getFloat();
      }
    }
  }

  @Override
  public void readDoubles(double[] to, int offset, int length) throws IOException {
    for (int i = 0; i < length; ) {
      for (ByteBuffer b = load(length - i, Double.BYTES); b.hasRemaining(); i++) {
        to[offset + i] = b.getDouble();
      }
    }
  }

  @Override
  public Source readInflated(int packedBytes, int bufferSize) {
    InputStream packed = new Slice(packedBytes);
    return new MatSource(new InflaterInputStream(packed), limit, order());
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** The next bytes of this source; closing it leaves the source open. */
  private final class Slice extends FilterInputStream {
    private int left;

    Slice(int left) {
      super(MatSource.this.in);
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int got = left == 0 ? -1 : super.read(to, offset, Math.min(length, left));
      left -= Math.max(got, 0);
      position += Math.max(got, 0);
      return got;
    }

    @Override
    public void close() {
      // The file is read on.
    }
  }
}
