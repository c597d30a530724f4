// Batch norm with a trailing activation, forward and backward: x, y, dy, dx [members, batch, channels, spatial], all else
// [members, channels]. A channel of a member has batch * spatial elements.
//
// Two layouts. Columns: spatial = 1, a block takes 8 neighbouring channels, so that 8 lanes read a whole sector of 32
// bytes. Images: a block takes one channel. In both, the lanes of a channel take its elements in turn.
//
//   small, large    all elements of a channel fit into the registers of 256 or 512 threads: one launch reads x once,
//                   takes the mean and then the squares of what is in registers, and writes
//   moments, finish, apply     longer channels: chunks of 64 elements a lane; their moments, or for the gradient their
//                   sums; the merged ones; the elements again
//
// Which of them, and so the order of each sum, follows from batch and spatial alone. Differences to the channel's first
// element are summed up, so that a mean that is large beside the deviation costs no digits; longer channels merge means
// and squares by Chan, Golub and LeVeque (1979).
#include "walk.cuh"

constexpr int WARP = 32;
constexpr unsigned ALL_LANES = 0xffffffff;
constexpr int SMALL = 256;     // threads
constexpr int LARGE = 512;
constexpr int PER_SMALL = 8;   // elements that a thread holds
constexpr int PER_LARGE = 16;
constexpr int GROUP = 8;       // elements that a thread of a chunk takes at once
constexpr int GROUPS = 8;      // of a chunk

struct Sizes {
  int members;
  int batch;
  int channels;
  Divisor spatial; // without a magic where it is 1, for columns, which do not divide by it
  int chunks;   // of a channel
  int perChunk; // elements, at most

  __device__ int count() const {
    return batch * (int)spatial.by;
  }
};

// The arguments of all forward kernels, in the order of NormalisationLaunches; chunkMean and chunkSquares [members, chunks,
// channels] where there are chunks.
struct Forward {
  const float* x;
  const float* gamma;
  const float* beta;
  float* y;
  float* mean;
  float* variance;
  float* chunkMean;
  float* chunkSquares;
  float* runningMean; // or null, like the next
  float* runningVariance;
  Sizes sizes;
  float epsilon;
  float slope;
  float rate; // of the running ones

  // What the batch has for a channel, and what becomes of the running statistics.
  __device__ void keep(int channel, float m, float v) const {
    mean[channel] = m;
    variance[channel] = v;
    if (runningMean != nullptr) {
      float ofMean = runningMean[channel];
      float ofVariance = runningVariance[channel];
      runningMean[channel] = fmaf(rate, m - ofMean, ofMean);
      runningVariance[channel] = fmaf(rate, v - ofVariance, ofVariance);
    }
  }
};

// The arguments of all backward kernels; chunkSum and chunkProducts [members, chunks, channels].
struct Backward {
  const float* x;
  const float* gamma;
  const float* y;
  const float* mean;
  const float* variance;
  const float* dy;
  float* dx;
  float* dgamma;
  float* dbeta;
  float* chunkSum;
  float* chunkProducts;
  Sizes sizes;
  float epsilon;
  float slope;
};

// What a block and a thread have of x. All threads of a block go through the same loops; those beside the last channel
// have no elements.
template <bool IMAGES, int THREADS>
struct Part {
  static constexpr int WIDTH = IMAGES ? 1 : 8; // channels of the block
  static constexpr int LANES = THREADS / WIDTH;

  Sizes sizes;
  int tile;    // which of the block's
  int lane;
  int channel; // e * channels + c
  int count;   // elements of the channel, 0 if there is no such channel
  long long first; // where its first element lies

  __device__ Part(Sizes sizes, int tile) : sizes(sizes), tile(tile) {
    lane = threadIdx.x / WIDTH;
    int tiles = (sizes.channels - 1) / WIDTH + 1;
    int e = tile / tiles;
    int c = tile % tiles * WIDTH + threadIdx.x % WIDTH;
    channel = e * sizes.channels + c;
    count = c < sizes.channels ? sizes.count() : 0;
    first = ((long long)e * sizes.batch * sizes.channels + c) * (int)sizes.spatial.by;
  }

