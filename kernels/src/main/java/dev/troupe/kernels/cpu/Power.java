package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Lanes.F;
import static dev.troupe.kernels.cpu.VectorMath.LN2_HIGH;
import static dev.troupe.kernels.cpu.VectorMath.LN2_LOW;
import static dev.troupe.kernels.cpu.VectorMath.ROUNDER;
import static dev.troupe.kernels.cpu.VectorMath.canonical;
import static dev.troupe.kernels.cpu.VectorMath.expm1Reduced;
import static dev.troupe.kernels.cpu.VectorMath.exponent;
import static dev.troupe.kernels.cpu.VectorMath.mantissa;
import static dev.troupe.kernels.cpu.VectorMath.scale;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * {@code x^p} with one exponent p for all elements and the special cases of {@link Math#pow}:
 * 2^(p·log2|x|) with the logarithm as the unrounded sum of two floats, log2|x| = k + (2/log
 * 2)·atanh(s), s = (m - 1)/(m + 1), |x| = m·2^k. Largest error measured: 1.2 ulp.
 *
 * <p>As in {@link VectorMath}, vectors and scalars run the same rounded operations. The vector loop
 * goes over blocks twice, first for the logarithm, then for the rest: in one piece it is more than
 * the compiler inlines.
 */
public final class Power {
  private static final float INFINITY = Float.POSITIVE_INFINITY;
  private static final int SIGN_BIT = 0x80000000;

  /** Elements of a block; a multiple of any vector's. */
  private static final int BLOCK = 64;

  // 1/3 and its rest, and (atanh(s) / s - 1 - s²/3) / s⁴ in s² for |s| <= (sqrt(2) - 1) / (sqrt(2)
  // + 1); error of
  // atanh(s) / s: 2^-36.8.
  private static final float A0 = 0x1.555556p-2f;
  private static final float A0_LOW = -0x1.555556p-27f;
  private static final float A1 = 0x1.999ap-3f;
  private static final float A2 = 0x1.24527cp-3f;
  private static final float A3 = 0x1.dfa256p-4f;

  // 2 / log(2) and its rest.
  private static final float TWO_OVER_LN2_HIGH = 0x1.715476p1f;
  private static final float TWO_OVER_LN2_LOW = 0x1.4ae0cp-25f;

  private Power() {}

  /**
   * {@code y[yo + i] = x[xo + i]^p} for i in [0, n); {@code y} may be {@code x} at the same offset.
   */
  public static void pow(float[] x, int xo, float p, float[] y, int yo, int n) {
    float[] parts = new float[2 * BLOCK];
    int i = 0;
    for (int end = n - n % BLOCK; i < end; i += BLOCK) {
      log2Block(x, xo + i, parts);
      powBlock(x, xo + i, p, parts, y, yo + i);
    }
    for (; i < n; i++) {
      y[yo + i] = pow(x[xo + i], p);
    }
  }

  private static void log2Block(float[] x, int xo, float[] parts) {
    for (int i = 0; i < BLOCK; i += Lanes.COUNT) {
      log2(FloatVector.fromArray(F, x, xo + i).abs(), parts, i);
    }
  }

  private static void powBlock(float[] x, int xo, float p, float[] parts, float[] y, int yo) {
    float ofZero = ofZero(p);
    float ofInfinity = ofInfinity(p);
    int inheritedSign = inheritedSign(p);
    float undefinedBelow = undefinedBelow(p);
    for (int i = 0; i < BLOCK; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(F, x, xo + i);
      FloatVector high = FloatVector.fromArray(F, parts, i);
      FloatVector low = FloatVector.fromArray(F, parts, BLOCK + i);
      FloatVector r = exp2Product(p, high, low);
      FloatVector a = v.abs();
      r = r.blend(ofZero, a.compare(EQ, 0f)).blend(ofInfinity, a.compare(EQ, INFINITY));
      IntVector sign = v.reinterpretAsInts().and(inheritedSign);
      r = r.reinterpretAsInts().or(sign).reinterpretAsFloats();
      VectorMask<Float> finite = v.compare(GT, -INFINITY); // and no NaN
      r = r.blend(Float.NaN, v.compare(LT, undefinedBelow).and(finite));
      r = r.blend(v, v.compare(NE, v));
      r = r.blend(v, F.maskAll(p == 1f)).blend(1f, F.maskAll(p == 0f));
      r.blend(Float.NaN, r.compare(NE, r)).intoArray(y, yo + i);
    }
  }

  /** {@code x^p}. */
  public static float pow(float x, float p) {
    float a = Math.abs(x);
    float high = log2High(a);
    float r = exp2Product(p, high, log2Low(a));
    r = a == 0f ? ofZero(p) : r;
    r = a == INFINITY ? ofInfinity(p) : r;
    int sign = Float.floatToRawIntBits(x) & inheritedSign(p);
    r = Float.intBitsToFloat(Float.floatToRawIntBits(r) | sign);
    r = x < undefinedBelow(p) && x > -INFINITY ? Float.NaN : r;
    r = Float.isNaN(x) || p == 1f ? x : r;
    r = p == 0f ? 1f : r;
    return canonical(r);
  }

  private static float ofZero(float p) {
    return p > 0f ? 0f : p < 0f ? INFINITY : Float.NaN;
  }

  private static float ofInfinity(float p) {
    return p > 0f ? INFINITY : p < 0f ? 0f : Float.NaN;
  }

  /** The bits of x that x^p inherits: its sign where p is an odd integer. */
  private static int inheritedSign(float p) {
    return Math.abs(p % 2f) == 1f ? SIGN_BIT : 0;
  }

  /** Where p is not an integer, the power of finite numbers below 0 is NaN. */
  private static float undefinedBelow(float p) {
    return Float.isInfinite(p) || p % 1f == 0f ? -INFINITY : 0f;
  }

  /**
   * log2(x) for finite x > 0, its two parts to {@code parts[at]} and {@code parts[BLOCK + at]}.
   * With s + sLow = (m - 1)/(m + 1) and z = s², it is the sum of k, of h = (2/log 2)·s, of g =
   * h·z/3 and of everything smaller.
   */
  private static void log2(FloatVector x, float[] parts, int at) {
    FloatVector m = mantissa(x);
    FloatVector k = exponent(x);
    FloatVector d = m.add(1f);
    FloatVector inverse = broadcast(F, 1f).div(d);
    FloatVector s = m.sub(1f).mul(inverse);
    FloatVector sLow = quotientRest(m, d, s).mul(inverse);
    FloatVector h = s.mul(TWO_OVER_LN2_HIGH);
    FloatVector g = s.mul(s).mul(A0).mul(h);
    FloatVector low = logRest(s, sLow, h, g);
    FloatVector a = k.add(h);
    FloatVector b = a.add(g);
    low = low.add(a.sub(b).add(g)).add(k.sub(a).add(h));
    FloatVector high = b.add(low);
    high.intoArray(parts, at);
    b.sub(high).add(low).intoArray(parts, BLOCK + at);
  }

  private static float log2High(float x) {
    return log2(x, false);
  }

  private static float log2Low(float x) {
    return log2(x, true);
  }

  private static float log2(float x, boolean lowPart) {
    float m = mantissa(x);
    float k = exponent(x);
    float d = m + 1f;
    float inverse = 1f / d;
    float s = (m - 1f) * inverse;
    float sLow = quotientRest(m, d, s) * inverse;
    float h = s * TWO_OVER_LN2_HIGH;
    float g = s * s * A0 * h;
    float low = logRest(s, sLow, h, g);
    float a = k + h;
    float b = a + g;
    low = low + (a - b + g) + (k - a + h);
    float high = b + low;
    return lowPart ? b - high + low : high;
  }

  /** (2/log 2)·atanh(s + sLow) - h - g, to about 2^-36 of h. */
  private static FloatVector logRest(
      FloatVector s, FloatVector sLow, FloatVector h, FloatVector g) {
    FloatVector hLow = s.fma(broadcast(F, TWO_OVER_LN2_HIGH), h.neg());
    hLow = s.fma(broadcast(F, TWO_OVER_LN2_LOW), hLow);
    hLow = sLow.fma(broadcast(F, TWO_OVER_LN2_HIGH), hLow);
    FloatVector z = s.mul(s);
    FloatVector zLow = s.fma(s, z.neg());
    zLow = s.add(s).fma(sLow, zLow);
    FloatVector third = z.mul(A0);
    FloatVector thirdLow = z.fma(broadcast(F, A0), third.neg());
    thirdLow = zLow.fma(broadcast(F, A0), thirdLow);
    FloatVector q =
        z.fma(broadcast(F, A3), broadcast(F, A2))
            .fma(z, broadcast(F, A1))
            .fma(z, broadcast(F, A0_LOW));
    thirdLow = q.fma(z, thirdLow);
    FloatVector gLow = third.fma(h, g.neg());
    gLow = hLow.fma(third, gLow);
    return thirdLow.fma(h, gLow).add(hLow);
  }

  private static float logRest(float s, float sLow, float h, float g) {
    float hLow = Math.fma(s, TWO_OVER_LN2_HIGH, -h);
    hLow = Math.fma(s, TWO_OVER_LN2_LOW, hLow);
    hLow = Math.fma(sLow, TWO_OVER_LN2_HIGH, hLow);
    float z = s * s;
    float zLow = Math.fma(s, s, -z);
    zLow = Math.fma(s + s, sLow, zLow);
    float third = z * A0;
    float thirdLow = Math.fma(z, A0, -third);
    thirdLow = Math.fma(zLow, A0, thirdLow);
    float q = Math.fma(z, A3, A2);
    q = Math.fma(q, z, A1);
    q = Math.fma(q, z, A0_LOW);
    thirdLow = Math.fma(q, z, thirdLow);
    float gLow = Math.fma(third, h, -g);
    gLow = Math.fma(hLow, third, gLow);
    return Math.fma(thirdLow, h, gLow) + hLow;
  }

  /** (m - 1) - s·(m + 1), where {@code d} is m + 1 rounded. */
  private static FloatVector quotientRest(FloatVector m, FloatVector d, FloatVector s) {
    FloatVector dLow = m.sub(d.sub(1f));
    FloatVector minusS = s.neg();
    return minusS.fma(dLow, minusS.fma(d, m.sub(1f)));
  }

  private static float quotientRest(float m, float d, float s) {
    float dLow = m - (d - 1f);
    return Math.fma(-s, dLow, Math.fma(-s, d, m - 1f));
  }

  /** 2^(p·(high + low)), any p. */
  private static FloatVector exp2Product(float p, FloatVector high, FloatVector low) {
    FloatVector power = broadcast(F, p);
    FloatVector q = power.mul(high);
    FloatVector qLow = power.fma(low, power.fma(high, q.neg()));
    FloatVector t = q.add(ROUNDER);
    FloatVector r = q.sub(t.sub(ROUNDER)).add(qLow);
    FloatVector a = r.fma(broadcast(F, LN2_HIGH), r.mul(LN2_LOW));
    FloatVector y = scale(expm1Reduced(a).add(1f), t);
    return y.blend(INFINITY, q.compare(GT, 130f)).blend(0f, q.compare(LT, -152f));
  }

  private static float exp2Product(float p, float high, float low) {
    float q = p * high;
    float qLow = Math.fma(p, low, Math.fma(p, high, -q));
    float t = q + ROUNDER;
    float r = q - (t - ROUNDER) + qLow;
    float a = Math.fma(r, LN2_HIGH, r * LN2_LOW);
    float y = scale(expm1Reduced(a) + 1f, t);
    y = q > 130f ? INFINITY : y;
    return q < -152f ? 0f : y;
  }
}
