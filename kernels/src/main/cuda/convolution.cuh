// What convolution.cu and tensor_cores_convolution.cu share: a convolution and its gradients as products of a matrix with
// one that is never made, whose elements are looked up in an image (implicit GEMM). For each member
//
//   c(i, j) = bias[i] + sum over k of a(i, k) b(j, k)
//
//                        i      j              k              a         b     c
//   conv2d               out    batch, oh, ow  in, kh, kw     weight    x     y
//   conv2d_input_grad    in     batch, h, w    out, kh, kw    weight    dy    dx
//   conv2d_weight_grad   out    in, kh, kw     batch, oh, ow  dy        x     dweight
//
// So j and k have three digits each. The upper ones count planes of b's image, the others move within a plane: the row
// that j and k meet in is a sum of j's part and k's, and so is the column. Outside the image b is 0.
//
// Strides part the pixels of an input's gradient into phases: a pixel in row h meets the taps kh that are h + padTop
// modulo the stride, and no others. A block works for one phase, where taps are counted by strides, and so multiplies
// nothing that does not meet.
#pragma once

#include "walk.cuh"

// A digit of size 1 or more.
struct Digit {
  Divisor size;

  // n / size, and what is left.
  __device__ int split(int n, int& digit) const {
    int quotient = size.by == 1 ? n : size.divide(n);
    digit = n - quotient * size.by;
    return quotient;
  }
};

// A lower digit of j or k, smaller by one in some phases. Where that leaves 0, there is no j or no k to be split.
struct PhasedDigit {
  Digit full;
  Digit less;
  int lastFull; // phases up to this one have the full size

  __device__ Digit of(int phase) const {
    bool isFull = phase <= lastFull;
    return {{isFull ? full.size.by : less.size.by, isFull ? full.size.magic : less.size.magic,
             isFull ? full.size.shift : less.size.shift}};
  }
};

// What one more in each digit adds to an address.
struct Steps {
  int high;
  int middle;
  int low;
};

// ConvolutionLaunches puts these in order.
struct ImplicitProduct {
  const float* a;
  const float* b;
  const float* bias; // [members, m] or null
  float* c;
  long long aMember; // from one member's a to the next
  long long bMember;
  long long cMember; // likewise; with splits from one split's part to the next
  int m;
  int splits;
  int perSplit; // of k
  int highJ;    // sizes of the upper digits
  int highK;
  PhasedDigit middleJ;
  PhasedDigit lowJ;
  PhasedDigit middleK;
  PhasedDigit lowK;
  int phasesDown; // the strides of an input's gradient; else 1
  int phasesAcross;
  int padDown; // its padding; else 0
  int padAcross;
  int aRow; // from i to i + 1
  Steps aK;
  int aPhase; // from a tap to the one below
  int height; // of b's image
  int width;
  int planeJ; // from an upper digit of j to the next one
  int planeK;
  int rowOrigin;
  int rowJ; // rows for one more in the middle digit
  int rowK;
  int columnOrigin;
  int columnJ; // columns for one more in the lower digit
  int columnK;
  int cRow; // from i to i + 1
  Steps cJ;
  int cPhase; // from a pixel to the one below
  int fours;  // whether c has four neighbours in j from multiples of 4 on beside each other, at multiples of 16 bytes
};

// Takes the place of a row that is not there: more than any height, once and twice, as unsigned numbers.
constexpr int BEYOND = 1 << 30;

// What k brings along: where a has it in its first row, and what it adds to b's address, row and column.
struct alignas(16) Term {
  int a; // or -1: there is no such k
  int b;
  int row;
  int column;
};

// Which tile of an ImplicitProduct a block has. It lies in shared memory, so that its threads have their registers for
// other things; one of them sets it.
struct Part {
  Digit middleJ;
  Digit lowJ;
  Digit middleK;
  Digit lowK;
  int n; // numbers of j and k in this phase
  int k;
  int aOrigin;
  int rowOrigin;
  int columnOrigin;
  int cOrigin;
  int member;
  int split;
  int i0; // of the tile
  int j0;

  // For tiles of rows x columns. Blocks that share columns of b follow each other.
  __device__ void set(const ImplicitProduct& p, int rows, int columns) {
    int tilesM = (p.m - 1) / rows + 1;
    int tilesN = (p.highJ * p.middleJ.full.size.by * p.lowJ.full.size.by - 1) / columns + 1;
    unsigned block = blockIdx.x;
    i0 = block % tilesM * rows;
    block /= tilesM;
    j0 = block % tilesN * columns;
    block /= tilesN;
    int across = block % p.phasesAcross;
    block /= p.phasesAcross;
    int down = block % p.phasesDown;
    block /= p.phasesDown;
    split = block % p.splits;
    member = block / p.splits;

    // The first tap that the phase's pixels meet, and in which row of b's image its first pixel does.
    int tapDown = (down + p.padDown) % p.phasesDown;
    int tapAcross = (across + p.padAcross) % p.phasesAcross;
    rowOrigin = p.rowOrigin + (down + p.padDown) / p.phasesDown;
    columnOrigin = p.columnOrigin + (across + p.padAcross) / p.phasesAcross;
    middleJ = p.middleJ.of(down);
    lowJ = p.lowJ.of(across);
    middleK = p.middleK.of(tapDown);
    lowK = p.lowK.of(tapAcross);
    n = p.highJ * middleJ.size.by * lowJ.size.by;
    k = p.highK * middleK.size.by * lowK.size.by;
    aOrigin = tapDown * p.aPhase + tapAcross;
    cOrigin = down * p.cPhase + across;
  }

