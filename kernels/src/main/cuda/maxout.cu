// Gradients of linear maxout, from the piece that won each unit: weight, dweight [members, in, pieces, units], dbias
// [members, pieces, units], index and dy [members, batch, units], x, dx [members, batch, in].
//
// As products with a dense matrix these would be `pieces` times the work, and 0 times what a losing piece holds would be
// NaN where that is. Here losing pieces are not touched: each element is one chain of fused multiply-adds over its own
// terms, in the order of units (dx) or rows (dweight, dbias).
//
// An index outside [0, pieces) is reported, and its term left out.
#include "fault.cuh"

constexpr int THREADS = 256;
constexpr int WARP = 32;
constexpr int WARPS = THREADS / WARP;
constexpr unsigned ALL_LANES = 0xffffffff;

struct Sizes {
  int members;
  int batch;
  int in;
  int units;
  int pieces;
};

// ---------------------------------------------------------------- dx, naive: a thread for each element

extern "C" __global__ void __launch_bounds__(THREADS)
    maxout_input_grad_naive(const float* weight, const int* index, const float* dy, float* dx, Fault* fault, int op,
                            Sizes sizes) {
  unsigned at = blockIdx.x * THREADS + threadIdx.x; // (e * batch + r) * in + i
  if (at >= sizes.members * sizes.batch * sizes.in) {
    return;
  }
  int i = at % sizes.in;
  int row = at / sizes.in;
  int e = row / sizes.batch;
  const float* w = weight + ((long long)e * sizes.in + i) * sizes.pieces * sizes.units;
  float sum = 0;
  for (int u = 0; u < sizes.units; u++) {
    int from = row * sizes.units + u;
    int p = index[from];
    if (checkIndex(fault, op, p, from, sizes.pieces)) {
      sum = fmaf(dy[from], w[p * sizes.units + u], sum);
    }
  }
  dx[at] = sum;
}

// ---------------------------------------------------------------- dx, tiled

// A block makes WARPS * ROWS rows and 32 * WIDE columns of dx. It goes through slabs of units, whose weights it keeps in
// shared memory as lines of columns, one for each piece and unit. A lane has WIDE columns of ROWS rows; for each row and
// unit its warp reads the one line of the piece that won. The last line is 0, for what is not there.
template <int WIDE, int ROWS, int LINES, int MOST_UNITS>
struct InputGrad {
  static constexpr int COLUMNS = WARP * WIDE;
  static constexpr int LINE = COLUMNS + (WIDE == 1 ? 1 : 4); // floats; stores of neighbouring lines use other banks
  static constexpr int PER_WARP = COLUMNS / WARPS;           // columns whose weights a warp moves
  static constexpr int PARTS = LINES / WARP;
  static constexpr int BLOCK_ROWS = WARPS * ROWS;
  static constexpr bool AHEAD = WIDE == 1;

  struct Term {
    int line; // where it begins
    float dy;
  };

  struct Shared {
    float weight[(LINES + 1) * LINE];
    Term terms[BLOCK_ROWS][MOST_UNITS];
  };

  static __device__ void run(const float* weight, const int* index, const float* dy, float* dx, Fault* fault, int op,
                             Sizes s, int slab, unsigned block, Shared& shared) {
    int columnTiles = (s.in - 1) / COLUMNS + 1;
    int rowTiles = (s.batch - 1) / BLOCK_ROWS + 1;
    int column0 = block % columnTiles * COLUMNS;
    int row0 = block / columnTiles % rowTiles * BLOCK_ROWS;
    int e = block / columnTiles / rowTiles;
    int warp = threadIdx.x / WARP;
    int lane = threadIdx.x % WARP;
    weight += ((long long)e * s.in + column0 + warp) * s.pieces * s.units;
    long long perColumn = (long long)WARPS * s.pieces * s.units; // of this warp

    // What this lane moves: in part q, the weights of piece p and unit u of a slab, for each column of its warp.
    int unit[PARTS];   // u, or beyond all units where there is no such piece
    int offset[PARTS]; // p * units + u
#pragma unroll
    for (int q = 0; q < PARTS; q++) {
      int line = lane + q * WARP; // p * slab + u
      unit[q] = line / slab < s.pieces ? line % slab : s.units;
      offset[q] = line / slab * s.units + unit[q];
    }
    if (threadIdx.x < LINE) {
      shared.weight[LINES * LINE + threadIdx.x] = 0;
    }

    float sum[ROWS][WIDE];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
#pragma unroll
      for (int i = 0; i < WIDE; i++) {
        sum[r][i] = 0;
      }
    }
    // Column number i of this warp, in part q.
    auto weightAt = [&](int q, int i, int unit0) {
      bool there = unit0 + unit[q] < s.units && column0 + warp + i * WARPS < s.in;
      return there ? weight[offset[q] + unit0 + i * perColumn] : 0;
    };
    float held[PARTS][PER_WARP];
    auto fetch = [&](int unit0) {
#pragma unroll
      for (int q = 0; q < PARTS; q++) {
#pragma unroll
        for (int i = 0; i < PER_WARP; i++) {
          held[q][i] = weightAt(q, i, unit0);
        }
      }
    };

