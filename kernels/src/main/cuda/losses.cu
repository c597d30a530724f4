// Losses with their gradients, a block for each member.
#include "math.cuh"

constexpr int THREADS = 256;
constexpr int WARP = 32;
constexpr int WARPS = THREADS / WARP;
constexpr unsigned ALL_LANES = 0xffffffff;

// Of the block, to all threads: a tree over the lanes of each warp, then warp by warp.
__device__ float sumOfBlock(float s) {
  __shared__ float ofWarp[WARPS];
#pragma unroll
  for (int distance = WARP / 2; distance > 0; distance /= 2) {
    s += __shfl_xor_sync(ALL_LANES, s, distance);
  }
  if (threadIdx.x % WARP == 0) {
    ofWarp[threadIdx.x / WARP] = s;
  }
  __syncthreads();
  s = ofWarp[0];
#pragma unroll
  for (int warp = 1; warp < WARPS; warp++) {
    s += ofWarp[warp];
  }
  return s;
}

// x, dx [members, parts, size], loss [members], one target t for each part:
// loss[e] = scale * sum over p, i of t * softplus(-x) + (1 - t) * softplus(x), without terms whose factor is 0;
// dx = scale * ((1 - t) * sigmoid(x) - t * sigmoid(-x)). scale = 1 / size.
extern "C" __global__ void __launch_bounds__(THREADS)
    logistic_loss(const float* __restrict__ x, float* __restrict__ loss, float* __restrict__ dx, int parts, int size,
                  float scale, float t0, float t1, float t2, float t3) {
  long long first = (long long)blockIdx.x * parts * size;
  float sum = 0;
  for (int p = 0; p < parts; p++) {
    float t = p == 0 ? t0 : p == 1 ? t1 : p == 2 ? t2 : t3;
    float rest = 1 - t;
    for (int i = threadIdx.x; i < size; i += THREADS) {
      float v = x[first + i];
      float u = math::expMinusAbs(v);
      float positive = t != 0 ? t * math::softplus(-v, u) : 0;
      float negative = rest != 0 ? rest * math::softplus(v, u) : 0;
      sum += positive + negative;
      float up = rest != 0 ? rest * math::sigmoid(v, u) : 0;
      float down = t != 0 ? t * math::sigmoid(-v, u) : 0;
      dx[first + i] = (up - down) * scale;
    }
    first += size;
  }
  sum = sumOfBlock(sum);
  if (threadIdx.x == 0) {
    loss[blockIdx.x] = sum * scale;
  }
}
