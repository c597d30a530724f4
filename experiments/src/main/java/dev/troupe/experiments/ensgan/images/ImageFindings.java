package dev.troupe.experiments.ensgan.images;

import dev.troupe.experiments.report.Effects;
import dev.troupe.experiments.report.Effects.Comparison;
import dev.troupe.experiments.report.Effects.Number;
import dev.troupe.experiments.report.Report.Finding;
import dev.troupe.gan.metrics.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The paper's statements, and whether a run shows them. */
final class ImageFindings {
  static final String RULE =
      "A difference of accuracies is taken between two classifiers of the same run, which share"
          + " initial weights and the order of their batches; ± is its standard deviation over the"
          + " runs. The GANs behind them are trained once, so it does not show what other GANs would"
          + " do. It counts as seen if its mean is more than two standard errors above 0; with one"
          + " run, or of a single number such as FID, if it is above 0. That classifiers get better"
          + " counts only where the best are in the same way above a guess, the accuracy of who"
          + " always says the largest class of the test images.";

  private ImageFindings() {}

  /** The names of the ensembles that were measured. */
  static List<String> ensembles(List<Measured> measured) {
    return measured.stream().flatMap(m -> m.ensemble().stream()).distinct().toList();
  }

  /** The sets of an ensemble, by rising T. */
  static List<Measured> of(List<Measured> measured, String ensemble) {
    return measured.stream().filter(m -> m.ensemble().equals(Optional.of(ensemble))).toList();
  }

  private static Measured real(List<Measured> measured) {
    return measured.stream().filter(m -> m.members() == 0).findFirst().orElseThrow();
  }

  /**
   * What the report's first line says of the paper's main result.
   *
   * @param chance the accuracy of a guess
   */
  static String trend(List<Measured> measured, double chance) {
    String ensemble = ensembles(measured).getFirst();
    List<Measured> own = of(measured, ensemble);
    if (own.size() < 2) {
      return "With one ensemble size it cannot show the paper's trend, accuracy over T.";
    }
    Measured one = own.getFirst();
    Measured most = own.getLast();
    if (!Effects.isAboveZero(most.betterThan(chance))) {
      return "It is too small to show the paper's trend, accuracy over T: with "
          + most.row()
          + " classifiers are hardly better than a guess, which is right in "
          + Number.PERCENT.text(Summary.of(chance))
          + " of all cases: "
          + Number.PERCENT.text(most.best())
          + ".";
    }
    Summary more = most.better(one);
    String what =
        "best accuracy with "
            + most.row()
            + " less that with "
            + one.row()
            + ": "
            + Number.PERCENT.difference().text(more)
            + ".";
    return (Effects.isAboveZero(more)
            ? "The paper's trend shows, more GANs make a better training set: "
            : "It does not show the paper's trend, that more GANs make a better training set: ")
        + what;
  }

  /**
   * What is seen of the paper's findings.
   *
   * @param chance the accuracy of a guess
   */
  static List<Finding> of(List<Measured> measured, double chance) {
    List<Finding> out = new ArrayList<>();
    for (String ensemble : ensembles(measured)) {
      List<Measured> own = of(measured, ensemble);
      String gans = ensemble.equals("adagan") ? "AdaGAN: " : "Independent GANs: ";
      out.add(betterWithT(own, gans, chance));
      out.add(
          difference(
              own,
              gans
                  + "with one GAN a classifier over-fits, falling further from its best accuracy to"
                  + " its last one than with T (Figure 3).",
              ImageFindings::fallsFurther,
              Number.PERCENT));
      out.add(
          difference(
              own,
              gans + "FID falls with T (Figure 8).",
              (one, most) -> Summary.of(one.distances().fid() - most.distances().fid()),
              Number.DISTANCE));
      Measured most = own.getLast();
      out.add(
          new Comparison(gans + "a gap to real data remains (section 4).")
              .aboveZero(
                  "real images less " + most.row() + ":",
                  real(measured).better(most),
                  Number.PERCENT)
              .finding());
    }
    out.add(boostingIsNoBetter(measured));
    return out;
  }

  /** Above chance they have to be as well, or there is nothing to get better at. */
  private static Finding betterWithT(List<Measured> own, String gans, double chance) {
    String statement = gans + "classifiers get better with T (Figures 2, 6 and 7).";
    if (own.size() < 2) {
      return Effects.notMeasured(statement, "two or more members");
    }
    Measured one = own.getFirst();
    Measured most = own.getLast();
    Comparison comparison =
        new Comparison(statement)
            .aboveZero(
                one.row() + " against " + most.row() + ":", most.better(one), Number.PERCENT);
    Summary learned = most.betterThan(chance);
    if (!Effects.isAboveZero(learned)) {
      comparison.aboveZero(most.row() + " less a guess:", learned, Number.PERCENT);
    }
    return comparison.finding();
  }

  private interface Difference {
    Summary between(Measured one, Measured most);
  }

  private static Finding difference(
      List<Measured> own, String statement, Difference difference, Number number) {
    if (own.size() < 2) {
      return Effects.notMeasured(statement, "two or more members");
    }
    Measured one = own.getFirst();
    Measured most = own.getLast();
    return new Comparison(statement)
        .aboveZero(
            one.row() + " against " + most.row() + ":", difference.between(one, most), number)
        .finding();
  }

  private static Summary fallsFurther(Measured one, Measured most) {
    double[] out = one.curve().fall();
    double[] other = most.curve().fall();
    for (int r = 0; r < out.length; r++) {
      out[r] -= other[r];
    }
    return Summary.of(out);
  }

  private static Finding boostingIsNoBetter(List<Measured> measured) {
    String statement = "AdaGAN is not significantly better than independent GANs (section 3).";
    List<Measured> independent = of(measured, "independent");
    List<Measured> boosted = of(measured, "adagan");
    if (independent.isEmpty() || boosted.isEmpty()) {
      return Effects.notMeasured(statement, "`ensemble=both`");
    }
    List<String> evidence = new ArrayList<>();
    boolean seen = true;
    for (int i = 1; i < boosted.size(); i++) { // the first GANs are the same
      Summary more = boosted.get(i).better(independent.get(i));
      seen &= !Effects.isAboveZero(more);
      evidence.add(
          boosted.get(i).row()
              + " less "
              + independent.get(i).row()
              + ": "
              + Number.PERCENT.difference().text(more));
    }
    return evidence.isEmpty()
        ? Effects.notMeasured(statement, "two or more members")
        : new Finding(statement, seen, String.join("; ", evidence) + ".");
  }
}