    if (AHEAD) {
      fetch(0);
    }
    for (int unit0 = 0; unit0 < s.units; unit0 += slab) {
      // Stage 1: the slab's weights, and its terms.
      __syncthreads();
#pragma unroll
      for (int q = 0; q < PARTS; q++) {
        float* to = shared.weight + (lane + q * WARP) * LINE + warp;
#pragma unroll(AHEAD ? PER_WARP : 8)
        for (int i = 0; i < PER_WARP; i++) {
          to[i * WARPS] = AHEAD ? held[q][i] : weightAt(q, i, unit0);
        }
      }
      int u = threadIdx.x % MOST_UNITS;
#pragma unroll
      for (int q = 0; q < BLOCK_ROWS * MOST_UNITS / THREADS; q++) {
        int r = q * (THREADS / MOST_UNITS) + threadIdx.x / MOST_UNITS;
        Term term = {LINES * LINE, 0};
        if (row0 + r < s.batch && u < slab && unit0 + u < s.units) {
          int from = (e * s.batch + row0 + r) * s.units + unit0 + u;
          int p = index[from];
          if (checkIndex(fault, op, p, from, s.pieces)) {
            term = {(p * slab + u) * LINE, dy[from]};
          }
        }
        shared.terms[r][u] = term;
      }
      __syncthreads();

      // Stage 2: the sums. Where registers allow, the next slab's weights are under way meanwhile.
      if (AHEAD && unit0 + slab < s.units) {
        fetch(unit0 + slab);
      }
#pragma unroll 1
      for (int u = 0; u < slab; u++) {
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          Term term = shared.terms[warp * ROWS + r][u];
          const float* line = shared.weight + term.line + lane * WIDE;
          float w[WIDE];
          if (WIDE == 4) {
            *(float4*)w = *(const float4*)line;
          } else {
            w[0] = line[0];
          }
#pragma unroll
          for (int i = 0; i < WIDE; i++) {
            sum[r][i] = fmaf(term.dy, w[i], sum[r][i]);
          }
        }
      }
    }

    // Stage 3: out, four columns at once where rows begin at multiples of 16 bytes.
    bool fours = WIDE == 4 && s.in % 4 == 0 && ((unsigned long long)dx & 15) == 0;
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      int row = row0 + warp * ROWS + r;
      int column = column0 + lane * WIDE;
      float* to = dx + ((long long)e * s.batch + row) * s.in + column;
      if (fours && row < s.batch && column < s.in) {
        *(float4*)to = *(const float4*)sum[r];
      } else {
#pragma unroll
        for (int i = 0; i < WIDE; i++) {
          if (row < s.batch && column + i < s.in) {
            to[i] = sum[r][i];
          }
        }
      }
    }
  }
};

// Few members: many small tiles.
typedef InputGrad<1, 2, 160, 32> InputGradNarrow;
// Many: fewer, that use each weight for more rows.
typedef InputGrad<4, 8, 64, 16> InputGradWide;

extern "C" __global__ void __launch_bounds__(THREADS, 2)
    maxout_input_grad_narrow(const float* weight, const int* index, const float* dy, float* dx, Fault* fault, int op,
                             Sizes sizes, int slab) {
  __shared__ InputGradNarrow::Shared shared;
  InputGradNarrow::run(weight, index, dy, dx, fault, op, sizes, slab, blockIdx.x, shared);
}