  // Where element j of the channel lies.
  __device__ long long place(int j) const {
    if (!IMAGES) {
      return first + (long long)j * sizes.channels;
    }
    int n = sizes.spatial.divide(j);
    return first + (long long)n * (sizes.channels - 1) * (int)sizes.spatial.by + j;
  }

  // Where what a chunk of the channel gives lies in [members, chunks, channels].
  __device__ long long placeOfChunk(int chunk) const {
    int e = channel / sizes.channels;
    return (long long)(e * sizes.chunks + chunk) * sizes.channels + channel % sizes.channels;
  }
};

// The sum of the block's lanes for each of WIDTH channels, to all threads: a tree in each warp, then warp by warp.
template <int WIDTH, int THREADS>
__device__ float sumOfLanes(float s, float (&shared)[THREADS / WARP * WIDTH]) {
#pragma unroll
  for (int distance = WARP / 2; distance >= WIDTH; distance /= 2) {
    s += __shfl_xor_sync(ALL_LANES, s, distance);
  }
  __syncthreads(); // what was read last time
  if (threadIdx.x % WARP < WIDTH) {
    shared[threadIdx.x / WARP * WIDTH + threadIdx.x % WARP] = s;
  }
  __syncthreads();
  float total = 0;
#pragma unroll 8
  for (int warp = 0; warp < THREADS / WARP; warp++) {
    total += shared[warp * WIDTH + threadIdx.x % WIDTH];
  }
  return total;
}

__device__ float activate(float z, float slope) {
  return z > 0 ? z : z * slope;
}

__device__ float reciprocalRoot(float variance, float epsilon) {
  return 1 / sqrtf(variance + epsilon);
}

// ---------------------------------------------------------------- forward

template <bool IMAGES, int THREADS, int PER>
__device__ void forward(const Forward& p) {
  typedef Part<IMAGES, THREADS> P;
  __shared__ float shared[THREADS / WARP * P::WIDTH];
  P part(p.sizes, blockIdx.x);
  bool there = part.count > 0;

  // Stage 1: the elements, as differences to the first one.
  float origin = there ? p.x[part.first] : 0;
  float scale = there ? p.gamma[part.channel] : 0;
  float shift = there ? p.beta[part.channel] : 0;
  float d[PER];
  float sum = 0;
#pragma unroll
  for (int i = 0; i < PER; i++) {
    int j = part.lane + i * P::LANES;
    d[i] = j < part.count ? p.x[part.place(j)] - origin : 0;
  }
#pragma unroll
  for (int i = 0; i < PER; i++) {
    sum += d[i];
  }

  // Stage 2: mean, then variance.
  float n = p.sizes.count();
  float centre = sumOfLanes<P::WIDTH, THREADS>(sum, shared) / n;
  float squares = 0;
#pragma unroll
  for (int i = 0; i < PER; i++) {
    float e = d[i] - centre;
    squares = part.lane + i * P::LANES < part.count ? fmaf(e, e, squares) : squares;
  }
  float v = sumOfLanes<P::WIDTH, THREADS>(squares, shared) / n;
  if (part.lane == 0 && there) {
    p.keep(part.channel, origin + centre, v);
  }

  // Stage 3: the result.
  scale *= reciprocalRoot(v, p.epsilon);
#pragma unroll
  for (int i = 0; i < PER; i++) {
    int j = part.lane + i * P::LANES;
    if (j < part.count) {
      p.y[part.place(j)] = activate(fmaf(d[i] - centre, scale, shift), p.slope);
    }
  }
}

struct Moments {
  float n;
  float mean; // of the differences to the channel's first element
  float squares;

