package dev.troupe.gan;

import dev.troupe.gan.metrics.GaussianModes;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.nn.State;
import dev.troupe.tensor.Scope;
import dev.troupe.tensor.Tensor;

/** Small GANs to train in tests, of sizes that no vector length divides. */
final class TestGans {
  static final int WIDTH_G = 13;
  static final int WIDTH_D = 7;
  static final int BATCH = 19;
  static final double RATE = 2e-3;
  static final AdamSettings ADAM =
      AdamSettings.DEFAULT.withBetas(0.5, 0.999).withFoldedCorrection();

  private static final GaussianModes MODES =
      new GaussianModes(new double[] {-1, -1, -1, 1, 1, -1, 1, 1}, 0.1);

  private TestGans() {}

  /** The data set of all of them, [500, 2 · packing]. */
  static Tensor data(Scope scope, int packing) {
    return PointMixture.pack(scope, PointMixture.draw(scope, MODES, 500, 3), packing, 3);
  }

  /** A trainer of the given members at step 0. */
  static GanTrainer trainer(Scope scope, int packing, boolean simultaneous, int... members) {
    Gan gan = new PointGan(WIDTH_G, WIDTH_D, packing).create(new State(scope, 5, members), 0.3);
    return new GanTrainer(gan, config(packing, simultaneous), data(scope, packing), 5);
  }

  static GanTrainer.Config config(int packing, boolean simultaneous) {
    return new GanTrainer.Config(
        BATCH, packing, updates(simultaneous), Schedule.constant(RATE), ADAM);
  }

  static GanTrainer.Updates updates(boolean simultaneous) {
    return simultaneous ? GanTrainer.Updates.SIMULTANEOUS : GanTrainer.Updates.ALTERNATING;
  }
}
