package dev.troupe.kernels.ptx;

/** The fundamental types of PTX that kernels use. */
enum PtxType {
  PRED(0, false, false),
  U8(1, false, false),
  S8(1, true, false),
  B8(1, false, false),
  U16(2, false, false),
  S16(2, true, false),
  B16(2, false, false),
  F16(2, false, true),
  U32(4, false, false),
  S32(4, true, false),
  B32(4, false, false),
  F32(4, false, true),
  TF32(4, false, true),
  U64(8, false, false),
  S64(8, true, false),
  B64(8, false, false),
  F64(8, false, true);

  final int bytes;
  final boolean signed;
  final boolean floating;

  PtxType(int bytes, boolean signed, boolean floating) {
    this.bytes = bytes;
    this.signed = signed;
    this.floating = floating;
  }

  /** By its name without the dot, or null. */
  static PtxType of(String name) {
    return switch (name) {
      case "pred" -> PRED;
      case "u8" -> U8;
      case "s8" -> S8;
      case "b8" -> B8;
      case "u16" -> U16;
      case "s16" -> S16;
      case "b16" -> B16;
      case "f16" -> F16;
      case "u32" -> U32;
      case "s32" -> S32;
      case "b32" -> B32;
      case "f32" -> F32;
      case "tf32" -> TF32;
      case "u64" -> U64;
      case "s64" -> S64;
      case "b64" -> B64;
      case "f64" -> F64;
      default -> null;
    };
  }
}
