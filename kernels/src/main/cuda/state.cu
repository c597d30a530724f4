// What a training step keeps on the device between steps: counters and rings.
#include "parts.cuh"

// counter[i] += 1
extern "C" __global__ void increment(int* counter, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    counter[i] += 1;
  }
}

// ring [capacity, width]: ring[step mod capacity, first + j] = column j of the parts, the rest stays.
extern "C" __global__ void ring_put(const __grid_constant__ Parts parts, unsigned* __restrict__ ring,
                                    const int* __restrict__ step, int capacity, int width, int first) {
  int j = blockIdx.x * blockDim.x + threadIdx.x;
  if (j < parts.begin[MOST_PARTS]) {
    int slot = step[0] % capacity;
    slot += slot < 0 ? capacity : 0;
    ring[(long long)slot * width + first + j] = parts.at(0, j);
  }
}
