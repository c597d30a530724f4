// How a block of threads computes a tile of a product on tensor cores, whatever its factors are: operands rounded to TF32
// (10 bits of mantissa), products and sums in float32. tensor_cores.cu has matrices, tensor_cores_convolution.cu has images.
//
// A warp has WARP_TILE x WARP_TILE of c as blocks of 16 x 8, each of which one mma.sync takes 8 k further. docs/gpu.md
// has what bounds it: shared memory, issue slots and L2 come close to the tensor cores. So
//   - warps have 64 x 64 of large tiles, for which they read the least;
//   - slabs have no padding but an order in which neither copies nor loads meet a bank twice, and what a load brings is
//     what mma.sync takes, in registers that follow each other;
//   - what the next 8 k need is loaded while the last are multiplied;
//   - slabs lie in dynamic shared memory, as 48 KB of static memory are too few: up to 96 KB, as blocks have 99 KB on
//     sm_86 and sm_89, and more elsewhere.
#pragma once

#include "products.cuh"

// Of a slab.
constexpr int DEPTH = 16;

extern __shared__ __align__(128) float dynamicShared[];

__device__ inline unsigned toTf32(unsigned x) {
  unsigned y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "r"(x));
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

// Loads four matrices of 8 lines by 4 k; lane 8 i + l has where line l of matrix i is. A lane gets (g, t) of each.
__device__ inline void loadMatrices(unsigned line, unsigned& a, unsigned& b, unsigned& c, unsigned& d) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(a), "=r"(b), "=r"(c), "=r"(d)
               : "r"(line)
               : "memory");
}

__device__ inline void loadOne(unsigned from, unsigned& a) {
  asm volatile("ld.shared.b32 %0, [%1];" : "=r"(a) : "r"(from) : "memory");
}

__device__ inline void loadTwo(unsigned from, unsigned& a, unsigned& b) {
  asm volatile("ld.shared.v2.b32 {%0, %1}, [%2];" : "=r"(a), "=r"(b) : "r"(from) : "memory");
}

// Slabs of an operand in shared memory, whose lines are rows of a or columns of b, in the order in which the operand lies
// in memory, but that what would meet in a bank is exchanged: no load or copy meets one twice. offset(l, k) is where line l
// at k lies, in floats. loadRows and loadColumns load what a lane holds of a and of b for 8 k: `slab` is the address of the
// warp's first line, a multiple of 32, and k 0 or 8. As slabs begin at multiples of 128 bytes, bits can be exchanged in
// addresses as well, and each load costs one instruction or two.

// Neighbours are neighbours in k: [LINES, DEPTH]. The four 16 bytes of a line are exchanged so that those of eight lines
// at the same k lie in all banks.
template <int LINES>
struct AlongSlab {
  static constexpr bool ALONG = true;
  static constexpr int FLOATS = LINES * DEPTH;
  static constexpr int LINE = DEPTH; // from a line to the next where that is a multiple of 32

  static __device__ int offset(int l, int k) {
    return l * DEPTH + (k / 4 ^ l / 2 % 4) * 4 + k % 4;
  }

  // Which line is row g + 8 h of 16.
  static __device__ int row(int g, int h) {
    return g + 8 * h;
  }

  template <int BLOCKS>
  static __device__ void loadRows(unsigned slab, int k, unsigned (&to)[BLOCKS][4]) {
    unsigned line = (slab + 4 * offset(threadIdx.x % 16, threadIdx.x % 32 / 16 * 4)) ^ 4 * k;
#pragma unroll
    for (int i = 0; i < BLOCKS; i++) {
      loadMatrices(line + 4 * 16 * i * DEPTH, to[i][0], to[i][1], to[i][2], to[i][3]);
    }
  }

  template <int BLOCKS>
  static __device__ void loadColumns(unsigned slab, int k, unsigned (&to)[BLOCKS][2]) {
    unsigned line =
        (slab + 4 * offset(threadIdx.x % 32 / 16 * 8 + threadIdx.x % 8, threadIdx.x % 16 / 8 * 4)) ^ 4 * k;
#pragma unroll
    for (int j = 0; j < BLOCKS; j += 2) {
      loadMatrices(line + 4 * 8 * j * DEPTH, to[j][0], to[j][1], to[j + 1][0], to[j + 1][1]);
    }
  }
};

// Neighbours are neighbouring lines: [DEPTH, LINES]. The eights of 32 lines are exchanged so that those of four k lie in
// all banks. Rows of a have another order, so that a lane's two of 16 are neighbours, and one load.
template <int LINES>
struct AcrossSlab {
  static constexpr bool ALONG = false;
  static constexpr int FLOATS = LINES * DEPTH;
  static constexpr int LINE = 1;

  static __device__ int offset(int l, int k) {
    return k * LINES + (l ^ k % 4 * 8);
  }

  static __device__ int row(int g, int h) {
    return 2 * g + h;
  }

  template <int BLOCKS>
  static __device__ void loadRows(unsigned slab, int k, unsigned (&to)[BLOCKS][4]) {
    unsigned first = slab + 4 * offset(row(threadIdx.x % 32 / 4, 0), threadIdx.x % 4);
#pragma unroll
    for (int i = 0; i < BLOCKS; i++) {
      unsigned at = (first ^ 4 * (i % 2 * 16)) + 4 * (i / 2 * 32 + k * LINES);
      loadTwo(at, to[i][0], to[i][1]);
      loadTwo(at + 4 * 4 * LINES, to[i][2], to[i][3]);
    }
  }

