package dev.troupe.experiments.ensgan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.SettingsTable;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The settings that {@code docs/ensgan-grid2d.md} lists are those that there are. */
class GridPageTest {
  private static final Path PAGE = Path.of("../docs/ensgan-grid2d.md");

  @Test
  void thePageListsEverySettingWithItsDefaults() throws IOException {
    assertThat(SettingsTable.shown(PAGE)).isEqualTo(SettingsTable.expected(GridSettings.ALL));
  }
}
