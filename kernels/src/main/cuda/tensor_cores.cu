// only: sm_80
// Matrix products on tensor cores: operands rounded to TF32 (10 bits of mantissa), products and sums in float32. What
// matmul_32, matmul_64 and matmul_128 are for float32, these are for TF32: the same tiles, slices and splits; so again the
// order of an element's terms follows from m, n, k and the transpositions alone.
//
// A warp has a WARP_TILE x WARP_TILE part of c as blocks of 16 x 8, each of which one mma.sync takes 8 k further.
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

// What one slice of a block moves of an operand, as Slabs in products.cu, but in copies of 16 bytes and in the order in
// which the operand lies in memory: [LINES, DEPTH] where ALONG, neighbours in memory being neighbours in k, and else
// [DEPTH, LINES]. Rows are padded so that the 8 x 4 lanes of a warp read 32 banks.
template <int LINES, int DEPTH, int THREADS, bool ALONG>
struct Tf32Slabs {
  static constexpr int ROW = ALONG ? DEPTH + 4 : LINES + 8;
  static constexpr int FLOATS = (ALONG ? LINES : DEPTH) * ROW;
  static constexpr int PER_ROW = (ALONG ? DEPTH : LINES) / 4; // copies
  static constexpr int PER = LINES * DEPTH / 4 / THREADS;     // copies of a thread
  static_assert(THREADS % PER_ROW == 0, "a thread's copies have one place in their rows");

  const float* next; // what this thread copies first of the next slab
  long long per;     // from one of its copies to the next
  long long perSlab;
  int line;          // of its first copy, counted from the operand's last line backwards: there if below 0
  int k;             // likewise
  int place;         // in the slab
  bool fours;        // whether all copies are at multiples of 16 bytes

  __device__ Tf32Slabs(const float* operand, int lines, int line0, int depth, int kBegin, int kEnd, int t) {
    int row = t / PER_ROW;
    int at = t % PER_ROW * 4;
    int pitch = ALONG ? depth : lines;
    line = line0 + (ALONG ? row : at) - lines;
    k = kBegin + (ALONG ? at : row) - kEnd;
    next = operand + (long long)(ALONG ? line + lines : k + kEnd) * pitch + (ALONG ? k + kEnd : line + lines);
    per = (long long)THREADS / PER_ROW * pitch;
    perSlab = ALONG ? DEPTH : (long long)DEPTH * pitch;
    place = row * ROW + at;
    fours = ((unsigned long long)operand & 15) == 0 && pitch % 4 == 0;
  }

  // Starts to copy the next slab to shared memory; what is not there becomes 0.
  __device__ void copy(float* slab) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      int apart = i * (THREADS / PER_ROW);
      int rowsLeft = -(ALONG ? line : k) - apart;
      int count = rowsLeft > 0 ? min(4, max(0, -(ALONG ? k : line))) : 0;
      float* to = slab + place + apart * ROW;
      const float* from = next + i * per;
      if (fours) {
        copyAsync16(to, from, count);
      } else {
#pragma unroll
        for (int x = 0; x < 4; x++) {
          copyAsync(to + x, from + x, x < count);
        }
      }
    }
    next += perSlab;
    k += DEPTH;
  }

  // Where line l at k lies in a slab.
  static __device__ int offset(int l, int k) {
    return ALONG ? l * ROW + k : k * ROW + l;
  }
};

// ACROSS x ACROSS warps in each of SLICES slices.
template <int WARP_TILE, int ACROSS, int SLICES, int DEPTH, int STAGES, bool TRANS_A, bool TRANS_B>
struct Tf32Tile {
  static constexpr int TILE = WARP_TILE * ACROSS;
  static constexpr int SLICE = 32 * ACROSS * ACROSS; // threads
  static constexpr int BLOCKS_M = WARP_TILE / 16;    // of 16 x 8, of a warp
  static constexpr int BLOCKS_N = WARP_TILE / 8;
  typedef Tf32Slabs<TILE, DEPTH, SLICE, !TRANS_A> A;
  typedef Tf32Slabs<TILE, DEPTH, SLICE, TRANS_B> B;

  union Shared {
    struct Stage {
      float a[A::FLOATS];
      float b[B::FLOATS];
    } stages[SLICES][STAGES];
    float sums[(SLICES + 1) / 2][SLICES > 1 ? BLOCKS_M * BLOCKS_N * 4 : 1][SLICE];
  };

