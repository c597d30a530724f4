// variants: sm_80
// Convolutions in float32. The ladder, from the ones to be read to the fast ones:
//
//   conv2d*_plain   a thread for each element sums everything that meets in it, in the order of the loops. No thread
//                   shares what it reads with others but through the cache. Few terms
//   conv_narrow     up to 4 channels: a block of 8 warps for each 32 columns of the implicit product, see convolution.cuh
//   conv_32, conv_64, conv_128
//                   the tiles of products.cu, for all three convolutions
//
// The order of an element's terms follows from one member's shape alone, as in products.cu.
#include "tiles.cuh"
#include "convolution.cuh"

// ---------------------------------------------------------------- one thread

// x [members, batch, in, height, width], weight [members, out, in, kernelHeight, kernelWidth],
// y [members, batch, out, outHeight, outWidth]
struct Convolution {
  int members, batch, in, out;
  int height, width, kernelHeight, kernelWidth, strideHeight, strideWidth, padTop, padLeft, outHeight, outWidth;
};

extern "C" __global__ void conv2d_plain(
    const float* x, const float* weight, const float* bias, float* y, Convolution s, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  int ow = i % s.outWidth;
  int oh = i / s.outWidth % s.outHeight;
  int plane = i / s.outWidth / s.outHeight;  // [members, batch, out]
  int o = plane % s.out;
  int image = plane / s.out;  // [members, batch]
  int filter = image / s.batch * s.out + o;
  float sum = bias ? bias[filter] : 0;
  const float* w = weight + (size_t)filter * s.in * s.kernelHeight * s.kernelWidth;
  for (int c = 0; c < s.in; c++) {
    const float* from = x + (size_t)(image * s.in + c) * s.height * s.width;
    for (int kh = 0; kh < s.kernelHeight; kh++) {
      int row = oh * s.strideHeight - s.padTop + kh;
      for (int kw = 0; kw < s.kernelWidth; kw++, w++) {
        int column = ow * s.strideWidth - s.padLeft + kw;
        if (row >= 0 && row < s.height && column >= 0 && column < s.width) {
          sum = fmaf(from[row * s.width + column], *w, sum);
        }
      }
    }
  }
  y[i] = sum;
}

extern "C" __global__ void conv2d_input_grad_plain(
    const float* weight, const float* dy, const float* bias, float* dx, Convolution s, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  int column = i % s.width + s.padLeft;
  int row = i / s.width % s.height + s.padTop;
  int plane = i / s.width / s.height;  // [members, batch, in]
  int c = plane % s.in;
  int image = plane / s.in;
  int member = image / s.batch;
  float sum = bias ? bias[member * s.in + c] : 0;
  for (int o = 0; o < s.out; o++) {
    const float* from = dy + (size_t)(image * s.out + o) * s.outHeight * s.outWidth;
    const float* w = weight + (size_t)((member * s.out + o) * s.in + c) * s.kernelHeight * s.kernelWidth;
    for (int kh = 0; kh < s.kernelHeight; kh++) {
      int oh = (row - kh) / s.strideHeight;
      for (int kw = 0; kw < s.kernelWidth; kw++, w++) {
        int ow = (column - kw) / s.strideWidth;
        bool meets = row >= kh && column >= kw && oh * s.strideHeight == row - kh && ow * s.strideWidth == column - kw;
        if (meets && oh < s.outHeight && ow < s.outWidth) {
          sum = fmaf(from[oh * s.outWidth + ow], *w, sum);
        }
      }
    }
  }
  dx[i] = sum;
}

extern "C" __global__ void conv2d_weight_grad_plain(
    const float* x, const float* dy, float* dweight, Convolution s, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  int kw = i % s.kernelWidth;
  int kh = i / s.kernelWidth % s.kernelHeight;
  int pair = i / s.kernelWidth / s.kernelHeight;  // [members, out, in]
  int c = pair % s.in;
  int o = pair / s.in % s.out;
  int member = pair / s.in / s.out;
  float sum = 0;
  for (int image = member * s.batch; image < (member + 1) * s.batch; image++) {
    const float* from = x + (size_t)(image * s.in + c) * s.height * s.width;
    const float* to = dy + (size_t)(image * s.out + o) * s.outHeight * s.outWidth;
    for (int oh = 0; oh < s.outHeight; oh++) {
      int row = oh * s.strideHeight - s.padTop + kh;
      for (int ow = 0; ow < s.outWidth; ow++, to++) {
        int column = ow * s.strideWidth - s.padLeft + kw;
        if (row >= 0 && row < s.height && column >= 0 && column < s.width) {
          sum = fmaf(from[row * s.width + column], *to, sum);
        }
      }
    }
  }
  dweight[i] = sum;
}

