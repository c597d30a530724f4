package dev.troupe.gan;

import dev.troupe.nn.Initialiser;
import dev.troupe.nn.Optimiser.AdamSettings;
import dev.troupe.nn.Schedule;
import dev.troupe.tensor.Scope;

/** Small mixtures of GANs to train in tests. */
final class TestMixtures {
  static final AdamSettings ADAM = AdamSettings.DEFAULT.withBetas(0.5, 0.9);

  private TestMixtures() {}

  static MixGanTrainer.Config config(
      int batch, int updates, double lambda, double rateG, double rateD) {
    return new MixGanTrainer.Config(
        batch, updates, lambda, Schedule.constant(rateG), Schedule.constant(rateD), ADAM, 10);
  }

  /** Players on points of the plane, with networks of 4 layers and the given width. */
  static MixGan plane(Scope scope, long seed, int generators, int discriminators, int width) {
    return new MixGan(
        scope,
        seed,
        generators,
        discriminators,
        new AffineNet(2, width, 2, 4, 0.2),
        new AffineNet(2, width, 1, 4, 0.2),
        Initialiser.glorotUniform());
  }
}
