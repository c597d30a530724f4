package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.MaxoutInputGrad.UNITS;
import static dev.troupe.kernels.cpu.Tiles.ALIGN;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;

import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link Primitive.LinearMaxoutWeightGrad}. A task does a block of units of one member. It goes
 * through the rows of x, some columns of which stay in registers while each unit adds them, times
 * its dy, to the sums of the piece that won. The sums, transposed, stay in the first cache. Where x
 * has few columns, the units are side by side instead, and each piece takes the rows that it won.
 */
final class MaxoutWeightGrad {
  private static final int WIDE = 7 * LANES;
  private static final int NARROW = 4 * LANES;

  /** Most columns of x whose sums are kept as vectors of units instead. */
  private static final int FEW = 8;

  private MaxoutWeightGrad() {}

  static void run(
      Workers workers,
      Primitive.LinearMaxoutWeightGrad op,
      HostBuffer x,
      HostBuffer index,
      HostBuffer dy,
      HostBuffer dweight,
      HostBuffer dbias) {
    MaxoutInputGrad.checkIndices("linearMaxoutWeightGrad", index, op.pieces());
    int blocks = Math.ceilDiv(op.units(), UNITS);
    workers.run(
        op.members() * blocks,
        task -> {
          int e = task / blocks;
          block(op, x, index, dy, dweight, dbias, e, task % blocks * UNITS);
        });
  }

  private static void block(
      Primitive.LinearMaxoutWeightGrad op,
      HostBuffer x,
      HostBuffer index,
      HostBuffer dy,
      HostBuffer dweight,
      HostBuffer dbias,
      int e,
      int unit) {
    int in = op.in();
    int units = op.units();
    int pieces = op.pieces();
    int batch = op.batch();
    int n = Math.min(UNITS, units - unit);
    int width = MaxoutInputGrad.width(in);
    int sums = pieces * UNITS * width; // [pieces, UNITS, width]
    int xAt = ALIGN + sums;
    float[] s = Scratch.ofThisThread().panels(sums + width);
    float[] d = dy.floats();
    int[] won = index.ints();
    int first = e * batch * units + unit;
    int iAt = index.offset() + first;
    int dAt = dy.offset() + first;
    if (in > 0 && in <= FEW) {
      few(op, x.floats(), x.offset() + e * batch * in, d, dAt, won, iAt, dweight, dbias, e, unit);
      return;
    }
    for (int p = 0; p < pieces; p++) {
      int to = dbias.offset() + (e * pieces + p) * units + unit;
      bias(p, n, batch, units, won, iAt, d, dAt, dbias.floats(), to);
    }
    for (int c = 0; c < in; c += width) {
      int columns = Math.min(width, in - c);
      Arrays.fill(s, ALIGN, xAt + width, 0f);
      for (int r = 0; r < batch; r++) {
        int row = x.offset() + (e * batch + r) * in + c;
        float[] from = x.floats();
        if (columns < width) {
          System.arraycopy(from, row, s, xAt, columns);
          from = s;
          row = xAt;
        }
        if (width == WIDE) {
          wide(n, from, row, d, dAt + r * units, won, iAt + r * units, s);
        } else {
          narrow(n, from, row, d, dAt + r * units, won, iAt + r * units, s);
        }
      }
      int to = dweight.offset() + (e * in + c) * pieces * units + unit;
      for (int p = 0; p < pieces; p++) {
        MaxoutInputGrad.transpose(
            s,
            ALIGN + p * UNITS * width,
            width,
            n,
            columns,
            dweight.floats(),
            to + p * units,
            pieces * units);
      }
    }
  }

  /** All of a block, two columns of one piece at a time, and each time the piece's bias. */
  private static void few(
      Primitive.LinearMaxoutWeightGrad op,
      float[] x,
      int xAt,
      float[] d,
      int dAt,
      int[] won,
      int iAt,
      HostBuffer dweight,
      HostBuffer dbias,
      int e,
      int unit) {
    int in = op.in();
    int units = op.units();
    int pieces = op.pieces();
    int n = Math.min(UNITS, units - unit);
    float[] sums = dbias.floats();
    for (int c = 0; c < in; c += 2) {
      int next = Math.min(c + 1, in - 1);
      for (int p = 0; p < pieces; p++) {
        int to = dweight.offset() + ((e * in + c) * pieces + p) * units + unit;
        int bias = dbias.offset() + (e * pieces + p) * units + unit;
        int under = to + (next - c) * pieces * units; // the next column's, or the same place
        int u = 0;
        for (; u + Lanes.COUNT <= n; u += Lanes.COUNT) {
          FloatVector a = FloatVector.zero(Lanes.F);
          FloatVector b = FloatVector.zero(Lanes.F);
          FloatVector sum = FloatVector.zero(Lanes.F);
          for (int r = 0; r < op.batch(); r++) {
            IntVector piece = IntVector.fromArray(Lanes.I, won, iAt + r * units + u);
            FloatVector g = FloatVector.fromArray(Lanes.F, d, dAt + r * units + u);
            VectorMask<Float> mine = piece.compare(VectorOperators.EQ, p).cast(Lanes.F);
            int row = xAt + r * in;
            sum = sum.add(g, mine);
            a = a.blend(g.fma(FloatVector.broadcast(Lanes.F, x[row + c]), a), mine);
            b = b.blend(g.fma(FloatVector.broadcast(Lanes.F, x[row + next]), b), mine);
          }
          a.intoArray(dweight.floats(), to + u);
          b.intoArray(dweight.floats(), under + u);
          sum.intoArray(sums, bias + u);
        }
        for (; u < n; u++) {
          float a = 0;
          float b = 0;
          float sum = 0;
          for (int r = 0; r < op.batch(); r++) {
            if (won[iAt + r * units + u] == p) {
              float g = d[dAt + r * units + u];
              sum += g;
              a = Math.fma(g, x[xAt + r * in + c], a);
              b = Math.fma(g, x[xAt + r * in + next], b);
            }
          }
          dweight.floats()[to + u] = a;
          dweight.floats()[under + u] = b;
          sums[bias + u] = sum;
        }
      }
    }
  }

