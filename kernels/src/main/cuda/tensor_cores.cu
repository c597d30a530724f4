// only: sm_80
// Matrix products on tensor cores: operands rounded to TF32 (10 bits of mantissa), products and sums in float32. What
// matmul_32, matmul_64 and matmul_128 are for float32, these are for TF32: the same tiles, slices and splits; so again the
// order of an element's terms follows from m, n, k and the transpositions alone.
#include "tensor_tiles.cuh"

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

template <int WARP_TILE, int ACROSS, int SLICES, int DEPTH, int STAGES, bool TRANS_A, bool TRANS_B>
struct MatrixTile {
  static constexpr int TILE = WARP_TILE * ACROSS;
  static constexpr int SLICE = 32 * ACROSS * ACROSS;
  typedef Tf32Slabs<TILE, DEPTH, SLICE, !TRANS_A> A;
  typedef Tf32Slabs<TILE, DEPTH, SLICE, TRANS_B> B;
  typedef Tf32Tile<WARP_TILE, ACROSS, SLICES, DEPTH, STAGES, A, B> T;
  typedef typename T::Shared Shared;

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
    int perSlice = T::perSlice(kEnd - kBegin);
    int slice = threadIdx.x / SLICE;
    int t = threadIdx.x % SLICE;
    kBegin += slice * perSlice;
    kEnd = min(kEnd, kBegin + perSlice);

    Loads<A, B> loads = {
        A(p.a + e * p.aStep, p.m, i0, p.k, kBegin, kEnd, t), B(p.b + e * p.bStep, p.n, j0, p.k, kBegin, kEnd, t)};
    float c[T::BLOCKS_M][T::BLOCKS_N][4];
    T::accumulate(loads, perSlice / DEPTH, shared.stages[slice], t, c);
    T::addSlices(shared, slice, t, c);

    // Bias, activation, and out.
    if (slice == 0) {
      float* out = p.c + ((long long)e * p.splits + split) * p.m * p.n;
      const float* bias = p.bias == nullptr ? nullptr : p.bias + (long long)e * p.n;
      bool twos = p.n % 2 == 0 && ((unsigned long long)out & 7) == 0;
#pragma unroll
      for (int jj = 0; jj < T::BLOCKS_N; jj++) {
        int j = j0 + T::column(t) + 8 * jj + 2 * (t % 4);
        float add0 = bias == nullptr || j >= p.n ? 0 : bias[j];
        float add1 = bias == nullptr || j + 1 >= p.n ? 0 : bias[j + 1];
#pragma unroll
        for (int ii = 0; ii < T::BLOCKS_M * 2; ii++) {
          int i = i0 + T::row(t) + 8 * ii + t % 32 / 4;
          if (i < p.m && j < p.n) {
            float* to = out + (long long)i * p.n + j;
            float z0 = activate(p, c[ii / 2][jj][ii % 2 * 2] + add0);
            float z1 = activate(p, c[ii / 2][jj][ii % 2 * 2 + 1] + add1);
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
};

// ---------------------------------------------------------------- entries

// By transposition of a and b: n for none. A slab is as deep as static shared memory of 48 KB lets it be.

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_32_nn(Product p) {
  typedef MatrixTile<32, 1, 4, 16, 2, false, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_32_tn(Product p) {
  typedef MatrixTile<32, 1, 4, 16, 2, true, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_32_nt(Product p) {
  typedef MatrixTile<32, 1, 4, 16, 2, false, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_32_tt(Product p) {
  typedef MatrixTile<32, 1, 4, 16, 2, true, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_nn(Product p) {
  typedef MatrixTile<64, 1, 4, 8, 2, false, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_tn(Product p) {
  typedef MatrixTile<64, 1, 4, 8, 2, true, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_nt(Product p) {
  typedef MatrixTile<64, 1, 4, 8, 2, false, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_64_tt(Product p) {
  typedef MatrixTile<64, 1, 4, 8, 2, true, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_nn(Product p) {
  typedef MatrixTile<64, 2, 1, 16, 2, false, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_tn(Product p) {
  typedef MatrixTile<64, 2, 1, 16, 2, true, false> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_nt(Product p) {
  typedef MatrixTile<64, 2, 1, 16, 2, false, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) matmul_tf32_128_tt(Product p) {
  typedef MatrixTile<64, 2, 1, 16, 2, true, true> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}
