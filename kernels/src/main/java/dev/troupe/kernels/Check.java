package dev.troupe.kernels;

import java.util.ArrayList;
import java.util.List;

/** The checks that primitives make when they are built, and that devices make of values. */
public final class Check {
  private Check() {}

  /**
   * Checks one value of an index buffer.
   *
   * @throws BadIndexException if it is not in [0, bound)
   */
  public static int index(String op, int index, int position, int bound) {
    if (index < 0 || index >= bound) {
      throw new BadIndexException(op, index, position, bound);
    }
    return index;
  }

  /**
   * Checks a buffer's size.
   *
   * @throws IllegalArgumentException if it is not the expected one
   */
  public static void size(String op, String what, Buffer buffer, long expected) {
    if (buffer.size() != expected) {
      throw new IllegalArgumentException(
          op + ": " + what + " has " + buffer.size() + " elements, expected " + expected);
    }
  }

  /**
   * Checks what a buffer holds.
   *
   * @throws IllegalArgumentException if it is not the expected type
   */
  public static void type(String op, String what, Buffer buffer, ElementType expected) {
    if (buffer.type() != expected) {
      throw new IllegalArgumentException(
          op + ": " + what + " is " + buffer.type() + ", expected " + expected);
    }
  }

  /** A REAL buffer of {@code a · b · c · d} elements. */
  static void real(String op, String what, Buffer buffer, int a, int b, int c, int d) {
    type(op, what, buffer, ElementType.REAL);
    size(op, what, buffer, product(op, a, b, c, d));
  }

  static void real(String op, String what, Buffer buffer, int a, int b, int c) {
    real(op, what, buffer, a, b, c, 1);
  }

  static void real(String op, String what, Buffer buffer, int a, int b) {
    real(op, what, buffer, a, b, 1, 1);
  }

  static void real(String op, String what, Buffer buffer, int a) {
    real(op, what, buffer, a, 1, 1, 1);
  }

  /** An INT32 buffer of {@code a · b · c} elements. */
  static void int32(String op, String what, Buffer buffer, int a, int b, int c) {
    type(op, what, buffer, ElementType.INT32);
    size(op, what, buffer, product(op, a, b, c, 1));
  }

  static void int32(String op, String what, Buffer buffer, int a, int b) {
    int32(op, what, buffer, a, b, 1);
  }

  static void int32(String op, String what, Buffer buffer, int a) {
    int32(op, what, buffer, a, 1);
  }

  /** The product of sizes, none of them negative, without overflow. */
  static long product(String op, int a, int b, int c, int d) {
    if ((a | b | c | d) < 0) {
      throw new IllegalArgumentException(
          op + ": a size is " + Math.min(Math.min(a, b), Math.min(c, d)) + ", expected at least 0");
    }
    long ab = (long) a * b;
    long cd = (long) c * d;
    if (Math.multiplyHigh(ab, cd) != 0 || ab * cd < 0) {
      throw new IllegalArgumentException(
          op + ": " + a + " x " + b + " x " + c + " x " + d + " elements are too many");
    }
    return ab * cd;
  }

  /** A product of two positive sizes that must fit an int. */
  static void count(String op, String what, int a, int b) {
    if ((long) a * b > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(op + ": " + a + " x " + b + " " + what + " are too many");
    }
  }

  static void atLeast(String op, String what, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          op + ": " + what + " is " + value + ", expected at least " + least);
    }
  }

  /** Input {@code k} of a broadcast; one of any size is right where the result is empty. */
  static void extent(String op, String what, Buffer buffer, Broadcast by, int k) {
    if (by.size() != 0) {
      size(op, what, buffer, by.extent(k));
    }
  }

  static void input(String op, String what, Buffer buffer, Broadcast by, int k) {
    type(op, what, buffer, ElementType.REAL);
    extent(op, what, buffer, by, k);
  }

  static void batchNorm(String op, int batch, int spatial, double slope) {
    atLeast(op, "batch", batch, 1);
    atLeast(op, "spatial", spatial, 1);
    slope(op, slope);
  }

  /** That of an activation whose result tells the sign of its argument. */
  static void slope(String op, double slope) {
    if (!(slope >= 0)) {
      throw new IllegalArgumentException(op + ": slope is " + slope + ", expected at least 0.0");
    }
  }

  static void targets(String op, List<Double> targets, int most) {
    if (targets.isEmpty() || targets.size() > most) {
      throw new IllegalArgumentException(
          op + ": " + targets.size() + " targets, expected 1 to " + most);
    }
    for (double t : targets) {
      if (!(t >= 0 && t <= 1)) {
        throw new IllegalArgumentException(op + ": a target is " + t + ", expected 0 to 1");
      }
    }
  }

  static void parameters(Primitive.Distribution distribution, double p) {
    boolean fine =
        switch (distribution) {
          case BERNOULLI -> p >= 0 && p <= 1;
          case INTEGER -> p >= 1 && p == (int) p;
          default -> true;
        };
    if (!fine) {
      String expected =
          distribution == Primitive.Distribution.BERNOULLI
              ? "0 to 1"
              : "a whole number of at least 1";
      throw new IllegalArgumentException("random: p is " + p + ", expected " + expected);
    }
  }

  static void tables(String op, int tables, int batch) {
    if (tables != 1 && tables != batch) {
      throw new IllegalArgumentException(
          op + ": " + tables + " tables for a batch of " + batch + ", expected 1 or " + batch);
    }
  }

  static void extent(String op, String what, Buffer buffer, int rows, int width, int stride) {
    atLeast(op, "rows", rows, 0);
    atLeast(op, "width", width, 0);
    long extent = rows == 0 ? 0 : (long) (rows - 1) * stride + width;
    if (stride < width || extent > buffer.size()) {
      throw new IllegalArgumentException(
          op
              + ": "
              + rows
              + " rows of "
              + width
              + " at stride "
              + stride
              + " do not fit into "
              + what
              + " of "
              + buffer.size());
    }
  }

  /** REAL buffers of the same sizes, beside each other. */
  static void lists(String op, String what, List<Buffer> weights, List<Buffer> others) {
    if (weights.size() != others.size()) {
      throw new IllegalArgumentException(
          op + ": " + what + " has " + others.size() + " buffers, expected " + weights.size());
    }
    for (int i = 0; i < weights.size(); i++) {
      int size = weights.get(i).size();
      // Most are right, and the names of the rest are made only where they are needed.
      if (!isReal(weights.get(i), size) || !isReal(others.get(i), size)) {
        real(op, "weights " + i, weights.get(i), size);
        real(op, what + " " + i, others.get(i), size);
      }
    }
  }

  private static boolean isReal(Buffer buffer, int size) {
    return buffer.type() == ElementType.REAL && buffer.size() == size;
  }

  /** How many elements the buffers have together, which must fit an int. */
  static int total(String op, List<Buffer> buffers) {
    long total = 0;
    for (Buffer buffer : buffers) {
      total += buffer.size();
    }
    if (total > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(op + ": " + total + " elements are too many");
    }
    return (int) total;
  }

  /** Those that are not null. */
  static List<Buffer> present(Buffer... buffers) {
    List<Buffer> present = new ArrayList<>();
    for (Buffer buffer : buffers) {
      if (buffer != null) {
        present.add(buffer);
      }
    }
    return present;
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
