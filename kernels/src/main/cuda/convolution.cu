// Convolutions, one thread an element: each sums everything that meets in it, in the order of the loops. No thread
// shares what it reads with others but through the cache.

// x [members, batch, in, height, width], weight [members, out, in, kernelHeight, kernelWidth],
// y [members, batch, out, outHeight, outWidth]
struct Convolution {
  int members, batch, in, out;
  int height, width, kernelHeight, kernelWidth, strideHeight, strideWidth, padTop, padLeft, outHeight, outWidth;
};

extern "C" __global__ void conv2d_plain(
    const float* x, const float* weight, const float* bias, float* y, Convolution s, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  int ow = i % s.outWidth;
  int oh = i / s.outWidth % s.outHeight;
  int plane = i / s.outWidth / s.outHeight;  // [members, batch, out]
  int o = plane % s.out;
  int image = plane / s.out;  // [members, batch]
  int filter = image / s.batch * s.out + o;
  float sum = bias ? bias[filter] : 0;
  const float* w = weight + (size_t)filter * s.in * s.kernelHeight * s.kernelWidth;
  for (int c = 0; c < s.in; c++) {
    const float* from = x + (size_t)(image * s.in + c) * s.height * s.width;
    for (int kh = 0; kh < s.kernelHeight; kh++) {
      int row = oh * s.strideHeight - s.padTop + kh;
      for (int kw = 0; kw < s.kernelWidth; kw++, w++) {
        int column = ow * s.strideWidth - s.padLeft + kw;
        if (row >= 0 && row < s.height && column >= 0 && column < s.width) {
          sum = fmaf(from[row * s.width + column], *w, sum);
        }
      }
    }
  }
  y[i] = sum;
}

extern "C" __global__ void conv2d_input_grad_plain(
    const float* weight, const float* dy, const float* bias, float* dx, Convolution s, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  int column = i % s.width + s.padLeft;
  int row = i / s.width % s.height + s.padTop;
  int plane = i / s.width / s.height;  // [members, batch, in]
  int c = plane % s.in;
  int image = plane / s.in;
  int member = image / s.batch;
  float sum = bias ? bias[member * s.in + c] : 0;
  for (int o = 0; o < s.out; o++) {
    const float* from = dy + (size_t)(image * s.out + o) * s.outHeight * s.outWidth;
    const float* w = weight + (size_t)((member * s.out + o) * s.in + c) * s.kernelHeight * s.kernelWidth;
    for (int kh = 0; kh < s.kernelHeight; kh++) {
      int oh = (row - kh) / s.strideHeight;
      for (int kw = 0; kw < s.kernelWidth; kw++, w++) {
        int ow = (column - kw) / s.strideWidth;
        bool meets = row >= kh && column >= kw && oh * s.strideHeight == row - kh && ow * s.strideWidth == column - kw;
        if (meets && oh < s.outHeight && ow < s.outWidth) {
          sum = fmaf(from[oh * s.outWidth + ow], *w, sum);
        }
      }
    }
  }
  dx[i] = sum;
}

extern "C" __global__ void conv2d_weight_grad_plain(
    const float* x, const float* dy, float* dweight, Convolution s, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) {
    return;
  }
  int kw = i % s.kernelWidth;
  int kh = i / s.kernelWidth % s.kernelHeight;
  int pair = i / s.kernelWidth / s.kernelHeight;  // [members, out, in]
  int c = pair % s.in;
  int o = pair / s.in % s.out;
  int member = pair / s.in / s.out;
  float sum = 0;
  for (int image = member * s.batch; image < (member + 1) * s.batch; image++) {
    const float* from = x + (size_t)(image * s.in + c) * s.height * s.width;
    const float* to = dy + (size_t)(image * s.out + o) * s.outHeight * s.outWidth;
    for (int oh = 0; oh < s.outHeight; oh++) {
      int row = oh * s.strideHeight - s.padTop + kh;
      for (int ow = 0; ow < s.outWidth; ow++, to++) {
        int column = ow * s.strideWidth - s.padLeft + kw;
        if (row >= 0 && row < s.height && column >= 0 && column < s.width) {
          sum = fmaf(from[row * s.width + column], *to, sum);
        }
      }
    }
  }
  dweight[i] = sum;
}
