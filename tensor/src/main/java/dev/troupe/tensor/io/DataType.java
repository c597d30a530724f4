package dev.troupe.tensor.io;

/** The element types of a {@link HostArray}. The names are those of the safetensors format. */
public enum DataType {
  F32(4),
  F64(8),
  I32(4),
  I64(8),
  /** Unsigned bytes: {@code values[i] & 0xff}. */
  U8(1),
  BOOL(1);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes an element takes in a file. */
  public int bytes() {
    return bytes;
  }
}
