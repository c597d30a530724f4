// Sums and extremes along one axis: x [outer, size, inner] to y [outer, inner].
//
// The order in which an element of y is put together follows from size and inner alone. The launches choose by them:
//
//   each     short lines: one thread for each element of y, from r = 0 on
//   lanes    inner = 1: 2 to 32 lanes of a warp for each row; lane l takes r = l, l + lanes, ...; then a tree
//   chunks   inner = 1, long rows: a block for each chunk of 8,192 elements; thread t takes r = t, t + 256, ...; a tree
//   columns  inner > 1, long columns: a block for each width x rows tile; lane l takes rows l, l + lanes, ...; a tree
//
// Where a row or column has several chunks, their results are reduced by another launch of the same kernels; those of a
// row's extremes by lanes, however many.

constexpr int THREADS = 256;
constexpr int WARP = 32;
constexpr int WARPS = THREADS / WARP;
constexpr unsigned ALL_LANES = 0xffffffff;
constexpr int PER_THREAD = 32; // elements of a chunk that a thread takes

// ---------------------------------------------------------------- what is put together

// scale * the sum
struct Sum {
  typedef float State;
  struct Source {
    const float* x;
  };
  struct Target {
    float* y;
    float scale;
  };

  static __device__ State empty() {
    return 0;
  }
  static __device__ State at(Source from, long long place, int) {
    return from.x[place];
  }
  static __device__ State merge(State a, State b) {
    return a + b;
  }
  static __device__ State fromLane(State s, int distance) {
    return __shfl_down_sync(ALL_LANES, s, distance);
  }
  static __device__ void store(Target to, int place, State s) {
    to.y[place] = to.scale * s;
  }
};

// The largest or smallest element and the first place where it stands. The first NaN wins; 0 and -0 are equal.
template <bool LARGEST>
struct Extreme {
  struct alignas(8) State { // one access of shared memory, without bank conflicts
    float value;
    int index;
  };
  struct Source {
    const float* x;
    const int* index; // where the elements stood in the row or column, or null for r itself
  };
  struct Target {
    float* y;
    int* index;
  };

  static __device__ State empty() {
    return {LARGEST ? -__int_as_float(0x7f800000) : __int_as_float(0x7f800000), 0x7fffffff};
  }
  static __device__ State at(Source from, long long place, int r) {
    return {from.x[place], from.index == nullptr ? r : from.index[place]};
  }
  static __device__ State merge(State a, State b) {
    bool nanA = a.value != a.value;
    bool nanB = b.value != b.value;
    bool better = LARGEST ? b.value > a.value : b.value < a.value;
    bool same = nanA ? nanB : a.value == b.value;
    return !nanA && (nanB || better) || same && b.index < a.index ? b : a;
  }
  static __device__ State fromLane(State s, int distance) {
    return {__shfl_down_sync(ALL_LANES, s.value, distance), __shfl_down_sync(ALL_LANES, s.index, distance)};
  }
  static __device__ void store(Target to, int place, State s) {
    to.y[place] = s.value;
    to.index[place] = s.index;
  }
};

// ---------------------------------------------------------------- how

template <class R>
__device__ void each(typename R::Source from, typename R::Target to, int outputs, int size, int inner) {
  unsigned at = blockIdx.x * THREADS + threadIdx.x; // o * inner + i
  if (at >= outputs) {
    return;
  }
  long long place = (long long)(at / inner) * size * inner + at % inner;
  typename R::State s = R::empty();
#pragma unroll 4
  for (int r = 0; r < size; r++) {
    s = R::merge(s, R::at(from, place, r));
    place += inner;
  }
  R::store(to, at, s);
}

// x [rows, size]; lanes is a power of two up to 32
template <class R>
__device__ void lanes(typename R::Source from, typename R::Target to, int rows, int size, int lanes) {
  int lane = threadIdx.x % lanes;
  int row = blockIdx.x * (THREADS / lanes) + threadIdx.x / lanes;
  typename R::State s = R::empty();
  if (row < rows) {
    long long first = (long long)row * size;
#pragma unroll 4
    for (int r = lane; r < size; r += lanes) {
      s = R::merge(s, R::at(from, first + r, r));
    }
  }
  for (int distance = lanes / 2; distance > 0; distance /= 2) {
    s = R::merge(s, R::fromLane(s, distance));
  }
  if (lane == 0 && row < rows) {
    R::store(to, row, s);
  }
}

