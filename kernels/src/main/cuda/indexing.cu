// Elements and rows by number. An index outside its bounds is reported (fault.cuh), and what it would have given stays
// unwritten.
#include "fault.cuh"
#include "walk.cuh"

// Loads come in two stages of four, indices and what they point to, so that four are under way at once.

// y[o, i] = x[o, index[o, i], i] with x [outer, size, inner]; n is outer * inner.
extern "C" __global__ void take_along(
    const float* x, const int* index, float* y, int n, int size, int inner, Fault* fault, int op) {
  Group group(n, false);
  Four<int> r;
  group.load(index, r);
  float v[4];
  bool right[4];
#pragma unroll
  for (int c = 0; c < 4; c++) {
    unsigned j = group.at(c);
    unsigned o = j / inner;
    right[c] = j < group.n && checkIndex(fault, op, r.v[c], j, size);
    v[c] = right[c] ? x[(o * size + r.v[c]) * inner + (j - o * inner)] : 0.0f;
  }
#pragma unroll
  for (int c = 0; c < 4; c++) {
    if (right[c]) {
      y[group.at(c)] = v[c];
    }
  }
}

// y[o, r, i] = r == index[o, i] ? x[o, i] : 0. The walk goes over y; input 0 is [o, i], input 1 counts r.
extern "C" __global__ void put_along(
    const float* x, const int* index, float* y, int size, Fault* fault, int op, Walk<2> walk) {
  Group group(walk.n, false);
  unsigned at[4][2];
  int r[4];
  Four<float> four;
#pragma unroll
  for (int c = 0; c < 4; c++) {
    walk.find(group.at(c), at[c]);
    r[c] = group.at(c) < group.n ? index[at[c][0]] : 0;
  }
#pragma unroll
  for (int c = 0; c < 4; c++) {
    bool exists = group.at(c) < group.n;
    if (exists && at[c][1] == 0) {
      checkIndex(fault, op, r[c], at[c][0], size);
    }
    four.v[c] = exists && r[c] == at[c][1] ? x[at[c][0]] : 0.0f;
  }
  group.store(four, y);
}

// y[b, j, :] = table[b, index[b, j], :] with index [batch, count], table [batch, rows, width], or [1, rows, width] where
// perTable is batch * count and not count. T is float, or four of them, of which width and n then count the fours.
template <class T>
__device__ inline void gather(
    const T* table, const int* index, T* y, int n, int rows, int width, int perTable, Fault* fault, int op) {
  Group group(n, false);
  int r[4];
  T v[4];
  bool right[4];
#pragma unroll
  for (int c = 0; c < 4; c++) {
    r[c] = group.at(c) < group.n ? index[group.at(c) / width] : 0;
  }
#pragma unroll
  for (int c = 0; c < 4; c++) {
    unsigned i = group.at(c);
    unsigned j = i / width;
    unsigned t = j / perTable;
    right[c] = i < group.n && checkIndex(fault, op, r[c], j, rows);
    v[c] = right[c] ? table[(t * rows + r[c]) * width + (i - j * width)] : T();
  }
#pragma unroll
  for (int c = 0; c < 4; c++) {
    if (right[c]) {
      y[group.at(c)] = v[c];
    }
  }
}

extern "C" __global__ void gather_rows(
    const float* table, const int* index, float* y, int n, int rows, int width, int perTable, Fault* fault, int op) {
  gather(table, index, y, n, rows, width, perTable, fault, op);
}

extern "C" __global__ void gather_rows_by_four(
    const Four<float>* table, const int* index, Four<float>* y, int n, int rows, int width, int perTable, Fault* fault,
    int op) {
  gather(table, index, y, n, rows, width, perTable, fault, op);
}

// table[t, r, :] = sum of x[j, :] over those of the table's `perTable` rows of x with index[j] == r, in their order,
// so that the bits are the same each time. A warp has one row of a table, and 32 of its columns: it looks at 32 indices
// at once, and adds the rows that are its own.
extern "C" __global__ void scatter_add(
    const float* x, const int* index, float* table, int tables, int rows, int width, int perTable, Fault* fault,
    int op) {
  unsigned lane = threadIdx.x % 32;
  unsigned warp = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
  unsigned pieces = (width + 31) / 32;
  unsigned column = warp % pieces * 32 + lane;
  unsigned row = warp / pieces;  // of all tables
  unsigned t = row / rows;
  int r = row - t * rows;
  if (t >= tables) {
    return;
  }
  bool checks = r == 0 && warp % pieces == 0;
  float sum = 0.0f;
  for (int first = 0; first < perTable; first += 32) {
    bool mine = false;
    unsigned j = t * perTable + first + lane;
    if (first + lane < perTable) {
      mine = index[j] == r;
      if (checks) {
        checkIndex(fault, op, index[j], j, rows);
      }
    }
    unsigned matches = __ballot_sync(0xffffffff, mine);
    while (matches != 0) {
      unsigned next = __clz(__brev(matches));  // the lowest
      matches &= matches - 1;
      if (column < width) {
        sum += x[(t * perTable + first + next) * width + column];
      }
    }
  }
  if (column < width) {
    table[row * width + column] = sum;
  }
}

// Only the check, for where there is nothing to write.
extern "C" __global__ void check_indices(const int* index, int n, int bound, Fault* fault, int op) {
  Group group(n, false);
#pragma unroll
  for (int c = 0; c < 4; c++) {
    if (group.at(c) < group.n) {
      checkIndex(fault, op, index[group.at(c)], group.at(c), bound);
    }
  }
}
