package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Lanes.F;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.troupe.kernels.Distributions;
import dev.troupe.kernels.Philox;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * {@link Distributions} in float, over arrays. Each fill writes elements {@code first … first + n -
 * 1} of the tensor named by the key to {@code out[off]} and following, so that threads can share
 * one tensor; {@code first} is a multiple of 4, the length of a Philox block. First the words go to
 * {@code out} as they are, then they are turned into numbers in place.
 */
public final class RandomFills {
  private static final long LOW = 0xFFFFFFFFL;

  /** Elements made at a time: two vectors. */
  private static final int GROUP = 2 * Lanes.COUNT;

  /**
   * Elements between writing words and turning them into numbers; they stay in the nearest cache.
   */
  private static final int BLOCK = 1024;

  private static final int BLOCKS_PER_VECTOR = Lanes.L.length();
  private static final LongVector IOTA = LongVector.zero(Lanes.L).addIndex(1);
  private static final VectorShuffle<Long> FIRST_HALF_TWICE =
      VectorShuffle.fromOp(Lanes.L, i -> i / 2);
  private static final VectorShuffle<Long> SECOND_HALF_TWICE =
      VectorShuffle.fromOp(Lanes.L, i -> (i + BLOCKS_PER_VECTOR) / 2);
  private static final VectorMask<Long> ODD = VectorMask.fromLong(Lanes.L, 0xAAAAAAAAAAAAAAAAL);

  // Φ⁻¹((1 + v)/2) / v in w = -log(1 - v²) for |v| <= erf(sqrt(2)); minimax, relative error
  // 2^-27.9.
  private static final float N0 = 0x1.40d932p0f;
  private static final float N1 = 0x1.4ffdeap-2f;
  private static final float N2 = 0x1.0b92acp-6f;
  private static final float N3 = -0x1.aff01cp-9f;
  private static final float N4 = -0x1.94789cp-13f;
  private static final float N5 = 0x1.404884p-14f;
  private static final float N6 = -0x1.0078d2p-19f;
  private static final float N7 = -0x1.225c9ap-21f;
  private static final float CENTRED_SCALE = (float) (Distributions.WITHIN_TWO * 0x1p-24);

  private enum Kind {
    UNIFORM,
    NORMAL,
    TRUNCATED_NORMAL,
    BERNOULLI
  }

  private RandomFills() {}

  /**
   * Uniform on [low, high): low + (high - low)·u in one rounding, at most the last float before
   * {@code high}.
   */
  public static void uniform(
      float[] out, int off, int first, int n, Philox.Key key, float low, float high) {
    fill(Kind.UNIFORM, out, off, first, n, key, low, high);
  }

  /** Normal: mean + sd·z in one rounding, z by Box and Muller. */
  public static void normal(
      float[] out, int off, int first, int n, Philox.Key key, float mean, float sd) {
    fill(Kind.NORMAL, out, off, first, n, key, mean, sd);
  }

  /**
   * Normal within two standard deviations of its mean: mean + sd·z in one rounding, |z| ≤ 2 by
   * inversion, within 7e-7 of the double formula.
   */
  public static void truncatedNormal(
      float[] out, int off, int first, int n, Philox.Key key, float mean, float sd) {
    fill(Kind.TRUNCATED_NORMAL, out, off, first, n, key, mean, sd);
  }

  /** 1 with probability {@code p}, else 0. */
  public static void bernoulli(float[] out, int off, int first, int n, Philox.Key key, double p) {
    fill(Kind.BERNOULLI, out, off, first, n, key, Distributions.bernoulliLimit(p), 0f);
  }

  /** Integers uniform on [0, bound). */
  public static void below(int[] out, int off, int first, int n, Philox.Key key, int bound) {
    checkFirst(first);
    if (bound < 1) {
      throw new IllegalArgumentException("random: bound is " + bound + ", expected 1 or more");
    }
    int[] words = new int[4];
    for (int i = 0; i < n; i += 4) {
      Philox.block(key, (first + i) / 4, words, 0);
      for (int j = 0; j < 4 && i + j < n; j++) {
        out[off + i + j] = Distributions.below(words[j], bound);
      }
    }
  }

  private static void fill(
      Kind kind, float[] out, int off, int first, int n, Philox.Key key, float p, float q) {
    checkFirst(first);
    int whole = n - n % GROUP;
    for (int i = 0; i < whole; i += BLOCK) {
      int length = Math.min(BLOCK, whole - i);
      words(out, off + i, (first + i) / 4, length, key);
      toNumbers(kind, out, off + i, length, p, q);
    }
    if (whole < n) {
      float[] last = new float[GROUP];
      words(last, 0, (first + whole) / 4, GROUP, key);
      toNumbers(kind, last, 0, GROUP, p, q);
      System.arraycopy(last, 0, out, off + whole, n - whole);
    }
  }

