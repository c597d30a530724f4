// How the elements of a contiguous result find those of their inputs: the twin of gpu.Walk, which fills these records.
// Indices are unsigned: an element's is below 2^31, so that sums of two do not overflow.
#pragma once

// Division of numbers below 2^31 by one of 2 or more that does not change: high half of n * magic, shifted (Granlund
// and Montgomery 1994). No magic gives 0.
struct Divisor {
  unsigned by;
  unsigned magic;
  unsigned shift;

  __device__ unsigned divide(unsigned n) const {
    return __umulhi(n, magic) >> shift;
  }
};

constexpr int RANK = 5;

// Dimensions from the innermost outwards; element (i0, i1, ...) of the result takes element sum of i_d * stride[k][d]
// of input k. From the outermost one on, divisors have no magic.
template <int INPUTS>
struct Walk {
  unsigned n;       // elements of the result
  unsigned vector;  // 1: four neighbours of the result lie beside each other, or in one place, in each input
  Divisor size[RANK - 1];
  unsigned stride[INPUTS][RANK];

  // Where element i of the result has its inputs.
  __device__ void find(unsigned i, unsigned (&at)[INPUTS]) const {
    unsigned rest = i;
#pragma unroll
    for (int d = 0; d < RANK; d++) {
      unsigned next = d < RANK - 1 ? size[d].divide(rest) : 0;
      unsigned here = d < RANK - 1 ? rest - next * size[d].by : rest;
#pragma unroll
      for (int k = 0; k < INPUTS; k++) {
        at[k] = here * stride[k][d] + (d == 0 ? 0 : at[k]);
      }
      rest = next;
    }
  }
};

// Four neighbours, read or written by one access of 16 bytes.
template <class T>
struct alignas(16) Four {
  T v[4];
};

template <class T>
__device__ inline bool isAligned(const T* p) {
  return ((unsigned long long)p & 15) == 0;
}

// The four elements of a contiguous result that one thread makes. Where `vector` is set, they are neighbours, which one
// access of 16 bytes reads or writes; where not, they are a block apart from each other, so that the threads of a warp
// still access neighbours.
struct Group {
  unsigned n;
  bool vector;
  unsigned first;

  __device__ Group(unsigned n, bool vector) : n(n), vector(vector) {
    first = blockIdx.x * (4 * blockDim.x) + (vector ? 4 * threadIdx.x : threadIdx.x);
  }

  // Element c, which does not exist where it is not below n.
  __device__ unsigned at(int c) const {
    return first + c * (vector ? 1 : blockDim.x);
  }

  // Whether all four are accessed at once; the last group may be cut off.
  __device__ bool whole() const {
    return vector && at(3) < n;
  }

  // v[c] = x[at(c)]
  template <class T>
  __device__ void load(const T* x, Four<T>& four) const {
    if (whole()) {
      four = *(const Four<T>*)(x + first);
    } else {
#pragma unroll
      for (int c = 0; c < 4; c++) {
        four.v[c] = at(c) < n ? x[at(c)] : T();
      }
    }
  }

  // y[at(c)] = v[c]
  template <class T>
  __device__ void store(const Four<T>& four, T* y) const {
    if (whole()) {
      *(Four<T>*)(y + first) = four;
    } else {
#pragma unroll
      for (int c = 0; c < 4; c++) {
        if (at(c) < n) {
          y[at(c)] = four.v[c];
        }
      }
    }
  }
};

// four[k][c] = element at(c) of input k, as the walk finds it.
template <int INPUTS, class T>
__device__ inline void load(
    const Walk<INPUTS>& walk, const Group& group, const T* const (&x)[INPUTS], Four<T> (&four)[INPUTS]) {
  unsigned from[INPUTS];
  if (group.whole()) {
    walk.find(group.first, from);
#pragma unroll
    for (int k = 0; k < INPUTS; k++) {
      if (walk.stride[k][0] == 1) {
        four[k] = *(const Four<T>*)(x[k] + from[k]);
      } else {
        T same = x[k][from[k]];
        four[k] = {same, same, same, same};
      }
    }
  } else {
#pragma unroll
    for (int c = 0; c < 4; c++) {
      walk.find(group.at(c), from);
#pragma unroll
      for (int k = 0; k < INPUTS; k++) {
        four[k].v[c] = group.at(c) < group.n ? x[k][from[k]] : T();
      }
    }
  }
}
