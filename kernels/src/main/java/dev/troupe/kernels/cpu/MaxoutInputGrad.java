package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Tiles.ALIGN;
import static dev.troupe.kernels.cpu.Tiles.LANES;
import static dev.troupe.kernels.cpu.Tiles.SPECIES;
import static dev.troupe.kernels.cpu.Transposition.BLOCK;

import dev.troupe.kernels.Check;
import dev.troupe.kernels.HostBuffer;
import dev.troupe.kernels.Primitive;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Primitive.LinearMaxoutInputGrad}: rows of the transposed weight, chosen by the index and
 * scaled by dy, added up. A task does some rows and columns of one member's dx. It goes through
 * blocks of units, whose part of the weight it transposes into scratch that stays in the first
 * cache while all rows use it.
 */
final class MaxoutInputGrad {
  /** Units of a block: with 5 pieces, its weights fill 35 KB. */
  static final int UNITS = 16;

  /** Most rows of a task, whose sums are in the second cache. */
  private static final int ROWS = 512;

  private static final int WIDE = 7 * LANES;
  private static final int NARROW = 4 * LANES;

  private MaxoutInputGrad() {}

  static void run(
      Workers workers,
      Primitive.LinearMaxoutInputGrad op,
      HostBuffer weight,
      HostBuffer index,
      HostBuffer dy,
      HostBuffer dx) {
    checkIndices("linearMaxoutInputGrad", index, op.pieces());
    int width = width(op.in());
    int parts = Math.ceilDiv(op.in(), width);
    int blocks = Math.ceilDiv(op.batch(), ROWS);
    workers.run(
        op.members() * blocks * parts,
        task -> {
          int block = task / parts;
          int e = block / blocks;
          int row = block % blocks * ROWS;
          part(op, weight, index, dy, dx, e, row, task % parts * width, width);
        });
  }

  /** Columns that are done together: those of the two numbers that leave fewer unused. */
  static int width(int in) {
    int narrow = Math.ceilDiv(in, NARROW) * NARROW;
    return narrow < Math.ceilDiv(in, WIDE) * WIDE ? NARROW : WIDE;
  }

  private static void part(
      Primitive.LinearMaxoutInputGrad op,
      HostBuffer weight,
      HostBuffer index,
      HostBuffer dy,
      HostBuffer dx,
      int e,
      int row,
      int first,
      int width) {
    int in = op.in();
    int units = op.units();
    int pieces = op.pieces();
    int batch = Math.min(ROWS, op.batch() - row); // of this task
    int columns = Math.min(width, in - first);
    int most = pieces * UNITS * width; // floats of a block of transposed weights
    int step = width == WIDE ? 2 : 4;
    int padded = Math.ceilDiv(batch, step) * step;
    float[] scratch = Scratch.ofThisThread().panels(most + padded * width);
    int wAt = ALIGN;
    int sums = ALIGN + most;
    // columns beyond the last, which are computed and not used
    Arrays.fill(scratch, wAt, sums + padded * width, 0f);
    float[] d = dy.floats();
    int[] won = index.ints();
    for (int u = 0; u < units; u += UNITS) {
      int n = Math.min(UNITS, units - u);
      int from = weight.offset() + (e * in + first) * pieces * units + u;
      for (int p = 0; p < pieces; p++) {
        transpose(
            weight.floats(),
            from + p * units,
            pieces * units,
            columns,
            n,
            scratch,
            wAt + p * UNITS * width,
            width);
      }
      int row0 = (e * op.batch() + row) * units + u;
      for (int r = 0; r < batch; r += step) {
        int a = row0 + r * units;
        int b = row0 + Math.min(r + 1, batch - 1) * units;
        int to = sums + r * width;
        if (step == 2) {
          wide(
              n,
              d,
              dy.offset() + a,
              dy.offset() + b,
              won,
              index.offset() + a,
              index.offset() + b,
              scratch,
              to);
        } else {
          int c = row0 + Math.min(r + 2, batch - 1) * units;
          int f = row0 + Math.min(r + 3, batch - 1) * units;
          narrow(n, d, dy.offset(), won, index.offset(), a, b, c, f, scratch, to);
        }
      }
    }
    for (int r = 0; r < batch; r++) {
      int to = dx.offset() + (e * op.batch() + row + r) * in + first;
      System.arraycopy(scratch, sums + r * width, dx.floats(), to, columns);
    }
  }

  /** {@code rows} rows of {@code columns} floats, into columns of a matrix. */
  static void transpose(
      float[] from, int at, int stride, int rows, int columns, float[] to, int toAt, int width) {
    int r = 0;
    while (r < rows) {
      int here = Math.min(r, Math.max(0, rows - BLOCK)); // the last block reaches back
      int c = 0;
      if (rows >= BLOCK) {
        c = Transposition.blocks(from, at + here * stride, stride, columns, to, toAt + here, width);
      }
      int end = Math.min(here + BLOCK, rows);
      for (; c < columns; c++) {
        for (int k = here; k < end; k++) {
          to[toAt + c * width + k] = from[at + k * stride + c];
        }
      }
      r = end;
    }
  }