  /** Sums of dy over the rows where piece {@code p} won, for {@code n} units. */
  private static void bias(
      int p,
      int n,
      int batch,
      int units,
      int[] won,
      int iAt,
      float[] d,
      int dAt,
      float[] sums,
      int to) {
    int u = 0;
    for (; u + Lanes.COUNT <= n; u += Lanes.COUNT) {
      FloatVector sum = FloatVector.zero(Lanes.F);
      for (int r = 0; r < batch; r++) {
        IntVector piece = IntVector.fromArray(Lanes.I, won, iAt + r * units + u);
        FloatVector g = FloatVector.fromArray(Lanes.F, d, dAt + r * units + u);
        sum = sum.add(g, piece.compare(VectorOperators.EQ, p).cast(Lanes.F));
      }
      sum.intoArray(sums, to + u);
    }
    for (; u < n; u++) {
      float sum = 0;
      for (int r = 0; r < batch; r++) {
        sum += won[iAt + r * units + u] == p ? d[dAt + r * units + u] : 0;
      }
      sums[to + u] = sum;
    }
  }

  private static void wide(
      int n, float[] x, int at, float[] d, int dAt, int[] won, int iAt, float[] s) {
    FloatVector x0 = FloatVector.fromArray(SPECIES, x, at);
    FloatVector x1 = FloatVector.fromArray(SPECIES, x, at + LANES);
    FloatVector x2 = FloatVector.fromArray(SPECIES, x, at + 2 * LANES);
    FloatVector x3 = FloatVector.fromArray(SPECIES, x, at + 3 * LANES);
    FloatVector x4 = FloatVector.fromArray(SPECIES, x, at + 4 * LANES);
    FloatVector x5 = FloatVector.fromArray(SPECIES, x, at + 5 * LANES);
    FloatVector x6 = FloatVector.fromArray(SPECIES, x, at + 6 * LANES);
    for (int u = 0; u < n; u++) {
      int to = ALIGN + (won[iAt + u] * UNITS + u) * WIDE;
      FloatVector g = FloatVector.broadcast(SPECIES, d[dAt + u]);
      g.fma(x0, FloatVector.fromArray(SPECIES, s, to)).intoArray(s, to);
      g.fma(x1, FloatVector.fromArray(SPECIES, s, to + LANES)).intoArray(s, to + LANES);
      g.fma(x2, FloatVector.fromArray(SPECIES, s, to + 2 * LANES)).intoArray(s, to + 2 * LANES);
      g.fma(x3, FloatVector.fromArray(SPECIES, s, to + 3 * LANES)).intoArray(s, to + 3 * LANES);
      g.fma(x4, FloatVector.fromArray(SPECIES, s, to + 4 * LANES)).intoArray(s, to + 4 * LANES);
      g.fma(x5, FloatVector.fromArray(SPECIES, s, to + 5 * LANES)).intoArray(s, to + 5 * LANES);
      g.fma(x6, FloatVector.fromArray(SPECIES, s, to + 6 * LANES)).intoArray(s, to + 6 * LANES);
    }
  }

  private static void narrow(
      int n, float[] x, int at, float[] d, int dAt, int[] won, int iAt, float[] s) {
    FloatVector x0 = FloatVector.fromArray(SPECIES, x, at);
    FloatVector x1 = FloatVector.fromArray(SPECIES, x, at + LANES);
    FloatVector x2 = FloatVector.fromArray(SPECIES, x, at + 2 * LANES);
    FloatVector x3 = FloatVector.fromArray(SPECIES, x, at + 3 * LANES);
    for (int u = 0; u < n; u++) {
      int to = ALIGN + (won[iAt + u] * UNITS + u) * NARROW;
      FloatVector g = FloatVector.broadcast(SPECIES, d[dAt + u]);
      g.fma(x0, FloatVector.fromArray(SPECIES, s, to)).intoArray(s, to);
      g.fma(x1, FloatVector.fromArray(SPECIES, s, to + LANES)).intoArray(s, to + LANES);
      g.fma(x2, FloatVector.fromArray(SPECIES, s, to + 2 * LANES)).intoArray(s, to + 2 * LANES);
      g.fma(x3, FloatVector.fromArray(SPECIES, s, to + 3 * LANES)).intoArray(s, to + 3 * LANES);
    }
  }
}
