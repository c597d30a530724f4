package dev.troupe.tensor.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Writes the elements of an array, little-endian, in chunks. */
final class ArrayOutput {
  private static final int CHUNK = 1 << 16;

  private ArrayOutput() {}

  static void write(WritableByteChannel out, HostArray array) throws IOException {
    int count = array.size();
    switch (array.dtype()) {
      case F32 -> {
        float[] values = array.floats();
        chunks(out, count, 4, (to, at, n) -> to.asFloatBuffer().put(values, at, n));
      }
      case F64 -> {
        double[] values = array.doubles();
        chunks(out, count, 8, (to, at, n) -> to.asDoubleBuffer().put(values, at, n));
      }
      case I32 -> {
        int[] values = array.ints();
        chunks(out, count, 4, (to, at, n) -> to.asIntBuffer().put(values, at, n));
      }
      case I64 -> {
        long[] values = array.longs();
        chunks(out, count, 8, (to, at, n) -> to.asLongBuffer().put(values, at, n));
      }
      case U8 -> {
        byte[] values = array.bytes();
        chunks(out, count, 1, (to, at, n) -> to.put(0, values, at, n));
      }
      case BOOL -> {
        boolean[] values = array.booleans();
        chunks(
            out,
            count,
            1,
            (to, at, n) -> {
              for (int i = 0; i < n; i++) {
                to.put(i, (byte) (values[at + i] ? 1 : 0));
              }
            });
      }
    }
  }

  /** A channel may take fewer bytes than it is given. */
  static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private interface Chunk {
    /** Puts {@code n} elements, of which the first is element {@code at}, at the buffer's start. */
    void put(ByteBuffer to, int at, int n);
  }

  private static void chunks(WritableByteChannel out, int count, int bytes, Chunk chunk)
      throws IOException {
    ByteBuffer buffer =
        ByteBuffer.allocate((int) Math.min(CHUNK, (long) count * bytes))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < count; ) {
      int n = Math.min(count - at, CHUNK / bytes);
      chunk.put(buffer.clear(), at, n);
      writeFully(out, buffer.limit(n * bytes));
      at += n;
    }
  }
}
