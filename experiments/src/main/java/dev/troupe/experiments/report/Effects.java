package dev.troupe.experiments.report;

import dev.troupe.experiments.report.Report.Finding;
import dev.troupe.gan.metrics.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which differences count, and how they are put into words. */
public final class Effects {
  /** What a reader must know of the verdicts. */
  public static final String RULE =
      "A difference is taken between two trainings of the same repeat, which share data, noise and"
          + " everything else that they can; ± is its standard deviation over the repeats. It counts"
          + " as seen if its mean is more than two standard errors above 0, which is a mild"
          + " criterion with few repeats; with one repeat, if it is above 0. Nothing is trained"
          + " differently for a check.";

  private static final double STANDARD_ERRORS = 2;

  private Effects() {}

  /** Whether a difference is above 0 by more than chance. */
  public static boolean isAboveZero(Summary difference) {
    double margin = difference.n() < 2 ? 0 : STANDARD_ERRORS * difference.standardError();
    return difference.mean() > margin;
  }

  /** A statement that holds if every difference is above 0. */
  public static final class Comparison {
    private final String statement;
    private final List<String> evidence = new ArrayList<>();
    private boolean seen = true;

    /** Begins with the statement alone. */
    public Comparison(String statement) {
      this.statement = statement;
    }

    /**
     * One more difference that must be above 0.
     *
     * @param number of which it is a difference
     */
    public Comparison aboveZero(String what, Summary difference, Number number) {
      seen &= isAboveZero(difference);
      evidence.add(what + " " + number.difference().text(difference));
      return this;
    }

    /** Something to show beside it. */
    public Comparison note(String text) {
      evidence.add(text);
      return this;
    }

    /** Whether the statement holds, with what speaks for or against it. */
    public Finding finding() {
      return new Finding(statement, seen, String.join("; ", evidence) + ".");
    }
  }

  /** How numbers of a kind are written. */
  public enum Number {
    /** A distance. */
    DISTANCE(1, 4, ""),
    /** A share. */
    PERCENT(100, 1, " %"),
    /** A difference of shares. */
    POINTS(100, 1, " points");

    private final double factor;
    private final int decimals;
    private final String unit;

    Number(double factor, int decimals, String unit) {
      this.factor = factor;
      this.decimals = decimals;
      this.unit = unit;
    }

    /** What differences of such numbers are. */
    public Number difference() {
      return this == PERCENT ? POINTS : this;
    }

    /** Mean and deviation with the unit. */
    public String text(Summary s) {
      String mean = String.format(Locale.ROOT, "%." + decimals + "f", factor * s.mean());
      return s.n() < 2
          ? mean + unit
          : mean + String.format(Locale.ROOT, " ± %." + decimals + "f", factor * s.std()) + unit;
    }
  }

  /** A statement about lines that the settings left out. */
  public static Finding notMeasured(String statement, String needs) {
    return new Finding(statement, null, "Needs " + needs + ".");
  }
}
