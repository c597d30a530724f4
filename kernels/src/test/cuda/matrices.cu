// only: sm_80
// Matrices of 16-bit elements: ldmatrix and mma.sync. MatricesTest launches these kernels.
// Compiled by `kernels/src/main/cuda/compile ../../test/cuda/matrices.cu`.

__device__ inline unsigned shared_address(const void* p) { return (unsigned)__cvta_generic_to_shared(p); }

// y[lane] = what a lane gets of four matrices whose element i is i, x4 and x4.trans; then of two, and of one.
extern "C" __global__ void fragments(unsigned* y) {
  __shared__ __align__(16) unsigned short tile[4 * 64];
  int lane = threadIdx.x;
  for (int i = lane; i < 4 * 64; i += 32) tile[i] = i;
  __syncwarp();
  unsigned at = shared_address(tile + 8 * lane);
  unsigned r[14];
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(at));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[4]), "=r"(r[5]), "=r"(r[6]), "=r"(r[7])
               : "r"(at));
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];" : "=r"(r[8]), "=r"(r[9]) : "r"(at));
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];" : "=r"(r[10]), "=r"(r[11]) : "r"(at));
  asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];" : "=r"(r[12]) : "r"(at));
  asm volatile("ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%0}, [%1];" : "=r"(r[13]) : "r"(at));
  for (int i = 0; i < 14; i++) y[14 * lane + i] = r[i];
}

// The rows of a [16, 16] and b [16, 8] in shared memory, their fragments in registers.
struct Fragments {
  unsigned a[4], b[2];
};
__device__ inline Fragments load(const unsigned* a, const unsigned* b, bool barrier) {
  __shared__ __align__(16) unsigned x[16 * 8], y[16 * 4]; // two elements in each
  int lane = threadIdx.x;
  for (int i = lane; i < 16 * 8; i += 32) x[i] = a[i];
  for (int i = lane; i < 16 * 4; i += 32) y[i] = b[i];
  if (barrier) __syncwarp();
  Fragments f;
  unsigned rows = shared_address(x + 8 * (lane % 16) + 4 * (lane / 16));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(f.a[0]), "=r"(f.a[1]), "=r"(f.a[2]), "=r"(f.a[3])
               : "r"(rows));
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
               : "=r"(f.b[0]), "=r"(f.b[1])
               : "r"(shared_address(y + 4 * (lane % 16))));
  return f;
}

// c [16, 8] += a b, in registers c[4]: rows lane / 4 and 8 more, columns 2 (lane % 4) and the next.
__device__ inline void put(float* c, const float* v) {
  int lane = threadIdx.x;
  for (int i = 0; i < 4; i++) c[(lane / 4 + 8 * (i / 2)) * 8 + 2 * (lane % 4) + i % 2] = v[i];
}

#define PRODUCT(type, barrier)                                                                                   \
  Fragments f = load(a, b, barrier);                                                                             \
  float v[4] = {1, 1, 1, 1};                                                                                     \
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." type "." type ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}," \
               " {%8, %9}, {%0, %1, %2, %3};"                                                                    \
               : "+f"(v[0]), "+f"(v[1]), "+f"(v[2]), "+f"(v[3])                                                  \
               : "r"(f.a[0]), "r"(f.a[1]), "r"(f.a[2]), "r"(f.a[3]), "r"(f.b[0]), "r"(f.b[1]));                  \
  put(c, v);

extern "C" __global__ void product_f16(const unsigned* a, const unsigned* b, float* c) { PRODUCT("f16", true) }
extern "C" __global__ void product_bf16(const unsigned* a, const unsigned* b, float* c) { PRODUCT("bf16", true) }

// Without the barrier the rows come from other lanes unordered.
extern "C" __global__ void product_racy(const unsigned* a, const unsigned* b, float* c) { PRODUCT("f16", false) }

// The first eight of k alone, and sums in f16: m16n8k8 with a result of two registers.
extern "C" __global__ void product_half(const unsigned* a, const unsigned* b, float* c) {
  Fragments f = load(a, b, true);
  unsigned s[2] = {0x3c003c00, 0x3c003c00}; // 1, 1
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f16.f16.f16.f16 {%0, %1}, {%2, %3}, {%4}, {%0, %1};"
               : "+r"(s[0]), "+r"(s[1])
               : "r"(f.a[0]), "r"(f.a[1]), "r"(f.b[0]));
  float v[4];
  for (int i = 0; i < 4; i++) {
    unsigned short h = s[i / 2] >> 16 * (i % 2);
    asm("cvt.f32.f16 %0, %1;" : "=f"(v[i]) : "h"(h));
  }
  put(c, v);
}