extern "C" __global__ void __launch_bounds__(THREADS, 2)
    maxout_input_grad_wide(const float* weight, const int* index, const float* dy, float* dx, Fault* fault, int op,
                           Sizes sizes, int slab) {
  __shared__ alignas(16) InputGradWide::Shared shared;
  InputGradWide::run(weight, index, dy, dx, fault, op, sizes, slab, blockIdx.x, shared);
}

// ---------------------------------------------------------------- dweight and dbias

// A block makes 128 columns, PIECES pieces and 8 units of dweight: a warp for each unit, a lane for 4 columns, in
// registers. It goes through slabs of 32 rows; lane l of a warp has the index and dy of row l, and a vote finds the rows
// that each piece won.
constexpr int PIECES = 5;
constexpr int SLAB = WARP;           // rows
constexpr int COLUMNS = 4 * WARP;
constexpr int PER_X = SLAB * COLUMNS / THREADS;

// Lines are 4 longer than a multiple of 32: 8 units of 4 rows or columns lie in 32 banks.
constexpr int TERMS_LINE = SLAB + 4;
constexpr int OUT_LINE = COLUMNS + 4;

struct WeightGradShared {
  union {
    float slab[SLAB][COLUMNS];    // of x
    float out[WARPS][OUT_LINE];   // at the end a piece of dweight, by units
  };
  int winners[WARPS][TERMS_LINE]; // by units
  float slopes[WARPS][TERMS_LINE];
};

