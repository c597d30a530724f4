// Buffers whose rows lie side by side in the rows of a result.
#pragma once

constexpr int MOST_PARTS = 8; // as Parts has it

// Elements are 32 bits of whatever type. Part p has columns begin[p] to begin[p + 1]; where there are fewer parts, the
// others have none. Parts puts these in order.
struct Parts {
  const unsigned* x[MOST_PARTS];
  int begin[MOST_PARTS + 1];

  // Of row r, in a column below begin[MOST_PARTS].
  __device__ unsigned at(int r, int column) const {
    int p = 0;
    while (begin[p + 1] <= column) {
      p++;
    }
    return x[p][(long long)r * (begin[p + 1] - begin[p]) + column - begin[p]];
  }
};
