// A libcudnn.so.9 on host memory, beside libcuda.c: convolutions of one member by the plain loop. It refuses what cuDNN
// would refuse, algorithms that are not deterministic, and addresses that are no multiples of 16 bytes.
//
//   STUB_LOG   a file that gets one line for each convolution
//   STUB_FAIL  the name of a call that fails with CUDNN_STATUS_EXECUTION_FAILED
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, BAD_PARAM = 2000, NOT_SUPPORTED_SHAPE = 3002, DEVICE_ALLOCATION_FAILED = 4004, EXECUTION_FAILED = 5000 };
enum { NCHW = 0, FLOAT = 0, CROSS_CORRELATION = 1, PRECOMP_GEMM = 1, ALGO_1 = 1, WORKSPACE = 1001, UNSUPPORTED_CHANNELS = 13 };

typedef struct { int n, c, h, w; } Shape; // of a tensor or, as out, in, height, width, of a weight
typedef struct { int padH, padW, strideH, strideW, math; } Window;

static void *handle = (void *)96;
static void *stream;
static int descriptors;

static int failing(const char *call) {
  const char *fail = getenv("STUB_FAIL");
  return fail && !strcmp(fail, call) ? EXECUTION_FAILED : SUCCESS;
}

static void logText(const char *text) {
  const char *path = getenv("STUB_LOG");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (file) {
    fprintf(file, "%s\n", text);
    fclose(file);
  }
}

static void logCall(const char *call, const Window *window, float beta, size_t bytes) {
  char text[200];
  snprintf(text, sizeof text, "%s, math type %d, beta %g, workspace %zu", call, window->math, beta, bytes);
  logText(text);
}

size_t cudnnGetVersion(void) { return 90501; }
const char *cudnnGetErrorString(int status) {
  return status == EXECUTION_FAILED ? "CUDNN_STATUS_EXECUTION_FAILED" : "CUDNN_STATUS_BAD_PARAM";
}
// libcuda.c's; a handle takes 300,000 bytes, for a moment.
int cuMemAlloc_v2(uint64_t *address, size_t bytes);
int cuMemFree_v2(uint64_t address);
int cudnnCreate(void **created) {
  uint64_t memory;
  if (cuMemAlloc_v2(&memory, 300000)) {
    logText("no room for cudnn");
    return DEVICE_ALLOCATION_FAILED;
  }
  cuMemFree_v2(memory);
  *created = handle;
  return failing(__func__);
}
int cudnnDestroy(void *h) {
  logText(descriptors == 0 ? "destroy cudnn" : "destroy cudnn, but not its descriptors");
  return failing(__func__);
}
int cudnnSetStream(void *h, void *s) {
  stream = s;
  return h == handle && s == (void *)32 ? SUCCESS : BAD_PARAM;
}

static int create(void **descriptor, size_t bytes) {
  *descriptor = calloc(1, bytes);
  descriptors++;
  return SUCCESS;
}
static int destroy(void *descriptor) {
  free(descriptor);
  descriptors--;
  return SUCCESS;
}
int cudnnCreateTensorDescriptor(void **d) { return create(d, sizeof(Shape)); }
int cudnnCreateFilterDescriptor(void **d) { return create(d, sizeof(Shape)); }
int cudnnCreateConvolutionDescriptor(void **d) { return create(d, sizeof(Window)); }
int cudnnDestroyTensorDescriptor(void *d) { return destroy(d); }
int cudnnDestroyFilterDescriptor(void *d) { return destroy(d); }
int cudnnDestroyConvolutionDescriptor(void *d) { return destroy(d); }

int cudnnSetTensor4dDescriptor(Shape *d, int format, int type, int n, int c, int h, int w) {
  *d = (Shape){n, c, h, w};
  return format == NCHW && type == FLOAT && n > 0 && c > 0 && h > 0 && w > 0 ? SUCCESS : BAD_PARAM;
}
int cudnnSetFilter4dDescriptor(Shape *d, int type, int format, int k, int c, int h, int w) {
  return cudnnSetTensor4dDescriptor(d, format, type, k, c, h, w);
}
int cudnnSetConvolution2dDescriptor(Window *d, int padH, int padW, int strideH, int strideW, int dilationH, int dilationW,
                                    int mode, int type) {
  *d = (Window){padH, padW, strideH, strideW, 0};
  return dilationH == 1 && dilationW == 1 && mode == CROSS_CORRELATION && type == FLOAT ? SUCCESS : BAD_PARAM;
}
int cudnnSetConvolutionMathType(Window *d, int math) {
  d->math = math;
  return SUCCESS;
}

// Whether y is what a window makes of x and a weight.
static int fits(const Shape *x, const Shape *weight, const Window *w, const Shape *y) {
  return y->n == x->n && y->c == weight->n && weight->c == x->c
      && y->h == (x->h + 2 * w->padH - weight->h) / w->strideH + 1
      && y->w == (x->w + 2 * w->padW - weight->w) / w->strideW + 1;
}

