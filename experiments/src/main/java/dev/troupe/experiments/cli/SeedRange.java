package dev.troupe.experiments.cli;

import dev.troupe.experiments.ExitCode;
import dev.troupe.experiments.UserException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code A..B}, both included. */
record SeedRange(long first, long last) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\.\\.(\\d{1,18})");

  static SeedRange parse(String text, int most) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw refused(text, "is no range of seeds", most);
    }
    SeedRange range =
        new SeedRange(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
    if (range.first > range.last || range.count() > most) {
      throw refused(text, "is out of range", most);
    }
    return range;
  }

  long count() {
    return last - first + 1;
  }

  private static UserException refused(String text, String why, int most) {
    return new UserException(
        ExitCode.USAGE,
        "--seeds: '"
            + text
            + "' "
            + why
            + ", expected A..B with A <= B and at most "
            + most
            + " seeds, such as 1..5");
  }

  @Override
  public String toString() {
    return first + ".." + last;
  }
}
