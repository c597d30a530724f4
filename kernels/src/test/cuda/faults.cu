// Kernels with one fault each, and their twins without: NAME_wrong and NAME_right. PlantedFaultsTest launches them.
// Compiled by `kernels/src/main/cuda/compile ../../test/cuda/faults.cu`.

#define BOTH(name, parameters, arguments)                                                             \
  extern "C" __global__ void name##_wrong parameters { name<false> arguments; }                       \
  extern "C" __global__ void name##_right parameters { name<true> arguments; }

__device__ inline int index() { return blockIdx.x * blockDim.x + threadIdx.x; }

// Shifts by one element: the last one falls off.
template <bool RIGHT>
__device__ void off_by_one(const float* x, float* y, int n) {
  int i = index();
  if (i < n - (RIGHT ? 1 : 0)) y[i + 1] = x[i];
}
BOTH(off_by_one, (const float* x, float* y, int n), (x, y, n))

// No guard for the threads beyond the end.
template <bool RIGHT>
__device__ void guard(const float* x, float* y, int n) {
  int i = index();
  if (!RIGHT || i < n) y[i] = 2 * x[i];
}
BOTH(guard, (const float* x, float* y, int n), (x, y, n))

// Reads one element beyond the end.
template <bool RIGHT>
__device__ void read_beyond(const float* x, float* y, int n) {
  int i = index();
  if (i < n) y[i] = x[i] + (!RIGHT || i + 1 < n ? x[i + 1] : 0);
}
BOTH(read_beyond, (const float* x, float* y, int n), (x, y, n))

// Four elements at once from an address that is no multiple of 16.
template <bool RIGHT>
__device__ void misaligned(const float* x, float* y, int n) {
  float4 v = *reinterpret_cast<const float4*>(x + (RIGHT ? 4 : 1));
  y[threadIdx.x] = v.x + v.y + v.z + v.w;
}
BOTH(misaligned, (const float* x, float* y, int n), (x, y, n))

// Element i is the neighbour's from shared memory, with no barrier between.
template <bool RIGHT>
__device__ void missing_barrier(const float* x, float* y, int n) {
  __shared__ float s[128];
  s[threadIdx.x] = x[threadIdx.x];
  if (RIGHT) __syncthreads();
  y[threadIdx.x] = s[(threadIdx.x + 32) % 128];
}
BOTH(missing_barrier, (const float* x, float* y, int n), (x, y, n))

// A sum by halves: the barrier is missing before the next half.
template <bool RIGHT>
__device__ void racy_reduction(const float* x, float* y, int n) {
  __shared__ float s[128];
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  for (int half = 64; half > 0; half /= 2) {
    if (threadIdx.x < half) s[threadIdx.x] += s[threadIdx.x + half];
    if (RIGHT) __syncthreads();
  }
  if (threadIdx.x == 0) y[0] = s[0];
}
BOTH(racy_reduction, (const float* x, float* y, int n), (x, y, n))

// The last steps of a sum within one warp, which used to go well without a barrier.
template <bool RIGHT>
__device__ void warp_synchronous(const float* x, float* y, int n) {
  __shared__ float s[32];
  s[threadIdx.x] = x[threadIdx.x];
  for (int half = 16; half > 0; half /= 2) {
    if (RIGHT) __syncwarp();
    if (threadIdx.x < half) s[threadIdx.x] += s[threadIdx.x + half];
  }
  if (RIGHT) __syncwarp();
  if (threadIdx.x == 0) y[0] = s[0];
}
BOTH(warp_synchronous, (const float* x, float* y, int n), (x, y, n))

// The second tile overwrites the first while others still read it.
template <bool RIGHT>
__device__ void overwritten_tile(const float* x, float* y, int n) {
  __shared__ float s[64];
  float sum = 0;
  for (int tile = 0; tile < n; tile += 64) {
    s[threadIdx.x] = x[tile + threadIdx.x];
    __syncthreads();
    for (int k = 0; k < 64; k++) sum += s[k];
    if (RIGHT) __syncthreads();
  }
  y[threadIdx.x] = sum;
}
BOTH(overwritten_tile, (const float* x, float* y, int n), (x, y, n))

