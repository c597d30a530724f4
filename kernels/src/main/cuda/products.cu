// variants: sm_80
// Matrix products in float32, batched over members: c[e] = f(op(a[e]) op(b[e]) (+ bias[e])) with op(a) [m, k], op(b) [k, n]
// and the activation f(z) = z > 0 ? z : slope z.
//
// The ladder, from the one to be read to the fast ones:
//
//   matmul_naive   a thread for each element of c: one chain of fused multiply-adds over k. Short k
//   matmul_dot     a warp for each element of c: lane l takes k = l, l + 32, ...; then a tree. Narrow c
//   matmul_32      a block of 256 threads for each 32 x 32 tile of c: four slices of 64 threads take a quarter of k each,
//                  4 x 4 elements a thread; then (s0 + s1) + (s2 + s3)
//   matmul_64      the same for 64 x 64 tiles, 8 x 8 elements a thread
//   matmul_128     128 x 128 tiles, 8 x 8 elements a thread, no slices: one chain over k. Large c
//
// linear_maxout_naive, linear_maxout_32 and linear_maxout_64 have the order of their counterparts and keep the largest of
// several columns.
//
// Which order an element's terms have follows from m, n, k and the transpositions alone: matmul_32 and matmul_64 have the
// same one, so that the number of members may choose between them. Where c is small and k is huge, `splits` blocks take
// a part of k each, and matmul_fold adds up theirs.
#include "tiles.cuh"

// ---------------------------------------------------------------- one thread, one warp

extern "C" __global__ void __launch_bounds__(256) matmul_naive(Product p) {
  unsigned at = blockIdx.x * 256 + threadIdx.x; // (e * m + i) * n + j
  if (at >= p.batch * p.m * p.n) {
    return;
  }
  int j = at % p.n;
  int i = at / p.n % p.m;
  int e = at / p.n / p.m;
  const float* a = p.a + e * p.aStep + (long long)i * (p.transA ? 1 : p.k);
  const float* b = p.b + e * p.bStep + (long long)j * (p.transB ? p.k : 1);
  int nextA = p.transA ? p.m : 1;
  int nextB = p.transB ? 1 : p.n;
  float sum = 0;
#pragma unroll 4
  for (int l = 0; l < p.k; l++) {
    sum = fmaf(*a, *b, sum);
    a += nextA;
    b += nextB;
  }
  p.c[at] = activate(p, p.bias == nullptr ? sum : sum + p.bias[e * p.n + j]);
}

extern "C" __global__ void __launch_bounds__(256) matmul_dot(Product p) {
  unsigned at = blockIdx.x * 8 + threadIdx.x / 32; // (e * m + i) * n + j
  if (at >= p.batch * p.m * p.n) {
    return; // the whole warp
  }
  int lane = threadIdx.x % 32;
  int j = at % p.n;
  int i = at / p.n % p.m;
  int e = at / p.n / p.m;
  const float* a = p.a + e * p.aStep + (long long)i * (p.transA ? 1 : p.k);
  const float* b = p.b + e * p.bStep + (long long)j * (p.transB ? p.k : 1);
  long long nextA = p.transA ? p.m : 1;
  long long nextB = p.transB ? 1 : p.n;
  float sum = 0;
#pragma unroll 4
  for (int l = lane; l < p.k; l += 32) {
    sum = fmaf(a[l * nextA], b[l * nextB], sum);
  }
  for (int distance = 16; distance > 0; distance /= 2) {
    sum += __shfl_down_sync(0xffffffff, sum, distance);
  }
  if (lane == 0) {
    p.c[at] = activate(p, p.bias == nullptr ? sum : sum + p.bias[e * p.n + j]);
  }
}

// ---------------------------------------------------------------- tiles

// What one slice of a block moves of an operand: slabs [SLAB, LINES] of shared memory, a line being a row of op(a) or a
// column of op(b).
template <int LINES, int THREADS, int ROW>
struct Slabs {
  static constexpr int PER = LINES * SLAB / THREADS; // elements that a thread moves

