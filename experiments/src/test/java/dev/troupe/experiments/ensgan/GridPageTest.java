package dev.troupe.experiments.ensgan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The settings that {@code docs/ensgan-grid2d.md} lists are those that there are. */
class GridPageTest {
  private static final Path PAGE = Path.of("../docs/ensgan-grid2d.md");

  @Test
  void thePageListsEverySettingWithItsDefaults() throws IOException {
    List<String> shown =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.matches("\\| `[a-z][A-Za-z0-9]*` \\| \\S+ \\| \\S+ \\| .*"))
            .map(line -> line.substring(0, line.indexOf('|', nthBar(line, 3) + 1)).strip())
            .toList();
    assertThat(shown).isEqualTo(GridSettings.ALL.stream().map(GridPageTest::row).toList());
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
