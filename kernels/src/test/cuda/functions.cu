// Device functions that are called and not inlined. FunctionsTest launches these kernels.
// Compiled by `kernels/src/main/cuda/compile ../../test/cuda/functions.cu`.

// A value in, a value out.
__device__ __noinline__ float cube(float x) { return x * x * x; }

extern "C" __global__ void cubes(const float* x, float* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = cube(x[i]);
}

// Structures in and out, and a call within a call.
struct Complex {
  float re, im;
};
__device__ __noinline__ Complex times(Complex a, Complex b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
__device__ __noinline__ Complex square_twice(Complex a) {
  Complex s = times(a, a);
  return times(s, s);
}

extern "C" __global__ void fourth_powers(const float2* x, float2* y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    Complex p = square_twice({x[i].x, x[i].y});
    y[i] = make_float2(p.re, p.im);
  }
}

// Lanes part in the function and meet behind the call: the vote sees all of them.
__device__ __noinline__ int collatz(int n) {
  int steps = 0;
  while (n != 1) {
    if (n % 2 == 0) {
      n /= 2;
    } else {
      n = 3 * n + 1;
      if (n > 10000) return -1;
    }
    steps++;
  }
  return steps;
}

extern "C" __global__ void collatz_steps(int* y, unsigned* converged) {
  int i = threadIdx.x;
  int steps = i % 2 == 0 ? collatz(i + 1) : collatz(2 * i + 1) + 1000;
  converged[i] = __activemask();
  y[i] = steps;
}

// A pointer to what the caller has in its own memory, and shared memory of the function itself.
__device__ __noinline__ void sort3(float* v) {
  for (int i = 0; i < 2; i++) {
    for (int k = 0; k < 2 - i; k++) {
      if (v[k] > v[k + 1]) {
        float t = v[k];
        v[k] = v[k + 1];
        v[k + 1] = t;
      }
    }
  }
}
__device__ __noinline__ float median_of_block(float x) {
  __shared__ float all[3];
  __syncthreads();
  all[threadIdx.x] = x;
  __syncthreads();
  float v[3] = {all[0], all[1], all[2]};
  sort3(v);
  return v[1];
}

extern "C" __global__ void medians(const float* x, float* y) {
  float first = median_of_block(x[threadIdx.x]);
  float second = median_of_block(x[3 + threadIdx.x]);
  y[threadIdx.x] = first;
  y[3 + threadIdx.x] = second;
}

// A faulty function: it writes one element beyond.
__device__ __noinline__ void store(float* y, int i, float value) { y[i] = value; }

extern "C" __global__ void beyond(float* y, int n) { store(y, threadIdx.x + 1, 1); }
