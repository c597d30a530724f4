// How a block of threads computes a tile of a product on tensor cores, whatever its factors are: operands rounded to TF32
// (10 bits of mantissa), products and sums in float32. tensor_cores.cu has matrices, tensor_cores_convolution.cu has images.
//
// A warp has a WARP_TILE x WARP_TILE part of c as blocks of 16 x 8, each of which one mma.sync takes 8 k further.
#pragma once

#include "products.cuh"

// Slices begin at multiples of it, whatever the depth of a slab.
constexpr int SLICE_UNIT = 16;

__device__ inline unsigned toTf32(float x) {
  unsigned y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
  return y;
}

// c += a b with a [16, 8], b [8, 8], c [16, 8]. With g = lane / 4 and t = lane % 4 a lane has
//   a: (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4);  b: (t, g), (t + 4, g);
//   c: (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1).
__device__ inline void multiplyTf32(const unsigned (&a)[4], const unsigned (&b)[2], float (&c)[4]) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// ACROSS x ACROSS warps in each of PARTS slices. A and B say how many floats a slab of [TILE, DEPTH] takes and
// where line l at k lies in it. What moves the operands is a type LOADS, as in tiles.cuh, with copy(a, b) and prepare(s).
template <int WARP_TILE, int ACROSS, int PARTS, int DEEP, int STAGES, class A, class B>
struct Tf32Tile {
  static constexpr int TILE = WARP_TILE * ACROSS;
  static constexpr int SLICES = PARTS;
  static constexpr int DEPTH = DEEP;                 // of a slab
  static constexpr int SLICE = 32 * ACROSS * ACROSS; // threads
  static constexpr int BLOCKS_M = WARP_TILE / 16;    // of 16 x 8, of a warp
  static constexpr int BLOCKS_N = WARP_TILE / 8;

  union Shared {
    struct Stage {
      float a[A::FLOATS];
      float b[B::FLOATS];
    } stages[SLICES][STAGES];
    float sums[(SLICES + 1) / 2][SLICES > 1 ? BLOCKS_M * BLOCKS_N * 4 : 1][SLICE];
  };

  // How many k each slice goes through of so many.
  static __device__ int perSlice(int depth) {
    return ((depth + SLICES - 1) / SLICES + SLICE_UNIT - 1) / SLICE_UNIT * SLICE_UNIT;
  }

  // Where the warp of thread t of a slice begins in the tile.
  static __device__ int row(int t) {
    return t / 32 / ACROSS * WARP_TILE;
  }
  static __device__ int column(int t) {
    return t / 32 % ACROSS * WARP_TILE;
  }

  // c = the sum over this slice's slabs. The copies of slab s are begun STAGES - 1 steps ahead.
  template <class LOADS>
  static __device__ void accumulate(
      LOADS& loads, int slabs, typename Shared::Stage* mine, int t, float (&c)[BLOCKS_M][BLOCKS_N][4]) {
    int g = t % 32 / 4;
    int inGroup = t % 4;
    int row = Tf32Tile::row(t);
    int column = Tf32Tile::column(t);
#pragma unroll
    for (int i = 0; i < BLOCKS_M * BLOCKS_N * 4; i++) {
      c[i / 4 / BLOCKS_N][i / 4 % BLOCKS_N][i % 4] = 0;
    }
    for (int s = 1 - STAGES; s < slabs; s++) {
      int ahead = s + STAGES - 1;
      if (LOADS::PREPARES && ahead < slabs) {
        loads.prepare(ahead);
      }
      if (s >= 0) {
        awaitAsync<STAGES - 2>(); // this thread's part of slab s is there,
      }
      if (s >= 0 || LOADS::PREPARES) {
        __syncthreads(); // all threads' is, and slab s - 1 has been used by all
      }
      if (ahead < slabs) {
        loads.copy(mine[ahead % STAGES].a, mine[ahead % STAGES].b);
      }
      commitAsync();
      if (s < 0) {
        continue;
      }
      const typename Shared::Stage& now = mine[s % STAGES];
#pragma unroll
      for (int k = 0; k < DEPTH; k += 8) {
        unsigned right[BLOCKS_N][2];
#pragma unroll
        for (int j = 0; j < BLOCKS_N; j++) {
#pragma unroll
          for (int x = 0; x < 2; x++) {
            right[j][x] = toTf32(now.b[B::offset(column + 8 * j + g, k + inGroup + 4 * x)]);
          }
        }
#pragma unroll
        for (int i = 0; i < BLOCKS_M; i++) {
          unsigned left[4];
#pragma unroll
          for (int x = 0; x < 4; x++) {
            left[x] = toTf32(now.a[A::offset(row + 16 * i + g + 8 * (x % 2), k + inGroup + 4 * (x / 2))]);
          }
#pragma unroll
          for (int j = 0; j < BLOCKS_N; j++) {
            multiplyTf32(left, right[j], c[i][j]);
          }
        }
      }
    }
  }

  // c of slice 0 = the slices' sums by a tree, (s0 + s1) + (s2 + s3).
  static __device__ void addSlices(Shared& shared, int slice, int t, float (&c)[BLOCKS_M][BLOCKS_N][4]) {
#pragma unroll
    for (int half = 1; half < SLICES; half *= 2) {
      __syncthreads();
      if (slice % (2 * half) == half) {
#pragma unroll
        for (int i = 0; i < BLOCKS_M * BLOCKS_N * 4; i++) {
          shared.sums[slice / (2 * half)][i][t] = c[i / 4 / BLOCKS_N][i / 4 % BLOCKS_N][i % 4];
        }
      }
      __syncthreads();
      if (slice % (2 * half) == 0) {
#pragma unroll
        for (int i = 0; i < BLOCKS_M * BLOCKS_N * 4; i++) {
          c[i / 4 / BLOCKS_N][i / 4 % BLOCKS_N][i % 4] += shared.sums[slice / (2 * half)][i][t];
        }
      }
    }
  }
};
