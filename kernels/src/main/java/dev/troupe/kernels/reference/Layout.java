package dev.troupe.kernels.reference;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;

/** The same elements in other places, REAL or INT32. */
final class Layout {
  private Layout() {}

  static void permute(Primitive.Permute op, HostBuffer x, HostBuffer y) {
    for (int i = 0; i < y.size(); i++) {
      y.set(i, x.get(Elementwise.source(op.sizes(), op.strides(), i)));
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
