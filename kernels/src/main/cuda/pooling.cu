// Pooling, one thread an element. x [planes, height, width], y [planes, outHeight, outWidth]; the window at (oh, ow)
// covers the rows from oh * strideHeight - padTop on, and the columns alike. Outside the image is nothing.
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

// The largest pixel of a window, and the first place that has it; the first NaN wins.
extern "C" __global__ void max_pool(const float* x, float* y, int* index, Pooling s, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  int ow = i % s.outWidth;
  int oh = i / s.outWidth % s.outHeight;
  const float* plane = x + (size_t)(i / s.outWidth / s.outHeight) * s.height * s.width;
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

extern "C" __global__ void sum_pool(const float* x, float* y, float scale, Pooling s, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  int ow = i % s.outWidth;
  int oh = i / s.outWidth % s.outHeight;
  const float* plane = x + (size_t)(i / s.outWidth / s.outHeight) * s.height * s.width;
  float sum = 0;
  for (int h = s.top(oh); h < s.bottom(oh); h++) {
    for (int w = s.left(ow); w < s.right(ow); w++) {
      sum += plane[h * s.width + w];
    }
  }
  y[i] = scale * sum;
}

// Each pixel looks for the windows that cover it.
extern "C" __global__ void sum_pool_grad(const float* dy, float* dx, float scale, Pooling s, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  int w = i % s.width + s.padLeft;
  int h = i / s.width % s.height + s.padTop;
  const float* plane = dy + (size_t)(i / s.width / s.height) * s.outHeight * s.outWidth;
  int fromRow = h < s.kernelHeight ? 0 : (h - s.kernelHeight) / s.strideHeight + 1;
  int toRow = min(s.outHeight - 1, h / s.strideHeight);
  int fromColumn = w < s.kernelWidth ? 0 : (w - s.kernelWidth) / s.strideWidth + 1;
  int toColumn = min(s.outWidth - 1, w / s.strideWidth);
  float sum = 0;
  for (int oh = fromRow; oh <= toRow; oh++) {
    for (int ow = fromColumn; ow <= toColumn; ow++) {
      sum += plane[oh * s.outWidth + ow];
    }
  }
  dx[i] = scale * sum;
}