static int workspace(void *h, const Shape *x, const Shape *weight, const Window *w, const Shape *y, int algorithm,
                     int expected, size_t needed, size_t *bytes) {
  if (h != handle || algorithm != expected || !fits(x, weight, w, y)) return BAD_PARAM;
  if (y->c == UNSUPPORTED_CHANNELS) return NOT_SUPPORTED_SHAPE;
  *bytes = needed;
  return SUCCESS;
}
int cudnnGetConvolutionForwardWorkspaceSize(void *h, Shape *x, Shape *weight, Window *w, Shape *y, int algorithm,
                                            size_t *bytes) {
  return workspace(h, x, weight, w, y, algorithm, PRECOMP_GEMM, WORKSPACE, bytes);
}
int cudnnGetConvolutionBackwardDataWorkspaceSize(void *h, Shape *weight, Shape *y, Window *w, Shape *x, int algorithm,
                                                 size_t *bytes) {
  return workspace(h, x, weight, w, y, algorithm, ALGO_1, 0, bytes);
}
int cudnnGetConvolutionBackwardFilterWorkspaceSize(void *h, Shape *x, Shape *y, Window *w, Shape *weight, int algorithm,
                                                   size_t *bytes) {
  return workspace(h, x, weight, w, y, algorithm, ALGO_1, WORKSPACE, bytes);
}

// Which of the three is the sum of products of the other two.
enum Result { OF_Y, OF_X, OF_WEIGHT };

static int convolve(void *h, const char *call, enum Result result, float alpha, float beta, const Shape *xs, float *x,
                    const Shape *ws, float *weight, const Window *w, const Shape *ys, float *y, int algorithm,
                    void *working, size_t bytes) {
  if (failing(call)) return EXECUTION_FAILED;
  size_t needed = result == OF_X ? 0 : WORKSPACE;
  if (h != handle || stream != (void *)32 || algorithm != 1 || alpha != 1 || !fits(xs, ws, w, ys) || bytes < needed
      || (needed && !working) || (((uintptr_t)x | (uintptr_t)weight | (uintptr_t)y | (uintptr_t)working) & 15)) {
    return BAD_PARAM;
  }
  if (needed) memset(working, 0xff, needed);
  logCall(call, w, beta, bytes);
  float *to = result == OF_Y ? y : result == OF_X ? x : weight;
  const Shape *shape = result == OF_Y ? ys : result == OF_X ? xs : ws;
  size_t count = (size_t)shape->n * shape->c * shape->h * shape->w;
  for (size_t i = 0; i < count; i++) to[i] = beta == 0 ? 0 : beta * to[i];
  for (int n = 0; n < xs->n; n++)
    for (int o = 0; o < ws->n; o++)
      for (int c = 0; c < xs->c; c++)
        for (int oh = 0; oh < ys->h; oh++)
          for (int ow = 0; ow < ys->w; ow++)
            for (int kh = 0; kh < ws->h; kh++)
              for (int kw = 0; kw < ws->w; kw++) {
                int row = oh * w->strideH - w->padH + kh;
                int column = ow * w->strideW - w->padW + kw;
                if (row < 0 || row >= xs->h || column < 0 || column >= xs->w) continue;
                float *atX = x + (((size_t)n * xs->c + c) * xs->h + row) * xs->w + column;
                float *atW = weight + (((size_t)o * ws->c + c) * ws->h + kh) * ws->w + kw;
                float *atY = y + (((size_t)n * ys->c + o) * ys->h + oh) * ys->w + ow;
                switch (result) {
                  case OF_Y: *atY += *atX * *atW; break;
                  case OF_X: *atX += *atY * *atW; break;
                  case OF_WEIGHT: *atW += *atX * *atY; break;
                }
              }
  return SUCCESS;
}

int cudnnConvolutionForward(void *h, float *alpha, Shape *xs, float *x, Shape *ws, float *weight, Window *w, int algorithm,
                            void *working, size_t bytes, float *beta, Shape *ys, float *y) {
  return convolve(h, __func__, OF_Y, *alpha, *beta, xs, x, ws, weight, w, ys, y, algorithm, working, bytes);
}
int cudnnConvolutionBackwardData(void *h, float *alpha, Shape *ws, float *weight, Shape *ys, float *y, Window *w,
                                 int algorithm, void *working, size_t bytes, float *beta, Shape *xs, float *x) {
  return convolve(h, __func__, OF_X, *alpha, *beta, xs, x, ws, weight, w, ys, y, algorithm, working, bytes);
}
int cudnnConvolutionBackwardFilter(void *h, float *alpha, Shape *xs, float *x, Shape *ys, float *y, Window *w, int algorithm,
                                   void *working, size_t bytes, float *beta, Shape *ws, float *weight) {
  return convolve(h, __func__, OF_WEIGHT, *alpha, *beta, xs, x, ws, weight, w, ys, y, algorithm, working, bytes);
}
