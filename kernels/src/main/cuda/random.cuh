// Counter-based random numbers: the twin of kernels.Philox, kernels.Permutation and kernels.cpu.RandomFills, whose
// words, integers and permutations these are bit for bit, and whose floats come from the same rounded operations.
#pragma once
#include "math.cuh"

namespace philox {

constexpr unsigned MULTIPLIER_0 = 0xD2511F53;
constexpr unsigned MULTIPLIER_1 = 0xCD9E8D57;
constexpr unsigned WEYL_0 = 0x9E3779B9;
constexpr unsigned WEYL_1 = 0xBB67AE85;
constexpr int ROUNDS = 10;

struct Words {
  unsigned w[4];
};

// Block `index` of what (seed, step, stream, member) name.
__device__ inline Words block(unsigned index, unsigned long long seed, int step, int stream, int member) {
  unsigned c0 = index, c1 = step, c2 = stream, c3 = member;
  unsigned k0 = (unsigned)seed, k1 = (unsigned)(seed >> 32);
#pragma unroll
  for (int round = 0; round < ROUNDS; round++) {
    unsigned high0 = __umulhi(c0, MULTIPLIER_0), low0 = c0 * MULTIPLIER_0;
    unsigned high1 = __umulhi(c2, MULTIPLIER_1), low1 = c2 * MULTIPLIER_1;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  return {c0, c1, c2, c3};
}

}  // namespace philox

namespace distributions {

// The top 24 bits of a word, as a number of [0, 1).
__device__ inline float uniform(unsigned word) {
  return (float)(word >> 8) * 0x1p-24f;
}

// Two standard normal numbers of Box and Muller, which share what they are made of.
__device__ inline void normal(unsigned even, unsigned odd, float* a, float* b) {
  float radius = sqrtf(math::log((float)((even >> 8) + 1) * 0x1p-24f) * -2.0f);
  float u = uniform(odd);
  float t = fmaf(u, 4.0f, math::ROUNDER);
  float r = math::turns(u, t);
  float z = r * r;
  float sine = math::sineReduced(r, z);
  float cosine = math::cosineReduced(z);
  unsigned q = math::bits(t);
  bool turned = (q & 1) == 1;
  *a = math::signedBy(turned ? sine : cosine, q + 1) * radius;
  *b = math::signedBy(turned ? cosine : sine, q) * radius;
}

// Standard normal within two standard deviations, by inversion.
__device__ inline float truncatedNormal(unsigned word) {
  int centred = (int)(word >> 7 | 1) - (1 << 24);
  float v = (float)centred * 0x1.e8b43p-25f;
  float w = -math::log(fmaf(-v, v, 1.0f));
  float p = fmaf(w, -0x1.225c9ap-21f, -0x1.0078d2p-19f);
  p = fmaf(p, w, 0x1.404884p-14f);
  p = fmaf(p, w, -0x1.94789cp-13f);
  p = fmaf(p, w, -0x1.aff01cp-9f);
  p = fmaf(p, w, 0x1.0b92acp-6f);
  p = fmaf(p, w, 0x1.4ffdeap-2f);
  p = fmaf(p, w, 0x1.40d932p0f);
  return p * v;
}

}  // namespace distributions

namespace permutation {

constexpr int ROUNDS = 12;

__device__ inline unsigned multiply(unsigned v, unsigned multiplier) {
  v ^= v >> 16;
  return __umulhi(v, multiplier) ^ v * multiplier;
}

// The item at `position` of [0, size): a Feistel network over halves of `halfBits`, walked until it ends inside.
// keys: 12 of the rounds, then one whose lowest bit lets 0 and 1 change places
__device__ inline unsigned index(unsigned position, unsigned size, unsigned halfBits, const unsigned* keys) {
  unsigned mask = (1u << halfBits) - 1;
  unsigned swap = size > 1 ? keys[ROUNDS] & 1 : 0;
  unsigned v = position;
  do {
    v ^= v < 2 ? swap : 0;
    unsigned left = v >> halfBits;
    unsigned right = v & mask;
    for (int round = 0; round < ROUNDS; round++) {
      unsigned mixed = multiply(multiply(right ^ keys[round], philox::MULTIPLIER_0), philox::MULTIPLIER_1);
      unsigned next = left ^ (mixed & mask);
      left = right;
      right = next;
    }
    v = left << halfBits | right;
  } while (v >= size);
  return v;
}

}  // namespace permutation
