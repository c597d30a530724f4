// Adam and SGD over many parameters in one launch: the tensors are listed in the kernel's argument, each block updates
// CHUNK elements of one of them.
//
// f64 in adam: 1 - beta^t loses up to ten bits near t = 1; one thread of a block computes it, for all others.

constexpr int THREADS = 256;
constexpr int CHUNK = 4 * THREADS;
constexpr int MOST_TENSORS = 64; // as OptimiserLaunches has it

template <class Tensor>
struct Table {
  Tensor tensor[MOST_TENSORS]; // by ascending firstBlock
};

// The tensor that this block has a part of.
template <class Tensor>
__device__ const Tensor& ofThisBlock(const Table<Tensor>& table, int tensors) {
  int k = 0;
  while (k + 1 < tensors && table.tensor[k + 1].firstBlock <= blockIdx.x) {
    k++;
  }
  return table.tensor[k];
}

__device__ bool aligned(const void* a, const void* b, const void* c, const void* d) {
  return (((unsigned long long)a | (unsigned long long)b | (unsigned long long)c | (unsigned long long)d) & 15) == 0;
}

// ---------------------------------------------------------------- Adam

struct AdamTensor {
  float* w;
  const float* g;
  float* m;
  float* v;
  int size;
  int firstBlock;
};

// Both forms are w -= alpha * m / (sqrt(v * scale) + epsilon).
struct AdamRates {
  float keep1; // 1 - beta1
  float keep2;
  float epsilon;
  float alpha;
  float scale;
  float shrink; // 1 - lr * decay
};

__device__ double power(double base, unsigned exponent) {
  double result = 1;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) {
      result *= base;
    }
    base *= base;
  }
  return result;
}

__device__ void adamElement(float& w, float g, float& m, float& v, const AdamRates& r) {
  m = fmaf(g - m, r.keep1, m);
  v = fmaf(g * g - v, r.keep2, v);
  w = fmaf(m / (sqrtf(v * r.scale) + r.epsilon), -r.alpha, w * r.shrink);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    adam(const __grid_constant__ Table<AdamTensor> table, int tensors, int folded, const float* learningRate,
         const int* step, double beta1, double beta2, double decay, float epsilon) {
  __shared__ AdamRates rates;
  AdamTensor tensor = ofThisBlock(table, tensors);
  int begin = (blockIdx.x - tensor.firstBlock) * CHUNK;
  int end = min(tensor.size, begin + CHUNK);
  bool whole = (end - begin == CHUNK) & aligned(tensor.w, tensor.g, tensor.m, tensor.v);

  // Stage 1: four elements of each, under way while the rates are computed.
  float w[4];
  float g[4];
  float m[4];
  float v[4];
  int at = begin + (whole ? 4 : 1) * threadIdx.x; // 4 neighbours, or every 256th
  if (whole) {
    *(float4*)w = *(const float4*)(tensor.w + at);
    *(float4*)g = *(const float4*)(tensor.g + at);
    *(float4*)m = *(const float4*)(tensor.m + at);
    *(float4*)v = *(const float4*)(tensor.v + at);
  } else {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      bool there = at + i * THREADS < end;
      w[i] = there ? tensor.w[at + i * THREADS] : 0;
      g[i] = there ? tensor.g[at + i * THREADS] : 0;
      m[i] = there ? tensor.m[at + i * THREADS] : 0;
      v[i] = there ? tensor.v[at + i * THREADS] : 0;
    }
  }

  // Stage 2: the rates of this step.
  if (threadIdx.x == 0) {
    double rate = learningRate[0];
    double unbias1 = 1 - power(beta1, step[0] + 1);
    double unbias2 = 1 - power(beta2, step[0] + 1);
    rates.keep1 = (float)(1 - beta1);
    rates.keep2 = (float)(1 - beta2);
    rates.epsilon = epsilon;
    rates.alpha = (float)(folded ? rate * sqrt(unbias2) / unbias1 : rate / unbias1);
    rates.scale = (float)(folded ? 1 : 1 / unbias2);
    rates.shrink = (float)(1 - rate * decay);
  }
  __syncthreads();

  // Stage 3: the update.
#pragma unroll
  for (int i = 0; i < 4; i++) {
    adamElement(w[i], g[i], m[i], v[i], rates);
  }
  if (whole) {
    *(float4*)(tensor.w + at) = *(float4*)w;
    *(float4*)(tensor.m + at) = *(float4*)m;
    *(float4*)(tensor.v + at) = *(float4*)v;
  } else {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      if (at + i * THREADS < end) {
        tensor.w[at + i * THREADS] = w[i];
        tensor.m[at + i * THREADS] = m[i];
        tensor.v[at + i * THREADS] = v[i];
      }
    }
  }
}

// ---------------------------------------------------------------- SGD

struct SgdTensor {
  float* w;
  const float* g;
  float* u; // velocity, or null where momentum is 0
  int size;
  int firstBlock;
};

extern "C" __global__ void __launch_bounds__(THREADS)
    sgd(const __grid_constant__ Table<SgdTensor> table, int tensors, int nesterov, const float* learningRate,
        float momentum, float decay) {
  SgdTensor tensor = ofThisBlock(table, tensors);
  int begin = (blockIdx.x - tensor.firstBlock) * CHUNK;
  int end = min(tensor.size, begin + CHUNK);
  float rate = learningRate[0];
#pragma unroll
  for (int i = 0; i < 4; i++) {
    int at = begin + i * THREADS + threadIdx.x;
    if (at < end) {
      float w = tensor.w[at];
      float g = fmaf(w, decay, tensor.g[at]);
      if (tensor.u != nullptr) {
        float u = fmaf(tensor.u[at], momentum, g);
        tensor.u[at] = u;
        g = nesterov ? fmaf(u, momentum, g) : u;
      }
      tensor.w[at] = fmaf(g, -rate, w);
    }
  }
}
