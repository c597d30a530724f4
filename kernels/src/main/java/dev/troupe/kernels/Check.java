package dev.troupe.kernels;

import java.util.ArrayList;
import java.util.List;

/** The checks that primitives make when they are built. */
final class Check {
  private Check() {}

  static void size(String op, String what, Buffer buffer, int expected) {
    if (buffer.size() != expected) {
      throw new IllegalArgumentException(
          op + ": " + what + " has " + buffer.size() + " elements, expected " + expected);
    }
  }

  static void type(String op, String what, Buffer buffer, ElementType expected) {
    if (buffer.type() != expected) {
      throw new IllegalArgumentException(
          op + ": " + what + " is " + buffer.type() + ", expected " + expected);
    }
  }

  static void atLeast(String op, String what, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          op + ": " + what + " is " + value + ", expected at least " + least);
    }
  }

  static void tables(String op, int tables, int batch) {
    if (tables != 1 && tables != batch) {
      throw new IllegalArgumentException(
          op + ": " + tables + " tables for a batch of " + batch + ", expected 1 or " + batch);
    }
  }

  static void extent(String op, String what, Buffer buffer, int rows, int width, int stride) {
    long extent = rows == 0 ? 0 : (long) (rows - 1) * stride + width;
    if (stride < width || extent > buffer.size()) {
      throw new IllegalArgumentException(
          op + ": " + rows + " rows of " + width + " at stride " + stride + " do not fit into " + what
              + " of " + buffer.size());
    }
  }

  static void lists(String op, List<Buffer> a, List<Buffer> b) {
    if (a.size() != b.size()) {
      throw new IllegalArgumentException(
          op + ": " + a.size() + " parameters, but " + b.size() + " buffers beside them");
    }
    for (int i = 0; i < a.size(); i++) {
      size(op, "buffer " + i, b.get(i), a.get(i).size());
    }
  }

  @SafeVarargs
  static List<Buffer> join(List<Buffer>... lists) {
    List<Buffer> all = new ArrayList<>();
    for (List<Buffer> list : lists) {
      all.addAll(list);
    }
    return all;
  }
}
