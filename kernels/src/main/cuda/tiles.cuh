// How a block of threads computes a TILE x TILE part of a product in float32, whatever its factors are: products.cu has
// matrices, convolution.cu has images.
//
// The pipeline: while a slab of 8 k is multiplied, the next ones are on their way from global to shared memory; by
// cp.async from sm_80 on, through registers before.
#pragma once

#include "products.cuh"

#if __CUDA_ARCH__ >= 800
constexpr bool ASYNC = true;
#else
constexpr bool ASYNC = false;
#endif

constexpr int SLAB = 8; // of k, in one stage of the pipeline

// Four neighbours in shared memory, at a multiple of 16 bytes.
__device__ void loadFour(const float* from, float* to) {
  float4 v = *(const float4*)from;
  to[0] = v.x;
  to[1] = v.y;
  to[2] = v.z;
  to[3] = v.w;
}

// Each of SLICES slices takes a part of k; a thread has SIDE x SIDE elements, as blocks of 4 x 4 that lie
// TILE / (SIDE / 4) apart.
//
// What moves the operands is a type LOADS. It knows which slab is next, and has
//   copy(stage)    starts to copy it to shared memory, stage[0] for a and stage[1] for b
//   fetch()        the same in two steps,
//   store(stage)   through registers
//   PREPARES       whether prepare(s) must have been called by all threads, and a barrier after it, before slab s moves
template <int OF, int EACH_WAY, int PARTS, int DEEP>
struct Tile {
  static constexpr int TILE = OF;
  static constexpr int SIDE = EACH_WAY;
  static constexpr int SLICES = PARTS;
  static constexpr int STAGES = DEEP;
  static constexpr int ACROSS = TILE / SIDE;          // threads of a slice, each way
  static constexpr int SLICE = ACROSS * ACROSS;       // threads
  static constexpr int THREADS = SLICE * SLICES;
  static constexpr int APART = TILE / (SIDE / 4);
  static constexpr int WARPS_ACROSS = ACROSS / 8;     // a warp is 4 x 8 threads

  // A stage has slabs [SLAB, TILE] of a and of b. Their rows are 4 floats apart from a multiple of 32, so that stores of
  // 8 k by 4 lines, or of 32 lines, meet no bank twice.
  static constexpr int ROW = TILE + 4;
  static constexpr int FLOATS = SLAB * ROW;

  union Shared {
    float slabs[SLICES][STAGES][2][FLOATS]; // of a, of b
    float sums[(SLICES + 1) / 2][SLICES > 1 ? SIDE * SIDE : 1][SLICE];
  };

  // How many slabs each slice goes through for so many k.
  static __device__ int slabs(int depth) {
    return ((depth + SLICES - 1) / SLICES + SLAB - 1) / SLAB;
  }

  // Where the first element of thread t of a slice lies in the tile.
  static __device__ int row(int t) {
    return (t / 32 / WARPS_ACROSS * 4 + t % 32 / 8) * 4;
  }
  static __device__ int column(int t) {
    return (t / 32 % WARPS_ACROSS * 8 + t % 8) * 4;
  }

  // c = the sum over this slice's slabs.
  template <class LOADS>
  static __device__ void accumulate(
      LOADS& loads, int slabs, float (*mine)[2][FLOATS], int row, int column, float (&c)[SIDE][SIDE]) {
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
#pragma unroll
      for (int j = 0; j < SIDE; j++) {
        c[i][j] = 0;
      }
    }
    if (ASYNC) {
#pragma unroll
      for (int s = 0; s < STAGES - 1; s++) {
        if (s < slabs) {
          if (LOADS::PREPARES) {
            loads.prepare(s);
            __syncthreads();
          }
          loads.copy(mine[s]);
        }
        commitAsync();
      }
      int stage = 0;
      int free = STAGES - 1;
      for (int s = 0; s < slabs; s++) {
        bool more = s + STAGES - 1 < slabs;
        if (LOADS::PREPARES && more) {
          loads.prepare(s + STAGES - 1);
        }
        awaitAsync<STAGES - 2>(); // this thread's part of slab s is there,
        __syncthreads();          // all threads' is, and slab s - 1 has been used by all
        if (more) {
          loads.copy(mine[free]);
        }
        commitAsync();
        multiply(mine[stage][0] + row, mine[stage][1] + column, c);
        free = stage;
        stage = stage + 1 == STAGES ? 0 : stage + 1;
      }
    } else {
      if (slabs > 0) {
        if (LOADS::PREPARES) {
          loads.prepare(0);
          __syncthreads();
        }
        loads.fetch();
      }
      for (int s = 0; s < slabs; s++) {
        int stage = s % 2;
        bool more = s + 1 < slabs;
        loads.store(mine[stage]);
        if (LOADS::PREPARES && more) {
          loads.prepare(s + 1);
        }
        __syncthreads();
        if (more) {
          loads.fetch();
        }
        multiply(mine[stage][0] + row, mine[stage][1] + column, c);
      }
    }
  }

  // c += a slab of a times one of b, in the order of k.
  static __device__ void multiply(const float* a, const float* b, float (&c)[SIDE][SIDE]) {
#pragma unroll
    for (int k = 0; k < SLAB; k++) {
      float left[SIDE];
      float right[SIDE];
#pragma unroll
      for (int i = 0; i < SIDE; i += 4) {
        loadFour(a + k * ROW + i / 4 * APART, left + i);
        loadFour(b + k * ROW + i / 4 * APART, right + i);
      }
#pragma unroll
      for (int i = 0; i < SIDE; i++) {
#pragma unroll
        for (int j = 0; j < SIDE; j++) {
          c[i][j] = fmaf(left[i], right[j], c[i][j]);
        }
      }
    }
  }

  // c of slice 0 = the slices' sums by a tree, (s0 + s1) + (s2 + s3).
  static __device__ void addSlices(Shared& shared, int slice, int t, float (&c)[SIDE][SIDE]) {
#pragma unroll
    for (int half = 1; half < SLICES; half *= 2) {
      __syncthreads();
      if (slice % (2 * half) == half) {
#pragma unroll
        for (int i = 0; i < SIDE * SIDE; i++) {
          shared.sums[slice / (2 * half)][i][t] = c[i / SIDE][i % SIDE];
        }
      }
      __syncthreads();
      if (slice % (2 * half) == 0) {
#pragma unroll
        for (int i = 0; i < SIDE * SIDE; i++) {
          c[i / SIDE][i % SIDE] += shared.sums[slice / (2 * half)][i][t];
        }
      }
    }
  }
};

// Static shared memory is 48 KB at most.
typedef Tile<32, 4, 4, ASYNC ? 4 : 2> Tile32;
typedef Tile<64, 8, 4, 2> Tile64;
typedef Tile<128, 8, 1, ASYNC ? 4 : 2> Tile128;