// ---------------------------------------------------------------- up to 4 channels

constexpr int NARROW = 4;
constexpr int WARPS = 8;

// A lane has one j and all i; a warp takes every eighth 32 k. For these, each lane looks up one of them and its column of
// a. At the end the warps' sums meet: ((w0 + w1) + (w2 + w3)) + ((w4 + w5) + (w6 + w7)).
extern "C" __global__ void __launch_bounds__(256) conv_narrow(ImplicitProduct p) {
  __shared__ Term terms[WARPS][32];
  __shared__ alignas(16) float columns[WARPS][32][NARROW]; // of a
  __shared__ float sums[WARPS][NARROW][32];
  __shared__ Part part;
  if (threadIdx.x == 0) {
    part.set(p, NARROW, 32);
  }
  __syncthreads();
  if (part.j0 >= part.n) {
    return; // the whole block: another phase has more columns
  }
  int warp = threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  Line line(p, part, part.j0 + lane);
  const float* a = p.a + part.member * p.aMember;
  float c[NARROW] = {};
  for (int k0 = warp * 32; k0 < part.k; k0 += WARPS * 32) {
    Term mine = part.term(p, k0 + lane, part.k);
    __syncwarp(); // all lanes are through with the 32 k before
    terms[warp][lane] = mine;
#pragma unroll
    for (int i = 0; i < NARROW; i++) {
      columns[warp][lane][i] = mine.a >= 0 && i < p.m ? a[i * p.aRow + mine.a] : 0;
    }
    __syncwarp();
#pragma unroll 8
    for (int l = 0; l < 32; l++) {
      Term term = terms[warp][l];
      float left[NARROW];
      loadFour(columns[warp][l], left);
      float right = line.meets(p, term) ? line.b[term.b] : 0;
#pragma unroll
      for (int i = 0; i < NARROW; i++) {
        c[i] = fmaf(left[i], right, c[i]);
      }
    }
  }
#pragma unroll
  for (int i = 0; i < NARROW; i++) {
    sums[warp][i][lane] = c[i];
  }
  __syncthreads();
  int i = warp; // now a warp for each i
  if (i < p.m && part.j0 + lane < part.n) {
    float sum[WARPS];
#pragma unroll
    for (int w = 0; w < WARPS; w++) {
      sum[w] = sums[w][i][lane];
    }
#pragma unroll
    for (int half = 1; half < WARPS; half *= 2) {
#pragma unroll
      for (int w = 0; w < WARPS; w += 2 * half) {
        sum[w] += sum[w + half];
      }
    }
    part.c(p, part.j0 + lane)[i * p.cRow] = sum[0] + part.bias(p, i);
  }
}

// ---------------------------------------------------------------- tiles

// [SLAB, ROW]
template <int ROW>
struct Rows {
  static __device__ int offset(int l, int k) {
    return l + k * ROW;
  }
};

// What moves a tile's operands.
template <class T>
struct Loads : ImplicitSlabs<T::TILE, SLAB, T::SLICE, Rows<T::ROW>, Rows<T::ROW>> {
  static constexpr bool PREPARES = true;
  typedef ImplicitSlabs<T::TILE, SLAB, T::SLICE, Rows<T::ROW>, Rows<T::ROW>> Both;

  using Both::Both;

  __device__ void copy(float (*stage)[T::FLOATS]) {
    Both::copy(stage[0], stage[1]);
  }
  __device__ void store(float (*stage)[T::FLOATS]) {
    Both::store(stage[0], stage[1]);
  }
};

// Out, where a thread's neighbours in j are neighbours in c.
template <class T>
__device__ void storeFours(
    const ImplicitProduct& p, const Part& part, int row, int column, const float (&c)[T::SIDE][T::SIDE]) {
  float add[T::SIDE];
#pragma unroll
  for (int ii = 0; ii < T::SIDE; ii++) {
    int i = part.i0 + row + ii / 4 * T::APART + ii % 4;
    add[ii] = i < p.m ? part.bias(p, i) : 0;
  }
#pragma unroll
  for (int jj = 0; jj < T::SIDE; jj += 4) {
    int j = part.j0 + column + jj / 4 * T::APART;
    if (j < part.n) {
      float* to = part.c(p, j);
#pragma unroll
      for (int ii = 0; ii < T::SIDE; ii++) {
        int i = part.i0 + row + ii / 4 * T::APART + ii % 4;
        if (i < p.m) {
          *(float4*)(to + i * p.cRow) =
              make_float4(c[ii][jj] + add[ii], c[ii][jj + 1] + add[ii], c[ii][jj + 2] + add[ii], c[ii][jj + 3] + add[ii]);
        }
      }
    }
  }
}