// x [rows, size] to y [rows, chunks]
template <class R>
__device__ void chunks(typename R::Source from, typename R::Target to, int size, int chunks) {
  __shared__ typename R::State ofWarp[WARPS];
  int row = blockIdx.x / chunks;
  int begin = blockIdx.x % chunks * (THREADS * PER_THREAD);
  int end = min(size, begin + THREADS * PER_THREAD);
  long long first = (long long)row * size;
  typename R::State s = R::empty();
#pragma unroll 8
  for (int r = begin + threadIdx.x; r < end; r += THREADS) {
    s = R::merge(s, R::at(from, first + r, r));
  }
  for (int distance = WARP / 2; distance > 0; distance /= 2) {
    s = R::merge(s, R::fromLane(s, distance));
  }
  if (threadIdx.x % WARP == 0) {
    ofWarp[threadIdx.x / WARP] = s;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int warp = 1; warp < WARPS; warp++) {
      s = R::merge(s, ofWarp[warp]);
    }
    R::store(to, blockIdx.x, s);
  }
}

// x [outer, size, inner] to y [outer, chunks, inner]; width is a power of two up to 32, threads [lanes, width]
template <class R>
__device__ void columns(typename R::Source from, typename R::Target to, int size, int inner, int chunks, int width) {
  __shared__ typename R::State partial[THREADS];
  int lanes = THREADS / width;
  int lane = threadIdx.x / width;
  int tiles = (inner - 1) / width + 1;
  int column = blockIdx.x % tiles * width + threadIdx.x % width;
  int oc = blockIdx.x / tiles; // o * chunks + chunk
  int begin = oc % chunks * (lanes * PER_THREAD);
  int end = min(size, begin + lanes * PER_THREAD);
  typename R::State s = R::empty();
  if (column < inner) {
    long long first = (long long)(oc / chunks) * size * inner + column;
#pragma unroll 4
    for (int r = begin + lane; r < end; r += lanes) {
      s = R::merge(s, R::at(from, first + (long long)r * inner, r));
    }
  }
  partial[threadIdx.x] = s;
  for (int half = THREADS / 2; half >= width; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) {
      s = R::merge(s, partial[threadIdx.x + half]);
      partial[threadIdx.x] = s;
    }
  }
  if (lane == 0 && column < inner) {
    R::store(to, oc * inner + column, s);
  }
}

// ---------------------------------------------------------------- sums

extern "C" __global__ void sum_each(const float* x, float* y, float scale, int outputs, int size, int inner) {
  each<Sum>({x}, {y, scale}, outputs, size, inner);
}

extern "C" __global__ void sum_lanes(const float* x, float* y, float scale, int rows, int size, int count) {
  lanes<Sum>({x}, {y, scale}, rows, size, count);
}

extern "C" __global__ void sum_chunks(const float* x, float* y, float scale, int size, int count) {
  chunks<Sum>({x}, {y, scale}, size, count);
}

extern "C" __global__ void sum_columns(const float* x, float* y, float scale, int size, int inner, int count,
                                       int width) {
  columns<Sum>({x}, {y, scale}, size, inner, count, width);
}

// ---------------------------------------------------------------- extremes

extern "C" __global__ void max_each(const float* x, const int* from, float* y, int* index, int outputs, int size,
                                    int inner) {
  each<Extreme<true>>({x, from}, {y, index}, outputs, size, inner);
}

extern "C" __global__ void max_lanes(const float* x, const int* from, float* y, int* index, int rows, int size,
                                     int count) {
  lanes<Extreme<true>>({x, from}, {y, index}, rows, size, count);
}

extern "C" __global__ void max_chunks(const float* x, float* y, int* index, int size, int count) {
  chunks<Extreme<true>>({x, nullptr}, {y, index}, size, count);
}

extern "C" __global__ void max_columns(const float* x, const int* from, float* y, int* index, int size, int inner,
                                       int count, int width) {
  columns<Extreme<true>>({x, from}, {y, index}, size, inner, count, width);
}

extern "C" __global__ void min_each(const float* x, const int* from, float* y, int* index, int outputs, int size,
                                    int inner) {
  each<Extreme<false>>({x, from}, {y, index}, outputs, size, inner);
}

extern "C" __global__ void min_lanes(const float* x, const int* from, float* y, int* index, int rows, int size,
                                     int count) {
  lanes<Extreme<false>>({x, from}, {y, index}, rows, size, count);
}

extern "C" __global__ void min_chunks(const float* x, float* y, int* index, int size, int count) {
  chunks<Extreme<false>>({x, nullptr}, {y, index}, size, count);
}

extern "C" __global__ void min_columns(const float* x, const int* from, float* y, int* index, int size, int inner,
                                       int count, int width) {
  columns<Extreme<false>>({x, from}, {y, index}, size, inner, count, width);
}
