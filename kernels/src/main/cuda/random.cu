// Random numbers and shuffled epochs: functions of (seed, member, stream, step) and of the element's place.
#include "random.cuh"
#include "walk.cuh"

// y [members, perMember] from the words of Philox; a thread makes the four elements of a block of it.
template <class T, class F>
__device__ inline void draw(
    T* y, const int* step, const int* member, int members, int perMember, long long seed, int stream, F f) {
  unsigned blocks = (perMember + 3) / 4;  // of a member
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  unsigned e = i / blocks;
  unsigned block = i - e * blocks;
  if (e >= members) {
    return;
  }
  philox::Words words = philox::block(block, seed, step[0], stream, member[e]);
  Four<T> four = f(words.w);
  T* to = y + (e * (unsigned)perMember + 4 * block);
  if (4 * block + 3 < perMember && isAligned(to)) {
    *(Four<T>*)to = four;
  } else {
#pragma unroll
    for (int c = 0; c < 4; c++) {
      if (4 * block + c < perMember) {
        to[c] = four.v[c];
      }
    }
  }
}

template <class T, class F>
__device__ inline Four<T> each(const unsigned (&words)[4], F f) {
  return {f(words[0]), f(words[1]), f(words[2]), f(words[3])};
}

// On [low, low + range), at most `last`.
extern "C" __global__ void random_uniform(
    float* y, const int* step, const int* member, int members, int perMember, long long seed, int stream, float low,
    float range, float last) {
  draw(y, step, member, members, perMember, seed, stream, [=](const unsigned (&words)[4]) {
    return each<float>(words, [=](unsigned word) {
      float v = fmaf(distributions::uniform(word), range, low);
      return v > last ? last : v;
    });
  });
}

extern "C" __global__ void random_normal(
    float* y, const int* step, const int* member, int members, int perMember, long long seed, int stream, float mean,
    float deviation) {
  draw(y, step, member, members, perMember, seed, stream, [=](const unsigned (&words)[4]) {
    Four<float> z;
    distributions::normal(words[0], words[1], &z.v[0], &z.v[1]);
    distributions::normal(words[2], words[3], &z.v[2], &z.v[3]);
#pragma unroll
    for (int c = 0; c < 4; c++) {
      z.v[c] = fmaf(z.v[c], deviation, mean);
    }
    return z;
  });
}

extern "C" __global__ void random_truncated_normal(
    float* y, const int* step, const int* member, int members, int perMember, long long seed, int stream, float mean,
    float deviation) {
  draw(y, step, member, members, perMember, seed, stream, [=](const unsigned (&words)[4]) {
    return each<float>(
        words, [=](unsigned word) { return fmaf(distributions::truncatedNormal(word), deviation, mean); });
  });
}

// 1 for `limit` of the 2^24 values of a word's top bits, else 0.
extern "C" __global__ void random_bernoulli(
    float* y, const int* step, const int* member, int members, int perMember, long long seed, int stream, int limit) {
  draw(y, step, member, members, perMember, seed, stream, [=](const unsigned (&words)[4]) {
    return each<float>(words, [=](unsigned word) { return word >> 8 < (unsigned)limit ? 1.0f : 0.0f; });
  });
}

// On [0, bound).
extern "C" __global__ void random_integer(
    int* y, const int* step, const int* member, int members, int perMember, long long seed, int stream, int bound) {
  draw(y, step, member, members, perMember, seed, stream, [=](const unsigned (&words)[4]) {
    return each<int>(words, [=](unsigned word) { return (int)__umulhi(word, bound); });
  });
}

// y[e, j] = item of batch `step`, [members, count]; an epoch has population / count whole batches. Several blocks, of
// blockDim.x items each, make a member's batch, and each needs the member's round keys.
extern "C" __global__ void shuffled_batch(
    int* y, const int* step, const int* member, int population, int count, int halfBits, long long seed, int stream) {
  __shared__ unsigned keys[permutation::ROUNDS + 4];
  unsigned blocks = (count + blockDim.x - 1) / blockDim.x;
  unsigned e = blockIdx.x / blocks;
  int batches = population / count;
  int epoch = step[0] / batches;
  int batch = step[0] % batches;
  if (batch < 0) {
    batch += batches;
    epoch--;
  }
  if (threadIdx.x < 4) {
    philox::Words words = philox::block(threadIdx.x, seed, epoch, stream, member[e]);
#pragma unroll
    for (int c = 0; c < 4; c++) {
      keys[4 * threadIdx.x + c] = words.w[c];
    }
  }
  __syncthreads();

  unsigned j = blockIdx.x % blocks * blockDim.x + threadIdx.x;
  if (j < count) {
    y[e * (unsigned)count + j] = permutation::index(batch * count + j, population, halfBits, keys);
  }
}
