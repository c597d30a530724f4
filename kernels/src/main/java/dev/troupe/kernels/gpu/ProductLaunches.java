package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;

/** Launches of {@code products.cu}. */
final class ProductLaunches {
  private final Launcher launcher;

  ProductLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void matMul(Primitive.MatMul op) {
    throw new UnsupportedOperationException("matMul: no kernel yet: " + launcher);
  }

  void linearMaxoutInputGrad(Primitive.LinearMaxoutInputGrad op) {
    throw new UnsupportedOperationException("linearMaxoutInputGrad: no kernel yet: " + launcher);
  }

  void linearMaxoutWeightGrad(Primitive.LinearMaxoutWeightGrad op) {
    throw new UnsupportedOperationException("linearMaxoutWeightGrad: no kernel yet: " + launcher);
  }
}
