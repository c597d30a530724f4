package dev.troupe.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NativeLibrariesTest {
  @Test
  void doctorTellsADriverThatIsTooOld() {
    assertThat(NativeLibraries.driver(11_050)).isEqualTo("driver for CUDA 11.5");
    assertThat(NativeLibraries.driver(13_020)).isEqualTo("driver for CUDA 13.2");
    assertThat(NativeLibraries.driver(11_040))
        .startsWith(
            "driver for CUDA 11.4, too old: --device cuda needs one for CUDA 11.5 or later,")
        .contains("package cuda-drivers");
  }

  @Test
  void doctorTellsAGpuThatIsTooOld() {
    assertThat(NativeLibraries.device("T4", 75, 16L << 30)).isEqualTo("T4, sm_75, 16.0 GiB");
    assertThat(NativeLibraries.device("V100", 70, 16L << 30))
        .isEqualTo("V100, sm_70, 16.0 GiB, too old: --device cuda needs sm_75 or newer");
  }
}
