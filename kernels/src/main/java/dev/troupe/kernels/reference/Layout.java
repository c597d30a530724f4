package dev.troupe.kernels.reference;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import java.util.List;

/** The same elements in other places, REAL or INT32. */
final class Layout {
  private Layout() {}

  static void permute(Primitive.Permute op, HostBuffer x, HostBuffer y) {
    for (int i = 0; i < y.size(); i++) {
      y.set(i, x.get(Elementwise.source(op.sizes(), op.strides(), i)));
    }
  }

  // xs [rows, widths], y [rows, the sum of the widths]
  static void concat(int rows, List<HostBuffer> xs, HostBuffer y) {
    int at = 0;
    for (int r = 0; r < rows; r++) {
      for (HostBuffer x : xs) {
        int width = x.size() / rows;
        for (int j = 0; j < width; j++) {
          y.set(at++, x.get(r * width + j));
        }
      }
    }
  }

  static void copyRows(Primitive.CopyRows op, HostBuffer x, HostBuffer y) {
    for (int r = 0; r < op.rows(); r++) {
      for (int j = 0; j < op.width(); j++) {
        y.set(r * op.yStride() + j, x.get(r * op.xStride() + j));
      }
    }
  }
}
