package dev.troupe.experiments.ensgan;

import dev.troupe.experiments.report.ComparisonTable.Metric;
import dev.troupe.experiments.report.ComparisonTable.Publication;
import dev.troupe.experiments.report.PaperValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The published numbers on the 25-Gaussian grid, and where they disagree. */
public final class PaperTables {
  /** Covered modes. */
  public static final Metric MODES = new Metric("modes", "Modes (of 25)", 1);

  /** Share of high-quality samples in per cent. */
  public static final Metric HIGH_QUALITY =
      new Metric("high_quality_percent", "High quality (%)", 1);

  /** Reverse KL divergence of the mode counts in nats. */
  public static final Metric REVERSE_KL = new Metric("reverse_kl", "Reverse KL (nats)", 2);

  /** The three metrics: each alone misleads. */
  public static final List<Metric> METRICS = List.of(MODES, HIGH_QUALITY, REVERSE_KL);

  /** Row of a single GAN; the paper's name for an ensemble of one. */
  public static final String GAN = "GAN";

  /**
   * Table 1 of "Ensembles of GANs". Its GAN and EnsGAN rows are bootstrapped: mean and standard
   * deviation (supplement A). Its other rows are quoted from earlier papers: PacGAN4 from PacGAN's,
   * whose spread is a standard error; for MGAN and ScGAN the paper does not say what the spread is.
   */
  public static final Publication ENSEMBLES_OF_GANS =
      new Publication(
          "paper",
          "Table 1 of Eilertsen et al., Ensembles of GANs for Synthetic Training Data Generation,"
              + " 2021 (PacGAN4, MGAN and ScGAN quoted there from earlier papers).",
          rows(
              row(GAN, PaperValue.std(18.8, 2.6), PaperValue.std(75.7, 4.6), null),
              row("EnsGAN-2", PaperValue.std(24.6, 0.8), PaperValue.std(75.1, 3.4), null),
              row("EnsGAN-3", PaperValue.std(24.8, 0.7), PaperValue.std(75.3, 2.9), null),
              row("EnsGAN-4", PaperValue.std(25.0, 0.1), PaperValue.std(75.2, 2.6), null),
              row("EnsGAN-5", PaperValue.std(25.0, 0.0), PaperValue.std(75.3, 2.3), null),
              row("PacGAN4", PaperValue.stderr(24.8, 0.2), PaperValue.stderr(93.6, 0.6), null),
              row("MGAN", PaperValue.unstated(22.5, 0.6), PaperValue.unstated(51.1, 1.6), null),
              row("ScGAN", PaperValue.unstated(25.0, 0.0), PaperValue.unstated(99.5, 0.1), null)));

  /** PacGAN's own table for this grid: mean and standard error over 10 runs. */
  public static final Publication PACGAN =
      new Publication(
          "PacGAN",
          "Lin et al., PacGAN: The Power of Two Samples in Generative Adversarial Networks, 2018,"
              + " results/Table1.png of their code: 10 runs each.",
          rows(
              stderrs(GAN, 17.3, 0.8, 94.8, 0.7, 0.70, 0.07),
              stderrs("PacGAN2", 23.8, 0.7, 91.3, 0.8, 0.13, 0.04),
              stderrs("PacGAN3", 24.6, 0.4, 94.2, 0.6, 0.06, 0.02),
              stderrs("PacGAN4", 24.8, 0.2, 93.6, 0.6, 0.04, 0.01),
              stderrs("ALI", 24.1, 0.4, 95.7, 0.6, 0.14, 0.03)));

  /** What a reader who compares with these numbers must know. */
  public static final List<String> NOTES =
      List.of(
          "The two publications disagree on the plain GAN, trained alike by their own account: the"
              + " paper finds 75.7 ± 4.6 % of its samples of high quality (standard deviation),"
              + " PacGAN 94.8 ± 0.7 % (standard error of 10 runs). Ours stands beside"
              + " both.",
          "The spreads are of different kinds. The paper's and ours are standard deviations over"
              + " bootstrap draws; PacGAN's are standard errors over 10 runs, so multiply them by"
              + " about 3.2 (the square root of 10) for the spread from run to run.",
          "The grid is at −4, −2, 0, 2, 4 on both axes, as in the paper's Figure 1 and in PacGAN's"
              + " code; the coordinates (4 + 2i, 4 + 2j) in the paper's supplement are a slip of"
              + " sign.",
          "A point is of high quality if it lies less than three standard deviations (0.15) from"
              + " the nearest mode, radially. Real data does so with probability 98.9 %.",
          "Reverse KL is KL(p ‖ uniform) over the modes, with p the distribution of the"
              + " high-quality points, which is what PacGAN's code counts. The paper gives none.");

  private PaperTables() {}

  /** Row of an ensemble of T. */
  public static String ensemble(int size) {
    return size == 1 ? GAN : "EnsGAN-" + size;
  }

  /** Row of PacGAN with m samples packed. */
  public static String pacgan(int packed) {
    return packed == 1 ? GAN : "PacGAN" + packed;
  }

  private static Map.Entry<String, Map<String, PaperValue>> row(
      String name, PaperValue modes, PaperValue highQuality, PaperValue reverseKl) {
    Map<String, PaperValue> values = new LinkedHashMap<>();
    values.put(MODES.key(), modes);
    values.put(HIGH_QUALITY.key(), highQuality);
    if (reverseKl != null) {
      values.put(REVERSE_KL.key(), reverseKl);
    }
    return Map.entry(name, values);
  }

  private static Map.Entry<String, Map<String, PaperValue>> stderrs(
      String name, double modes, double e1, double quality, double e2, double kl, double e3) {
    return row(
        name,
        PaperValue.stderr(modes, e1),
        PaperValue.stderr(quality, e2),
        PaperValue.stderr(kl, e3));
  }

  @SafeVarargs
  private static Map<String, Map<String, PaperValue>> rows(
      Map.Entry<String, Map<String, PaperValue>>... rows) {
    Map<String, Map<String, PaperValue>> table = new LinkedHashMap<>();
    for (Map.Entry<String, Map<String, PaperValue>> row : rows) {
      table.put(row.getKey(), row.getValue());
    }
    return Collections.unmodifiableMap(table);
  }
}
