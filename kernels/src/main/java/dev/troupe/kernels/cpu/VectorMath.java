package dev.troupe.kernels.cpu;

import static dev.troupe.kernels.cpu.Lanes.F;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions in float32 as our own polynomials of fused multiply-adds. Every function
 * stands here twice, on a vector and on a scalar, one rounded operation for one rounded operation,
 * so that both give the same bits on any machine and at any vector width; the twin in CUDA C is the
 * same text with {@code fmaf}. NaN results are always {@link Float#NaN}, bit for bit.
 *
 * <p>Largest error in units in the last place, measured against double precision on some ten
 * million floats of all sizes: exp 1.02, log 0.78, softplus 1.78, sigmoid 2.29, tanh 2.49, sin and
 * cos 1.48, sinTurns and cosTurns 1.51, sqrt 0.5, rsqrt 1.49. Denormal arguments and results are
 * exact to the same measure.
 *
 * <p>Coefficients are minimax fits (Remez exchange in 40 digits, weighted for relative error),
 * rounded to float from the lowest power up, the higher powers fitted again after each rounding.
 * Vectors must have the shape of {@link Lanes}.
 */
public final class VectorMath {
  /**
   * Adding it rounds a float below 2^22 in size to an integer, which then stands in the low bits.
   */
  static final float ROUNDER = 0x1.8p23f;

  static final int ROUNDER_BITS = 0x4b400000;
  static final int ONE_BITS = 0x3f800000;
  static final int SIGN_BIT = 0x80000000;
  static final float INFINITY = Float.POSITIVE_INFINITY;

  // log(2) and its rest.
  static final float LOG2_E = 0x1.715476p0f;
  static final float LN2_HIGH = 0x1.62e43p-1f;
  static final float LN2_LOW = -0x1.05c61p-29f;

  // (e^r - 1 - r) / r² for |r| <= log(2)/2; relative error of e^r - 1: 2^-26.1.
  static final float E0 = 0x1.fffffep-2f;
  static final float E1 = 0x1.5554aap-3f;
  static final float E2 = 0x1.55579ep-5f;
  static final float E3 = 0x1.122c7ap-7f;
  static final float E4 = 0x1.6ab0a4p-10f;

  /** Above it, e^x overflows; the two-step scaling still does so by itself. */
  static final float EXP_HIGH = 89f;

  /** Below it, e^x is nearer to 0 than to the smallest denormal. */
  static final float EXP_LOW = -104f;

  // (log(1 + f) - f + f²/2) / f³ for 1 + f in [sqrt(1/2), sqrt(2)]; relative error of the
  // logarithm: 2^-28.6.
  static final float L0 = 0x1.555544p-2f;
  static final float L1 = -0x1.ffffep-3f;
  static final float L2 = 0x1.99a626p-3f;
  static final float L3 = -0x1.55664cp-3f;
  static final float L4 = 0x1.2327c6p-3f;
  static final float L5 = -0x1.faddbap-4f;
  static final float L6 = 0x1.e68e7ap-4f;
  static final float L7 = -0x1.e478bcp-4f;
  static final float L8 = 0x1.1ba3fap-4f;

  static final int SQRT_HALF_BITS = 0x3f3504f3;

  // (log(1 + u) - u) / u² for u in [0, 1]; relative error of the logarithm: 2^-27.5.
  static final float P0 = -0x1.ffffd2p-2f;
  static final float P1 = 0x1.554ddp-2f;
  static final float P2 = -0x1.ff23e6p-3f;
  static final float P3 = 0x1.934b54p-3f;
  static final float P4 = -0x1.3a435ep-3f;
  static final float P5 = 0x1.b4ae08p-4f;
  static final float P6 = -0x1.d6b08cp-5f;
  static final float P7 = 0x1.4917cep-6f;
  static final float P8 = -0x1.af49cep-9f;

  // π/2 in three parts, the first two cut off to 24 bits; valid for up to 2^22 quarter turns (the
  // fit of sine and cosine holds up to 2^18).
  static final float TWO_OVER_PI = 0x1.45f306p-1f;
  static final float HALF_PI_A = 0x1.921fb4p0f;
  static final float HALF_PI_B = 0x1.4442dp-24f;
  static final float HALF_PI_C = 0x1.84698ap-48f;
  static final float TWO_PI_HIGH = 0x1.921fb6p2f;
  static final float TWO_PI_LOW = -0x1.777a5cp-23f;

  /** The largest argument of {@link #sin} and {@link #cos}, 2^18. */
  public static final float TRIGONOMETRIC_LIMIT = 0x1p18f;

  /** The largest argument of {@link #sinTurns} and {@link #cosTurns}, 2^20. */
  public static final float TURNS_LIMIT = 0x1p20f;

  // (sin(r) - r) / r³ and (cos(r) - 1 + r²/2) / r⁴ in r² for |r| <= π/4; relative errors of sine
  // and cosine: 2^-27.9, 2^-33.
  static final float S0 = -0x1.555546p-3f;
  static final float S1 = 0x1.110778p-7f;
  static final float S2 = -0x1.9953fep-13f;
  static final float C0 = 0x1.55554ap-5f;
  static final float C1 = -0x1.6c0c28p-10f;
  static final float C2 = 0x1.99e80cp-16f;

  private VectorMath() {}

  // ---------------------------------------------------------------- exp

  /**
   * {@code e^x}: x = n·log(2) + r with |r| ≤ log(2)/2, then e^r by a polynomial, then 2^n in two
   * steps, so that results below the normal range are rounded once.
   */
  public static FloatVector exp(FloatVector x) {
    FloatVector y = expInRange(x);
    y = y.blend(INFINITY, x.compare(GT, EXP_HIGH)).blend(0f, x.compare(LT, EXP_LOW));
    return y.blend(Float.NaN, y.compare(NE, y));
  }

  /** {@code e^x}; see {@link #exp(FloatVector)}. */
  public static float exp(float x) {
    float y = expInRange(x);
    y = x > EXP_HIGH ? INFINITY : y;
    y = x < EXP_LOW ? 0f : y;
    return canonical(y);
  }

  /** {@code e^x} for x in [EXP_LOW, EXP_HIGH] or NaN. */
  private static FloatVector expInRange(FloatVector x) {
    FloatVector t = x.fma(broadcast(F, LOG2_E), broadcast(F, ROUNDER));
    FloatVector n = t.sub(ROUNDER);
    FloatVector r = n.fma(broadcast(F, -LN2_LOW), n.fma(broadcast(F, -LN2_HIGH), x));
    return scale(expm1Reduced(r).add(1f), t);
  }

  private static float expInRange(float x) {
    float t = Math.fma(x, LOG2_E, ROUNDER);
    float n = t - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    return scale(expm1Reduced(r) + 1f, t);
  }

  /** {@code e^r - 1} for |r| ≤ log(2)/2. */
  static FloatVector expm1Reduced(FloatVector r) {
    FloatVector p = r.fma(broadcast(F, E4), broadcast(F, E3));
    p = p.fma(r, broadcast(F, E2)).fma(r, broadcast(F, E1)).fma(r, broadcast(F, E0));
    return p.fma(r.mul(r), r);
  }

  static float expm1Reduced(float r) {
    float p = Math.fma(r, E4, E3);
    p = Math.fma(p, r, E2);
    p = Math.fma(p, r, E1);
    p = Math.fma(p, r, E0);
    return Math.fma(p, r * r, r);
  }

  /** {@code y·2^n} with {@code n = t - ROUNDER} in [-252, 254], rounded once. */
  static FloatVector scale(FloatVector y, FloatVector t) {
    IntVector n = t.reinterpretAsInts().sub(ROUNDER_BITS);
    IntVector half = n.lanewise(VectorOperators.ASHR, 1);
    FloatVector a = half.lanewise(VectorOperators.LSHL, 23).add(ONE_BITS).reinterpretAsFloats();
    FloatVector b =
        n.sub(half).lanewise(VectorOperators.LSHL, 23).add(ONE_BITS).reinterpretAsFloats();
    return y.mul(a).mul(b);
  }

  static float scale(float y, float t) {
    int n = Float.floatToRawIntBits(t) - ROUNDER_BITS;
    int half = n >> 1;
    float a = Float.intBitsToFloat((half << 23) + ONE_BITS);
    float b = Float.intBitsToFloat(((n - half) << 23) + ONE_BITS);
    return y * a * b;
  }

  // ---------------------------------------------------------------- log

  /**
   * Natural logarithm: x = 2^k·(1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), then f - f²/2 + f³·Q(f)
   * + k·log(2). -infinity for 0, NaN below 0.
   */
  public static FloatVector log(FloatVector x) {
    FloatVector m = mantissa(x);
    FloatVector k = exponent(x);
    FloatVector f = m.sub(1f);
    FloatVector q = f.fma(broadcast(F, L8), broadcast(F, L7));
    q =
        q.fma(f, broadcast(F, L6))
            .fma(f, broadcast(F, L5))
            .fma(f, broadcast(F, L4))
            .fma(f, broadcast(F, L3));
    q = q.fma(f, broadcast(F, L2)).fma(f, broadcast(F, L1)).fma(f, broadcast(F, L0));
    FloatVector f2 = f.mul(f);
    FloatVector y = q.fma(f2.mul(f), k.mul(LN2_LOW));
    y = f2.fma(broadcast(F, -0.5f), y).add(f);
    y = k.fma(broadcast(F, LN2_HIGH), y);
    y = y.blend(x, x.compare(EQ, INFINITY)).blend(Float.NEGATIVE_INFINITY, x.compare(EQ, 0f));
    return y.blend(Float.NaN, x.compare(GE, 0f).not());
  }

  /** Natural logarithm; see {@link #log(FloatVector)}. */
  public static float log(float x) {
    float m = mantissa(x);
    float k = exponent(x);
    float f = m - 1f;
    float q = Math.fma(f, L8, L7);
    q = Math.fma(q, f, L6);
    q = Math.fma(q, f, L5);
    q = Math.fma(q, f, L4);
    q = Math.fma(q, f, L3);
    q = Math.fma(q, f, L2);
    q = Math.fma(q, f, L1);
    q = Math.fma(q, f, L0);
    float f2 = f * f;
    float y = Math.fma(q, f2 * f, k * LN2_LOW);
    y = Math.fma(f2, -0.5f, y) + f;
    y = Math.fma(k, LN2_HIGH, y);
    y = x == INFINITY ? x : y;
    y = x == 0f ? -INFINITY : y;
    return x >= 0f ? y : Float.NaN;
  }

  /** The m of x = m·2^k with m in [sqrt(1/2), sqrt(2)), for finite x above 0. */
  static FloatVector mantissa(FloatVector x) {
    IntVector bits = normalised(x).reinterpretAsInts();
    IntVector k = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
    return bits.sub(k.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
  }

  static float mantissa(float x) {
    int bits = Float.floatToRawIntBits(normalised(x));
    int k = (bits - SQRT_HALF_BITS) >> 23;
    return Float.intBitsToFloat(bits - (k << 23));
  }

  /** The k that goes with {@link #mantissa(FloatVector)}. */
  static FloatVector exponent(FloatVector x) {
    IntVector bits = normalised(x).reinterpretAsInts();
    IntVector k = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
    FloatVector y = (FloatVector) k.convert(I2F, 0);
    return y.blend(y.sub(23f), x.compare(LT, Float.MIN_NORMAL));
  }

  static float exponent(float x) {
    int k = (Float.floatToRawIntBits(normalised(x)) - SQRT_HALF_BITS) >> 23;
    return x < Float.MIN_NORMAL ? k - 23f : k;
  }

  private static FloatVector normalised(FloatVector x) {
    return x.blend(x.mul(0x1p23f), x.compare(LT, Float.MIN_NORMAL));
  }

  private static float normalised(float x) {
    return x < Float.MIN_NORMAL ? x * 0x1p23f : x;
  }

  // ---------------------------------------------------------------- softplus, sigmoid, tanh

  /**
   * {@code log(1 + e^x)} as max(x, 0) + log(1 + u) with u = e^-|x|, whose logarithm is one
   * polynomial on [0, 1].
   */
  public static FloatVector softplus(FloatVector x) {
    FloatVector u = expNonPositive(x.abs().neg());
    FloatVector p = u.fma(broadcast(F, P8), broadcast(F, P7));
    p =
        p.fma(u, broadcast(F, P6))
            .fma(u, broadcast(F, P5))
            .fma(u, broadcast(F, P4))
            .fma(u, broadcast(F, P3));
    p = p.fma(u, broadcast(F, P2)).fma(u, broadcast(F, P1)).fma(u, broadcast(F, P0));
    FloatVector y = p.fma(u.mul(u), u);
    y = y.add(x.blend(0f, x.compare(LT, 0f)));
    return y.blend(Float.NaN, y.compare(NE, y));
  }

  /** {@code log(1 + e^x)}; see {@link #softplus(FloatVector)}. */
  public static float softplus(float x) {
    float u = expNonPositive(-Math.abs(x));
    float p = Math.fma(u, P8, P7);
    p = Math.fma(p, u, P6);
    p = Math.fma(p, u, P5);
    p = Math.fma(p, u, P4);
    p = Math.fma(p, u, P3);
    p = Math.fma(p, u, P2);
    p = Math.fma(p, u, P1);
    p = Math.fma(p, u, P0);
    float y = Math.fma(p, u * u, u);
    return canonical(y + (x < 0f ? 0f : x));
  }

  /** {@code 1 / (1 + e^-x)} as u / (1 + u) below 0 and 1 / (1 + u) from 0 on, with u = e^-|x|. */
  public static FloatVector sigmoid(FloatVector x) {
    FloatVector u = expNonPositive(x.abs().neg());
    FloatVector y = broadcast(F, 1f).blend(u, x.compare(LT, 0f)).div(u.add(1f));
    return y.blend(Float.NaN, y.compare(NE, y));
  }

  /** {@code 1 / (1 + e^-x)}; see {@link #sigmoid(FloatVector)}. */
  public static float sigmoid(float x) {
    float u = expNonPositive(-Math.abs(x));
    return canonical((x < 0f ? u : 1f) / (u + 1f));
  }

  private static FloatVector expNonPositive(FloatVector x) {
    return expInRange(x).blend(0f, x.compare(LT, EXP_LOW));
  }

  private static float expNonPositive(float x) {
    return x < EXP_LOW ? 0f : expInRange(x);
  }

  /**
   * Hyperbolic tangent as -w / (2 + w) with w = e^(-2|x|) - 1, which is 2^n·(e^r - 1) + (2^n - 1)
   * and keeps its relative accuracy near 0; the sign of x is put back at the end. Beyond |x| = 10
   * the result is 1.
   */
  public static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs().mul(-2f);
    a = a.blend(-20f, a.compare(LT, -20f));
    FloatVector t = a.fma(broadcast(F, LOG2_E), broadcast(F, ROUNDER));
    FloatVector n = t.sub(ROUNDER);
    FloatVector r = n.fma(broadcast(F, -LN2_LOW), n.fma(broadcast(F, -LN2_HIGH), a));
    FloatVector two =
        t.reinterpretAsInts()
            .lanewise(VectorOperators.LSHL, 23)
            .add(ONE_BITS)
            .reinterpretAsFloats();
    FloatVector w = expm1Reduced(r).fma(two, two.sub(1f));
    IntVector sign = x.reinterpretAsInts().and(SIGN_BIT);
    FloatVector y = w.abs().div(w.add(2f)).reinterpretAsInts().or(sign).reinterpretAsFloats();
    return y.blend(Float.NaN, y.compare(NE, y));
  }

  /** Hyperbolic tangent; see {@link #tanh(FloatVector)}. */
  public static float tanh(float x) {
    float a = Math.abs(x) * -2f;
    a = a < -20f ? -20f : a;
    float t = Math.fma(a, LOG2_E, ROUNDER);
    float n = t - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, a));
    float two = Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + ONE_BITS);
    float w = Math.fma(expm1Reduced(r), two, two - 1f);
    int sign = Float.floatToRawIntBits(x) & SIGN_BIT;
    float y = Float.intBitsToFloat(Float.floatToRawIntBits(Math.abs(w) / (w + 2f)) | sign);
    return Float.isNaN(y) ? Float.NaN : y;
  }

  // ---------------------------------------------------------------- sine and cosine

  /**
   * Sine of x radians: r = x - n·π/2, then the polynomial of the quadrant n mod 4. NaN beyond
   * {@link #TRIGONOMETRIC_LIMIT}.
   */
  public static FloatVector sin(FloatVector x) {
    FloatVector t = x.fma(broadcast(F, TWO_OVER_PI), broadcast(F, ROUNDER));
    FloatVector y = quadrant(radians(x, t), t.reinterpretAsInts());
    y = y.blend(x, x.compare(EQ, 0f));
    return y.blend(Float.NaN, x.abs().compare(LE, TRIGONOMETRIC_LIMIT).not());
  }

  /** Sine of x radians; see {@link #sin(FloatVector)}. */
  public static float sin(float x) {
    float t = Math.fma(x, TWO_OVER_PI, ROUNDER);
    float y = quadrant(radians(x, t), Float.floatToRawIntBits(t));
    y = x == 0f ? x : y;
    return Math.abs(x) <= TRIGONOMETRIC_LIMIT ? y : Float.NaN;
  }

  /** Cosine of x radians; NaN beyond {@link #TRIGONOMETRIC_LIMIT}. */
  public static FloatVector cos(FloatVector x) {
    FloatVector t = x.fma(broadcast(F, TWO_OVER_PI), broadcast(F, ROUNDER));
    FloatVector y = quadrant(radians(x, t), t.reinterpretAsInts().add(1));
    return y.blend(Float.NaN, x.abs().compare(LE, TRIGONOMETRIC_LIMIT).not());
  }

  /** Cosine of x radians; see {@link #cos(FloatVector)}. */
  public static float cos(float x) {
    float t = Math.fma(x, TWO_OVER_PI, ROUNDER);
    float y = quadrant(radians(x, t), Float.floatToRawIntBits(t) + 1);
    return Math.abs(x) <= TRIGONOMETRIC_LIMIT ? y : Float.NaN;
  }

  /** sin(2π·u); the reduction is exact. NaN beyond {@link #TURNS_LIMIT}. */
  public static FloatVector sinTurns(FloatVector u) {
    FloatVector t = u.fma(broadcast(F, 4f), broadcast(F, ROUNDER));
    FloatVector y = quadrant(turns(u, t), t.reinterpretAsInts());
    y = y.blend(u, u.compare(EQ, 0f));
    return y.blend(Float.NaN, u.abs().compare(LE, TURNS_LIMIT).not());
  }

  /** sin(2π·u); see {@link #sinTurns(FloatVector)}. */
  public static float sinTurns(float u) {
    float t = Math.fma(u, 4f, ROUNDER);
    float y = quadrant(turns(u, t), Float.floatToRawIntBits(t));
    y = u == 0f ? u : y;
    return Math.abs(u) <= TURNS_LIMIT ? y : Float.NaN;
  }

  /** cos(2π·u); the reduction is exact. NaN beyond {@link #TURNS_LIMIT}. */
  public static FloatVector cosTurns(FloatVector u) {
    FloatVector t = u.fma(broadcast(F, 4f), broadcast(F, ROUNDER));
    FloatVector y = quadrant(turns(u, t), t.reinterpretAsInts().add(1));
    return y.blend(Float.NaN, u.abs().compare(LE, TURNS_LIMIT).not());
  }

  /** cos(2π·u); see {@link #cosTurns(FloatVector)}. */
  public static float cosTurns(float u) {
    float t = Math.fma(u, 4f, ROUNDER);
    float y = quadrant(turns(u, t), Float.floatToRawIntBits(t) + 1);
    return Math.abs(u) <= TURNS_LIMIT ? y : Float.NaN;
  }

  /** x - n·π/2 with {@code n = t - ROUNDER}; the first two steps are exact where they cancel. */
  private static FloatVector radians(FloatVector x, FloatVector t) {
    FloatVector n = t.sub(ROUNDER);
    FloatVector r = n.fma(broadcast(F, -HALF_PI_B), n.fma(broadcast(F, -HALF_PI_A), x));
    return n.fma(broadcast(F, -HALF_PI_C), r);
  }

  private static float radians(float x, float t) {
    float n = t - ROUNDER;
    float r = Math.fma(n, -HALF_PI_B, Math.fma(n, -HALF_PI_A, x));
    return Math.fma(n, -HALF_PI_C, r);
  }

  /** 2π·(u - n/4) with {@code n = t - ROUNDER}. */
  static FloatVector turns(FloatVector u, FloatVector t) {
    FloatVector r = t.sub(ROUNDER).fma(broadcast(F, -0.25f), u);
    return r.fma(broadcast(F, TWO_PI_HIGH), r.mul(TWO_PI_LOW));
  }

  private static float turns(float u, float t) {
    float r = Math.fma(t - ROUNDER, -0.25f, u);
    return Math.fma(r, TWO_PI_HIGH, r * TWO_PI_LOW);
  }

  /** sin(r + q·π/2) for |r| ≤ π/4. */
  private static FloatVector quadrant(FloatVector r, IntVector q) {
    FloatVector z = r.mul(r);
    VectorMask<Float> odd = q.and(1).compare(EQ, 1).cast(F);
    return signed(sineReduced(r, z).blend(cosineReduced(z), odd), q);
  }

  /** sin(r) for |r| ≤ π/4 and z = r². */
  static FloatVector sineReduced(FloatVector r, FloatVector z) {
    return z.fma(broadcast(F, S2), broadcast(F, S1)).fma(z, broadcast(F, S0)).fma(z.mul(r), r);
  }

  /** cos(r) for |r| ≤ π/4 and z = r². */
  static FloatVector cosineReduced(FloatVector z) {
    return z.fma(broadcast(F, C2), broadcast(F, C1))
        .fma(z, broadcast(F, C0))
        .fma(z, broadcast(F, -0.5f))
        .fma(z, broadcast(F, 1f));
  }

  /** y, negated where bit 1 of q is set. */
  static FloatVector signed(FloatVector y, IntVector q) {
    IntVector sign = q.and(2).lanewise(VectorOperators.LSHL, 30);
    return y.reinterpretAsInts().lanewise(VectorOperators.XOR, sign).reinterpretAsFloats();
  }

  private static float quadrant(float r, int q) {
    float z = r * r;
    float s = Math.fma(z, S2, S1);
    s = Math.fma(s, z, S0);
    s = Math.fma(s, z * r, r);
    float c = Math.fma(z, C2, C1);
    c = Math.fma(c, z, C0);
    c = Math.fma(c, z, -0.5f);
    c = Math.fma(c, z, 1f);
    float y = (q & 1) == 1 ? c : s;
    return Float.intBitsToFloat(Float.floatToRawIntBits(y) ^ ((q & 2) << 30));
  }

  // ---------------------------------------------------------------- roots

  /** Square root, correctly rounded. */
  public static FloatVector sqrt(FloatVector x) {
    FloatVector y = x.sqrt();
    return y.blend(Float.NaN, y.compare(NE, y));
  }

  /** Square root, correctly rounded. */
  public static float sqrt(float x) {
    return canonical((float) Math.sqrt(x));
  }

  /** {@code 1 / sqrt(x)} as two correctly rounded operations. */
  public static FloatVector rsqrt(FloatVector x) {
    FloatVector y = broadcast(F, 1f).div(x.sqrt());
    return y.blend(Float.NaN, y.compare(NE, y));
  }

  /** {@code 1 / sqrt(x)} as two correctly rounded operations. */
  public static float rsqrt(float x) {
    return canonical(1f / (float) Math.sqrt(x));
  }

  // ---------------------------------------------------------------- helpers

  /** Every NaN as {@link Float#NaN}: processors differ in the NaN that they make or pass on. */
  static float canonical(float y) {
    return Float.isNaN(y) ? Float.NaN : y;
  }
}
