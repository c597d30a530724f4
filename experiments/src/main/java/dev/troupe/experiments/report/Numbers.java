package dev.troupe.experiments.report;

import java.util.Locale;

/** Numbers as a report prints them, the same in every locale. */
final class Numbers {
  private Numbers() {}

  /** Rounded half up to the given number of decimals; a dash if there is no number. */
  static String fixed(Double value, int decimals) {
    if (value == null || value.isNaN()) {
      return "–";
    }
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    boolean zero = text.chars().noneMatch(c -> c >= '1' && c <= '9');
    return zero && text.startsWith("-") ? text.substring(1) : text;
  }

  /** Whole number with thousands separated by commas. */
  static String grouped(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Tick label: as few digits as the step needs. */
  static String tick(double value, double step) {
    int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    if (decimals == 0 && Math.abs(value) >= 1000) {
      return grouped(Math.round(value)).replace("-", "−");
    }
    return fixed(value, decimals).replace("-", "−");
  }

  /** Duration in the largest two units, "2 min 31 s". */
  static String duration(double seconds) {
    long s = Math.round(seconds);
    if (seconds < 10) {
      return fixed(seconds, 1) + " s";
    }
    if (s < 60) {
      return s + " s";
    }
    if (s < 3600) {
      return s / 60 + " min " + s % 60 + " s";
    }
    long min = Math.round(seconds / 60);
    long hours = Math.round(seconds / 3600);
    if (hours >= 48) {
      return hours / 24 + " d " + hours % 24 + " h";
    }
    return min / 60 + " h " + min % 60 + " min";
  }
}
