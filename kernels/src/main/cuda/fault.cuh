// How kernels report an index outside its bounds: the first one wins, the host reads the record at its next copy
// (Launcher.checkFault) and throws the error that the host's devices throw.
#pragma once

struct Fault {
  int op; // 0: none; otherwise 1 + ordinal of Launcher.FaultyOp
  int index;
  int position;
  int bound;
};

// Whether index is in [0, bound); reports it if not. The caller then skips the element.
__device__ inline bool checkIndex(Fault* fault, int op, int index, int position, int bound) {
  if (0 <= index && index < bound) {
    return true;
  }
  if (atomicCAS(&fault->op, 0, op) == 0) {
    fault->index = index;
    fault->position = position;
    fault->bound = bound;
  }
  return false;
}
