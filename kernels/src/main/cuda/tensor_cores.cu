// only: sm_80
// Matrix products on tensor cores: operands rounded to TF32 (10 bits of mantissa), products and sums in float32. What
// matmul_32, matmul_64 and matmul_128 are for float32, these are for TF32: the same tiles, slices and splits; so again the
// order of an element's terms follows from m, n, k and the transpositions alone. Two more have the order of matmul_tf32_128:
// matmul_tf32_128x256 needs fewer bytes for each multiplication, where there are blocks enough, and matmul_tf32_64x128 makes
// twice the blocks where there are too few.
//
// A block's dynamic shared memory is a Shared of its tile; KernelFiles.java says how much that is.
#include "tensor_tiles.cuh"

// What one slice of a block moves of an operand to slabs of a kind: copies of 16 bytes, each along a row of the slab.
template <class SLAB, int LINES, int THREADS>
struct Copies {
  static constexpr bool ALONG = SLAB::ALONG;
  static constexpr int PER_ROW = (ALONG ? DEPTH : LINES) / 4;
  static constexpr int PER = LINES * DEPTH / 4 / THREADS; // of a thread
  static constexpr int APART = THREADS / PER_ROW;         // rows
  static_assert(THREADS % PER_ROW == 0, "a thread's copies have one place in their rows");
  static_assert(APART % (ALONG ? 8 : 4) == 0 || !ALONG && APART == 2, "rows with the same exchanges");

  const float* next; // what this thread copies first of the next slab
  long long per;     // from one of its copies to the next
  long long perSlab;
  int line;          // of its first copy, counted from the operand's last line backwards: there if below 0
  int k;             // likewise
  int place;         // in the slab
  bool fours;        // whether all copies are at multiples of 16 bytes

  __device__ Copies(const float* operand, int lines, int line0, int depth, int kBegin, int kEnd, int t) {
    int row = t / PER_ROW;
    int at = t % PER_ROW * 4;
    int pitch = ALONG ? depth : lines;
    line = line0 + (ALONG ? row : at) - lines;
    k = kBegin + (ALONG ? at : row) - kEnd;
    next = operand + (long long)(ALONG ? line + lines : k + kEnd) * pitch + (ALONG ? k + kEnd : line + lines);
    per = (long long)APART * pitch;
    perSlab = ALONG ? DEPTH : (long long)DEPTH * pitch;
    place = ALONG ? SLAB::offset(row, at) : SLAB::offset(at, row);
    asm("" : "+r"(place)); // or it would be computed anew for each slab
    fours = ((unsigned long long)operand & 15) == 0 && pitch % 4 == 0;
  }

  // Where copy i goes: two rows further other lines are exchanged, four rows further the same,
  __device__ float* to(float* slab, int i) const {
    return slab + (place ^ (APART == 2 ? i % 2 * 16 : 0)) + i * APART * (ALONG ? DEPTH : LINES);
  }
  // and whether its float of number x is there: if the first is, all four are, where `fours`.
  __device__ bool there(int i, int x) const {
    return (ALONG ? line : k) + i * APART < 0 && (ALONG ? k : line) + x < 0;
  }

  // Starts to copy the next slab; what is not there becomes 0.
  __device__ void copy(float* slab) {
    if (fours) {
#pragma unroll
      for (int i = 0; i < PER; i++) {
        if (there(i, 0)) {
          copyAsync16(to(slab, i), next + i * per);
        }
      }
#pragma unroll
      for (int i = 0; i < PER; i++) { // apart from the copies, which follow each other faster so
        if (!there(i, 0)) {
          *(float4*)to(slab, i) = make_float4(0, 0, 0, 0);
        }
      }
    } else {
#pragma unroll 1
      for (int i = 0; i < PER; i++) {
#pragma unroll
        for (int x = 0; x < 4; x++) {
          copyAsync(to(slab, i) + x, next + i * per + x, there(i, x));
        }
      }
    }
    next += perSlab;
    k += DEPTH;
  }
};

