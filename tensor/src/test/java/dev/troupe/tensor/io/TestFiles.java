package dev.troupe.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** What the tests of this package share. */
final class TestFiles {
  private TestFiles() {}

  /** A file named {@code f} with these bytes. */
  static ArrayInput input(byte[] bytes) {
    return new ArrayInput("f", Channels.newChannel(new ByteArrayInputStream(bytes)), bytes.length);
  }

  static byte[] concat(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteBuffer all = ByteBuffer.allocate(length);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  /** A safetensors file with this header as it is, unpadded. */
  static byte[] safetensors(String header, byte[] data) {
    return safetensors(header.getBytes(StandardCharsets.UTF_8), data);
  }

  static byte[] safetensors(byte[] header, byte[] data) {
    return concat(littleEndian(header.length), header, data);
  }

  static byte[] littleEndian(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  /** The same type, shape and bits (also of NaNs). */
  static void assertSame(HostArray found, HostArray expected) {
    assertThat(found).hasToString(expected.toString());
    if (expected.dtype() == DataType.BOOL) {
      assertThat(found.booleans()).isEqualTo(expected.booleans());
    } else {
      assertThat(segment(found).mismatch(segment(expected))).isEqualTo(-1);
    }
  }

  private static MemorySegment segment(HostArray array) {
    return switch (array.dtype()) {
      case F32 -> MemorySegment.ofArray(array.floats());
      case F64 -> MemorySegment.ofArray(array.doubles());
      case I32 -> MemorySegment.ofArray(array.ints());
      case I64 -> MemorySegment.ofArray(array.longs());
      case U8 -> MemorySegment.ofArray(array.bytes());
      case BOOL -> throw new AssertionError();
    };
  }
}
