package dev.troupe.kernels.gpu;

import dev.troupe.kernels.Primitive;

/** Launches of {@code losses.cu}. */
final class LossLaunches {
  private static final int THREADS = 256;

  private final Launcher launcher;
  private final Entry logistic = new Entry("losses", "logistic_loss");

  LossLaunches(Launcher launcher) {
    this.launcher = launcher;
  }

  void logistic(Primitive.LogisticLoss op) {
    if (op.members() == 0) {
      return;
    }
    int parts = op.targets().size();
    launcher.begin(logistic).put(op.x()).put(op.loss()).put(op.dx()).put(parts).put(op.size());
    launcher.put((float) (1.0 / op.size()));
    for (int p = 0; p < Primitive.LogisticLoss.MOST_PARTS; p++) {
      launcher.put(p < parts ? op.targets().get(p).floatValue() : 0f);
    }
    launcher.launch(op.members(), THREADS);
  }
}
