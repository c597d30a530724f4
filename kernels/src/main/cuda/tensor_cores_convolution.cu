// only: sm_80
// Convolutions and their gradients on tensor cores: what conv_32, conv_64 and conv_128 of convolution.cu are for float32,
// these are for TF32, in the tiles of tensor_cores.cu. So again the order of an element's terms follows from one member's
// shape alone.
#include "tensor_tiles.cuh"
#include "convolution.cuh"

// The tile of a block: of c's TILE x TILE, by ACROSS x ACROSS warps in each slice.
template <int WARP_TILE, int ACROSS, int SLICES, int STAGES>
__device__ void convolve(const ImplicitProduct& p) {
  constexpr int TILE = WARP_TILE * ACROSS;
  typedef AlongSlab<TILE> A;
  typedef AcrossSlab<TILE> B;
  typedef Tf32Tile<WARP_TILE, ACROSS, ACROSS, SLICES, STAGES, A, B> Tile;
  typedef ImplicitSlabs<TILE, DEPTH, Tile::SLICE, A, B> Loads;
  typename Tile::Shared& shared = *(typename Tile::Shared*)dynamicShared;
  __shared__ typename Loads::Table tables[SLICES];
  __shared__ Part part;
  if (threadIdx.x == 0) {
    part.set(p, TILE, TILE);
  }
  __syncthreads();
  if (part.j0 >= part.n) {
    return; // the whole block: another phase has more columns
  }

  // Which k: the split's, then the slice's; all slices go through equally many slabs.
  int kBegin = part.split * p.perSplit;
  int kEnd = min(part.k, kBegin + p.perSplit);
  int perSlice = Tile::perSlice(kEnd - kBegin);
  int slice = threadIdx.x / Tile::SLICE;
  int t = threadIdx.x % Tile::SLICE;
  kBegin += slice * perSlice;
  kEnd = min(kEnd, kBegin + perSlice);

  Loads loads(p, part, tables[slice], kBegin, kEnd, t);
  Tile tile(t);
  tile.accumulate(loads, perSlice / DEPTH, shared.stages[slice]);
  tile.addSlices(shared, slice);

  // Bias, and out.
  if (slice == 0) {
    int i0 = part.i0 + tile.row(0, 0);
    int j0 = part.j0 + tile.column(0, 0);
    float add[Tile::BLOCKS_M * 2];
#pragma unroll
    for (int ii = 0; ii < Tile::BLOCKS_M * 2; ii++) {
      add[ii] = i0 + 8 * ii < p.m ? part.bias(p, i0 + 8 * ii) : 0;
    }
#pragma unroll
    for (int jj = 0; jj < Tile::BLOCKS_N * 2; jj++) {
      int j = j0 + jj / 2 * 8 + jj % 2;
      bool first = jj % 2 == 0;
      if (j < part.n && (first || !p.fours)) {
        float* to = part.c(p, j);
#pragma unroll
        for (int ii = 0; ii < Tile::BLOCKS_M * 2; ii++) {
          if (i0 + 8 * ii < p.m) {
            float* at = to + (i0 + 8 * ii) * p.cRow;
            const float(&four)[4] = tile.c[ii / 2][jj / 2];
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

// Dynamic shared memory as in tensor_cores.cu.

extern "C" __global__ void __launch_bounds__(128, 4) conv_tf32_32(ImplicitProduct p) {
  convolve<32, 1, 4, 3>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2) conv_tf32_64(ImplicitProduct p) {
  convolve<64, 1, 4, 3>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2) conv_tf32_128(ImplicitProduct p) {
  convolve<64, 2, 1, 3>(p);
}
