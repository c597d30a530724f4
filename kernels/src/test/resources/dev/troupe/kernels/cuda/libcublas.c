// A libcublas.so.12 on host memory, beside libcuda.c: column-major products by the plain loop.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t workspace;
static int math;

int cublasCreate_v2(void **handle) { *handle = (void *)64; return 0; }
int cublasDestroy_v2(void *handle) {
  const char *fail = getenv("STUB_FAIL");
  return fail && !strcmp(fail, "cublasDestroy_v2") ? 1 : 0;
}
int cublasGetVersion_v2(void *handle, int *version) { *version = 120604; return 0; }
int cublasSetStream_v2(void *handle, void *stream) { return stream == (void *)32 ? 0 : 7; }
int cublasSetWorkspace_v2(void *handle, void *memory, size_t bytes) { workspace = bytes; return 0; }
int cublasSetPointerMode_v2(void *handle, int mode) { return mode == 0 ? 0 : 7; }
int cublasSetAtomicsMode(void *handle, int mode) { return mode == 0 ? 0 : 7; }
int cublasSetMathMode(void *handle, int mode) { math = mode; return 0; }

int cublasSgemmStridedBatched(void *handle, int transA, int transB, int m, int n, int k, const float *alpha,
                              const float *a, int lda, long long strideA, const float *b, int ldb, long long strideB,
                              const float *beta, float *c, int ldc, long long strideC, int batch) {
  if (!workspace) return 14;
  const char *path = getenv("STUB_LOG");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (file) {
    fprintf(file, "gemm of %d, math mode %d\n", batch, math);
    fclose(file);
  }
  for (int e = 0; e < batch; e++, a += strideA, b += strideB, c += strideC) {
    for (int col = 0; col < n; col++) {
      for (int row = 0; row < m; row++) {
        float sum = 0;
        for (int i = 0; i < k; i++) {
          sum += (transA ? a[i + (size_t)row * lda] : a[row + (size_t)i * lda])
               * (transB ? b[col + (size_t)i * ldb] : b[i + (size_t)col * ldb]);
        }
        float *to = c + row + (size_t)col * ldc;
        *to = *alpha * sum + (*beta == 0 ? 0 : *beta * *to);
      }
    }
  }
  return 0;
}