// What moves a tile's operands.
template <class A, class B>
struct Loads {
  static constexpr bool PREPARES = false;

  A a;
  B b;

  __device__ void prepare(int) {}
  __device__ void copy(float* aSlab, float* bSlab) {
    a.copy(aSlab);
    b.copy(bSlab);
  }
};

template <bool ALONG, int LINES>
struct Slab : AlongSlab<LINES> {};
template <int LINES>
struct Slab<false, LINES> : AcrossSlab<LINES> {};

// Which tile of c a block has. Blocks that run at the same time should share lines, so that L2 has them: they go through
// bands of eight rows of tiles, column by column.
struct Place {
  static constexpr int BAND = 8;

  int i; // tiles down
  int j;

  __device__ Place(int block, int tilesM, int tilesN) {
    int band = block / (BAND * tilesN);
    int rows = min(BAND, tilesM - band * BAND);
    block -= band * BAND * tilesN;
    i = band * BAND + block % rows;
    j = block / rows;
  }
};

template <int WARP_TILE, int DOWN, int ACROSS, int SLICES, int STAGES, bool TRANS_A, bool TRANS_B>
__device__ void multiply(const Product& p) {
  constexpr int TILE_M = WARP_TILE * DOWN;
  constexpr int TILE_N = WARP_TILE * ACROSS;
  typedef Slab<!TRANS_A, TILE_M> A;
  typedef Slab<TRANS_B, TILE_N> B;
  typedef Tf32Tile<WARP_TILE, DOWN, ACROSS, SLICES, STAGES, A, B> Tile;
  typename Tile::Shared& shared = *(typename Tile::Shared*)dynamicShared;

  // Which part of which member's c.
  int tilesN = (p.n - 1) / TILE_N + 1;
  int tilesM = (p.m - 1) / TILE_M + 1;
  int tiles = tilesM * tilesN;
  Place place(blockIdx.x % tiles, tilesM, tilesN);
  int i0 = place.i * TILE_M;
  int j0 = place.j * TILE_N;
  int part = blockIdx.x / tiles; // e * splits + split
  int split = part % p.splits;
  int e = part / p.splits;

  // Which k: the split's, then the slice's; all slices go through equally many slabs.
  int kBegin = split * p.perSplit;
  int kEnd = min(p.k, kBegin + p.perSplit);
  int perSlice = Tile::perSlice(kEnd - kBegin);
  int slice = threadIdx.x / Tile::SLICE;
  int t = threadIdx.x % Tile::SLICE;
  kBegin += slice * perSlice;
  kEnd = min(kEnd, kBegin + perSlice);

  typedef Copies<A, TILE_M, Tile::SLICE> CopiesA;
  typedef Copies<B, TILE_N, Tile::SLICE> CopiesB;
  Loads<CopiesA, CopiesB> loads = {
      CopiesA(p.a + e * p.aStep, p.m, i0, p.k, kBegin, kEnd, t),
      CopiesB(p.b + e * p.bStep, p.n, j0, p.k, kBegin, kEnd, t)};
  Tile tile(t);
  tile.accumulate(loads, perSlice / DEPTH, shared.stages[slice]);
  tile.addSlices(shared, slice);

  // Bias, activation, and out.
  if (slice == 0) {
    float* out = p.c + (long long)part * p.m * p.n;
    const float* bias = p.bias == nullptr ? nullptr : p.bias + (long long)e * p.n;
    bool twos = p.n % 2 == 0 && ((unsigned long long)out & 7) == 0;
    float add[Tile::BLOCKS_N * 2];
#pragma unroll
    for (int jj = 0; jj < Tile::BLOCKS_N * 2; jj++) {
      int j = j0 + tile.column(jj / 2, jj % 2);
      add[jj] = bias == nullptr || j >= p.n ? 0 : bias[j];
      asm volatile("" : "+f"(add[jj])); // or what follows would be compiled twice, with a bias and without
    }
#pragma unroll
    for (int jj = 0; jj < Tile::BLOCKS_N; jj++) {
      int j = j0 + tile.column(jj, 0);
#pragma unroll
      for (int ii = 0; ii < Tile::BLOCKS_M * 2; ii++) {
        int i = i0 + tile.row(ii / 2, ii % 2);
        if (i < p.m && j < p.n) {
          float* to = out + (long long)i * p.n + j;
          float z0 = activate(p, tile.c[ii / 2][jj][ii % 2 * 2] + add[2 * jj]);
          float z1 = activate(p, tile.c[ii / 2][jj][ii % 2 * 2 + 1] + add[2 * jj + 1]);
          if (twos) {
            *(float2*)to = make_float2(z0, z1);
          } else {
            to[0] = z0;
            if (j + 1 < p.n) {
              to[1] = z1;
            }
          }
        }
      }
    }
  }
}