  __device__ void merge(Moments b) {
    float total = n + b.n;
    if (b.n > 0) {
      float delta = b.mean - mean;
      float share = b.n / total;
      squares += fmaf(delta * delta * n, share, b.squares);
      mean = fmaf(delta, share, mean);
      n = total;
    }
  }

  __device__ Moments fromLane(int distance) const {
    return {__shfl_down_sync(ALL_LANES, n, distance), __shfl_down_sync(ALL_LANES, mean, distance),
            __shfl_down_sync(ALL_LANES, squares, distance)};
  }
};

template <bool IMAGES>
__device__ void moments(const Forward& p) {
  typedef Part<IMAGES, SMALL> P;
  __shared__ Moments shared[SMALL / WARP * P::WIDTH];
  P part(p.sizes, blockIdx.x / p.sizes.chunks);
  int chunk = blockIdx.x % p.sizes.chunks;
  float origin = part.count > 0 ? p.x[part.first] : 0;
  Moments all = {0, 0, 0};
  for (int group = 0; group < GROUPS; group++) {
    int begin = (chunk * GROUPS + group) * GROUP * P::LANES + part.lane;
    float d[GROUP];
    float sum = 0;
    float n = 0;
#pragma unroll
    for (int i = 0; i < GROUP; i++) {
      int j = begin + i * P::LANES;
      bool there = j < part.count;
      d[i] = there ? p.x[part.place(j)] - origin : 0;
      sum += d[i];
      n += there ? 1 : 0;
    }
    float centre = sum / fmaxf(n, 1);
    float squares = 0;
#pragma unroll
    for (int i = 0; i < GROUP; i++) {
      float e = d[i] - centre;
      squares = i < n ? fmaf(e, e, squares) : squares;
    }
    all.merge({n, centre, squares});
  }
#pragma unroll
  for (int distance = WARP / 2; distance >= P::WIDTH; distance /= 2) {
    all.merge(all.fromLane(distance));
  }
  if (threadIdx.x % WARP < P::WIDTH) {
    shared[threadIdx.x / WARP * P::WIDTH + threadIdx.x % WARP] = all;
  }
  __syncthreads();
  if (part.lane == 0 && part.count > 0) {
    for (int warp = 1; warp < SMALL / WARP; warp++) {
      all.merge(shared[warp * P::WIDTH + threadIdx.x]);
    }
    long long at = part.placeOfChunk(chunk);
    p.chunkMean[at] = all.mean;
    p.chunkSquares[at] = all.squares;
  }
}

// One thread for each channel of each member: the moments of its chunks, in order.
extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_finish(Forward p) {
  int at = blockIdx.x * SMALL + threadIdx.x;
  if (at < p.sizes.members * p.sizes.channels) {
    int e = at / p.sizes.channels;
    int c = at % p.sizes.channels;
    Moments all = {0, 0, 0};
    for (int chunk = 0; chunk < p.sizes.chunks; chunk++) {
      long long from = (long long)(e * p.sizes.chunks + chunk) * p.sizes.channels + c;
      float n = min(p.sizes.perChunk, p.sizes.count() - chunk * p.sizes.perChunk);
      all.merge({n, p.chunkMean[from], p.chunkSquares[from]});
    }
    long long first = ((long long)e * p.sizes.batch * p.sizes.channels + c) * (int)p.sizes.spatial.by;
    p.keep(at, p.x[first] + all.mean, all.squares / p.sizes.count());
  }
}

template <bool IMAGES>
__device__ void apply(const Forward& p) {
  typedef Part<IMAGES, SMALL> P;
  P part(p.sizes, blockIdx.x / p.sizes.chunks);
  int begin = blockIdx.x % p.sizes.chunks * p.sizes.perChunk + part.lane;
  if (begin < part.count) {
    float m = p.mean[part.channel];
    float scale = p.gamma[part.channel] * reciprocalRoot(p.variance[part.channel], p.epsilon);
    float shift = p.beta[part.channel];
#pragma unroll 8
    for (int i = 0; i < GROUPS * GROUP; i++) {
      int j = begin + i * P::LANES;
      if (j < part.count) {
        long long at = part.place(j);
        p.y[at] = activate(fmaf(p.x[at] - m, scale, shift), p.slope);
      }
    }
  }
}

