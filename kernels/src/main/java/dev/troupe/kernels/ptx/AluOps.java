package dev.troupe.kernels.ptx;

/**
 * Instructions that compute from registers to a register. The arithmetic is a function over all
 * lanes; it may compute lanes that do not take part, whose results are dropped. What is computed
 * from a register without a value has no value either: that is no fault until it decides something
 * or leaves the thread, since compilers compute ahead and drop what nobody wants.
 */
final class AluOps {
  private AluOps() {}

  /** 32 bits from 32 bits. */
  @FunctionalInterface
  interface Int {
    void apply(int[] d, int[] a, int[] b, int[] c);
  }

  /** 64 bits from 64 bits. */
  @FunctionalInterface
  interface Long {
    void apply(long[] d, long[] a, long[] b, long[] c);
  }

  /** 64 bits from two of 32 and one of 64: {@code mul.wide}, {@code mad.wide}, conversions. */
  @FunctionalInterface
  interface Widen {
    void apply(long[] d, int[] a, int[] b, long[] c);
  }

  /** 64 bits from 64 and 32: shifts. */
  @FunctionalInterface
  interface LongInt {
    void apply(long[] d, long[] a, int[] b, int[] c);
  }

  /** 32 bits from 64 bits. */
  @FunctionalInterface
  interface Narrow {
    void apply(int[] d, long[] a);
  }

  /** Which lanes compare so. */
  @FunctionalInterface
  interface IntTest {
    int apply(int[] a, int[] b);
  }

  /** Which lanes compare so. */
  @FunctionalInterface
  interface LongTest {
    int apply(long[] a, long[] b);
  }

  static final class IntOp extends Op {
    final Int f;
    final int d;
    final int a;
    final int b;
    final int c;

    IntOp(Int f, int d, int a, int b, int c) {
      this.f = f;
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    @Override
    void run(Warp w, int mask) {
      int known = w.known32[a] & w.known32[b] & w.known32[c];
      int[] out = w.out32(d, mask);
      f.apply(out, w.r32[a], w.r32[b], w.r32[c]);
      w.done32(d, mask, out, known);
    }
  }

  static final class LongOp extends Op {
    final Long f;
    final int d;
    final int a;
    final int b;
    final int c;

    LongOp(Long f, int d, int a, int b, int c) {
      this.f = f;
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    @Override
    void run(Warp w, int mask) {
      int known = w.known64[a] & w.known64[b] & w.known64[c];
      long[] out = w.out64(d, mask);
      f.apply(out, w.r64[a], w.r64[b], w.r64[c]);
      w.done64(d, mask, out, known);
    }
  }

  static final class WidenOp extends Op {
    final Widen f;
    final int d;
    final int a;
    final int b;
    final int c;

    WidenOp(Widen f, int d, int a, int b, int c) {
      this.f = f;
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    @Override
    void run(Warp w, int mask) {
      int known = w.known32[a] & w.known32[b] & w.known64[c];
      long[] out = w.out64(d, mask);
      f.apply(out, w.r32[a], w.r32[b], w.r64[c]);
      w.done64(d, mask, out, known);
    }
  }

  static final class LongIntOp extends Op {
    final LongInt f;
    final int d;
    final int a;
    final int b;
    final int c;

    LongIntOp(LongInt f, int d, int a, int b, int c) {
      this.f = f;
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    @Override
    void run(Warp w, int mask) {
      int known = w.known64[a] & w.known32[b] & w.known32[c];
      long[] out = w.out64(d, mask);
      f.apply(out, w.r64[a], w.r32[b], w.r32[c]);
      w.done64(d, mask, out, known);
    }
  }

  static final class NarrowOp extends Op {
    final Narrow f;
    final int d;
    final int a;

    NarrowOp(Narrow f, int d, int a) {
      this.f = f;
      this.d = d;
      this.a = a;
    }

    @Override
    void run(Warp w, int mask) {
      int known = w.known64[a];
      int[] out = w.out32(d, mask);
      f.apply(out, w.r64[a]);
      w.done32(d, mask, out, known);
    }
  }

  static final class Move32 extends Op {
    final int d;
    final int a;

    Move32(int d, int a) {
      this.d = d;
      this.a = a;
    }

    @Override
    void run(Warp w, int mask) {
      w.done32(d, mask, w.r32[a], w.known32[a]);
    }
  }

  static final class Move64 extends Op {
    final int d;
    final int a;

    Move64(int d, int a) {
      this.d = d;
      this.a = a;
    }

    @Override
    void run(Warp w, int mask) {
      w.done64(d, mask, w.r64[a], w.known64[a]);
    }
  }

  /** {@code selp}: one of two by a predicate. */
  static final class Select32 extends Op {
    final int d;
    final int a;
    final int b;
    final int p;

    Select32(int d, int a, int b, int p) {
      this.d = d;
      this.a = a;
      this.b = b;
      this.p = p;
    }

    @Override
    void run(Warp w, int mask) {
      int[] x = w.r32[a];
      int[] y = w.r32[b];
      int which = w.pred[p];
      int known = (w.known32[a] & which | w.known32[b] & ~which) & w.knownPred[p];
      int[] out = w.out32(d, mask);
      for (int l = 0; l < LANES; l++) {
        out[l] = (which >>> l & 1) != 0 ? x[l] : y[l];
      }
      w.done32(d, mask, out, known);
    }
  }

  /** {@code selp}: one of two by a predicate. */
  static final class Select64 extends Op {
    final int d;
    final int a;
    final int b;
    final int p;

    Select64(int d, int a, int b, int p) {
      this.d = d;
      this.a = a;
      this.b = b;
      this.p = p;
    }

