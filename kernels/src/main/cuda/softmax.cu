// Softmax and its logarithm, forward and backward, of each row of x [rows, size].
//
//   lanes    rows of up to 256 elements: 1 to 32 lanes of a warp hold 8 elements each
//   block    up to 8,192: 64 to 1,024 threads of a block hold 8 elements each
//   long     longer rows: a block goes through the row again for each stage; it stays in the cache
//
// The order of a sum follows from size alone. A row with a NaN or +infinity, or with nothing but -infinity, becomes NaN by
// itself: its sum is NaN.
#include "math.cuh"

constexpr int THREADS = 256;
constexpr int MOST_THREADS = 1024; // of a block for one row
constexpr int WARP = 32;
constexpr int PER = 8; // elements that a thread holds
constexpr unsigned ALL_LANES = 0xffffffff;

struct Larger {
  static __device__ float none() {
    return -math::infinity();
  }
  static __device__ float of(float a, float b) {
    return fmaxf(a, b); // a NaN shows in the sum
  }
};

struct Plus {
  static __device__ float none() {
    return 0;
  }
  static __device__ float of(float a, float b) {
    return a + b;
  }
};

// Of `lanes` neighbouring threads, a power of two up to 32; to all of them.
template <class F>
__device__ float overLanes(float s, int lanes) {
  for (int distance = lanes / 2; distance > 0; distance /= 2) {
    s = F::of(s, __shfl_xor_sync(ALL_LANES, s, distance));
  }
  return s;
}

// Of the whole block; to all of it. Once for each F in a kernel: nothing keeps apart two uses of its memory.
template <class F>
__device__ float overBlock(float s) {
  __shared__ float ofWarp[MOST_THREADS / WARP];
  s = overLanes<F>(s, WARP);
  if (threadIdx.x % WARP == 0) {
    ofWarp[threadIdx.x / WARP] = s;
  }
  __syncthreads();
  int lane = threadIdx.x % WARP; // of each warp, which takes all warps' results
  return overLanes<F>(lane < blockDim.x / WARP ? ofWarp[lane] : F::none(), WARP);
}

// Of a row's threads: the block if there are as many.
template <class F, bool BLOCK>
__device__ float over(float s, int lanes) {
  return BLOCK ? overBlock<F>(s) : overLanes<F>(s, lanes);
}

// Whether a thread has its element number i, in column j. In a block it always has the first half of them: a row of so
// few would have been given half as many threads.
template <bool BLOCK>
__device__ bool there(int i, int j, int count) {
  return (BLOCK && i < PER / 2) || j < count;
}

// ---------------------------------------------------------------- forward

