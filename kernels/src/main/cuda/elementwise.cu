// Functions of one, two and three elements. A thread makes four results: see Group.
#include "math.cuh"
#include "walk.cuh"

// ---------------------------------------------------------------- no element

// y[i] = value, an element's 32 bits
extern "C" __global__ void fill(unsigned* y, int n, unsigned value) {
  Group group(n, isAligned(y));
  group.store({value, value, value, value}, y);
}

// ---------------------------------------------------------------- one element

// y[i] = f(x[i]); y may be x.
template <class X, class Y, class F>
__device__ inline void map(const X* x, Y* y, int n, F f) {
  Group group(n, isAligned(x) && isAligned(y));
  Four<X> four;
  Four<Y> result;
  group.load(x, four);
#pragma unroll
  for (int c = 0; c < 4; c++) {
    result.v[c] = f(four.v[c]);
  }
  group.store(result, y);
}

extern "C" __global__ void copy(const unsigned* x, unsigned* y, int n) {
  map(x, y, n, [](unsigned v) { return v; });
}

// Towards zero, NaN to 0, what is too large to the largest int.
extern "C" __global__ void real_to_int(const float* x, int* y, int n) {
  map(x, y, n, [](float v) { return __float2int_rz(v); });
}

extern "C" __global__ void int_to_real(const int* x, float* y, int n) {
  map(x, y, n, [](int v) { return __int2float_rn(v); });
}

#define MAP(name, result)                                                                    \
  extern "C" __global__ void map_##name(const float* x, float* y, int n, float p, float q) { \
    map(x, y, n, [=](float v) -> float { return result; });                                  \
  }

MAP(affine, fmaf(v, p, q))
MAP(abs, fabsf(v))
MAP(sign, v > 0.0f ? 1.0f : v < 0.0f ? -1.0f : v)
MAP(step, v > p ? 1.0f : 0.0f)
MAP(square, v * v)
MAP(reciprocal, 1.0f / v)
MAP(sqrt, math::sqrt(v))
MAP(rsqrt, math::rsqrt(v))
MAP(exp, math::exp(v))
MAP(log, math::log(v))
MAP(sin, math::sin(v))
MAP(cos, math::cos(v))
MAP(tanh, math::tanh(v))
MAP(sigmoid, math::sigmoid(v))
MAP(softplus, math::softplus(v))
MAP(relu, v <= 0.0f ? 0.0f : v)
MAP(leaky_relu, v > 0.0f ? v : v * p)
MAP(pow, math::pow(v, p))
MAP(clamp, math::smaller(math::larger(v, p), q))
MAP(inside, v >= p && v <= q ? 1.0f : 0.0f)

// ---------------------------------------------------------------- two and three elements, broadcast

// y[i] = f(a[..], b[..]); y may be an input that is not repeated.
template <class F>
__device__ inline void zip(const float* a, const float* b, float* y, const Walk<2>& walk, F f) {
  Group group(walk.n, walk.vector);
  Four<float> four[2];
  load(walk, group, {a, b}, four);
  Four<float> result;
#pragma unroll
  for (int c = 0; c < 4; c++) {
    result.v[c] = f(four[0].v[c], four[1].v[c]);
  }
  group.store(result, y);
}

#define ZIP(name, result)                                                                                    \
  extern "C" __global__ void zip_##name(const float* x0, const float* x1, float* y, float p, Walk<2> walk) { \
    zip(x0, x1, y, walk, [=](float a, float b) -> float { return result; });                                 \
  }

ZIP(add, a + b)
ZIP(sub, a - b)
ZIP(mul, a * b)
ZIP(div, a / b)
ZIP(min, math::smaller(a, b))
ZIP(max, math::larger(a, b))
ZIP(greater, a > b ? 1.0f : 0.0f)
ZIP(greater_equal, a >= b ? 1.0f : 0.0f)
ZIP(equal, a == b ? 1.0f : 0.0f)
ZIP(add_scaled, fmaf(b, p, a))
ZIP(lerp, fmaf(b - a, p, a))
ZIP(tanh_grad, a * fmaf(-b, b, 1.0f))
ZIP(sigmoid_grad, a * b * (1.0f - b))
ZIP(softplus_grad, a * math::sigmoid(b))
ZIP(relu_grad, b > 0.0f ? a : 0.0f)
ZIP(leaky_relu_grad, b > 0.0f ? a : a * p)

// y[i] = condition[..] != 0 ? a[..] : b[..]
extern "C" __global__ void select_where(
    const float* condition, const float* a, const float* b, float* y, Walk<3> walk) {
  Group group(walk.n, walk.vector);
  Four<float> four[3];
  load(walk, group, {condition, a, b}, four);
  Four<float> result;
#pragma unroll
  for (int c = 0; c < 4; c++) {
    result.v[c] = four[0].v[c] != 0.0f ? four[1].v[c] : four[2].v[c];
  }
  group.store(result, y);
}