  static __device__ void run(const Product& p, Shared& shared) {
    // Which part of which member's c.
    int tilesN = (p.n - 1) / TILE + 1;
    int tilesM = (p.m - 1) / TILE + 1;
    unsigned block = blockIdx.x;
    int j0 = block % tilesN * TILE;
    block /= tilesN;
    int i0 = block % tilesM * TILE;
    block /= tilesM; // e * splits + split
    int split = block % p.splits;
    int e = block / p.splits;

    // Which k: the split's, then the slice's; all slices go through equally many slabs.
    int kBegin = split * p.perSplit;
    int kEnd = min(p.k, kBegin + p.perSplit);
    int perSlice = ((kEnd - kBegin + SLICES - 1) / SLICES + SLICE_UNIT - 1) / SLICE_UNIT * SLICE_UNIT;
    int slabs = perSlice / DEPTH;
    int slice = threadIdx.x / SLICE;
    int t = threadIdx.x % SLICE;
    kBegin += slice * perSlice;
    kEnd = min(kEnd, kBegin + perSlice);

    A a(p.a + e * p.aStep, p.m, i0, p.k, kBegin, kEnd, t);
    B b(p.b + e * p.bStep, p.n, j0, p.k, kBegin, kEnd, t);
    int g = t % 32 / 4;
    int inGroup = t % 4;
    int row = t / 32 / ACROSS * WARP_TILE; // of the warp in the tile
    int column = t / 32 % ACROSS * WARP_TILE;
    float c[BLOCKS_M][BLOCKS_N][4];
#pragma unroll
    for (int i = 0; i < BLOCKS_M * BLOCKS_N * 4; i++) {
      c[i / 4 / BLOCKS_N][i / 4 % BLOCKS_N][i % 4] = 0;
    }

    // Stage 1: slab by slab; the copies of slab s are begun STAGES - 1 steps ahead.
    typename Shared::Stage* mine = shared.stages[slice];
    for (int s = 1 - STAGES; s < slabs; s++) {
      if (s >= 0) {
        awaitAsync<STAGES - 2>(); // this thread's part of slab s is there,
        __syncthreads();          // all threads' is, and slab s - 1 has been used by all
      }
      int ahead = s + STAGES - 1;
      if (ahead < slabs) {
        a.copy(mine[ahead % STAGES].a);
        b.copy(mine[ahead % STAGES].b);
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

    // Stage 2: the slices' sums by a tree, (s0 + s1) + (s2 + s3).
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

    // Stage 3: bias, and out.
    if (slice == 0) {
      float* out = p.c + ((long long)e * p.splits + split) * p.m * p.n;
      const float* bias = p.bias == nullptr ? nullptr : p.bias + (long long)e * p.n;
#pragma unroll
      for (int jj = 0; jj < BLOCKS_N; jj++) {
#pragma unroll
        for (int x = 0; x < 2; x++) {
          int j = j0 + column + 8 * jj + 2 * inGroup + x;
          float add = bias == nullptr || j >= p.n ? 0 : bias[j];
#pragma unroll
          for (int ii = 0; ii < BLOCKS_M * 2; ii++) {
            int i = i0 + row + 8 * ii + g;
            if (i < p.m && j < p.n) {
              out[(long long)i * p.n + j] = c[ii / 2][jj][ii % 2 * 2 + x] + add;
            }
          }
        }
      }
    }
  }
};

// ---------------------------------------------------------------- entries

// By transposition of a and b: n for none. A slab is as deep as static shared memory of 48 KB lets it be.

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_32_nn(Product p) {
  typedef Tf32Tile<32, 1, 4, 16, 2, false, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_32_tn(Product p) {
  typedef Tf32Tile<32, 1, 4, 16, 2, true, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_32_nt(Product p) {
  typedef Tf32Tile<32, 1, 4, 16, 2, false, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_32_tt(Product p) {
  typedef Tf32Tile<32, 1, 4, 16, 2, true, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_nn(Product p) {
  typedef Tf32Tile<64, 1, 4, 8, 2, false, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_tn(Product p) {
  typedef Tf32Tile<64, 1, 4, 8, 2, true, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_nt(Product p) {
  typedef Tf32Tile<64, 1, 4, 8, 2, false, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_tt(Product p) {
  typedef Tf32Tile<64, 1, 4, 8, 2, true, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_nn(Product p) {
  typedef Tf32Tile<64, 2, 1, 16, 2, false, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_tn(Product p) {
  typedef Tf32Tile<64, 2, 1, 16, 2, true, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_nt(Product p) {
  typedef Tf32Tile<64, 2, 1, 16, 2, false, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_tt(Product p) {
  typedef Tf32Tile<64, 2, 1, 16, 2, true, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}
