package dev.troupe.experiments.ensgan;

import dev.troupe.experiments.report.Plots.HeatMap;
import dev.troupe.experiments.report.Provenance;
import dev.troupe.gan.metrics.ModeBootstrap;
import java.util.List;
import java.util.Map;

/**
 * Everything that a finished run of {@code ensgan/grid2d} hands to its report.
 *
 * @param provenance what was run, and where
 * @param networks the parameters of the networks, as a table in plain text
 * @param measurement what the numbers are taken over
 * @param ensembles the bootstrap of ensembles of T
 * @param packed number of samples packed (2 to 4) to the scores of PacGAN; may be empty
 * @param noise the uniform-noise row
 * @param noiseHalfWidth half the side of its square
 * @param truth the same scores of real data, or null
 * @param figures what is drawn
 */
public record GridOutcome(
    Provenance provenance,
    String networks,
    Measurement measurement,
    ModeBootstrap.Result ensembles,
    Map<Integer, ModeBootstrap.Row> packed,
    ModeBootstrap.Row noise,
    double noiseHalfWidth,
    ModeBootstrap.Row truth,
    Figures figures) {
  /**
   * What the numbers are taken over.
   *
   * @param points points of one joined set, 2,500
   * @param pool points generated per member, 125,000
   * @param trained members trained
   * @param trainedPacked members trained of each PacGAN
   * @param draws bootstrap draws, 1,000
   * @param batchNorm statistics while sampling, "running" or "batch"
   */
  public record Measurement(
      int points, int pool, int trained, int trainedPacked, int draws, String batchNorm) {}

  /**
   * What is drawn.
   *
   * @param truth real points, x,y pairs
   * @param members points of the members shown, at most 5, each its share of one joined set
   * @param heatMaps discriminator scores of the same members, titled, with their points
   * @param curves the run over its steps
   */
  public record Figures(
      float[] truth, List<float[]> members, List<HeatMap> heatMaps, Curves curves) {}

  /**
   * The run over its steps.
   *
   * @param lossSteps steps of the two losses
   * @param discriminatorLoss mean over members
   * @param generatorLoss mean over members
   * @param sampleSteps steps at which samples were scored
   * @param modes modes covered by one member, mean over members
   * @param highQualityPercent mean over members
   */
  public record Curves(
      double[] lossSteps,
      double[] discriminatorLoss,
      double[] generatorLoss,
      double[] sampleSteps,
      double[] modes,
      double[] highQualityPercent) {}
}
