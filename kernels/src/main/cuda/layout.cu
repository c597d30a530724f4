// The same elements in other places. Elements are 32 bits of whatever type.
#include "parts.cuh"
#include "walk.cuh"

// y[i] = x[..] with y contiguous: any permutation of axes, four neighbours at once where they stay neighbours.
extern "C" __global__ void permute(const unsigned* x, unsigned* y, Walk<1> walk) {
  Group group(walk.n, walk.vector);
  Four<unsigned> four[1];
  load(walk, group, {x}, four);
  group.store(four[0], y);
}

// A permutation that moves x's innermost axis: y [.., across, .., inner] from x [.., inner, .., across]. As permute
// does it, the reads of a warp lie `xStride` apart, and each brings a whole sector for 4 bytes of it. Here a block of
// SIDE x ROWS threads takes a tile of SIDE x SIDE through shared memory, so that warps read and write neighbours.
//
// innerSize, acrossSize: the sizes of the two axes
// xStride: distance in x of neighbours along `inner`; along `across` it is 1
// yStride: distance in y of neighbours along `across`; along `inner` it is 1
// others: the other axes, input 0 being x, input 1 y
template <int SIDE, int ROWS>
__device__ inline void transpose(
    const unsigned* x, unsigned* y, int innerSize, int acrossSize, int xStride, int yStride, const Walk<2>& others) {
  constexpr int EACH = SIDE / ROWS;          // elements of a thread
  __shared__ unsigned tile[SIDE][SIDE + 1];  // [inner, across]; one more, so that columns lie in different banks
  unsigned innerTiles = (innerSize + SIDE - 1) / SIDE;
  unsigned acrossTiles = (acrossSize + SIDE - 1) / SIDE;
  unsigned inner = blockIdx.x % innerTiles * SIDE;
  unsigned rest = blockIdx.x / innerTiles;
  unsigned across = rest % acrossTiles * SIDE;
  unsigned at[2];
  others.find(rest / acrossTiles, at);

  // Read along x's neighbours; all loads are under way before the first is waited for.
  unsigned v[EACH];
#pragma unroll
  for (int k = 0; k < EACH; k++) {
    unsigned i = inner + threadIdx.y + ROWS * k;
    unsigned j = across + threadIdx.x;
    v[k] = i < innerSize && j < acrossSize ? x[at[0] + i * xStride + j] : 0;
  }
#pragma unroll
  for (int k = 0; k < EACH; k++) {
    tile[threadIdx.y + ROWS * k][threadIdx.x] = v[k];
  }
  __syncthreads();

  // Write along y's.
#pragma unroll
  for (int k = 0; k < EACH; k++) {
    unsigned i = inner + threadIdx.x;
    unsigned j = across + threadIdx.y + ROWS * k;
    if (i < innerSize && j < acrossSize) {
      y[at[1] + j * yStride + i] = tile[threadIdx.x][threadIdx.y + ROWS * k];
    }
  }
}

// Small tiles spread over more blocks, large ones read and write longer runs.
extern "C" __global__ void transpose_32(
    const unsigned* x, unsigned* y, int innerSize, int acrossSize, int xStride, int yStride, Walk<2> others) {
  transpose<32, 8>(x, y, innerSize, acrossSize, xStride, yStride, others);
}

extern "C" __global__ void transpose_64(
    const unsigned* x, unsigned* y, int innerSize, int acrossSize, int xStride, int yStride, Walk<2> others) {
  transpose<64, 4>(x, y, innerSize, acrossSize, xStride, yStride, others);
}

// y[r, first + j] = row r, column j of the parts, y [rows, width]. For results so small that launches are what takes time;
// copy_rows moves more at once, but one part.
extern "C" __global__ void concat(
    const __grid_constant__ Parts parts, unsigned* __restrict__ y, int rows, int width, int first) {
  int columns = parts.begin[MOST_PARTS];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < rows * columns) {
    int r = i / columns;
    int j = i - r * columns;
    y[r * width + first + j] = parts.at(r, j);
  }
}

// y[..] = x[..]: a block of rows, input 0 being x, input 1 y. The rest of y stays.
extern "C" __global__ void copy_rows(const unsigned* x, unsigned* y, Walk<2> walk) {
  Group group(walk.n, walk.vector);
  unsigned at[2];
  if (group.whole()) {
    walk.find(group.first, at);
    *(Four<unsigned>*)(y + at[1]) = *(const Four<unsigned>*)(x + at[0]);
    return;
  }
  unsigned v[4];
  unsigned to[4];
#pragma unroll
  for (int c = 0; c < 4; c++) {
    walk.find(group.at(c), at);
    v[c] = group.at(c) < group.n ? x[at[0]] : 0;
    to[c] = at[1];
  }
#pragma unroll
  for (int c = 0; c < 4; c++) {
    if (group.at(c) < group.n) {
      y[to[c]] = v[c];
    }
  }
}
