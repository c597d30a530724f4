package dev.troupe.experiments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The tables of settings on the pages of experiments. */
public final class SettingsTable {
  private SettingsTable() {}

  /** The rows that a page shows: key, quick and paper. */
  public static List<String> shown(Path page) throws IOException {
    return Files.readAllLines(page).stream()
        .filter(line -> line.matches("\\| `[a-z][A-Za-z0-9]*` \\| \\S+ \\| \\S+ \\| .*"))
        .map(line -> line.substring(0, line.indexOf('|', nthBar(line, 3) + 1)).strip())
        .toList();
  }

  /** The rows that it should show. */
  public static List<String> expected(List<Setting<?>> settings) {
    return settings.stream().map(SettingsTable::row).toList();
  }

  private static <T> String row(Setting<T> s) {
    return String.format(
        "| `%s` | %s | %s", s.name(), s.domain().format(s.quick()), s.domain().format(s.paper()));
  }

  private static int nthBar(String line, int n) {
    int at = -1;
    for (int i = 0; i < n; i++) {
      at = line.indexOf('|', at + 1);
    }
    return at;
  }
}