  private static void checkFirst(int first) {
    if (first < 0 || first % 4 != 0) {
      throw new IllegalArgumentException(
          "random: first is " + first + ", expected a multiple of 4, 0 or more");
    }
  }

  private static void toNumbers(Kind kind, float[] x, int off, int n, float p, float q) {
    switch (kind) {
      case UNIFORM -> toUniform(x, off, n, p, q);
      case NORMAL -> {
        toPolar(x, off, n);
        fromPolar(x, off, n, p, q);
      }
      case TRUNCATED_NORMAL -> toTruncatedNormal(x, off, n, p, q);
      case BERNOULLI -> toBernoulli(x, off, n, (int) p);
    }
  }

  /**
   * Philox words, as float bits, of {@code n} elements, a multiple of GROUP. A lane of 64 bits
   * works on one block; the upper halves hold rubbish between rounds.
   */
  private static void words(float[] out, int off, int block, int n, Philox.Key key) {
    for (int i = 0; i < n; i += GROUP) {
      LongVector c0 = IOTA.add(block + i / 4);
      LongVector c1 = LongVector.broadcast(Lanes.L, key.step());
      LongVector c2 = LongVector.broadcast(Lanes.L, key.stream());
      LongVector c3 = LongVector.broadcast(Lanes.L, key.member());
      int k0 = (int) key.seed();
      int k1 = (int) (key.seed() >>> 32);
      for (int round = 0; round < Philox.ROUNDS; round++) {
        LongVector p0 = c0.and(LOW).mul(Philox.MULTIPLIER_0 & LOW);
        LongVector p1 = c2.and(LOW).mul(Philox.MULTIPLIER_1 & LOW);
        c0 = p1.lanewise(LSHR, 32).lanewise(XOR, c1).lanewise(XOR, (long) k0);
        c1 = p1;
        c2 = p0.lanewise(LSHR, 32).lanewise(XOR, c3).lanewise(XOR, (long) k1);
        c3 = p0;
        k0 += Philox.WEYL_0;
        k1 += Philox.WEYL_1;
      }
      LongVector even = c0.and(LOW).or(c1.lanewise(LSHL, 32));
      LongVector odd = c2.and(LOW).or(c3.lanewise(LSHL, 32));
      even.rearrange(FIRST_HALF_TWICE)
          .blend(odd.rearrange(FIRST_HALF_TWICE), ODD)
          .reinterpretAsFloats()
          .intoArray(out, off + i);
      even.rearrange(SECOND_HALF_TWICE)
          .blend(odd.rearrange(SECOND_HALF_TWICE), ODD)
          .reinterpretAsFloats()
          .intoArray(out, off + i + Lanes.COUNT);
    }
  }

