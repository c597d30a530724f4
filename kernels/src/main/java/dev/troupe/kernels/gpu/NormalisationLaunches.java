package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;

/** Launches of {@code normalisation.cu}. */
final class NormalisationLaunches {
  private final Launcher launcher;

  NormalisationLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void softmax(Primitive.Softmax op) {
    throw new UnsupportedOperationException("softmax: no kernel yet: " + launcher);
  }

  void softmaxGrad(Primitive.SoftmaxGrad op) {
    throw new UnsupportedOperationException("softmaxGrad: no kernel yet: " + launcher);
  }

  void batchNorm(Primitive.BatchNorm op) {
    throw new UnsupportedOperationException("batchNorm: no kernel yet: " + launcher);
  }

  void batchNormGrad(Primitive.BatchNormGrad op) {
    throw new UnsupportedOperationException("batchNormGrad: no kernel yet: " + launcher);
  }
}
