package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Settings;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What the numbers of a report mean. */
final class Definitions {
  private Definitions() {}

  static Map<String, String> of(Settings s) {
    Map<String, String> terms = new LinkedHashMap<>();
    terms.put(
        "nGmD",
        "MIX+GAN with n generators and m discriminators; 1G1D is WGAN-GP. 3G(2)3D has generators of"
            + " two layers, one affine map.");
    terms.put(
        "Fréchet distance",
        format(
            "Between the Gaussians fitted to %,d real points and as many samples. Finite samples"
                + " alone make it larger than 0; the row `real data` says by how much. In the"
                + " tables a mean over the last quarter of the training, like the critic gap.",
            s.get(ArtificialSettings.FRECHET_POINTS)));
    terms.put(
        "Critic gap",
        "Mean score of real points less that of samples, by the discriminators in training,"
            + " weighted by both mixed strategies.");
    terms.put(
        "Judge accuracy",
        format(
            "A classifier is trained to tell samples of the finished generators from real points."
                + " Accuracy is on %,d new points of each kind; 50 %% is chance.",
            s.get(ArtificialSettings.HELD_OUT)));
    terms.put(
        "Total variation ≥",
        "The paper's Proposition 1: the total variation distance is at least twice the expected"
            + " accuracy less 1. Below 0 it says nothing.");
    terms.put(
        "W, the Wasserstein distance",
        format(
            "A fresh critic is trained against the finished generators; its gap on %,d new points"
                + " of each kind, divided by k (Equation 2). With k the largest norm of its"
                + " gradient between real points and samples this is a lower bound; with the mean"
                + " norm it is not, but a single steep place does not decide.",
            s.get(ArtificialSettings.HELD_OUT)));
    return terms;
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }
}
