// What the matrix products in products.cu and tensor_cores.cu share.
#pragma once

// c[e] = f(op(a[e]) op(b[e]) + bias[e]), or its `splits` parts. ProductLaunches puts these in order.
struct Product {
  const float* a;    // [batch or 1, m, k], each [k, m] where transA
  const float* b;    // [batch or 1, k, n], each [n, k] where transB
  const float* bias; // [batch, n] or null
  float* c;          // [batch, splits, m, n]
  long long aStep;   // from one member's a to the next, 0 where they share it
  long long bStep;
  int batch;
  int m;
  int n;
  int k;
  int transA;
  int transB;
  int splits;
  int perSplit; // of k
  float slope;  // of the activation below 0, 1 for none
};

// What stands in c for z.
__device__ inline float activate(const Product& p, float z) {
  return z > 0 ? z : p.slope * z;
}

#if __CUDA_ARCH__ >= 800

// Copies a float from global to shared memory in the background, or writes 0 where it is not there.
__device__ inline void copyAsync(float* to, const float* from, bool there) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"((unsigned)__cvta_generic_to_shared(to)),
               "l"(__cvta_generic_to_global(from)), "r"(there ? 4 : 0)
               : "memory");
}

// Copies four floats at multiples of 16 bytes.
__device__ inline void copyAsync16(float* to, const float* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"((unsigned)__cvta_generic_to_shared(to)),
               "l"(__cvta_generic_to_global(from))
               : "memory");
}

// Ends a group of copies.
__device__ inline void commitAsync() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

// Waits until all of this thread's groups but the latest N have arrived.
template <int N>
__device__ inline void awaitAsync() {
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
}

#else

__device__ inline void copyAsync(float*, const float*, bool) {}
__device__ inline void commitAsync() {}
template <int N>
__device__ inline void awaitAsync() {}

#endif
