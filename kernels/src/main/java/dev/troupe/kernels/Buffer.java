package dev.troupe.kernels;

/**
 * A contiguous run of elements in a device's memory: storage, an offset into it and a size. Slices
 * share the storage of the buffer that they are cut from, and are free.
 */
public interface Buffer {
  /** What the buffer holds. */
  ElementType type();

  /** How many elements it holds. */
  int size();

  /**
   * A view of {@code size} elements from {@code offset} on.
   *
   * @throws IllegalArgumentException if the range is not inside this buffer
   */
  Buffer slice(int offset, int size);
}