// ---------------------------------------------------------------- entries

// By transposition of a and b: n for none.

extern "C" __global__ void __launch_bounds__(128, 4) matmul_tf32_32_nn(Product p) {
  multiply<32, 1, 1, 4, 3, false, false>(p);
}

extern "C" __global__ void __launch_bounds__(128, 4) matmul_tf32_32_tn(Product p) {
  multiply<32, 1, 1, 4, 3, true, false>(p);
}

extern "C" __global__ void __launch_bounds__(128, 4) matmul_tf32_32_nt(Product p) {
  multiply<32, 1, 1, 4, 3, false, true>(p);
}

extern "C" __global__ void __launch_bounds__(128, 4) matmul_tf32_32_tt(Product p) {
  multiply<32, 1, 1, 4, 3, true, true>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_nn(Product p) {
  multiply<64, 1, 1, 4, 3, false, false>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_tn(Product p) {
  multiply<64, 1, 1, 4, 3, true, false>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_nt(Product p) {
  multiply<64, 1, 1, 4, 3, false, true>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_tt(Product p) {
  multiply<64, 1, 1, 4, 3, true, true>(p);
}

extern "C" __global__ void __launch_bounds__(256, 2) matmul_tf32_64x128_nn(Product p) {
  multiply<32, 2, 4, 1, 4, false, false>(p);
}

extern "C" __global__ void __launch_bounds__(256, 2) matmul_tf32_64x128_tn(Product p) {
  multiply<32, 2, 4, 1, 4, true, false>(p);
}

extern "C" __global__ void __launch_bounds__(256, 2) matmul_tf32_64x128_nt(Product p) {
  multiply<32, 2, 4, 1, 4, false, true>(p);
}

extern "C" __global__ void __launch_bounds__(256, 2) matmul_tf32_64x128_tt(Product p) {
  multiply<32, 2, 4, 1, 4, true, true>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_nn(Product p) {
  multiply<64, 2, 2, 1, 3, false, false>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_tn(Product p) {
  multiply<64, 2, 2, 1, 3, true, false>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_nt(Product p) {
  multiply<64, 2, 2, 1, 3, false, true>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_tt(Product p) {
  multiply<64, 2, 2, 1, 3, true, true>(p);
}

extern "C" __global__ void __launch_bounds__(256, 1) matmul_tf32_128x256_nn(Product p) {
  multiply<64, 2, 4, 1, 4, false, false>(p);
}

extern "C" __global__ void __launch_bounds__(256, 1) matmul_tf32_128x256_tn(Product p) {
  multiply<64, 2, 4, 1, 4, true, false>(p);
}

extern "C" __global__ void __launch_bounds__(256, 1) matmul_tf32_128x256_nt(Product p) {
  multiply<64, 2, 4, 1, 4, false, true>(p);
}

extern "C" __global__ void __launch_bounds__(256, 1) matmul_tf32_128x256_tt(Product p) {
  multiply<64, 2, 4, 1, 4, true, true>(p);
}
