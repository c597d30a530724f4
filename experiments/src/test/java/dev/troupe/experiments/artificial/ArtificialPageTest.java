package dev.troupe.experiments.artificial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.experiments.Setting;
import dev.troupe.experiments.SettingsTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The settings that {@code docs/artificial.md} lists are those that there are. */
class ArtificialPageTest {
  private static final Path PAGE = Path.of("../docs/artificial.md");

  @Test
  void thePageListsEverySettingWithItsDefaults() throws IOException {
    List<Setting<?>> all = new ArrayList<>();
    for (Sweep sweep :
        List.of(
            new Gaussians(),
            new Network(),
            new TrainingSets(),
            Complexity.DEPTH,
            Complexity.WIDTH)) {
      all.addAll(sweep.settings());
    }
    all.addAll(ArtificialSettings.SHARED);
    assertThat(SettingsTable.shown(PAGE)).isEqualTo(SettingsTable.expected(all));
  }
}