// Out by way of shared memory, a quarter of the rows or less at a time, so that a warp stores neighbours in j: what a
// thread holds lies four pixels of a phase apart from what the next one does.
template <class T>
__device__ void storeOnes(const ImplicitProduct& p, const Part& part, float* rows, int slice, int row, int column,
                          const float (&c)[T::SIDE][T::SIDE]) {
  constexpr int ROW = T::TILE + 4;
  static_assert(T::APART / 4 * ROW * sizeof(float) <= sizeof(typename T::Shared), "rows take the place of the operands");
  int mine = threadIdx.x % T::TILE;
  int j = part.j0 + mine;
  float* to = j < part.n ? part.c(p, j) : nullptr;
#pragma unroll
  for (int ii = 0; ii < T::SIDE; ii++) {
    __syncthreads();
    if (slice == 0) {
#pragma unroll
      for (int jj = 0; jj < T::SIDE; jj += 4) {
        *(float4*)&rows[row / 4 * ROW + column + jj / 4 * T::APART] =
            make_float4(c[ii][jj], c[ii][jj + 1], c[ii][jj + 2], c[ii][jj + 3]);
      }
    }
    __syncthreads();
#pragma unroll
    for (int first = 0; first < T::APART / 4; first += T::THREADS / T::TILE) {
      int r = first + threadIdx.x / T::TILE;
      int i = part.i0 + ii / 4 * T::APART + 4 * r + ii % 4;
      if (j < part.n && i < p.m) {
        to[i * p.cRow] = rows[r * ROW + mine] + part.bias(p, i);
      }
    }
  }
}

template <class T>
__device__ void convolve(const ImplicitProduct& p, typename T::Shared& shared, typename Loads<T>::Table* tables) {
  __shared__ Part part;
  if (threadIdx.x == 0) {
    part.set(p, T::TILE, T::TILE);
  }
  __syncthreads();
  if (part.j0 >= part.n) {
    return; // the whole block: another phase has more columns
  }

  // Which k: the split's, then the slice's; all slices go through equally many slabs.
  int kBegin = part.split * p.perSplit;
  int kEnd = min(part.k, kBegin + p.perSplit);
  int slabs = T::slabs(kEnd - kBegin);
  int slice = T::SLICES == 1 ? 0 : threadIdx.x / T::SLICE; // the compiler does not know that of one
  int t = threadIdx.x % T::SLICE;
  kBegin += slice * slabs * SLAB;
  kEnd = min(kEnd, kBegin + slabs * SLAB);

  Loads<T> loads(p, part, tables[slice], kBegin, kEnd, t);
  int row = T::row(t);
  int column = T::column(t);
  float c[T::SIDE][T::SIDE];
  T::accumulate(loads, slabs, shared.slabs[slice], row, column, c);
  T::addSlices(shared, slice, t, c);

  // Bias, and out.
  if (p.fours) {
    if (slice == 0) {
      storeFours<T>(p, part, row, column, c);
    }
  } else {
    storeOnes<T>(p, part, (float*)&shared, slice, row, column, c);
  }
}

extern "C" __global__ void __launch_bounds__(256, 3) conv_32(ImplicitProduct p) {
  __shared__ alignas(16) Tile32::Shared shared;
  __shared__ Loads<Tile32>::Table tables[Tile32::SLICES];
  convolve<Tile32>(p, shared, tables);
}

extern "C" __global__ void __launch_bounds__(256, ASYNC ? 2 : 1) conv_64(ImplicitProduct p) {
  __shared__ alignas(16) Tile64::Shared shared;
  __shared__ Loads<Tile64>::Table tables[Tile64::SLICES];
  convolve<Tile64>(p, shared, tables);
}

extern "C" __global__ void __launch_bounds__(256, 2) conv_128(ImplicitProduct p) {
  __shared__ alignas(16) Tile128::Shared shared;
  __shared__ Loads<Tile128>::Table tables[Tile128::SLICES];
  convolve<Tile128>(p, shared, tables);
}