  const float* next; // this thread's first element of the next slab
  long long perSlab; // to that of the slab after it
  long long per;     // from one of the thread's elements to the next
  int line;          // of the first element, counted from the operand's last line backwards: there if below 0
  int k;             // of the first element, likewise
  int linePer;
  int kPer;
  int place;         // of the first element in the slab
  int placePer;
  float held[PER];

  // The operand's lines from `line0` on, k from `kBegin` to `kEnd`; thread t of the slice. `along` says that neighbours
  // in memory are neighbours in k, otherwise they are neighbouring lines.
  __device__ Slabs(const float* operand, bool along, int lines, int line0, int depth, int kBegin, int kEnd, int t) {
    int l = along ? t / SLAB : t % LINES;
    int s = along ? t % SLAB : t / LINES;
    linePer = along ? THREADS / SLAB : 0;
    kPer = along ? 0 : THREADS / LINES;
    long long perLine = along ? depth : 1;
    long long perK = along ? 1 : lines;
    next = operand + (line0 + l) * perLine + (kBegin + s) * perK;
    per = linePer * perLine + kPer * perK;
    perSlab = SLAB * perK;
    line = line0 + l - lines;
    k = kBegin + s - kEnd;
    place = s * ROW + l;
    placePer = kPer * ROW + linePer;
  }

  __device__ bool there(int i) const {
    return line + i * linePer < 0 && k + i * kPer < 0;
  }

  __device__ void advance() {
    next += perSlab;
    k += SLAB;
  }

  // Starts to copy the next slab to shared memory.
  __device__ void copy(float* slab) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      copyAsync(slab + place + i * placePer, next + i * per, there(i));
    }
    advance();
  }

  // The same in two steps, through registers.
  __device__ void fetch() {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      held[i] = there(i) ? next[i * per] : 0;
    }
    advance();
  }

  __device__ void store(float* slab) const {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      slab[place + i * placePer] = held[i];
    }
  }
};

template <class T>
struct Loads {
  static constexpr bool PREPARES = false;
  typedef Slabs<T::TILE, T::SLICE, T::ROW> Operand;

  Operand a;
  Operand b;

  __device__ void prepare(int) {}
  __device__ void copy(float (*stage)[T::FLOATS]) {
    a.copy(stage[0]);
    b.copy(stage[1]);
  }
  __device__ void fetch() {
    a.fetch();
    b.fetch();
  }
  __device__ void store(float (*stage)[T::FLOATS]) const {
    a.store(stage[0]);
    b.store(stage[1]);
  }
};