template <bool BLOCK>
__device__ void softmaxHeld(const float* x, float* y, bool log, int rows, int size, int lanes) {
  int lane = BLOCK ? threadIdx.x : threadIdx.x % lanes;
  int row = BLOCK ? blockIdx.x : blockIdx.x * (THREADS / lanes) + threadIdx.x / lanes;
  int count = BLOCK || row < rows ? size : 0;
  long long first = (long long)row * size;
  float v[PER];
  float most = -math::infinity();
#pragma unroll
  for (int i = 0; i < PER; i++) {
    int j = lane + i * lanes;
    v[i] = there<BLOCK>(i, j, count) ? x[first + j] : -math::infinity();
    most = fmaxf(most, v[i]);
  }
  most = over<Larger, BLOCK>(most, lanes);
  float sum = 0;
#pragma unroll
  for (int i = 0; i < PER; i++) {
    float shifted = v[i] - most;
    float e = math::expNonPositive(shifted); // 0 behind the row's end
    sum += e;
    v[i] = log ? shifted : e;
  }
  sum = over<Plus, BLOCK>(sum, lanes);
  float term = log ? -math::log(sum) : 1 / sum;
#pragma unroll
  for (int i = 0; i < PER; i++) {
    int j = lane + i * lanes;
    if (there<BLOCK>(i, j, count)) {
      y[first + j] = log ? v[i] + term : v[i] * term;
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    softmax_lanes(const float* x, float* y, int log, int rows, int size, int lanes) {
  softmaxHeld<false>(x, y, log, rows, size, lanes);
}

extern "C" __global__ void __launch_bounds__(MOST_THREADS)
    softmax_block(const float* x, float* y, int log, int rows, int size) {
  softmaxHeld<true>(x, y, log, rows, size, blockDim.x);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    softmax_long(const float* x, float* y, int log, int rows, int size) {
  x += (long long)blockIdx.x * size;
  y += (long long)blockIdx.x * size;
  float most = -math::infinity();
#pragma unroll 4
  for (int j = threadIdx.x; j < size; j += THREADS) {
    most = fmaxf(most, x[j]);
  }
  most = overBlock<Larger>(most);
  float sum = 0;
#pragma unroll 4
  for (int j = threadIdx.x; j < size; j += THREADS) {
    sum += math::expNonPositive(x[j] - most);
  }
  sum = overBlock<Plus>(sum);
  float term = log ? -math::log(sum) : 1 / sum;
#pragma unroll 4
  for (int j = threadIdx.x; j < size; j += THREADS) {
    float shifted = x[j] - most;
    y[j] = log ? shifted + term : math::expNonPositive(shifted) * term;
  }
}

// ---------------------------------------------------------------- backward

// y * (dy - sum), or dy - e^y * sum for the logarithm.
__device__ float gradient(float y, float dy, float sum, bool log) {
  return log ? fmaf(-math::exp(y), sum, dy) : y * (dy - sum);
}

template <bool BLOCK>
__device__ void softmaxGradHeld(const float* y, const float* dy, float* dx, bool log, int rows, int size,
                                 int lanes) {
  int lane = BLOCK ? threadIdx.x : threadIdx.x % lanes;
  int row = BLOCK ? blockIdx.x : blockIdx.x * (THREADS / lanes) + threadIdx.x / lanes;
  int count = BLOCK || row < rows ? size : 0;
  long long first = (long long)row * size;
  float v[PER];
  float g[PER];
  float sum = 0;
#pragma unroll
  for (int i = 0; i < PER; i++) {
    int j = lane + i * lanes;
    v[i] = there<BLOCK>(i, j, count) ? y[first + j] : 0;
    g[i] = there<BLOCK>(i, j, count) ? dy[first + j] : 0;
    sum = log ? sum + g[i] : fmaf(v[i], g[i], sum);
  }
  sum = over<Plus, BLOCK>(sum, lanes);
#pragma unroll
  for (int i = 0; i < PER; i++) {
    int j = lane + i * lanes;
    if (there<BLOCK>(i, j, count)) {
      dx[first + j] = gradient(v[i], g[i], sum, log);
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    softmax_grad_lanes(const float* y, const float* dy, float* dx, int log, int rows, int size, int lanes) {
  softmaxGradHeld<false>(y, dy, dx, log, rows, size, lanes);
}

extern "C" __global__ void __launch_bounds__(MOST_THREADS)
    softmax_grad_block(const float* y, const float* dy, float* dx, int log, int rows, int size) {
  softmaxGradHeld<true>(y, dy, dx, log, rows, size, blockDim.x);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    softmax_grad_long(const float* y, const float* dy, float* dx, int log, int rows, int size) {
  y += (long long)blockIdx.x * size;
  dy += (long long)blockIdx.x * size;
  dx += (long long)blockIdx.x * size;
  float sum = 0;
#pragma unroll 4
  for (int j = threadIdx.x; j < size; j += THREADS) {
    sum = log ? sum + dy[j] : fmaf(y[j], dy[j], sum);
  }
  sum = overBlock<Plus>(sum);
#pragma unroll 4
  for (int j = threadIdx.x; j < size; j += THREADS) {
    dx[j] = gradient(y[j], dy[j], sum, log);
  }
}