// ---------------------------------------------------------------- backward

// With z what the activation gets, and xhat the normalised x: dbeta = sum of dz, dgamma = sum of dz * xhat,
// dx = gamma / sqrt(variance + epsilon) * (dz - mean of dz - xhat * mean of dz * xhat).
template <bool IMAGES, int THREADS, int PER>
__device__ void backward(const Backward& p) {
  typedef Part<IMAGES, THREADS> P;
  __shared__ float shared[THREADS / WARP * P::WIDTH];
  P part(p.sizes, blockIdx.x);
  bool there = part.count > 0;

  // Stage 1: dz and xhat.
  float m = there ? p.mean[part.channel] : 0;
  float root = there ? reciprocalRoot(p.variance[part.channel], p.epsilon) : 0;
  float dz[PER];
  float xhat[PER];
#pragma unroll
  for (int i = 0; i < PER; i++) {
    int j = part.lane + i * P::LANES;
    dz[i] = 0;
    xhat[i] = 0;
    if (j < part.count) {
      long long at = part.place(j);
      dz[i] = p.y[at] > 0 ? p.dy[at] : p.dy[at] * p.slope;
      xhat[i] = (p.x[at] - m) * root;
    }
  }

  // Stage 2: their sums.
  float sum = 0;
  float products = 0;
#pragma unroll
  for (int i = 0; i < PER; i++) {
    sum += dz[i];
    products = fmaf(dz[i], xhat[i], products);
  }
  sum = sumOfLanes<P::WIDTH, THREADS>(sum, shared);
  products = sumOfLanes<P::WIDTH, THREADS>(products, shared);
  float scale = 0;
  if (there) {
    scale = p.gamma[part.channel] * root;
    if (part.lane == 0) {
      p.dbeta[part.channel] = sum;
      p.dgamma[part.channel] = products;
    }
  }

  // Stage 3: the result.
  float n = p.sizes.count();
  float meanDz = sum / n;
  float meanProduct = products / n;
#pragma unroll
  for (int i = 0; i < PER; i++) {
    int j = part.lane + i * P::LANES;
    if (j < part.count) {
      p.dx[part.place(j)] = fmaf(xhat[i], -meanProduct, dz[i] - meanDz) * scale;
    }
  }
}

template <bool IMAGES>
__device__ void gradSums(const Backward& p) {
  typedef Part<IMAGES, SMALL> P;
  __shared__ float shared[SMALL / WARP * P::WIDTH];
  P part(p.sizes, blockIdx.x / p.sizes.chunks);
  int chunk = blockIdx.x % p.sizes.chunks;
  int begin = chunk * p.sizes.perChunk + part.lane;
  float sum = 0;
  float products = 0;
  if (begin < part.count) {
    float m = p.mean[part.channel];
    float root = reciprocalRoot(p.variance[part.channel], p.epsilon);
#pragma unroll 4
    for (int i = 0; i < GROUPS * GROUP; i++) {
      int j = begin + i * P::LANES;
      if (j < part.count) {
        long long at = part.place(j);
        float dz = p.y[at] > 0 ? p.dy[at] : p.dy[at] * p.slope;
        sum += dz;
        products = fmaf(dz, (p.x[at] - m) * root, products);
      }
    }
  }
  sum = sumOfLanes<P::WIDTH, SMALL>(sum, shared);
  products = sumOfLanes<P::WIDTH, SMALL>(products, shared);
  if (part.lane == 0 && part.count > 0) {
    long long at = part.placeOfChunk(chunk);
    p.chunkSum[at] = sum;
    p.chunkProducts[at] = products;
  }
}

