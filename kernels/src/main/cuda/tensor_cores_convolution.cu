// only: sm_80
// Convolutions and their gradients on tensor cores: what conv_32, conv_64 and conv_128 of convolution.cu are for float32,
// these are for TF32, in the tiles of tensor_cores.cu. So again the order of an element's terms follows from one member's
// shape alone.
#include "tensor_tiles.cuh"
#include "convolution.cuh"

// Out, where a thread's neighbours in j are neighbours in c.
template <class T>
__device__ void storePairs(const ImplicitProduct& p, const Part& part, const T& tile) {
  int i0 = part.i0 + tile.row(0, 0);
  int j0 = part.j0 + tile.column(0, 0);
  float add[T::BLOCKS_M * 2];
#pragma unroll
  for (int ii = 0; ii < T::BLOCKS_M * 2; ii++) {
    add[ii] = i0 + 8 * ii < p.m ? part.bias(p, i0 + 8 * ii) : 0;
  }
#pragma unroll
  for (int jj = 0; jj < T::BLOCKS_N; jj++) {
    int j = j0 + 8 * jj;
    if (j < part.n) {
      float* to = part.c(p, j);
#pragma unroll
      for (int ii = 0; ii < T::BLOCKS_M * 2; ii++) {
        if (i0 + 8 * ii < p.m) {
          const float(&four)[4] = tile.c[ii / 2][jj];
          *(float2*)(to + (i0 + 8 * ii) * p.cRow) =
              make_float2(four[ii % 2 * 2] + add[ii], four[ii % 2 * 2 + 1] + add[ii]);
        }
      }
    }
  }
}

// Out by way of shared memory, 16 rows of each warp at a time, so that a warp stores neighbours in j: as storeOnes of
// convolution.cu does.
template <class T, int TILE>
__device__ void storeOnes(const ImplicitProduct& p, const Part& part, float* rows, int slice, const T& tile) {
  constexpr int ROW = TILE + 8; // so that four of mma.sync's rows lie in all banks
  constexpr int ROWS = TILE / T::BLOCKS_M;
  static_assert(ROWS * ROW * sizeof(float) <= sizeof(typename T::Shared), "rows take the place of the operands");
  int mine = threadIdx.x % TILE;
  int j = part.j0 + mine;
  float* to = j < part.n ? part.c(p, j) : nullptr;
#pragma unroll
  for (int ii = 0; ii < T::BLOCKS_M; ii++) {
    __syncthreads();
    if (slice == 0) {
#pragma unroll
      for (int jj = 0; jj < T::BLOCKS_N * 2; jj++) {
        int row = tile.row0 / T::BLOCKS_M + tile.row(0, jj % 2) - tile.row0;
        *(float2*)&rows[row * ROW + tile.column(jj / 2, 0)] =
            make_float2(tile.c[ii][jj / 2][jj % 2 * 2], tile.c[ii][jj / 2][jj % 2 * 2 + 1]);
      }
    }
    __syncthreads();
#pragma unroll
    for (int first = 0; first < ROWS; first += T::SLICES * T::SLICE / TILE) {
      int r = first + threadIdx.x / TILE;
      int i = part.i0 + r / 16 * 16 * T::BLOCKS_M + 16 * ii + r % 16;
      if (j < part.n && i < p.m) {
        to[i * p.cRow] = rows[r * ROW + mine] + part.bias(p, i);
      }
    }
  }
}

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
  if (!p.fours) {
    storeOnes<Tile, TILE>(p, part, (float*)&shared, slice, tile);
  } else if (slice == 0) {
    storePairs(p, part, tile);
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
