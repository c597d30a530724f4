// What a training step keeps on the device between steps: counters and rings.

// counter[i] += 1
extern "C" __global__ void increment(int* counter, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) {
    counter[i] += 1;
  }
}

// ring [capacity, width], x [width]: ring[step mod capacity, :] = x, the rest stays.
extern "C" __global__ void ring_put(const float* __restrict__ x, float* __restrict__ ring, const int* __restrict__ step,
                                    int capacity, int width) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < width) {
    int slot = step[0] % capacity;
    slot += slot < 0 ? capacity : 0;
    ring[(long long)slot * width + i] = x[i];
  }
}