template <bool IMAGES>
__device__ void gradApply(const Backward& p) {
  typedef Part<IMAGES, SMALL> P;
  P part(p.sizes, blockIdx.x / p.sizes.chunks);
  int begin = blockIdx.x % p.sizes.chunks * p.sizes.perChunk + part.lane;
  if (begin < part.count) {
    float n = p.sizes.count();
    float m = p.mean[part.channel];
    float root = reciprocalRoot(p.variance[part.channel], p.epsilon);
    float scale = p.gamma[part.channel] * root;
    float meanDz = p.dbeta[part.channel] / n;
    float meanProduct = p.dgamma[part.channel] / n;
#pragma unroll 4
    for (int i = 0; i < GROUPS * GROUP; i++) {
      int j = begin + i * P::LANES;
      if (j < part.count) {
        long long at = part.place(j);
        float dz = p.y[at] > 0 ? p.dy[at] : p.dy[at] * p.slope;
        p.dx[at] = fmaf((p.x[at] - m) * root, -meanProduct, dz - meanDz) * scale;
      }
    }
  }
}

// One thread for each channel of each member: the sums of its chunks, in order.
extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_grad_finish(Backward p) {
  int at = blockIdx.x * SMALL + threadIdx.x;
  if (at < p.sizes.members * p.sizes.channels) {
    long long from = (long long)(at / p.sizes.channels) * p.sizes.chunks * p.sizes.channels + at % p.sizes.channels;
    float sum = 0;
    float products = 0;
    for (int chunk = 0; chunk < p.sizes.chunks; chunk++) {
      sum += p.chunkSum[from];
      products += p.chunkProducts[from];
      from += p.sizes.channels;
    }
    p.dbeta[at] = sum;
    p.dgamma[at] = products;
  }
}

// ---------------------------------------------------------------- entries, by layout

extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_columns_small(Forward p) {
  forward<false, SMALL, PER_SMALL>(p);
}
extern "C" __global__ void __launch_bounds__(LARGE, 1) batch_norm_columns_large(Forward p) {
  forward<false, LARGE, PER_LARGE>(p);
}
extern "C" __global__ void __launch_bounds__(SMALL, 4) batch_norm_columns_moments(Forward p) {
  moments<false>(p);
}
extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_columns_apply(Forward p) {
  apply<false>(p);
}
extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_grad_columns_small(Backward p) {
  backward<false, SMALL, PER_SMALL>(p);
}
extern "C" __global__ void __launch_bounds__(LARGE, 1) batch_norm_grad_columns_large(Backward p) {
  backward<false, LARGE, PER_LARGE>(p);
}
extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_grad_columns_sums(Backward p) {
  gradSums<false>(p);
}
extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_grad_columns_apply(Backward p) {
  gradApply<false>(p);
}

extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_images_small(Forward p) {
  forward<true, SMALL, PER_SMALL>(p);
}
extern "C" __global__ void __launch_bounds__(LARGE, 1) batch_norm_images_large(Forward p) {
  forward<true, LARGE, PER_LARGE>(p);
}
extern "C" __global__ void __launch_bounds__(SMALL, 4) batch_norm_images_moments(Forward p) {
  moments<true>(p);
}
extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_images_apply(Forward p) {
  apply<true>(p);
}
extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_grad_images_small(Backward p) {
  backward<true, SMALL, PER_SMALL>(p);
}
extern "C" __global__ void __launch_bounds__(LARGE, 1) batch_norm_grad_images_large(Backward p) {
  backward<true, LARGE, PER_LARGE>(p);
}
extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_grad_images_sums(Backward p) {
  gradSums<true>(p);
}
extern "C" __global__ void __launch_bounds__(SMALL) batch_norm_grad_images_apply(Backward p) {
  gradApply<true>(p);
}