  // What k brings along, nothing where it is not below `end`.
  __device__ Term term(const ImplicitProduct& p, int k, int end) const {
    if (k >= end) {
      return {-1, 0, BEYOND, 0};
    }
    int middle, low;
    int high = middleK.split(lowK.split(k, low), middle);
    int row = middle * p.rowK;
    int column = low * p.columnK;
    return {aOrigin + high * p.aK.high + middle * p.aK.middle + low * p.aK.low,
            high * p.planeK + row * p.width + column, row, column};
  }

  // Where c has (0, j).
  __device__ float* c(const ImplicitProduct& p, int j) const {
    int middle, low;
    int high = middleJ.split(lowJ.split(j, low), middle);
    return p.c + ((long long)member * p.splits + split) * p.cMember + cOrigin + high * p.cJ.high
        + middle * p.cJ.middle + low * p.cJ.low;
  }

  __device__ float bias(const ImplicitProduct& p, int i) const {
    return p.bias == nullptr ? 0 : p.bias[member * p.m + i];
  }
};

// A j: what it has of b's address, row and column, to which k adds its own.
struct Line {
  const float* b;
  int row;
  int column;

  __device__ Line() {}

  __device__ Line(const ImplicitProduct& p, const Part& part, int j) {
    int middle, low;
    int high = part.middleJ.split(part.lowJ.split(j, low), middle);
    row = part.rowOrigin + middle * p.rowJ;
    column = part.columnOrigin + low * p.columnJ;
    b = p.b + part.member * p.bMember + (high * p.planeJ + row * p.width + column);
    row = j < part.n ? row : BEYOND;
  }

  __device__ bool meets(const ImplicitProduct& p, const Term& term) const {
    return (unsigned)row + (unsigned)term.row < p.height && (unsigned)column + (unsigned)term.column < p.width;
  }
};

// What one slice of a block moves: slabs of LINES by DEPTH of a and of b. Line l at k lies at A::offset(l, k) in a's slab,
// and likewise in b's. What k brings along is looked up in a table that the slice's first threads make for the next slab.
// A thread has one k of a, and one line of b or a few.
template <int LINES, int DEPTH, int THREADS, class A, class B>
struct ImplicitSlabs {
  static constexpr bool PREPARES = true;
  static constexpr int PER = LINES * DEPTH / THREADS;                       // elements of an operand
  static constexpr int A_APART = THREADS / DEPTH;                           // lines
  static constexpr int B_LINES = THREADS < LINES ? LINES / THREADS : 1;     // of a thread
  static constexpr int B_APART = THREADS < LINES ? 1 : THREADS / LINES;     // k
  typedef Term Table[2][DEPTH];

  const ImplicitProduct& p;
  const Part& part;
  Term* table;
  int t;
  int k;    // of this thread's next entry in the table
  int kEnd;
  int half; // of the table, with what the next slab needs
  const float* a;
  int lines; // of a from this thread's first on
  Line line[B_LINES];
  float held[2][PER];

  __device__ ImplicitSlabs(const ImplicitProduct& p, const Part& part, Table& table, int kBegin, int kEnd, int t)
      : p(p), part(part), table(table[0]), t(t), k(kBegin + t), kEnd(kEnd), half(0) {
    int i = part.i0 + t / DEPTH;
    a = p.a + part.member * p.aMember + i * p.aRow;
    lines = p.m - i;
#pragma unroll
    for (int x = 0; x < B_LINES; x++) {
      line[x] = Line(p, part, part.j0 + t % LINES + x * THREADS);
    }
  }

  __device__ void prepare(int slab) {
    if (t < DEPTH) {
      table[slab % 2 * DEPTH + t] = part.term(p, k, kEnd);
      k += DEPTH;
    }
  }

  // Calls move(slab's number, place in it, element's number, address, there) for all elements that this thread moves.
  template <class MOVE>
  __device__ void each(MOVE move) {
    const Term* terms = table + half * DEPTH;
    half ^= 1;
    int at = terms[t % DEPTH].a;
#pragma unroll
    for (int i = 0; i < PER; i++) {
      int l = i * A_APART;
      move(0, A::offset(t / DEPTH + l, t % DEPTH), i, a + (l * p.aRow + at), at >= 0 && l < lines);
    }
#pragma unroll
    for (int i = 0; i < PER / B_LINES; i++) {
      int k = t / LINES + i * B_APART;
      Term term = terms[k];
#pragma unroll
      for (int x = 0; x < B_LINES; x++) {
        int l = t % LINES + x * THREADS;
        move(1, B::offset(l, k), i * B_LINES + x, line[x].b + term.b, line[x].meets(p, term));
      }
    }
  }

  // Starts to copy the next slabs to shared memory.
  __device__ void copy(float* aSlab, float* bSlab) {
    each([&](int slab, int place, int, const float* from, bool there) {
      copyAsync((slab == 0 ? aSlab : bSlab) + place, from, there);
    });
  }

  // The same in two steps, through registers.
  __device__ void fetch() {
    each([&](int slab, int, int i, const float* from, bool there) { held[slab][i] = there ? *from : 0; });
  }

  __device__ void store(float* aSlab, float* bSlab) {
#pragma unroll
    for (int i = 0; i < PER; i++) {
      aSlab[A::offset(t / DEPTH + i * A_APART, t % DEPTH)] = held[0][i];
      int l = t % LINES + i % B_LINES * THREADS;
      int k = t / LINES + i / B_LINES * B_APART;
      bSlab[B::offset(l, k)] = held[1][i];
    }
  }
};
