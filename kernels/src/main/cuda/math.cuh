// Elementary functions in float32: the twin of kernels.cpu.VectorMath and kernels.cpu.Power, rounded operation for
// rounded operation, so that both give the same bits. What the methods do and how good they are stands there. No
// instruction here is an approximate one, and NaN results are always the NaN of Java's Float.NaN.
#pragma once

namespace math {

constexpr float ROUNDER = 0x1.8p23f;
constexpr unsigned ROUNDER_BITS = 0x4b400000;
constexpr unsigned ONE_BITS = 0x3f800000;
constexpr unsigned SIGN_BIT = 0x80000000;
constexpr unsigned SQRT_HALF_BITS = 0x3f3504f3;
constexpr unsigned INFINITY_BITS = 0x7f800000;
constexpr unsigned NAN_BITS = 0x7fc00000;
constexpr float LEAST_NORMAL = 0x1p-126f;

constexpr float LOG2_E = 0x1.715476p0f;
constexpr float LN2_HIGH = 0x1.62e43p-1f;
constexpr float LN2_LOW = -0x1.05c61p-29f;
constexpr float EXP_HIGH = 89.0f;
constexpr float EXP_LOW = -104.0f;

constexpr float TRIGONOMETRIC_LIMIT = 0x1p18f;

__device__ inline float of(unsigned bits) {
  return __uint_as_float(bits);
}

__device__ inline unsigned bits(float x) {
  return __float_as_uint(x);
}

__device__ inline float infinity() {
  return of(INFINITY_BITS);
}

__device__ inline float nan() {
  return of(NAN_BITS);
}

// A NaN that has been made on the way becomes Java's.
__device__ inline float canonical(float y) {
  return y == y ? y : nan();
}

// The smaller and the larger: NaN if either is, -0 smaller than 0.
__device__ inline float smaller(float a, float b) {
  float y = fminf(a, b);
  return a == a && b == b ? y : nan();
}

__device__ inline float larger(float a, float b) {
  float y = fmaxf(a, b);
  return a == a && b == b ? y : nan();
}

// ---------------------------------------------------------------- exp

// e^r - 1 for |r| <= log(2)/2.
__device__ inline float expm1Reduced(float r) {
  float p = fmaf(r, 0x1.6ab0a4p-10f, 0x1.122c7ap-7f);
  p = fmaf(p, r, 0x1.55579ep-5f);
  p = fmaf(p, r, 0x1.5554aap-3f);
  p = fmaf(p, r, 0x1.fffffep-2f);
  return fmaf(p, r * r, r);
}

// y * 2^n with n = t - ROUNDER in [-252, 254], rounded once.
__device__ inline float scale(float y, float t) {
  int n = (int)(bits(t) - ROUNDER_BITS);
  int half = n >> 1;
  float a = of(((unsigned)half << 23) + ONE_BITS);
  float b = of(((unsigned)(n - half) << 23) + ONE_BITS);
  return y * a * b;
}

// e^x for x in [EXP_LOW, EXP_HIGH] or NaN.
__device__ inline float expInRange(float x) {
  float t = fmaf(x, LOG2_E, ROUNDER);
  float n = t - ROUNDER;
  float r = fmaf(n, -LN2_LOW, fmaf(n, -LN2_HIGH, x));
  return scale(expm1Reduced(r) + 1.0f, t);
}

__device__ inline float expNonPositive(float x) {
  float y = expInRange(x);
  return x < EXP_LOW ? 0.0f : y;
}

__device__ inline float exp(float x) {
  float y = expInRange(x);
  y = x > EXP_HIGH ? infinity() : y;
  y = x < EXP_LOW ? 0.0f : y;
  return canonical(y);
}

// ---------------------------------------------------------------- log

__device__ inline float normalised(float x) {
  return x < LEAST_NORMAL ? x * 0x1p23f : x;
}

// The m of x = m * 2^k with m in [sqrt(1/2), sqrt(2)), for finite x above 0.
__device__ inline float mantissa(float x) {
  unsigned b = bits(normalised(x));
  int k = (int)(b - SQRT_HALF_BITS) >> 23;
  return of(b - ((unsigned)k << 23));
}

// The k that goes with it.
__device__ inline float exponent(float x) {
  int k = (int)(bits(normalised(x)) - SQRT_HALF_BITS) >> 23;
  return x < LEAST_NORMAL ? (float)k - 23.0f : (float)k;
}

__device__ inline float log(float x) {
  float m = mantissa(x);
  float k = exponent(x);
  float f = m - 1.0f;
  float q = fmaf(f, 0x1.1ba3fap-4f, -0x1.e478bcp-4f);
  q = fmaf(q, f, 0x1.e68e7ap-4f);
  q = fmaf(q, f, -0x1.faddbap-4f);
  q = fmaf(q, f, 0x1.2327c6p-3f);
  q = fmaf(q, f, -0x1.55664cp-3f);
  q = fmaf(q, f, 0x1.99a626p-3f);
  q = fmaf(q, f, -0x1.ffffep-3f);
  q = fmaf(q, f, 0x1.555544p-2f);
  float f2 = f * f;
  float y = fmaf(q, f2 * f, k * LN2_LOW);
  y = fmaf(f2, -0.5f, y) + f;
  y = fmaf(k, LN2_HIGH, y);
  y = x == infinity() ? x : y;
  y = x == 0.0f ? -infinity() : y;
  return x >= 0.0f ? y : nan();
}

// ---------------------------------------------------------------- softplus, sigmoid, tanh

// What softplus and sigmoid of x and of -x begin with.
__device__ inline float expMinusAbs(float x) {
  return expNonPositive(-fabsf(x));
}

// With u = e^-|x|.
__device__ inline float softplus(float x, float u) {
  float p = fmaf(u, -0x1.af49cep-9f, 0x1.4917cep-6f);
  p = fmaf(p, u, -0x1.d6b08cp-5f);
  p = fmaf(p, u, 0x1.b4ae08p-4f);
  p = fmaf(p, u, -0x1.3a435ep-3f);
  p = fmaf(p, u, 0x1.934b54p-3f);
  p = fmaf(p, u, -0x1.ff23e6p-3f);
  p = fmaf(p, u, 0x1.554ddp-2f);
  p = fmaf(p, u, -0x1.ffffd2p-2f);
  float y = fmaf(p, u * u, u);
  return canonical(y + (x < 0.0f ? 0.0f : x));
}

__device__ inline float softplus(float x) {
  return softplus(x, expMinusAbs(x));
}

// With u = e^-|x|.
__device__ inline float sigmoid(float x, float u) {
  return canonical((x < 0.0f ? u : 1.0f) / (u + 1.0f));
}

__device__ inline float sigmoid(float x) {
  return sigmoid(x, expMinusAbs(x));
}

__device__ inline float tanh(float x) {
  float a = fabsf(x) * -2.0f;
  a = a < -20.0f ? -20.0f : a;
  float t = fmaf(a, LOG2_E, ROUNDER);
  float n = t - ROUNDER;
  float r = fmaf(n, -LN2_LOW, fmaf(n, -LN2_HIGH, a));
  float two = of((bits(t) << 23) + ONE_BITS);
  float w = fmaf(expm1Reduced(r), two, two - 1.0f);
  unsigned sign = bits(x) & SIGN_BIT;
  float y = of(bits(fabsf(w) / (w + 2.0f)) | sign);
  return canonical(y);
}

// ---------------------------------------------------------------- sine and cosine

// x - n * pi/2 with n = t - ROUNDER.
__device__ inline float radians(float x, float t) {
  float n = t - ROUNDER;
  float r = fmaf(n, -0x1.4442dp-24f, fmaf(n, -0x1.921fb4p0f, x));
  return fmaf(n, -0x1.84698ap-48f, r);
}

// 2 pi * (u - n/4) with n = t - ROUNDER.
__device__ inline float turns(float u, float t) {
  float r = fmaf(t - ROUNDER, -0.25f, u);
  return fmaf(r, 0x1.921fb6p2f, r * -0x1.777a5cp-23f);
}

// sin(r) and cos(r) for |r| <= pi/4 and z = r * r.
__device__ inline float sineReduced(float r, float z) {
  float s = fmaf(z, -0x1.9953fep-13f, 0x1.110778p-7f);
  s = fmaf(s, z, -0x1.555546p-3f);
  return fmaf(s, z * r, r);
}

__device__ inline float cosineReduced(float z) {
  float c = fmaf(z, 0x1.99e80cp-16f, -0x1.6c0c28p-10f);
  c = fmaf(c, z, 0x1.55554ap-5f);
  c = fmaf(c, z, -0.5f);
  return fmaf(c, z, 1.0f);
}

// y, negated where bit 1 of q is set.
__device__ inline float signedBy(float y, unsigned q) {
  return of(bits(y) ^ ((q & 2) << 30));
}

// sin(r + q * pi/2) for |r| <= pi/4.
__device__ inline float quadrant(float r, unsigned q) {
  float z = r * r;
  float s = sineReduced(r, z);
  float c = cosineReduced(z);
  return signedBy((q & 1) == 1 ? c : s, q);
}

__device__ inline float sin(float x) {
  float t = fmaf(x, 0x1.45f306p-1f, ROUNDER);
  float y = quadrant(radians(x, t), bits(t));
  y = x == 0.0f ? x : y;
  return fabsf(x) <= TRIGONOMETRIC_LIMIT ? y : nan();
}

__device__ inline float cos(float x) {
  float t = fmaf(x, 0x1.45f306p-1f, ROUNDER);
  float y = quadrant(radians(x, t), bits(t) + 1);
  return fabsf(x) <= TRIGONOMETRIC_LIMIT ? y : nan();
}

// ---------------------------------------------------------------- roots

__device__ inline float sqrt(float x) {
  return canonical(sqrtf(x));
}

__device__ inline float rsqrt(float x) {
  return canonical(1.0f / sqrtf(x));
}

// ---------------------------------------------------------------- power

constexpr float TWO_OVER_LN2_HIGH = 0x1.715476p1f;
constexpr float TWO_OVER_LN2_LOW = 0x1.4ae0cp-25f;
constexpr float ATANH_0 = 0x1.555556p-2f;
constexpr float ATANH_0_LOW = -0x1.555556p-27f;

// (2 / log 2) * atanh(s + sLow) - h - g.
__device__ inline float logRest(float s, float sLow, float h, float g) {
  float hLow = fmaf(s, TWO_OVER_LN2_HIGH, -h);
  hLow = fmaf(s, TWO_OVER_LN2_LOW, hLow);
  hLow = fmaf(sLow, TWO_OVER_LN2_HIGH, hLow);
  float z = s * s;
  float zLow = fmaf(s, s, -z);
  zLow = fmaf(s + s, sLow, zLow);
  float third = z * ATANH_0;
  float thirdLow = fmaf(z, ATANH_0, -third);
  thirdLow = fmaf(zLow, ATANH_0, thirdLow);
  float q = fmaf(z, 0x1.dfa256p-4f, 0x1.24527cp-3f);
  q = fmaf(q, z, 0x1.999ap-3f);
  q = fmaf(q, z, ATANH_0_LOW);
  thirdLow = fmaf(q, z, thirdLow);
  float gLow = fmaf(third, h, -g);
  gLow = fmaf(hLow, third, gLow);
  return fmaf(thirdLow, h, gLow) + hLow;
}

// log2(x) for finite x > 0 as the unrounded sum of two floats.
__device__ inline void log2(float x, float* high, float* low) {
  float m = mantissa(x);
  float k = exponent(x);
  float d = m + 1.0f;
  float inverse = 1.0f / d;
  float s = (m - 1.0f) * inverse;
  float dLow = m - (d - 1.0f);
  float sLow = fmaf(-s, dLow, fmaf(-s, d, m - 1.0f)) * inverse;
  float h = s * TWO_OVER_LN2_HIGH;
  float g = s * s * ATANH_0 * h;
  float rest = logRest(s, sLow, h, g);
  float a = k + h;
  float b = a + g;
  rest = rest + (a - b + g) + (k - a + h);
  *high = b + rest;
  *low = b - *high + rest;
}

// 2^(p * (high + low)), any p.
__device__ inline float exp2Product(float p, float high, float low) {
  float q = p * high;
  float qLow = fmaf(p, low, fmaf(p, high, -q));
  float t = q + ROUNDER;
  float r = q - (t - ROUNDER) + qLow;
  float a = fmaf(r, LN2_HIGH, r * LN2_LOW);
  float y = scale(expm1Reduced(a) + 1.0f, t);
  y = q > 130.0f ? infinity() : y;
  return q < -152.0f ? 0.0f : y;
}

// x^p with the special cases of Math.pow of Java.
__device__ inline float pow(float x, float p) {
  float ofZero = p > 0.0f ? 0.0f : p < 0.0f ? infinity() : nan();
  float ofInfinity = p > 0.0f ? infinity() : p < 0.0f ? 0.0f : nan();
  bool integer = p == truncf(p); // infinite ones, too
  bool odd = integer && fabsf(p) < 0x1p24f && ((int)p & 1) != 0;
  float undefinedBelow = integer ? -infinity() : 0.0f;
  float a = fabsf(x);
  float high, low;
  log2(a, &high, &low);
  float r = exp2Product(p, high, low);
  r = a == 0.0f ? ofZero : r;
  r = a == infinity() ? ofInfinity : r;
  r = of(bits(r) | (odd ? bits(x) & SIGN_BIT : 0));
  r = x < undefinedBelow && x > -infinity() ? nan() : r;
  r = x != x || p == 1.0f ? x : r;
  r = p == 0.0f ? 1.0f : r;
  return canonical(r);
}

}  // namespace math