  private static void wide(
      int n, float[] d, int da, int db, int[] won, int ia, int ib, float[] s, int to) {
    FloatVector a0 = FloatVector.fromArray(SPECIES, s, to);
    FloatVector a1 = FloatVector.fromArray(SPECIES, s, to + LANES);
    FloatVector a2 = FloatVector.fromArray(SPECIES, s, to + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(SPECIES, s, to + 3 * LANES);
    FloatVector a4 = FloatVector.fromArray(SPECIES, s, to + 4 * LANES);
    FloatVector a5 = FloatVector.fromArray(SPECIES, s, to + 5 * LANES);
    FloatVector a6 = FloatVector.fromArray(SPECIES, s, to + 6 * LANES);
    FloatVector b0 = FloatVector.fromArray(SPECIES, s, to + WIDE);
    FloatVector b1 = FloatVector.fromArray(SPECIES, s, to + WIDE + LANES);
    FloatVector b2 = FloatVector.fromArray(SPECIES, s, to + WIDE + 2 * LANES);
    FloatVector b3 = FloatVector.fromArray(SPECIES, s, to + WIDE + 3 * LANES);
    FloatVector b4 = FloatVector.fromArray(SPECIES, s, to + WIDE + 4 * LANES);
    FloatVector b5 = FloatVector.fromArray(SPECIES, s, to + WIDE + 5 * LANES);
    FloatVector b6 = FloatVector.fromArray(SPECIES, s, to + WIDE + 6 * LANES);
    for (int u = 0; u < n; u++) {
      int w = ALIGN + (won[ia + u] * UNITS + u) * WIDE;
      FloatVector g = FloatVector.broadcast(SPECIES, d[da + u]);
      a0 = g.fma(FloatVector.fromArray(SPECIES, s, w), a0);
      a1 = g.fma(FloatVector.fromArray(SPECIES, s, w + LANES), a1);
      a2 = g.fma(FloatVector.fromArray(SPECIES, s, w + 2 * LANES), a2);
      a3 = g.fma(FloatVector.fromArray(SPECIES, s, w + 3 * LANES), a3);
      a4 = g.fma(FloatVector.fromArray(SPECIES, s, w + 4 * LANES), a4);
      a5 = g.fma(FloatVector.fromArray(SPECIES, s, w + 5 * LANES), a5);
      a6 = g.fma(FloatVector.fromArray(SPECIES, s, w + 6 * LANES), a6);
      w = ALIGN + (won[ib + u] * UNITS + u) * WIDE;
      g = FloatVector.broadcast(SPECIES, d[db + u]);
      b0 = g.fma(FloatVector.fromArray(SPECIES, s, w), b0);
      b1 = g.fma(FloatVector.fromArray(SPECIES, s, w + LANES), b1);
      b2 = g.fma(FloatVector.fromArray(SPECIES, s, w + 2 * LANES), b2);
      b3 = g.fma(FloatVector.fromArray(SPECIES, s, w + 3 * LANES), b3);
      b4 = g.fma(FloatVector.fromArray(SPECIES, s, w + 4 * LANES), b4);
      b5 = g.fma(FloatVector.fromArray(SPECIES, s, w + 5 * LANES), b5);
      b6 = g.fma(FloatVector.fromArray(SPECIES, s, w + 6 * LANES), b6);
    }
    a0.intoArray(s, to);
    a1.intoArray(s, to + LANES);
    a2.intoArray(s, to + 2 * LANES);
    a3.intoArray(s, to + 3 * LANES);
    a4.intoArray(s, to + 4 * LANES);
    a5.intoArray(s, to + 5 * LANES);
    a6.intoArray(s, to + 6 * LANES);
    b0.intoArray(s, to + WIDE);
    b1.intoArray(s, to + WIDE + LANES);
    b2.intoArray(s, to + WIDE + 2 * LANES);
    b3.intoArray(s, to + WIDE + 3 * LANES);
    b4.intoArray(s, to + WIDE + 4 * LANES);
    b5.intoArray(s, to + WIDE + 5 * LANES);
    b6.intoArray(s, to + WIDE + 6 * LANES);
  }

  private static void narrow(
      int n,
      float[] d,
      int dAt,
      int[] won,
      int iAt,
      int ra,
      int rb,
      int rc,
      int rd,
      float[] s,
      int to) {
    FloatVector a0 = FloatVector.fromArray(SPECIES, s, to);
    FloatVector a1 = FloatVector.fromArray(SPECIES, s, to + LANES);
    FloatVector a2 = FloatVector.fromArray(SPECIES, s, to + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(SPECIES, s, to + 3 * LANES);
    FloatVector b0 = FloatVector.fromArray(SPECIES, s, to + NARROW);
    FloatVector b1 = FloatVector.fromArray(SPECIES, s, to + NARROW + LANES);
    FloatVector b2 = FloatVector.fromArray(SPECIES, s, to + NARROW + 2 * LANES);
    FloatVector b3 = FloatVector.fromArray(SPECIES, s, to + NARROW + 3 * LANES);
    FloatVector c0 = FloatVector.fromArray(SPECIES, s, to + 2 * NARROW);
    FloatVector c1 = FloatVector.fromArray(SPECIES, s, to + 2 * NARROW + LANES);
    FloatVector c2 = FloatVector.fromArray(SPECIES, s, to + 2 * NARROW + 2 * LANES);
    FloatVector c3 = FloatVector.fromArray(SPECIES, s, to + 2 * NARROW + 3 * LANES);
    FloatVector d0 = FloatVector.fromArray(SPECIES, s, to + 3 * NARROW);
    FloatVector d1 = FloatVector.fromArray(SPECIES, s, to + 3 * NARROW + LANES);
    FloatVector d2 = FloatVector.fromArray(SPECIES, s, to + 3 * NARROW + 2 * LANES);
    FloatVector d3 = FloatVector.fromArray(SPECIES, s, to + 3 * NARROW + 3 * LANES);
    for (int u = 0; u < n; u++) {
      int w = ALIGN + (won[iAt + ra + u] * UNITS + u) * NARROW;
      FloatVector g = FloatVector.broadcast(SPECIES, d[dAt + ra + u]);
      a0 = g.fma(FloatVector.fromArray(SPECIES, s, w), a0);
      a1 = g.fma(FloatVector.fromArray(SPECIES, s, w + LANES), a1);
      a2 = g.fma(FloatVector.fromArray(SPECIES, s, w + 2 * LANES), a2);
      a3 = g.fma(FloatVector.fromArray(SPECIES, s, w + 3 * LANES), a3);
      w = ALIGN + (won[iAt + rb + u] * UNITS + u) * NARROW;
      g = FloatVector.broadcast(SPECIES, d[dAt + rb + u]);
      b0 = g.fma(FloatVector.fromArray(SPECIES, s, w), b0);
      b1 = g.fma(FloatVector.fromArray(SPECIES, s, w + LANES), b1);
      b2 = g.fma(FloatVector.fromArray(SPECIES, s, w + 2 * LANES), b2);
      b3 = g.fma(FloatVector.fromArray(SPECIES, s, w + 3 * LANES), b3);
      w = ALIGN + (won[iAt + rc + u] * UNITS + u) * NARROW;
      g = FloatVector.broadcast(SPECIES, d[dAt + rc + u]);
      c0 = g.fma(FloatVector.fromArray(SPECIES, s, w), c0);
      c1 = g.fma(FloatVector.fromArray(SPECIES, s, w + LANES), c1);
      c2 = g.fma(FloatVector.fromArray(SPECIES, s, w + 2 * LANES), c2);
      c3 = g.fma(FloatVector.fromArray(SPECIES, s, w + 3 * LANES), c3);
      w = ALIGN + (won[iAt + rd + u] * UNITS + u) * NARROW;
      g = FloatVector.broadcast(SPECIES, d[dAt + rd + u]);
      d0 = g.fma(FloatVector.fromArray(SPECIES, s, w), d0);
      d1 = g.fma(FloatVector.fromArray(SPECIES, s, w + LANES), d1);
      d2 = g.fma(FloatVector.fromArray(SPECIES, s, w + 2 * LANES), d2);
      d3 = g.fma(FloatVector.fromArray(SPECIES, s, w + 3 * LANES), d3);
    }
    a0.intoArray(s, to);
    a1.intoArray(s, to + LANES);
    a2.intoArray(s, to + 2 * LANES);
    a3.intoArray(s, to + 3 * LANES);
    b0.intoArray(s, to + NARROW);
    b1.intoArray(s, to + NARROW + LANES);
    b2.intoArray(s, to + NARROW + 2 * LANES);
    b3.intoArray(s, to + NARROW + 3 * LANES);
    c0.intoArray(s, to + 2 * NARROW);
    c1.intoArray(s, to + 2 * NARROW + LANES);
    c2.intoArray(s, to + 2 * NARROW + 2 * LANES);
    c3.intoArray(s, to + 2 * NARROW + 3 * LANES);
    d0.intoArray(s, to + 3 * NARROW);
    d1.intoArray(s, to + 3 * NARROW + LANES);
    d2.intoArray(s, to + 3 * NARROW + 2 * LANES);
    d3.intoArray(s, to + 3 * NARROW + 3 * LANES);
  }

  /** Refuses an index outside [0, pieces), before anything is written. */
  static void checkIndices(String op, HostBuffer index, int pieces) {
    int[] p = index.ints();
    boolean bad = false;
    for (int i = 0; i < index.size(); i++) {
      bad |= Integer.compareUnsigned(p[index.offset() + i], pieces) >= 0;
    }
    for (int i = 0; bad && i < index.size(); i++) {
      Check.index(op, p[index.offset() + i], i, pieces);
    }
  }
}