// Half of the shared array is never written.
template <bool RIGHT>
__device__ void uninitialised_shared(const float* x, float* y, int n) {
  __shared__ float s[128];
  if (RIGHT || threadIdx.x < 64) s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = s[127 - threadIdx.x];
}
BOTH(uninitialised_shared, (const float* x, float* y, int n), (x, y, n))

// Adds to a result that nobody has set.
template <bool RIGHT>
__device__ void uninitialised_global(const float* x, float* y, int n) {
  y[threadIdx.x] = x[threadIdx.x] + (RIGHT ? 0 : y[threadIdx.x]);
}
BOTH(uninitialised_global, (const float* x, float* y, int n), (x, y, n))

// A table of this thread's own, one entry of which is not filled.
template <bool RIGHT>
__device__ void uninitialised_local(const float* x, float* y, int n) {
  float own[8];
  for (int k = RIGHT ? 0 : 1; k < n; k++) own[k] = x[k];
  y[threadIdx.x] = own[threadIdx.x % n];
}
BOTH(uninitialised_local, (const float* x, float* y, int n), (x, y, n))

// Writes behind the end of an array of this thread's own.
template <bool RIGHT>
__device__ void local_overrun(const float* x, float* y, int n) {
  float own[8];
  for (int k = 0; k < (RIGHT ? n : n + 1); k++) own[k] = x[k];
  y[threadIdx.x] = own[threadIdx.x % n];
}
BOTH(local_overrun, (const float* x, float* y, int n), (x, y, n))

// Behind the end of the shared array.
template <bool RIGHT>
__device__ void shared_overrun(const float* x, float* y, int n) {
  __shared__ float s[64];
  s[threadIdx.x + (RIGHT ? 0 : 1)] = x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x == 0 ? 1 : threadIdx.x];
}
BOTH(shared_overrun, (const float* x, float* y, int n), (x, y, n))

// Behind the end of one shared array, where the next one is.
template <bool RIGHT>
__device__ void shared_neighbour(const float* x, float* y, int n) {
  __shared__ float a[64];
  __shared__ float b[64];
  a[threadIdx.x] = x[threadIdx.x];
  b[threadIdx.x] = -x[threadIdx.x];
  __syncthreads();
  y[threadIdx.x] = a[(threadIdx.x + (RIGHT ? 0 : n)) % 128] + b[63 - threadIdx.x];
}
BOTH(shared_neighbour, (const float* x, float* y, int n), (x, y, n))

// More dynamic shared memory than the launch gives.
template <bool RIGHT>
__device__ void dynamic_overrun(const float* x, float* y, int n) {
  extern __shared__ float dynamic[];
  dynamic[threadIdx.x * (RIGHT ? 1 : 2)] = x[threadIdx.x];
  y[threadIdx.x] = dynamic[threadIdx.x * (RIGHT ? 1 : 2)];
}
BOTH(dynamic_overrun, (const float* x, float* y, int n), (x, y, n))

// A barrier in a branch that half of a warp takes.
template <bool RIGHT>
__device__ void divergent_barrier(const float* x, float* y, int n) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];
  if (RIGHT) {
    __syncthreads();
  } else if (threadIdx.x < 48) {
    __syncthreads();
    s[threadIdx.x] += 1;
  } else {
    s[threadIdx.x] += 2;
    __syncthreads();
  }
  y[threadIdx.x] = s[threadIdx.x];
}
BOTH(divergent_barrier, (const float* x, float* y, int n), (x, y, n))

// Two warps wait at two different barriers.
template <bool RIGHT>
__device__ void mixed_barriers(const float* x, float* y, int n) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];
  if (RIGHT || threadIdx.x < 32) {
    __syncthreads();
    y[threadIdx.x] = s[threadIdx.x];
  } else {
    s[threadIdx.x] *= 2;
    __syncthreads();
    y[threadIdx.x] = s[threadIdx.x] + 1;
  }
}
BOTH(mixed_barriers, (const float* x, float* y, int n), (x, y, n))

// A barrier for 64 threads of a block of which one warp never comes.
template <bool RIGHT>
__device__ void missed_barrier(const float* x, float* y, int n) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];
  if (RIGHT || threadIdx.x < 32) asm volatile("bar.sync 1, 64;" ::: "memory");
  y[threadIdx.x] = s[threadIdx.x];
}
BOTH(missed_barrier, (const float* x, float* y, int n), (x, y, n))

