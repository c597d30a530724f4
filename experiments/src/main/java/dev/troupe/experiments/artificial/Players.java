package dev.troupe.experiments.artificial;

import dev.troupe.experiments.Domain;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mixture in the paper's notation: {@code 3G3D}, three generators and three discriminators;
 * {@code 3G(2)3D} has generators of two layers.
 *
 * @param generators n_G
 * @param layers of each generator; 0 for as many as the setting {@code layers} says
 * @param discriminators n_D
 * @param gaussians how many Gaussians the data have, as in {@code 3G3D@4}; 0 where that is not said
 */
record Players(int generators, int layers, int discriminators, int gaussians) {
  private static final Pattern TEXT =
      Pattern.compile("(\\d{1,3})G(?:\\((\\d{1,2})\\))?(\\d{1,3})D(?:@(\\d{1,4}))?");
  private static final int MOST = 100;
  private static final int MOST_LAYERS = 50;

  /** Mixtures that say on how many Gaussians they are trained. */
  static final Domain<Players> ON_GAUSSIANS =
      Domain.text(
          "nGmD@k, as in 3G3D@4 for 3 generators, 3 discriminators and 4 Gaussians",
          text -> parse(text, true));

  /** Mixtures alone. */
  static final Domain<Players> ALONE =
      Domain.text(
          "nGmD or nG(l)mD, as in 3G(2)3D for 3 generators of 2 layers and 3 discriminators",
          text -> parse(text, false));

  /** n generators and m discriminators, on k Gaussians. */
  static Players of(int generators, int discriminators, int gaussians) {
    return new Players(generators, 0, discriminators, gaussians);
  }

  private static Players parse(String text, boolean onGaussians) {
    Matcher m = TEXT.matcher(text);
    if (!m.matches() || onGaussians != (m.group(4) != null)) {
      throw new IllegalArgumentException("is no mixture");
    }
    int generators = Integer.parseInt(m.group(1));
    int layers = m.group(2) == null ? 0 : Integer.parseInt(m.group(2));
    int discriminators = Integer.parseInt(m.group(3));
    int gaussians = onGaussians ? Integer.parseInt(m.group(4)) : 0;
    if (generators < 1 || generators > MOST || discriminators < 1 || discriminators > MOST) {
      throw new IllegalArgumentException(
          "has "
              + generators
              + " generators and "
              + discriminators
              + " discriminators where there may be 1 to "
              + MOST
              + " of each");
    }
    if (m.group(2) != null && (layers < 2 || layers > MOST_LAYERS)) {
      throw new IllegalArgumentException(
          "has generators of " + layers + " layers where there may be 2 to " + MOST_LAYERS);
    }
    if (onGaussians && gaussians < 1) {
      throw new IllegalArgumentException("has 0 Gaussians where there must be 1 or more");
    }
    return new Players(generators, layers, discriminators, gaussians);
  }

  /** Without the data, as the paper writes it. */
  String mixture() {
    return generators + "G" + (layers == 0 ? "" : "(" + layers + ")") + discriminators + "D";
  }

  @Override
  public String toString() {
    return mixture() + (gaussians == 0 ? "" : "@" + gaussians);
  }
}
