// Pooling, one thread an element. x [planes, height, width], y [planes, outHeight, outWidth]; the window at (oh, ow)
// covers the rows from oh * strideHeight - padTop on, and the columns alike. Outside the image is nothing.
#include "walk.cuh"

struct Pooling {
  int height, width, kernelHeight, kernelWidth, strideHeight, strideWidth, padTop, padLeft, outHeight, outWidth;

  __device__ int top(int oh) const {
    return max(0, oh * strideHeight - padTop);
  }
  __device__ int bottom(int oh) const {
    return min(height, oh * strideHeight - padTop + kernelHeight);
  }
  __device__ int left(int ow) const {
    return max(0, ow * strideWidth - padLeft);
  }
  __device__ int right(int ow) const {
    return min(width, ow * strideWidth - padLeft + kernelWidth);
  }
};

// n / by, of 1 or more.
__device__ unsigned quotient(unsigned n, Divisor by) {
  return by.by == 1 ? n : by.divide(n);
}

// Where an element of [planes, down, across] lies: its plane, row and column.
struct Place {
  unsigned plane;
  int row;
  int column;

  __device__ Place(unsigned i, Divisor down, Divisor across) {
    unsigned rest = quotient(i, across);
    column = i - rest * across.by;
    plane = quotient(rest, down);
    row = rest - plane * down.by;
  }
};

// The largest pixel of a window, and the first place that has it; the first NaN wins.
extern "C" __global__ void max_pool(
    const float* x, float* y, int* index, Pooling s, Divisor down, Divisor across, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  Place at(i, down, across);
  int ow = at.column;
  int oh = at.row;
  const float* plane = x + (size_t)at.plane * s.height * s.width;
  int first = s.top(oh) * s.width + s.left(ow);
  float best = plane[first];
  for (int h = s.top(oh); h < s.bottom(oh); h++) {
    for (int w = s.left(ow); w < s.right(ow); w++) {
      float value = plane[h * s.width + w];
      if (!(value <= best) && best == best) {
        best = value;
        first = h * s.width + w;
      }
    }
  }
  y[i] = best;
  index[i] = first;
}

extern "C" __global__ void sum_pool(
    const float* x, float* y, float scale, Pooling s, Divisor down, Divisor across, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  Place at(i, down, across);
  int ow = at.column;
  int oh = at.row;
  const float* plane = x + (size_t)at.plane * s.height * s.width;
  float sum = 0;
  for (int h = s.top(oh); h < s.bottom(oh); h++) {
    for (int w = s.left(ow); w < s.right(ow); w++) {
      sum += plane[h * s.width + w];
    }
  }
  y[i] = scale * sum;
}

// Each pixel looks for the windows that cover it.
extern "C" __global__ void sum_pool_grad(
    const float* dy, float* dx, float scale, Pooling s, Divisor down, Divisor across, Divisor strideHeight,
    Divisor strideWidth, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  Place at(i, down, across);
  int w = at.column + s.padLeft;
  int h = at.row + s.padTop;
  const float* plane = dy + (size_t)at.plane * s.outHeight * s.outWidth;
  int fromRow = h < s.kernelHeight ? 0 : quotient(h - s.kernelHeight, strideHeight) + 1;
  int toRow = min(s.outHeight - 1, (int)quotient(h, strideHeight));
  int fromColumn = w < s.kernelWidth ? 0 : quotient(w - s.kernelWidth, strideWidth) + 1;
  int toColumn = min(s.outWidth - 1, (int)quotient(w, strideWidth));
  float sum = 0;
#pragma unroll 1 // there are few
  for (int oh = fromRow; oh <= toRow; oh++) {
#pragma unroll 1
    for (int ow = fromColumn; ow <= toColumn; ow++) {
      sum += plane[oh * s.outWidth + ow];
    }
  }
  dx[i] = scale * sum;
}

// The same where no pixel is in two windows. A thread has ROWS pixels of a column, one below the other, and divides once;
// `down` is a plane's height in ROWS.
constexpr int ROWS = 4;

extern "C" __global__ void sum_pool_grad_apart(
    const float* dy, float* dx, float scale, Pooling s, Divisor down, Divisor across, Divisor strideHeight,
    Divisor strideWidth, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  Place at(i, down, across);
  int row = at.row * ROWS;
  int w = at.column + s.padLeft;
  int h = row + s.padTop;
  int ow = quotient(w, strideWidth);
  int oh = quotient(h, strideHeight);
  int below = h - oh * strideHeight.by; // the window's first row
  bool covered = ow < s.outWidth && w - ow * (int)strideWidth.by < s.kernelWidth;
  const float* from = dy + ((size_t)at.plane * s.outHeight + oh) * s.outWidth + ow;
  float* to = dx + ((size_t)at.plane * s.height + row) * s.width + at.column;
  float v[ROWS];
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    v[r] = covered && oh < s.outHeight && below < s.kernelHeight ? scale * *from : 0;
    if (++below == strideHeight.by) {
      below = 0;
      oh++;
      from += s.outWidth;
    }
  }
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    if (r == 0 || row + r < s.height) {
      to[r * s.width] = v[r];
    }
  }
}
