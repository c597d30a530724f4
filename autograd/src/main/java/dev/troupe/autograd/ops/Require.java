package dev.troupe.autograd.ops;

import dev.troupe.kernels.ElementType;
import dev.troupe.tensor.Shape;
import dev.troupe.tensor.ShapeException;
import dev.troupe.tensor.Tensor;

/** What ops ask of their inputs. */
final class Require {
  private Require() {}

  static Tensor real(String op, Tensor t) {
    if (t.type() != ElementType.REAL) {
      throw new ShapeException(op + ": " + t.shape() + " is INT32, expected REAL");
    }
    return t;
  }

  static Tensor int32(String op, Tensor t) {
    if (t.type() != ElementType.INT32) {
      throw new ShapeException(op + ": " + t.shape() + " is REAL, expected INT32");
    }
    return t;
  }

  /** An axis in [0, rank). */
  static int axis(String op, Shape shape, int axis) {
    int a = axis < 0 ? axis + shape.rank() : axis;
    if (a < 0 || a >= shape.rank()) {
      throw new ShapeException(op + ": no axis " + axis + " in " + shape);
    }
    return a;
  }

  static void that(boolean condition, String message, Object... values) {
    if (!condition) {
      throw new ShapeException(String.format(message, values));
    }
  }
}