// The mask of a shuffle names half of the lanes that execute it.
template <bool RIGHT>
__device__ void shuffle_mask(const float* x, float* y, int n) {
  float v = x[threadIdx.x];
  for (int step = 16; step > 0; step /= 2) v += __shfl_xor_sync(RIGHT ? 0xffffffff : 0x0000ffff, v, step);
  y[threadIdx.x] = v;
}
BOTH(shuffle_mask, (const float* x, float* y, int n), (x, y, n))

// The mask of a shuffle names lanes that have gone elsewhere.
template <bool RIGHT>
__device__ void shuffle_in_branch(const float* x, float* y, int n) {
  float v = x[threadIdx.x];
  if (threadIdx.x < 16) {
    v = __shfl_down_sync(RIGHT ? 0x0000ffff : 0xffffffff, v, 1, 16);
  } else {
    v = __shfl_up_sync(RIGHT ? 0xffff0000 : 0xffffffff, v, 1, 16);
  }
  y[threadIdx.x] = v;
}
BOTH(shuffle_in_branch, (const float* x, float* y, int n), (x, y, n))

// Takes what a lane holds that does not take part.
template <bool RIGHT>
__device__ void shuffle_from_outside(const float* x, float* y, int n) {
  if (threadIdx.x < 16) y[threadIdx.x] = __shfl_sync(0x0000ffff, x[threadIdx.x], RIGHT ? 15 : 16);
}
BOTH(shuffle_from_outside, (const float* x, float* y, int n), (x, y, n))

// Every block writes the same elements.
template <bool RIGHT>
__device__ void write_race(const float* x, float* y, int n) {
  int i = RIGHT ? index() : threadIdx.x;
  y[i] = x[i] + blockIdx.x;
}
BOTH(write_race, (const float* x, float* y, int n), (x, y, n))

// Every lane of a warp writes the same element.
template <bool RIGHT>
__device__ void lanes_race(const float* x, float* y, int n) {
  if (!RIGHT || threadIdx.x == 0) y[0] = x[threadIdx.x];
}
BOTH(lanes_race, (const float* x, float* y, int n), (x, y, n))

// A block reads what another one writes in the same launch.
template <bool RIGHT>
__device__ void read_race(const float* x, float* y, int n) {
  int i = index();
  y[i] = x[i];
  int other = RIGHT ? i : (i + blockDim.x) % n;
  if (blockIdx.x == 1) y[i] = y[other] + 1;
}
BOTH(read_race, (const float* x, float* y, int n), (x, y, n))

// Counts by reading and writing instead of an atomic addition.
template <bool RIGHT>
__device__ void lost_update(const float* x, float* y, int n) {
  if (x[threadIdx.x] > 0) {
    if (RIGHT) {
      atomicAdd(y, 1.0f);
    } else {
      y[0] += 1;
    }
  }
}
BOTH(lost_update, (const float* x, float* y, int n), (x, y, n))

// Follows a pointer: the test gives one to memory that has been released.
template <bool RIGHT>
__device__ void through_pointer(const float* const* x, float* y, int n) {
  y[threadIdx.x] = x[RIGHT ? 0 : 1][threadIdx.x];
}
BOTH(through_pointer, (const float* const* x, float* y, int n), (x, y, n))

// Never ends where an element is not reached exactly.
template <bool RIGHT>
__device__ void endless(const float* x, float* y, int n) {
  float v = 0;
  int steps = 0;
  while (RIGHT ? v < x[threadIdx.x] : v != x[threadIdx.x]) {
    v += 0.75f;
    steps++;
  }
  y[threadIdx.x] = steps;
}
BOTH(endless, (const float* x, float* y, int n), (x, y, n))

// Indices that come from data, one of them beyond the table.
template <bool RIGHT>
__device__ void bad_index(const int* x, float* y, int n) {
  int i = x[threadIdx.x];
  y[i] = RIGHT || i < n ? 1 : 2;
}
BOTH(bad_index, (const int* x, float* y, int n), (x, y, n))