  private static void toUniform(float[] x, int off, int n, float low, float high) {
    float last = high > low ? Math.nextDown(high) : high;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      IntVector words = FloatVector.fromArray(F, x, off + i).reinterpretAsInts();
      FloatVector u = (FloatVector) words.lanewise(LSHR, 8).convert(I2F, 0);
      FloatVector y = u.mul(0x1p-24f).fma(broadcast(F, high - low), broadcast(F, low));
      y.blend(last, y.compare(GT, last)).intoArray(x, off + i);
    }
  }

  /**
   * Radii and angles to normal numbers; sine and cosine of an angle, as {@link VectorMath#sinTurns}
   * and {@link VectorMath#cosTurns} have them, share their reduction.
   */
  private static void fromPolar(float[] x, int off, int n, float mean, float sd) {
    for (int i = 0; i < n; i += GROUP) {
      FloatVector radius = FloatVector.fromArray(F, x, off + i);
      FloatVector turns = FloatVector.fromArray(F, x, off + i + Lanes.COUNT);
      FloatVector t = turns.fma(broadcast(F, 4f), broadcast(F, VectorMath.ROUNDER));
      FloatVector r = VectorMath.turns(turns, t);
      FloatVector z = r.mul(r);
      FloatVector sine = VectorMath.sineReduced(r, z);
      FloatVector cosine = VectorMath.cosineReduced(z);
      IntVector q = t.reinterpretAsInts();
      VectorMask<Float> odd = q.and(1).compare(EQ, 1).cast(F);
      LongVector a = normal(VectorMath.signed(cosine.blend(sine, odd), q.add(1)), radius, mean, sd);
      LongVector b = normal(VectorMath.signed(sine.blend(cosine, odd), q), radius, mean, sd);
      a.and(LOW).or(b.lanewise(LSHL, 32)).reinterpretAsFloats().intoArray(x, off + i);
      a.lanewise(LSHR, 32)
          .or(b.and(~LOW))
          .reinterpretAsFloats()
          .intoArray(x, off + i + Lanes.COUNT);
    }
  }

  private static LongVector normal(FloatVector unit, FloatVector radius, float mean, float sd) {
    FloatVector y = unit.mul(radius).fma(broadcast(F, sd), broadcast(F, mean));
    return y.reinterpretAsInts().reinterpretAsLongs();
  }

  /**
   * The pairs of two vectors to a vector of radii and one of angles in turns. This and {@link
   * #fromPolar} are two loops, since the compiler would not inline all of it into one, and would
   * box vectors.
   */
  private static void toPolar(float[] x, int off, int n) {
    for (int i = 0; i < n; i += GROUP) {
      LongVector a = FloatVector.fromArray(F, x, off + i).reinterpretAsInts().reinterpretAsLongs();
      LongVector b =
          FloatVector.fromArray(F, x, off + i + Lanes.COUNT)
              .reinterpretAsInts()
              .reinterpretAsLongs();
      IntVector even = a.and(LOW).or(b.lanewise(LSHL, 32)).reinterpretAsInts();
      IntVector odd = a.lanewise(LSHR, 32).or(b.and(~LOW)).reinterpretAsInts();
      FloatVector u = (FloatVector) even.lanewise(LSHR, 8).add(1).convert(I2F, 0);
      VectorMath.log(u.mul(0x1p-24f)).mul(-2f).sqrt().intoArray(x, off + i);
      FloatVector v = (FloatVector) odd.lanewise(LSHR, 8).convert(I2F, 0);
      v.mul(0x1p-24f).intoArray(x, off + i + Lanes.COUNT);
    }
  }

  private static void toTruncatedNormal(float[] x, int off, int n, float mean, float sd) {
    for (int i = 0; i < n; i += Lanes.COUNT) {
      IntVector words = FloatVector.fromArray(F, x, off + i).reinterpretAsInts();
      IntVector centred = words.lanewise(LSHR, 7).or(1).sub(1 << 24);
      FloatVector v = ((FloatVector) centred.convert(I2F, 0)).mul(CENTRED_SCALE);
      FloatVector w = VectorMath.log(v.neg().fma(v, broadcast(F, 1f))).neg();
      FloatVector p = w.fma(broadcast(F, N7), broadcast(F, N6));
      p = p.fma(w, broadcast(F, N5)).fma(w, broadcast(F, N4)).fma(w, broadcast(F, N3));
      p = p.fma(w, broadcast(F, N2)).fma(w, broadcast(F, N1)).fma(w, broadcast(F, N0));
      p.mul(v).fma(broadcast(F, sd), broadcast(F, mean)).intoArray(x, off + i);
    }
  }

  private static void toBernoulli(float[] x, int off, int n, int limit) {
    for (int i = 0; i < n; i += Lanes.COUNT) {
      IntVector words = FloatVector.fromArray(F, x, off + i).reinterpretAsInts();
      VectorMask<Float> failure = words.lanewise(LSHR, 8).compare(GE, limit).cast(F);
      broadcast(F, 1f).blend(0f, failure).intoArray(x, off + i);
    }
  }

  // ---------------------------------------------------------------- one element, the same bits

  /**
   * Standard normal number of the element of word {@code even}; see {@link
   * Distributions#normalCosine}.
   */
  public static float normalCosine(int even, int odd) {
    return VectorMath.cosTurns((float) Distributions.uniform(odd)) * radius(even);
  }

  /**
   * Standard normal number of the element of word {@code odd}; see {@link
   * Distributions#normalSine}.
   */
  public static float normalSine(int even, int odd) {
    return VectorMath.sinTurns((float) Distributions.uniform(odd)) * radius(even);
  }

  private static float radius(int word) {
    return (float) Math.sqrt(VectorMath.log((float) Distributions.uniformAboveZero(word)) * -2f);
  }

  /**
   * Standard normal number within two standard deviations; see {@link
   * Distributions#truncatedNormal}.
   */
  public static float truncatedNormal(int word) {
    float v = Distributions.centred(word) * CENTRED_SCALE;
    float w = -VectorMath.log(Math.fma(-v, v, 1f));
    float p = Math.fma(w, N7, N6);
    p = Math.fma(p, w, N5);
    p = Math.fma(p, w, N4);
    p = Math.fma(p, w, N3);
    p = Math.fma(p, w, N2);
    p = Math.fma(p, w, N1);
    p = Math.fma(p, w, N0);
    return p * v;
  }
}