    @Override
    void run(Warp w, int mask) {
      long[] x = w.r64[a];
      long[] y = w.r64[b];
      int which = w.pred[p];
      int known = (w.known64[a] & which | w.known64[b] & ~which) & w.knownPred[p];
      long[] out = w.out64(d, mask);
      for (int l = 0; l < LANES; l++) {
        out[l] = (which >>> l & 1) != 0 ? x[l] : y[l];
      }
      w.done64(d, mask, out, known);
    }
  }

  /** How {@code setp} joins its comparison with a predicate. */
  enum Join {
    NONE,
    AND,
    OR,
    XOR;

    int apply(int test, int with) {
      return switch (this) {
        case NONE -> test;
        case AND -> test & with;
        case OR -> test | with;
        case XOR -> test ^ with;
      };
    }
  }

  /** {@code setp}: p = test join c, q = !test join c. */
  static final class SetPredicate extends Op {
    final IntTest ints; // or null
    final LongTest longs;
    final int p;
    final int q; // or -1
    final int a;
    final int b;
    final Join join;
    final int c; // or -1
    final boolean negated;

    SetPredicate(
        IntTest ints,
        LongTest longs,
        int p,
        int q,
        int a,
        int b,
        Join join,
        int c,
        boolean negated) {
      this.ints = ints;
      this.longs = longs;
      this.p = p;
      this.q = q;
      this.a = a;
      this.b = b;
      this.join = join;
      this.c = c;
      this.negated = negated;
    }

    @Override
    void run(Warp w, int mask) {
      int known = ints != null ? w.known32[a] & w.known32[b] : w.known64[a] & w.known64[b];
      int with = 0;
      if (c >= 0) {
        known &= w.knownPred[c];
        with = negated ? ~w.pred[c] : w.pred[c];
      }
      int test = ints != null ? ints.apply(w.r32[a], w.r32[b]) : longs.apply(w.r64[a], w.r64[b]);
      if (p >= 0) {
        w.setPred(p, mask, join.apply(test, with), known);
      }
      if (q >= 0) {
        w.setPred(q, mask, join.apply(~test, with), known);
      }
    }
  }

  /** Logic of predicates. */
  @FunctionalInterface
  interface Logic {
    int apply(int a, int b);
  }

  static final class PredicateOp extends Op {
    final Logic f;
    final int d;
    final int a;
    final int b;

    PredicateOp(Logic f, int d, int a, int b) {
      this.f = f;
      this.d = d;
      this.a = a;
      this.b = b;
    }

    @Override
    void run(Warp w, int mask) {
      w.setPred(d, mask, f.apply(w.pred[a], w.pred[b]), w.knownPred[a] & w.knownPred[b]);
    }
  }

  /** {@code mov.b64 d, {low, high}}. */
  static final class Pack64 extends Op {
    final int d;
    final int low;
    final int high;

    Pack64(int d, int low, int high) {
      this.d = d;
      this.low = low;
      this.high = high;
    }

    @Override
    void run(Warp w, int mask) {
      int known = w.known32[low] & w.known32[high];
      int[] x = w.r32[low];
      int[] y = w.r32[high];
      long[] out = w.out64(d, mask);
      for (int l = 0; l < LANES; l++) {
        out[l] = x[l] & 0xffffffffL | (long) y[l] << 32;
      }
      w.done64(d, mask, out, known);
    }
  }

  /** {@code mov.b64 {low, high}, a} and {@code mov.b32 {low, high}, a}. */
  static final class Unpack extends Op {
    private final PtxType type;
    private final int[] d;
    private final int a;

    Unpack(PtxType type, int[] d, int a) {
      this.type = type;
      this.d = d;
      this.a = a;
    }

    @Override
    void run(Warp w, int mask) {
      int bits = 8 * type.bytes / d.length;
      int known = type.bytes == 8 ? w.known64[a] : w.known32[a];
      long[] from = new long[LANES];
      for (int l = 0; l < LANES; l++) {
        from[l] = type.bytes == 8 ? w.r64[a][l] : w.r32[a][l];
      }
      for (int k = 0; k < d.length; k++) {
        if (d[k] >= 0) {
          int[] out = new int[LANES];
          for (int l = 0; l < LANES; l++) {
            int value = (int) (from[l] >>> k * bits);
            out[l] = bits == 16 ? value & 0xffff : value;
          }
          w.done32(d[k], mask, out, known);
        }
      }
    }
  }

  /** {@code bfi}: bits of a into b. */
  static final class BitInsert extends Op {
    private final boolean wide;
    private final int d;
    private final int a;
    private final int b;
    private final int position;
    private final int length;

    BitInsert(boolean wide, int d, int a, int b, int position, int length) {
      this.wide = wide;
      this.d = d;
      this.a = a;
      this.b = b;
      this.position = position;
      this.length = length;
    }

    @Override
    void run(Warp w, int mask) {
      int known = wide ? w.known64[a] & w.known64[b] : w.known32[a] & w.known32[b];
      known &= w.known32[position] & w.known32[length];
      for (int m = mask; m != 0; m &= m - 1) {
        int l = Integer.numberOfTrailingZeros(m);
        int from = w.r32[position][l] & 0xff;
        int count = w.r32[length][l] & 0xff;
        if (wide) {
          w.r64[d][l] = Ints.insert(w.r64[a][l], w.r64[b][l], from, count, 64);
        } else {
          w.r32[d][l] = (int) Ints.insert(w.r32[a][l], w.r32[b][l], from, count, 32);
        }
      }
      if (wide) {
        w.known64[d] = w.known64[d] & ~mask | known & mask;
      } else {
        w.known32[d] = w.known32[d] & ~mask | known & mask;
      }
    }
  }
}
