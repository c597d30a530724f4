package dev.troupe.kernels.reference;

import dev.troupe.kernels.HostBuffer;
import java.util.Objects;

/**
 * The elements of an INT32 buffer; an index outside the buffer is an error even where it is inside
 * the array.
 */
record Ints(int[] array, int offset, int size) {
  static Ints of(HostBuffer buffer) {
    return new Ints(buffer.ints(), buffer.offset(), buffer.size());
  }

  int get(int i) {
    return array[offset + Objects.checkIndex(i, size)];
  }

  void set(int i, int value) {
    array[offset + Objects.checkIndex(i, size)] = value;
  }
}