// REPORTS says whether bad indices are reported; where the same launch makes dx, that does it.
template <bool REPORTS>
__device__ void weightGrad(const float* x, const int* index, const float* dy, float* dweight, float* dbias, Fault* fault,
                           int op, Sizes s, unsigned block, WeightGradShared& shared) {
  float(&slab)[SLAB][COLUMNS] = shared.slab;
  int(&winners)[WARPS][TERMS_LINE] = shared.winners;
  float(&slopes)[WARPS][TERMS_LINE] = shared.slopes;
  int columnTiles = max(1, (s.in - 1) / COLUMNS + 1);
  int unitTiles = (s.units - 1) / WARPS + 1;
  int pieceTiles = (s.pieces - 1) / PIECES + 1;
  int column0 = block % columnTiles * COLUMNS;
  block /= columnTiles;
  int unit0 = block % unitTiles * WARPS;
  block /= unitTiles;
  int piece0 = block % pieceTiles * PIECES;
  int e = block / pieceTiles;
  int warp = threadIdx.x / WARP;
  int lane = threadIdx.x % WARP;
  x += (long long)e * s.batch * s.in;

  float sum[PIECES][4];
  float bias[PIECES];
#pragma unroll
  for (int p = 0; p < PIECES; p++) {
    bias[p] = 0;
#pragma unroll
    for (int i = 0; i < 4; i++) {
      sum[p][i] = 0;
    }
  }

  // Row q * 2 + t / 128 and column t % 128 of x; row t / 8 and unit t % 8 of the index and dy.
  float heldX[PER_X];
  int heldIndex;
  float heldDy;
  auto fetch = [&](int row0) {
    int column = column0 + threadIdx.x % COLUMNS;
#pragma unroll
    for (int q = 0; q < PER_X; q++) {
      int row = row0 + q * (THREADS / COLUMNS) + threadIdx.x / COLUMNS;
      heldX[q] = row < s.batch && column < s.in ? x[(long long)row * s.in + column] : 0;
    }
    int row = row0 + threadIdx.x / WARPS;
    int unit = unit0 + threadIdx.x % WARPS;
    heldIndex = -1;
    heldDy = 0;
    if (row < s.batch && unit < s.units) {
      int from = (e * s.batch + row) * s.units + unit;
      int p = index[from];
      if (REPORTS ? checkIndex(fault, op, p, from, s.pieces) : 0 <= p && p < s.pieces) {
        heldIndex = p;
        heldDy = dy[from];
      }
    }
  };

  fetch(0);
  for (int row0 = 0; row0 < s.batch; row0 += SLAB) {
    // Stage 1: 32 rows into shared memory.
    __syncthreads();
#pragma unroll
    for (int q = 0; q < PER_X; q++) {
      slab[q * (THREADS / COLUMNS) + threadIdx.x / COLUMNS][threadIdx.x % COLUMNS] = heldX[q];
    }
    winners[threadIdx.x % WARPS][threadIdx.x / WARPS] = heldIndex;
    slopes[threadIdx.x % WARPS][threadIdx.x / WARPS] = heldDy;
    __syncthreads();
    if (row0 + SLAB < s.batch) {
      fetch(row0 + SLAB);
    }

    // Stage 2: for each piece the rows that it won, in order, two at a time.
    int winner = winners[warp][lane];
#pragma unroll
    for (int p = 0; p < PIECES; p++) {
      unsigned rows = __ballot_sync(ALL_LANES, winner == piece0 + p);
      while (rows != 0) {
        int first = __clz(__brev(rows));
        rows &= rows - 1;
        float g = slopes[warp][first];
        float4 v = *(const float4*)&slab[first][4 * lane];
        if (rows != 0) {
          int second = __clz(__brev(rows));
          rows &= rows - 1;
          float g2 = slopes[warp][second];
          float4 v2 = *(const float4*)&slab[second][4 * lane];
          sum[p][0] = fmaf(g2, v2.x, fmaf(g, v.x, sum[p][0]));
          sum[p][1] = fmaf(g2, v2.y, fmaf(g, v.y, sum[p][1]));
          sum[p][2] = fmaf(g2, v2.z, fmaf(g, v.z, sum[p][2]));
          sum[p][3] = fmaf(g2, v2.w, fmaf(g, v.w, sum[p][3]));
          bias[p] = bias[p] + g + g2;
        } else {
          sum[p][0] = fmaf(g, v.x, sum[p][0]);
          sum[p][1] = fmaf(g, v.y, sum[p][1]);
          sum[p][2] = fmaf(g, v.z, sum[p][2]);
          sum[p][3] = fmaf(g, v.w, sum[p][3]);
          bias[p] += g;
        }
      }
    }
  }

  // Stage 3: out, piece by piece through shared memory, so that 8 neighbouring units go together.
#pragma unroll
  for (int p = 0; p < PIECES; p++) {
    __syncthreads();
    *(float4*)&shared.out[warp][4 * lane] = make_float4(sum[p][0], sum[p][1], sum[p][2], sum[p][3]);
    __syncthreads();
    int piece = piece0 + p;
    int unit = unit0 + threadIdx.x % WARPS;
#pragma unroll
    for (int q = 0; q < COLUMNS / WARP; q++) {
      int i = q * WARP + threadIdx.x / WARPS;
      int column = column0 + i;
      if (piece < s.pieces && column < s.in && unit < s.units) {
        dweight[(((long long)e * s.in + column) * s.pieces + piece) * s.units + unit] =
            shared.out[threadIdx.x % WARPS][i];
      }
    }
    if (column0 == 0 && lane == 0 && piece < s.pieces && unit0 + warp < s.units) {
      dbias[((long long)e * s.pieces + piece) * s.units + unit0 + warp] = bias[p];
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, 2)
    maxout_weight_grad(const float* x, const int* index, const float* dy, float* dweight, float* dbias, Fault* fault,
                       int op, Sizes sizes) {
  __shared__ alignas(16) WeightGradShared shared;
  weightGrad<true>(x, index, dy, dweight, dbias, fault, op, sizes, blockIdx.x, shared);
}

// ---------------------------------------------------------------- all of them in one launch

// The first `blocks` make dx, the others dweight and dbias.
struct Gradients {
  const float* x;
  const float* weight;
  const int* index;
  const float* dy;
  float* dx;
  float* dweight;
  float* dbias;
  Fault* fault;
  int op;
  Sizes sizes;
  int slab;
  int blocks;
};

template <class INPUT_GRAD>
__device__ void allGradients(const Gradients& g) {
  __shared__ alignas(16) union {
    typename INPUT_GRAD::Shared input;
    WeightGradShared weight;
  } shared;
  if (blockIdx.x < g.blocks) {
    INPUT_GRAD::run(g.weight, g.index, g.dy, g.dx, g.fault, g.op, g.sizes, g.slab, blockIdx.x, shared.input);
  } else {
    weightGrad<false>(g.x, g.index, g.dy, g.dweight, g.dbias, g.fault, g.op, g.sizes, blockIdx.x - g.blocks, shared.weight);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) maxout_grad_narrow(Gradients gradients) {
  allGradients<InputGradNarrow>(gradients);
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) maxout_grad_wide(Gradients gradients) {
  allGradients<InputGradWide>(gradients);
}
