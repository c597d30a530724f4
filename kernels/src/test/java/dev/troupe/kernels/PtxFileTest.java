package dev.troupe.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PtxFileTest {
  @TempDir private Path folder;

  @Test
  void aFileIsNamedWithoutItsEnding() throws IOException {
    Path file = Files.writeString(folder.resolve("cube.ptx"), ".version 7.5");
    assertThat(PtxFile.read(file).name()).isEqualTo("cube");
    assertThat(PtxFile.read(file).text()).isEqualTo(".version 7.5");
  }

  @Test
  void whatIsNoTextIsRefusedByItsName() throws IOException {
    Path file = Files.write(folder.resolve("cube.cubin"), new byte[] {0x7f, 'E', 'L', 'F', -1});
    assertThatThrownBy(() -> PtxFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": is no text, expected PTX");
  }
}
