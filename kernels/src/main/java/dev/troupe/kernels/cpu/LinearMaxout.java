package dev.troupe.kernels.cpu;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;

/** Linear maxout: a matrix product, and the largest of its pieces. */
final class LinearMaxout {
  private LinearMaxout() {}

  static void run(
      Workers workers,
      Primitive.LinearMaxout op,
      HostBuffer x,
      HostBuffer weight,
      HostBuffer bias,
      HostBuffer y,
      HostBuffer index) {
    int n = op.pieces() * op.units();
    int rows = op.members() * op.batch();
    float[] z =
        Scratch.ofThisThread().products(Math.multiplyExact(rows, n)); // [E, N, pieces, units]
    Gemm.multiply(
        workers,
        false,
        false,
        op.members(),
        op.batch(),
        n,
        op.in(),
        x.floats(),
        x.offset(),
        op.batch() * op.in(),
        weight.floats(),
        weight.offset(),
        op.in() * n,
        bias.floats(),
        bias.offset(),
        n,
        false,
        z,
        0,
        op.batch() * n);
    Indexing.extreme(
        workers,
        true,
        rows,
        op.pieces(),
        op.units(),
        z,
        0,
        y.floats(),
        y.offset(),
        index.ints(),
        index.offset());
  }
}