// Block number `block` computes a TILE x TILE part of c[e], or of the part of it that `split` gives.
template <class T>
__device__ void multiply(const Product& p, unsigned block, typename T::Shared& shared) {
  constexpr int TILE = T::TILE;
  constexpr int SIDE = T::SIDE;

  // Which part of which member's c.
  int tilesN = (p.n - 1) / TILE + 1;
  int tilesM = (p.m - 1) / TILE + 1;
  int j0 = block % tilesN * TILE;
  block /= tilesN;
  int i0 = block % tilesM * TILE;
  block /= tilesM; // e * splits + split
  int split = block % p.splits;
  int e = block / p.splits;

  // Which k: the split's, then the slice's; all slices go through equally many slabs.
  int kBegin = split * p.perSplit;
  int kEnd = min(p.k, kBegin + p.perSplit);
  int slabs = T::slabs(kEnd - kBegin);
  int slice = threadIdx.x / T::SLICE;
  int t = threadIdx.x % T::SLICE;
  kBegin += slice * slabs * SLAB;
  kEnd = min(kEnd, kBegin + slabs * SLAB);

  typedef typename Loads<T>::Operand Operand;
  Loads<T> loads = {
      Operand(p.a + e * p.aStep, !p.transA, p.m, i0, p.k, kBegin, kEnd, t),
      Operand(p.b + e * p.bStep, p.transB, p.n, j0, p.k, kBegin, kEnd, t)};
  int row = T::row(t);
  int column = T::column(t);
  float c[SIDE][SIDE];
  T::accumulate(loads, slabs, shared.slabs[slice], row, column, c);
  T::addSlices(shared, slice, t, c);

  // Bias, activation, and out.
  if (slice == 0) {
    float* out = p.c + ((long long)e * p.splits + split) * p.m * p.n;
    const float* bias = p.bias == nullptr ? nullptr : p.bias + (long long)e * p.n;
    bool fours = p.n % 4 == 0 && ((unsigned long long)out & 15) == 0;
#pragma unroll
    for (int jj = 0; jj < SIDE; jj += 4) {
      int j = j0 + column + jj / 4 * T::APART;
      float add[4];
#pragma unroll
      for (int x = 0; x < 4; x++) {
        add[x] = bias == nullptr || j + x >= p.n ? 0 : bias[j + x];
      }
#pragma unroll
      for (int ii = 0; ii < SIDE; ii++) {
        int i = i0 + row + ii / 4 * T::APART + ii % 4;
        if (i < p.m && j < p.n) {
          float* to = out + (long long)i * p.n + j;
          if (fours) {
            *(float4*)to = make_float4(activate(p, c[ii][jj] + add[0]), activate(p, c[ii][jj + 1] + add[1]),
                                       activate(p, c[ii][jj + 2] + add[2]), activate(p, c[ii][jj + 3] + add[3]));
          } else {
#pragma unroll
            for (int x = 0; x < 4; x++) {
              if (j + x < p.n) {
                to[x] = activate(p, c[ii][jj + x] + add[x]);
              }
            }
          }
        }
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(256, 3) matmul_32(Product p) {
  __shared__ alignas(16) Tile32::Shared shared;
  multiply<Tile32>(p, blockIdx.x, shared);
}

extern "C" __global__ void __launch_bounds__(256, ASYNC ? 2 : 1) matmul_64(Product p) {
  __shared__ alignas(16) Tile64::Shared shared;
  multiply<Tile64>(p, blockIdx.x, shared);
}

extern "C" __global__ void __launch_bounds__(256, 2) matmul_128(Product p) {
  __shared__ alignas(16) Tile128::Shared shared;
  multiply<Tile128>(p, blockIdx.x, shared);
}

// ---------------------------------------------------------------- gradients of a linear layer

// dx = dy weight', then dweight = x' dy: two products in one launch, so that one fills the places that the other leaves.
struct Pair {
  Product product[2];
  unsigned blocks[2];
};

template <class T>
__device__ void multiply(const Pair& pair, typename T::Shared& shared) {
  int which = blockIdx.x < pair.blocks[0] ? 0 : 1;
  multiply<T>(pair.product[which], blockIdx.x - which * pair.blocks[0], shared);
}

extern "C" __global__ void __launch_bounds__(256, 3) linear_grad_32(const __grid_constant__ Pair pair) {
  __shared__ alignas(16) Tile32::Shared shared;
  multiply<Tile32>(pair, shared);
}

extern "C" __global__ void __launch_bounds__(256, ASYNC ? 2 : 1) linear_grad_64(const __grid_constant__ Pair pair) {
  __shared__ alignas(16) Tile64::Shared shared;
  multiply<Tile64>(pair, shared);
}

// Up to four columns of y. x, dx [members, batch, in], weight, dweight [members, in, out], dy [members, batch, out],
// dbias [members, out]; dx and dbias may be null.
struct NarrowLinear {
  const float* x;
  const float* weight;
  const float* dy;
  float* dx;
  float* dweight;
  float* dbias;
  int members;
  int batch;
  int in;
  int out;
  int blocks; // for dx
};

// The first blocks make dx, a thread for each element: one chain over out. The others make 32 rows of dweight each: lane
// l has a row, warp w the terms w, w + 8, ... of the batch, and the warps are added in order. dbias is the gradient of a
// row behind the last, whose x is 1.
extern "C" __global__ void __launch_bounds__(256) linear_grad_narrow(NarrowLinear p) {
  constexpr int WARPS = 8;
  constexpr int COLUMNS = 4; // the most that there are
  __shared__ float sums[WARPS][COLUMNS][32];
  if (blockIdx.x < p.blocks) {
    unsigned at = blockIdx.x * 256 + threadIdx.x; // (e * batch + r) * in + i
    if (at < p.members * p.batch * p.in) {
      int row = at / p.in;
      const float* w = p.weight + ((long long)(row / p.batch) * p.in + at % p.in) * p.out;
      float sum = 0;
      for (int j = 0; j < p.out; j++) {
        sum = fmaf(p.dy[row * p.out + j], w[j], sum);
      }
      p.dx[at] = sum;
    }
    return;
  }
  int warp = threadIdx.x / 32;
  int lane = threadIdx.x % 32;
  int rows = p.dbias == nullptr ? p.in : p.in + 1;
  int tiles = (rows - 1) / 32 + 1;
  unsigned block = blockIdx.x - p.blocks;
  int e = block / tiles;
  int i = block % tiles * 32 + lane;
  const float* x = p.x + (long long)e * p.batch * p.in + i;
  const float* dy = p.dy + (long long)e * p.batch * p.out;
  float sum[COLUMNS] = {};
#pragma unroll 4
  for (int r = warp; r < p.batch; r += WARPS) {
    float v = i < p.in ? x[(long long)r * p.in] : 1;
#pragma unroll
    for (int j = 0; j < COLUMNS; j++) {
      sum[j] = fmaf(v, j < p.out ? dy[r * p.out + j] : 0, sum[j]);
    }
  }
#pragma unroll
  for (int j = 0; j < COLUMNS; j++) {
    sums[warp][j][lane] = sum[j];
  }
  __syncthreads();
  if (warp < p.out && i < rows) {
    float total = sums[0][warp][lane];
#pragma unroll
    for (int w = 1; w < WARPS; w++) {
      total += sums[w][warp][lane];
    }
    float* to = i < p.in ? p.dweight + ((long long)e * p.in + i) * p.out : p.dbias + (long long)e * p.out;
    to[warp] = total;
  }
}

// ---------------------------------------------------------------- linear maxout

// With a = x, b = weight, c = y, n = pieces * units:
//   y[e, i, u] = max over p of (x[e] weight[e])[i, p * units + u] + bias[e, p * units + u], and the first p that has it;
//   a later piece takes over where it is not <= the best one and that is not NaN.

// A thread for each element of y. Short k
extern "C" __global__ void __launch_bounds__(256) linear_maxout_naive(Product p, int* index, int pieces) {
  unsigned at = blockIdx.x * 256 + threadIdx.x; // (e * m + i) * units + u
  int units = p.n / pieces;
  if (at >= p.batch * p.m * units) {
    return;
  }
  int u = at % units;
  int row = at / units;
  int e = row / p.m;
  const float* a = p.a + (long long)row * p.k;
  float best = 0;
  int won = 0;
  for (int piece = 0; piece < pieces; piece++) {
    int j = piece * units + u;
    const float* b = p.b + e * p.bStep + j;
    float sum = 0;
#pragma unroll 4
    for (int l = 0; l < p.k; l++) {
      sum = fmaf(a[l], b[(long long)l * p.n], sum);
    }
    sum += p.bias[e * p.n + j];
    if (piece == 0 || (!(sum <= best) && best == best)) {
      best = sum;
      won = piece;
    }
  }
  p.c[at] = best;
  index[at] = won;
}

// As multiply, but the columns of a tile are all pieces of TILE / pieces units, so that z = x weight + bias never leaves
// shared memory.
template <class T>
__device__ void linearMaxout(const Product& p, int* index, int pieces, typename T::Shared& shared) {
  constexpr int TILE = T::TILE;
  constexpr int SIDE = T::SIDE;
  static_assert(TILE * 2 * TILE * sizeof(float) <= sizeof(shared), "z takes the place of the operands");
  int units = p.n / pieces;
  int perTile = TILE / pieces; // units
  // A row of z has so many floats more than a multiple of 32 that a warp, which takes units of several rows, finds them
  // in different banks.
  int zRow = TILE + (perTile + 3) / 4 * 4;
  int tilesN = (units - 1) / perTile + 1;
  int tilesM = (p.m - 1) / TILE + 1;
  int u0 = blockIdx.x % tilesN * perTile;
  int i0 = blockIdx.x / tilesN % tilesM * TILE;
  int e = blockIdx.x / tilesN / tilesM;

  // All slices go through equally many slabs.
  int slabs = T::slabs(p.k);
  int slice = threadIdx.x / T::SLICE;
  int t = threadIdx.x % T::SLICE;
  int kBegin = slice * slabs * SLAB;
  int kEnd = min(p.k, kBegin + slabs * SLAB);

  // Line l of b's slabs is unit u0 + l % perTile of piece l / perTile; each thread moves one line.
  typedef typename Loads<T>::Operand Operand;
  Loads<T> loads = {
      Operand(p.a + e * p.aStep, true, p.m, i0, p.k, kBegin, kEnd, t),
      Operand(p.b + e * p.bStep, false, p.n, 0, p.k, kBegin, kEnd, t)};
  int line = t % TILE;
  int unit = u0 + line % perTile;
  int piece = line / perTile;
  loads.b.next += piece * units + unit - line;
  loads.b.line = piece < pieces && unit < units ? -1 : 0;
  int row = T::row(t);
  int column = T::column(t);
  float c[SIDE][SIDE];
  T::accumulate(loads, slabs, shared.slabs[slice], row, column, c);
  T::addSlices(shared, slice, t, c);

  // The largest, by way of shared memory.
  float* z = (float*)&shared; // [TILE, zRow]
  __syncthreads();
  if (slice == 0) {
#pragma unroll
    for (int ii = 0; ii < SIDE; ii++) {
#pragma unroll
      for (int jj = 0; jj < SIDE; jj += 4) {
        *(float4*)&z[(row + ii / 4 * T::APART + ii % 4) * zRow + column + jj / 4 * T::APART] =
            make_float4(c[ii][jj], c[ii][jj + 1], c[ii][jj + 2], c[ii][jj + 3]);
      }
    }
  }
  __syncthreads();
  const float* bias = p.bias + (long long)e * p.n;
  for (int at = threadIdx.x; at < TILE * perTile; at += T::THREADS) {
    int i = at / perTile;
    int u = at % perTile;
    if (i0 + i < p.m && u0 + u < units) {
      float best = z[i * zRow + u] + bias[u0 + u];
      int won = 0;
      for (int q = 1; q < pieces; q++) {
        float v = z[i * zRow + q * perTile + u] + bias[q * units + u0 + u];
        if (!(v <= best) && best == best) {
          best = v;
          won = q;
        }
      }
      long long to = ((long long)e * p.m + i0 + i) * units + u0 + u;
      p.c[to] = best;
      index[to] = won;
    }
  }
}

extern "C" __global__ void __launch_bounds__(256, 3) linear_maxout_32(Product p, int* index, int pieces) {
  __shared__ alignas(16) Tile32::Shared shared;
  linearMaxout<Tile32>(p, index, pieces, shared);
}

extern "C" __global__ void __launch_bounds__(256, ASYNC ? 2 : 1) linear_maxout_64(Product p, int* index, int pieces) {
  __shared__ alignas(16) Tile64::Shared shared;
  linearMaxout<Tile64>(p, index, pieces, shared);
}

// ---------------------------------------------------------------- parts

// parts [batch, splits, m, n] to c [batch, m, n]: in order, then the bias and the activation.
extern "C" __global__ void __launch_bounds__(256)
    matmul_fold(const float* parts, const float* bias, float* c, int outputs, int n, int mn, int splits,
                float slope) {
  int at = blockIdx.x * 256 + threadIdx.x;
  if (at < outputs) {
    const float* part = parts + (long long)(at / mn) * splits * mn + at % mn;
    float sum = part[0];
    for (int split = 1; split < splits; split++) {
      sum += part[(long long)split * mn];
    }
    float z = bias == nullptr ? sum : sum + bias[at / mn * n + at % n];
    c[at] = z > 0 ? z : slope * z;
  }
}
