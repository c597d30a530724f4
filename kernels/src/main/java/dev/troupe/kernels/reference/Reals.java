package dev.troupe.kernels.reference;

import dev.troupe.kernels.HostBuffer;
import java.util.Objects;

/**
 * The elements of a REAL buffer; an index outside the buffer is an error even where it is inside
 * the array.
 */
record Reals(double[] array, int offset, int size) {
  static Reals of(HostBuffer buffer) {
    return new Reals(buffer.doubles(), buffer.offset(), buffer.size());
  }

  double get(int i) {
    return array[offset + Objects.checkIndex(i, size)];
  }

  void set(int i, double value) {
    array[offset + Objects.checkIndex(i, size)] = value;
  }

  void add(int i, double value) {
    array[offset + Objects.checkIndex(i, size)] += value;
  }

  void fill(double value) {
    for (int i = 0; i < size; i++) {
      set(i, value);
    }
  }
}
