package dev.troupe.tensor.io;

/** How elements lie in a file. Half precision is widened to F32 on reading and never written. */
enum StoredType {
  F32(DataType.F32),
  F64(DataType.F64),
  I32(DataType.I32),
  I64(DataType.I64),
  U8(DataType.U8),
  BOOL(DataType.BOOL),
  F16(DataType.F32, 2),
  BF16(DataType.F32, 2);

  final DataType dtype;
  final int bytes;

  StoredType(DataType dtype) {
    this(dtype, dtype.bytes());
  }

  StoredType(DataType dtype, int bytes) {
    this.dtype = dtype;
    this.bytes = bytes;
  }
}
