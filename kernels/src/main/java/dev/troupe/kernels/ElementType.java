package dev.troupe.kernels;

/** What a {@link Buffer} holds. */
public enum ElementType {
  /** The device's floating-point type: float32 on cpu, cuda and ptx, float64 on reference. */
  REAL,
  /** 32-bit signed integers: indices, labels, counters. */
  INT32
}
