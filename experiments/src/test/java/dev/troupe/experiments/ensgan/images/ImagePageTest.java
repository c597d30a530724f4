package dev.troupe.experiments.ensgan.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.SettingsTable;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The settings that {@code docs/ensgan-images.md} lists are those that there are. */
class ImagePageTest {
  private static final Path PAGE = Path.of("../docs/ensgan-images.md");

  @Test
  void thePageListsEverySettingWithItsDefaults() throws IOException {
    assertThat(SettingsTable.shown(PAGE)).isEqualTo(SettingsTable.expected(ImageSettings.ALL));
  }
}
