package dev.troupe.kernels.gpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The values of a kernel's parameters, packed as PTX lays them out: in order, each at the next
 * multiple of its own size. Reused from launch to launch, without garbage.
 */
public final class Arguments {
  /** The most bytes that any driver takes. */
  public static final int MOST_BYTES = 4_096;

  private final MemorySegment segment = Arena.ofAuto().allocate(MOST_BYTES, 16);
  private int bytes;

  /** Forgets all values. */
  public Arguments clear() {
    bytes = 0;
    return this;
  }

  /** Appends a {@code .u32} or {@code .s32}. */
  public Arguments put(int value) {
    segment.set(ValueLayout.JAVA_INT, next(Integer.BYTES), value);
    return this;
  }

  /** Appends a {@code .u64}: an address, or a long. */
  public Arguments put(long value) {
    segment.set(ValueLayout.JAVA_LONG, next(Long.BYTES), value);
    return this;
  }

  /** Appends an {@code .f32}. */
  public Arguments put(float value) {
    segment.set(ValueLayout.JAVA_FLOAT, next(Float.BYTES), value);
    return this;
  }

  private int next(int size) {
    int at = (bytes + size - 1) & -size;
    if (at + size > MOST_BYTES) {
      throw new IllegalArgumentException(
          "arguments: more than " + MOST_BYTES + " bytes, the most that a kernel takes");
    }
    bytes = at + size;
    return at;
  }

  /** The same values, in memory of their own. */
  Arguments copy() {
    Arguments copy = new Arguments();
    MemorySegment.copy(segment, 0, copy.segment, 0, bytes);
    copy.bytes = bytes;
    return copy;
  }

  /** How many bytes the values take. */
  public int bytes() {
    return bytes;
  }

  /** The packed values, native order; only the first {@link #bytes()} have a meaning. */
  public MemorySegment segment() {
    return segment;
  }
}
