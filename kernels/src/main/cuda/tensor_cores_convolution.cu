// only: sm_80
// Convolutions and their gradients on tensor cores: what conv_32, conv_64 and conv_128 of convolution.cu are for float32,
// these are for TF32, in the tiles of tensor_cores.cu. So again the order of an element's terms follows from one member's
// shape alone.
#include "tensor_tiles.cuh"
#include "convolution.cuh"

// Slabs of a are [TILE, DEPTH], of b [DEPTH, TILE]. Rows are padded so that the 8 x 4 lanes of a warp read 32 banks.
template <int WARP_TILE, int ACROSS, int SLICES, int DEPTH, int STAGES>
struct ImageTile {
  static constexpr int TILE = WARP_TILE * ACROSS;
  static constexpr int A_ROW = DEPTH + 4;
  static constexpr int B_ROW = TILE + 8;

  struct A {
    static constexpr int FLOATS = TILE * A_ROW;
    static __device__ int offset(int l, int k) {
      return l * A_ROW + k;
    }
  };

  struct B {
    static constexpr int FLOATS = DEPTH * B_ROW;
    static __device__ int offset(int l, int k) {
      return k * B_ROW + l;
    }
  };

  typedef Tf32Tile<WARP_TILE, ACROSS, SLICES, DEPTH, STAGES, A, B> T;
  typedef ImplicitSlabs<TILE, DEPTH, T::SLICE, A_ROW, 1, 1, B_ROW> Loads;

  struct Shared {
    typename T::Shared tile;
    typename Loads::Table tables[SLICES];
    Part part;
  };

  static __device__ void run(const ImplicitProduct& p, Shared& shared) {
    const Part& part = shared.part;
    if (threadIdx.x == 0) {
      shared.part.set(p, TILE, TILE);
    }
    __syncthreads();
    if (part.j0 >= part.n) {
      return; // the whole block: another phase has more columns
    }

    // Which k: the split's, then the slice's; all slices go through equally many slabs.
    int kBegin = part.split * p.perSplit;
    int kEnd = min(part.k, kBegin + p.perSplit);
    int perSlice = T::perSlice(kEnd - kBegin);
    int slice = threadIdx.x / T::SLICE;
    int t = threadIdx.x % T::SLICE;
    kBegin += slice * perSlice;
    kEnd = min(kEnd, kBegin + perSlice);

    Loads loads(p, part, shared.tables[slice], kBegin, kEnd, t);
    float c[T::BLOCKS_M][T::BLOCKS_N][4];
    T::accumulate(loads, perSlice / DEPTH, shared.tile.stages[slice], t, c);
    T::addSlices(shared.tile, slice, t, c);

    // Bias, and out.
    if (slice == 0) {
      int i0 = part.i0 + T::row(t) + t % 32 / 4;
      int j0 = part.j0 + T::column(t) + 2 * (t % 4);
      float add[T::BLOCKS_M * 2];
#pragma unroll
      for (int ii = 0; ii < T::BLOCKS_M * 2; ii++) {
        add[ii] = i0 + 8 * ii < p.m ? part.bias(p, i0 + 8 * ii) : 0;
      }
#pragma unroll
      for (int jj = 0; jj < T::BLOCKS_N * 2; jj++) {
        int j = j0 + jj / 2 * 8 + jj % 2;
        bool first = jj % 2 == 0;
        if (j < part.n && (first || !p.fours)) {
          float* to = part.c(p, j);
#pragma unroll
          for (int ii = 0; ii < T::BLOCKS_M * 2; ii++) {
            if (i0 + 8 * ii < p.m) {
              float* at = to + (i0 + 8 * ii) * p.cRow;
              const float(&four)[4] = c[ii / 2][jj / 2];
              if (first && p.fours) {
                *(float2*)at = make_float2(four[ii % 2 * 2] + add[ii], four[ii % 2 * 2 + 1] + add[ii]);
              } else {
                *at = four[ii % 2 * 2 + jj % 2] + add[ii];
              }
            }
          }
        }
      }
    }
  }
};

extern "C" __global__ void __launch_bounds__(128, 2) conv_tf32_32(ImplicitProduct p) {
  typedef ImageTile<32, 1, 4, 16, 2> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) conv_tf32_64(ImplicitProduct p) {
  typedef ImageTile<64, 1, 4, 8, 2> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}

extern "C" __global__ void __launch_bounds__(128, 2) conv_tf32_128(ImplicitProduct p) {
  typedef ImageTile<64, 2, 1, 16, 2> Tile;
  __shared__ alignas(16) Tile::Shared shared;
  Tile::run(p, shared);
}
