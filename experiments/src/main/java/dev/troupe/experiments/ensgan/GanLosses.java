package dev.troupe.experiments.ensgan;

import dev.troupe.gan.GanTrainer;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What a training of GANs side by side logs of its losses. */
public final class GanLosses {
  private GanLosses() {}

  /**
   * {@code loss_d} and {@code loss_g}, means over the members and the latest steps; NaN if that of
   * one is.
   *
   * @param done steps done so far
   */
  public static SequencedMap<String, Double> means(GanTrainer trainer, long done) {
    double[][] losses = trainer.losses(done);
    SequencedMap<String, Double> out = new LinkedHashMap<>();
    out.put("loss_d", mean(losses[0]));
    out.put("loss_g", mean(losses[1]));
    return out;
  }

  private static double mean(double[] members) {
    double sum = 0;
    for (double loss : members) {
      sum += loss;
    }
    return sum / members.length;
  }
}