  template <int BLOCKS>
  static __device__ void loadColumns(unsigned slab, int k, unsigned (&to)[BLOCKS][2]) {
    unsigned first = slab + 4 * offset(threadIdx.x % 32 / 4, threadIdx.x % 4);
#pragma unroll
    for (int j = 0; j < BLOCKS; j++) {
      unsigned at = (first ^ 4 * (j % 4 * 8)) + 4 * (j / 4 * 32 + k * LINES);
      loadOne(at, to[j][0]);
      loadOne(at + 4 * 4 * LINES, to[j][1]);
    }
  }
};

// DOWN x ACROSS warps in each of PARTS slices of k; A and B are the operands' slabs. What moves the operands is a type
// LOADS, as in tiles.cuh, with copy(a, b) and prepare(s). The tile lies in registers, row0 and column0 are its warp's.
template <int WARP_TILE, int DOWN, int ACROSS, int PARTS, int DEEP, class A, class B>
struct Tf32Tile {
  static constexpr int SLICES = PARTS;
  static constexpr int STAGES = DEEP;
  static constexpr int SLICE = 32 * DOWN * ACROSS; // threads
  static constexpr int BLOCKS_M = WARP_TILE / 16;  // of 16 x 8, of a warp
  static constexpr int BLOCKS_N = WARP_TILE / 8;

  struct Stage {
    float a[A::FLOATS];
    float b[B::FLOATS];
  };

  union Shared {
    Stage stages[SLICES][STAGES];
    float sums[(SLICES + 1) / 2][SLICES > 1 ? BLOCKS_M * BLOCKS_N * 4 : 1][SLICE];
  };

  // What a lane holds of 8 k.
  struct Factors {
    unsigned a[BLOCKS_M][4];
    unsigned b[BLOCKS_N][2];
  };

  float c[BLOCKS_M][BLOCKS_N][4];
  int t; // thread of a slice
  int row0;
  int column0;

  __device__ Tf32Tile(int t) : t(t), row0(t / 32 / ACROSS * WARP_TILE), column0(t / 32 % ACROSS * WARP_TILE) {
#pragma unroll
    for (int i = 0; i < BLOCKS_M * BLOCKS_N * 4; i++) {
      c[i / 4 / BLOCKS_N][i / 4 % BLOCKS_N][i % 4] = 0;
    }
  }

  // How many k each slice goes through of so many.
  static __device__ int perSlice(int depth) {
    return ((depth + SLICES - 1) / SLICES + DEPTH - 1) / DEPTH * DEPTH;
  }

  // Where the tile has this thread's c[i][j][2 * h + x].
  __device__ int row(int i, int h) const {
    return row0 + 16 * i + A::row(t % 32 / 4, h);
  }
  __device__ int column(int j, int x) const {
    return column0 + 8 * j + t % 4 * 2 + x;
  }

  __device__ void load(const Stage& stage, int k, Factors& to) const {
    A::loadRows((unsigned)__cvta_generic_to_shared(stage.a + row0 * A::LINE), k, to.a);
    B::loadColumns((unsigned)__cvta_generic_to_shared(stage.b + column0 * B::LINE), k, to.b);
  }

  __device__ void multiply(Factors& f) {
#pragma unroll
    for (int i = 0; i < BLOCKS_M * 4; i++) {
      f.a[i / 4][i % 4] = toTf32(f.a[i / 4][i % 4]);
    }
#pragma unroll
    for (int j = 0; j < BLOCKS_N * 2; j++) {
      f.b[j / 2][j % 2] = toTf32(f.b[j / 2][j % 2]);
    }
#pragma unroll
    for (int i = 0; i < BLOCKS_M; i++) {
#pragma unroll
      for (int j = 0; j < BLOCKS_N; j++) {
        multiplyTf32(f.a[i], f.b[j], c[i][j]);
      }
    }
  }

  // Waits for the threads of a slice; slices have memory of their own.
  static __device__ void meet() {
    if (SLICE == 32) {
      __syncwarp();
    } else {
      __syncthreads();
    }
  }

  // c = the sum over this slice's slabs. The copies of slab s are begun STAGES - 1 slabs ahead; the factors for 8 k are
  // loaded while those before are multiplied. What is loaded behind the last slab is not used, but costs no branch.
  template <class LOADS>
  __device__ void accumulate(LOADS& loads, int slabs, Stage* mine) {
#pragma unroll 1
    for (int s = 0; s < STAGES - 1; s++) {
      if (LOADS::PREPARES) {
        loads.prepare(s);
        meet();
      }
      if (s == 0 || s < slabs) {
        loads.copy(mine[s].a, mine[s].b);
      }
      commitAsync();
    }
    if (LOADS::PREPARES) {
      loads.prepare(STAGES - 1);
    }
    awaitAsync<STAGES - 2>();
    meet();
    Factors even;
    Factors odd;
    load(mine[0], 0, even);
    int now = 0;
    int next = STAGES - 1;
#pragma unroll 1
    for (int s = 0; s < slabs; s++) {
      if (s + STAGES - 1 < slabs) {
        loads.copy(mine[next].a, mine[next].b);
      }
      commitAsync();
      load(mine[now], 8, odd);
      multiply(even);
      next = now;
      now = now + 1 == STAGES ? 0 : now + 1;
      if (LOADS::PREPARES) {
        loads.prepare(s + STAGES);
      }
      awaitAsync<STAGES - 2>(); // this thread's part of slab s + 1 is there,
      meet();                   // all threads' is, and slab s has been read by all
      load(mine[s + 1 < slabs ? now : next], 0, even);
      multiply(odd);
    }
  }

  // c of slice 0 = the slices' sums by a tree, (s0 + s1) + (s2 + s3).
  __device__ void addSlices(Shared& shared, int slice) {
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
