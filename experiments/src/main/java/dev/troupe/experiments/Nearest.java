package dev.troupe.experiments;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name a mistyped one was probably meant to be. */
public final class Nearest {
  private Nearest() {}

  /**
   * The likeliest of {@code names}: one that contains the typed text, or the one that the fewest
   * insertions, deletions, replacements and swaps of neighbours lead to, if they are few for its
   * length. Upper and lower case count as the same.
   */
  public static Optional<String> to(String typed, Collection<String> names) {
    String wanted = typed.toLowerCase(Locale.ROOT);
    if (wanted.length() >= 3) {
      Optional<String> containing =
          names.stream()
              .filter(name -> name.toLowerCase(Locale.ROOT).contains(wanted))
              .min(Comparator.comparingInt(String::length));
      if (containing.isPresent()) {
        return containing;
      }
    }
    return names.stream()
        .filter(name -> distance(wanted, name.toLowerCase(Locale.ROOT)) <= allowed(name))
        .min(Comparator.comparingInt(name -> distance(wanted, name.toLowerCase(Locale.ROOT))));
  }

  private static int allowed(String name) {
    return Math.max(1, (name.length() + 1) / 3);
  }

  /** Damerau-Levenshtein distance (optimal string alignment). */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
